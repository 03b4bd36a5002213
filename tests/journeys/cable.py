"""A cable between one browser and the site that a story can pull out.

Browser flags only pretend to be offline and leave open WebSockets alone; here every connection really dies, and new
ones either are refused or, as behind a router that lost its line, are never answered.
"""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from types import TracebackType
from typing import Self

CHUNK_BYTES = 64 * 1024
LOOK_EVERY_S = 0.2


class Fault(Enum):
    """How a pulled cable feels at the browser's end."""

    REFUSED = auto()
    SILENT = auto()


class Cable:
    """Carries bytes from its own port to the port of the site."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LOOK_EVERY_S)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._fault: Fault | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="cable", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self.pull()
        self._thread.join(timeout=5)
        self._listener.close()

    def pull(self, fault: Fault = Fault.REFUSED) -> None:
        """Every open connection dies at once."""
        with self._lock:
            self._fault = fault
            dying = list(self._open)
        for end in dying:
            _shut(end)

    def put_back(self) -> None:
        with self._lock:
            self._fault = None
            unanswered = list(self._open)
        for end in unanswered:
            _shut(end)

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._carry, args=(near,), name="cable connection", daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        """One connection, in a thread of its own; whoever pulls the cable only shuts it, and it is closed here."""
        with near, self._held(near) as fault:
            if fault is Fault.SILENT:
                _wait_for_end(near)
            elif fault is None:
                try:
                    far = socket.create_connection(("127.0.0.1", self._to_port), timeout=5)
                except OSError:
                    return  # the site is away: the browser sees its connection end
                with far, self._held(far) as fault:
                    far.settimeout(None)
                    if fault is None:
                        _exchange(near, far)

    @contextmanager
    def _held(self, end: socket.socket) -> Iterator[Fault | None]:
        with self._lock:
            self._open.add(end)
            fault = self._fault
        try:
            yield fault
        finally:
            with self._lock:
                self._open.discard(end)


def _exchange(near: socket.socket, far: socket.socket) -> None:
    """Until either end closes."""
    other = {near: far, far: near}
    with selectors.DefaultSelector() as ready:
        for end in other:
            ready.register(end, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in ready.select():
                    end = near if key.fileobj is near else far
                    content = end.recv(CHUNK_BYTES)
                    if not content:
                        return
                    other[end].sendall(content)
        except OSError:
            return  # an end was shut while we waited: the cable was pulled


def _wait_for_end(end: socket.socket) -> None:
    """Take what comes and answer nothing."""
    try:
        while end.recv(CHUNK_BYTES):
            pass
    except OSError:
        return


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended already
