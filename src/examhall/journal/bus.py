"""Wake-ups: "stream X has news", never the news itself. Losing one loses nothing, since facts are re-read by number.

Threads of the serving process are told directly; other processes of the machine (the worker, a command) send a
datagram to the serving one.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

__all__ = ["Bus", "Wakeups", "bus", "topic_of_parent", "topic_of_stream"]


def topic_of_stream(stream: UUID) -> str:
    return f"stream:{stream}"


def topic_of_parent(parent: UUID) -> str:
    """Every child of `parent` has news under this topic: a whole schedule's attempts."""
    return f"parent:{parent}"


class Wakeups:
    """What one listener has been woken for since it last looked; bounded because equal wake-ups are one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._subjects: set[str] = set()
        self._lock = threading.Lock()

    def add(self, subject: str) -> None:
        with self._lock:
            self._subjects.add(subject)
        with contextlib.suppress(RuntimeError):  # the loop is closing: nobody waits any more
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, timeout_s: float) -> set[str]:
        """The subjects woken for; empty after `timeout_s` without any."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout_s)
        self._event.clear()
        with self._lock:
            subjects, self._subjects = self._subjects, set()
        return subjects


class Bus:
    def __init__(self) -> None:
        self._listeners: dict[str, set[Wakeups]] = {}
        self._lock = threading.Lock()
        self._peer: Path | None = None
        self._receiver: socket.socket | None = None

    def wake(self, topic: str, subject: str) -> None:
        """Tell everybody who listens to `topic` that `subject` has news."""
        self._wake_here(topic, subject)
        if self._peer is not None and self._receiver is None:
            self._tell_peer(f"{topic} {subject}")

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncIterator[Wakeups]:
        """Listen to `topics` from within the running event loop."""
        wakeups = Wakeups()
        with self._lock:
            for topic in topics:
                self._listeners.setdefault(topic, set()).add(wakeups)
        try:
            yield wakeups
        finally:
            with self._lock:
                for topic in topics:
                    listeners = self._listeners.get(topic, set())
                    listeners.discard(wakeups)
                    if not listeners:
                        self._listeners.pop(topic, None)

    def tell(self, path: Path) -> None:
        """From now on also wake the process that receives at `path`."""
        self._peer = path

    def receive(self, path: Path) -> None:
        """Be the process that others wake: a thread reads datagrams at `path` until `close`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(str(path))
        self._receiver = receiver
        threading.Thread(target=self._receive_loop, args=(receiver,), name="wake-ups", daemon=True).start()

    def close(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            with contextlib.suppress(OSError):
                receiver.shutdown(socket.SHUT_RDWR)
            receiver.close()

    def _receive_loop(self, receiver: socket.socket) -> None:
        while self._receiver is receiver:
            try:
                message = receiver.recv(512).decode("ascii", "replace")
            except OSError:
                return
            topic, _, subject = message.partition(" ")
            self._wake_here(topic, subject)

    def _wake_here(self, topic: str, subject: str) -> None:
        with self._lock:
            listeners = list(self._listeners.get(topic, ()))
        for wakeups in listeners:
            wakeups.add(subject)

    def _tell_peer(self, message: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            with contextlib.suppress(OSError):  # nobody serves: pages read afresh when they open
                sender.sendto(message.encode("ascii"), str(self._peer))


bus = Bus()
