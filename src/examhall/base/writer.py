"""The group-commit writer: frequent commands of many candidates share one durable transaction.

A `BatchVerb` takes all commands of its kind that came together and writes them with set-based SQL. A command is
answered only after the commit that holds it (design.md §3).
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog
from django.db import connection

from examhall.base.action import opened
from examhall.base.busy import busy_of
from examhall.base.errors import ExamhallError, Unavailable

__all__ = ["PATIENT_S", "WATCHED_S", "BatchVerb", "GroupWriter", "committed", "perform", "submit", "writer"]

C = TypeVar("C")
R = TypeVar("R")

MAX_COMMANDS = 256  # a transaction costs as much as some dozens of commands; more than this delays those who wait
MAX_WAIT_S = 0.005  # somebody waits for the answer: a candidate does not notice 5 ms, a disk sync costs about as much
WATCHED_S = 0.05  # somebody sees the effect in passing, such as a picture on the wall
PATIENT_S = 0.15  # nobody waits: what comes meanwhile shares the transaction, its queries and its disk sync

WINDOW_S = 1.0
FREE_SHARE = 0.1
"""Of each window SQLite's lock is free for others. Who waits for it looks every 0.1 s and stands in no queue: a writer
that takes it again at once shuts everybody else out, sign-in first, until they give up after 20 s."""

LAG_WEIGHT = 0.2  # one slow commit is no load, five in a row are
LAG_LASTS_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BatchVerb(Generic[C, R]):
    """A verb for many commands at once; runs inside an open action, so it may call steps.

    `run` returns one outcome for each command, in order: its result, or the error that refuses just that command.
    """

    name: str
    run: Callable[[Sequence[C]], Sequence[R | ExamhallError]]
    wait_s: float = MAX_WAIT_S
    """How long a command waits for others; one of a hastier verb takes along everything that waits."""


class _Answer(Protocol):
    def set_result(self, result: Any, /) -> None: ...  # noqa: ANN401
    def set_exception(self, exception: BaseException, /) -> None: ...
    def done(self) -> bool: ...


@dataclass(slots=True)
class _Waiting:
    verb: BatchVerb[Any, Any]
    command: Any
    answer: _Answer
    loop: asyncio.AbstractEventLoop | None = None
    """Where the answer may be given; None: in any thread."""
    put_at: float = 0.0
    """Monotonic seconds."""


def perform(verb: BatchVerb[C, R], commands: Sequence[C]) -> list[R | ExamhallError]:
    """Run `commands` in one transaction of their own, now, in this thread."""
    with opened(verb.name):
        return list(verb.run(commands))


class GroupWriter:
    """One thread of one process that collects commands and commits them together."""

    def __init__(self, *, max_commands: int = MAX_COMMANDS, max_wait_s: float = PATIENT_S) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._news = threading.Condition()
        self._due = 0.0
        self._ending = False
        self._max_commands, self._max_wait_s = max_commands, max_wait_s
        self._thread: threading.Thread | None = None
        self._lag_s = self._lag_at = 0.0
        self._window_at = self._free_s = 0.0

    def lag_s(self) -> float:
        """How much longer than meant commands have lately waited for their commit; 0 when nothing came for a while."""
        return self._lag_s if time.monotonic() - self._lag_at < LAG_LASTS_S else 0.0

    def submit(self, verb: BatchVerb[C, R], command: C) -> "Future[R]":
        """Queue `command`; the future is answered after its commit, or raises the error that refused it."""
        answer: Future[R] = Future()
        self._put(_Waiting(verb, command, answer))
        return answer

    async def committed(self, verb: BatchVerb[C, R], command: C) -> R:
        """Queue `command` and return its result after its commit; raises the error that refused it.

        A caller that is cancelled takes nothing back: the command is committed all the same.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._put(_Waiting(verb, command, answer, loop))
        return await answer

    def stop(self) -> None:
        """Commit what waits, then end the thread."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            with self._news:
                self._ending = True
                self._news.notify()
            thread.join()
        self._thread = None

    def _put(self, waiting: _Waiting) -> None:
        waiting.put_at = time.monotonic()
        due = waiting.put_at + min(waiting.verb.wait_s, self._max_wait_s)
        with self._news:
            if self._thread is None or not self._thread.is_alive():
                self._ending = False
                self._thread = threading.Thread(target=self._loop, name="group-commit", daemon=True)
                self._thread.start()
            self._waiting.append(waiting)
            count = len(self._waiting)
            if count == 1 or due < self._due:
                self._due = due
                self._news.notify()
            elif count == self._max_commands:
                self._news.notify()

    def _loop(self) -> None:
        try:
            free_at = self._window_at = time.monotonic()
            while batch := self._collect():
                self._free_s += time.monotonic() - free_at
                self._commit(batch)
                self._note_lag(batch)
                self._leave_room()
                free_at = time.monotonic()
        finally:
            connection.close()

    def _leave_room(self) -> None:
        """Rest for as long as the lock was too little free in the window that has passed."""
        passed_s = time.monotonic() - self._window_at
        if passed_s < WINDOW_S:
            return
        rest_s = FREE_SHARE * passed_s - self._free_s
        if rest_s > 0 and connection.vendor == "sqlite":
            time.sleep(rest_s)
        self._window_at, self._free_s = time.monotonic(), 0.0

    def _collect(self) -> list[_Waiting]:
        """What shares the next commit; empty at the end."""
        with self._news:
            while not self._waiting and not self._ending:
                self._news.wait()
            while len(self._waiting) < self._max_commands and not self._ending:
                rest_s = self._due - time.monotonic()
                if rest_s <= 0:
                    break
                self._news.wait(rest_s)
            # What is left over has waited long enough: `_due` has passed for it too.
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._max_commands))]

    def _note_lag(self, batch: list[_Waiting]) -> None:
        now = time.monotonic()
        worst_s = max(now - waiting.put_at - waiting.verb.wait_s for waiting in batch)
        self._lag_s += (max(0.0, worst_s) - self._lag_s) * LAG_WEIGHT
        self._lag_at = now

    def _commit(self, batch: list[_Waiting], *, anew: bool = False) -> None:
        """Commit all together; when that fails, each half: one bad command costs no other its place.

        A command alone is tried once more, `anew`, when the database had closed the kept connection.
        """
        try:
            outcomes = self._run(batch)
        except Exception as fault:
            if (busy := busy_of(fault)) is not None and connection.vendor == "sqlite":
                log.warning("group commit found the database busy", commands=len(batch))
                _answer_all([(waiting, busy) for waiting in batch])  # waiting for each half as long helps nobody
                return
            if len(batch) > 1:
                log.warning("group commit failed, trying the halves", commands=len(batch), fault=type(fault).__name__)
                self._commit(batch[: len(batch) // 2])
                self._commit(batch[len(batch) // 2 :])
                return
            if connection.connection is None and not anew:
                self._commit(batch, anew=True)
                return
            log.error("command failed", verb=batch[0].verb.name, exc_info=fault)
            outcomes = [Unavailable("This could not be stored just now. Keep it and send it again.")]
        _answer_all(list(zip(batch, outcomes, strict=True)))

    def _run(self, batch: list[_Waiting]) -> list[Any]:
        places: dict[str, list[int]] = {}
        for place, waiting in enumerate(batch):
            places.setdefault(waiting.verb.name, []).append(place)
        outcomes: list[Any] = [None] * len(batch)
        _keep_connection()
        with opened("group commit"):
            for of_verb in places.values():
                verb = batch[of_verb[0]].verb
                for place, outcome in zip(of_verb, verb.run([batch[p].command for p in of_verb]), strict=True):
                    outcomes[place] = outcome
        return outcomes


def _keep_connection() -> None:
    """Keep this thread's connection, and with it its prepared statements, as long as it works.

    Opening one costs as much as some dozens of statements, and Django would close it after each request.
    """
    connection.close_at = None
    connection.close_if_unusable_or_obsolete()


def _answer_all(outcomes: list[tuple[_Waiting, Any]]) -> None:
    """Answer every command; those of one event loop with one wake-up of it."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[tuple[_Waiting, Any]]] = {}
    for waiting, outcome in outcomes:
        by_loop.setdefault(waiting.loop, []).append((waiting, outcome))
    for loop, theirs in by_loop.items():
        if loop is None:
            _give(theirs)
            continue
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(_give, theirs)


def _give(outcomes: list[tuple[_Waiting, Any]]) -> None:
    for waiting, outcome in outcomes:
        if waiting.answer.done():
            continue  # whoever asked has gone
        if isinstance(outcome, ExamhallError):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)


writer = GroupWriter()


def submit(verb: BatchVerb[C, R], command: C) -> "Future[R]":
    """Queue `command` with this process's writer."""
    return writer.submit(verb, command)


async def committed(verb: BatchVerb[C, R], command: C) -> R:
    """The outcome of `command`, given to this process's writer, after its commit."""
    return await writer.committed(verb, command)
