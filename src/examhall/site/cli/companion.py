"""Child processes that never outlive the one that started them, however it ends."""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import NoReturn

LOOK_EVERY_S = 1.0
PARENT = "EXAMHALL_STARTED_BY"
"""Process id of the parent; the child ends when it has another one."""


def start(*words: str) -> subprocess.Popen[bytes]:
    """Run `examhall WORDS…` beside this process, in a session of its own: Ctrl-C reaches the parent first."""
    environ = {**os.environ, PARENT: str(os.getpid())}
    return subprocess.Popen([sys.executable, "-m", "examhall.site.cli", *words], env=environ, start_new_session=True)


def end(child: subprocess.Popen[bytes], *, within_s: float) -> None:
    """Ask it to end, and make it when it does not."""
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(timeout=within_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_with_parent() -> None:
    """In a child: end as soon as the parent is gone, also when it was killed. Does nothing in other processes."""
    parent = os.environ.pop(PARENT, "")
    if parent:
        threading.Thread(target=_watch, args=(int(parent),), name="watch parent", daemon=True).start()


def leave_in_order() -> None:
    """Make SIGTERM unwind this process like Ctrl-C does, so that it can end its children."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
