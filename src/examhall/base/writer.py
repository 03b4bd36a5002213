"""The group-commit writer: frequent commands of many candidates share one durable transaction.

A `BatchVerb` takes all commands of its kind that came together and writes them with set-based SQL. A command's
future is answered only after the commit that holds it (design.md §3).
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog
from django.db import close_old_connections, connection

from examhall.base.action import opened
from examhall.base.errors import ExamhallError, Unavailable

__all__ = ["BatchVerb", "GroupWriter", "perform", "submit", "writer"]

C = TypeVar("C")
R = TypeVar("R")

MAX_COMMANDS = 64  # measured optimum of commands for one transaction on SQLite (design.md §3)
MAX_WAIT_S = 0.005  # a candidate does not notice 5 ms; a disk sync costs about as much

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BatchVerb(Generic[C, R]):
    """A verb for many commands at once; runs inside an open action, so it may call steps.

    `run` returns one outcome for each command, in order: its result, or the error that refuses just that command.
    """

    name: str
    run: Callable[[Sequence[C]], Sequence[R | ExamhallError]]


@dataclass(slots=True)
class _Waiting:
    verb: BatchVerb[Any, Any]
    command: Any
    answer: "Future[Any]" = field(default_factory=Future)


def perform(verb: BatchVerb[C, R], commands: Sequence[C]) -> list[R | ExamhallError]:
    """Run `commands` in one transaction of their own, now, in this thread."""
    with opened(verb.name):
        return list(verb.run(commands))


class GroupWriter:
    """One thread of one process that collects commands and commits them together."""

    def __init__(self, *, max_commands: int = MAX_COMMANDS, max_wait_s: float = MAX_WAIT_S) -> None:
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._max_commands, self._max_wait_s = max_commands, max_wait_s
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, verb: BatchVerb[C, R], command: C) -> "Future[R]":
        """Queue `command`; the future is answered after its commit, or raises the error that refused it."""
        self._start()
        waiting = _Waiting(verb, command)
        self._waiting.put(waiting)
        return waiting.answer

    def stop(self) -> None:
        """Commit what waits, then end the thread."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            self._waiting.put(None)
            thread.join()
        self._thread = None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="group-commit", daemon=True)
                self._thread.start()

    def _loop(self) -> None:
        try:
            while (first := self._waiting.get()) is not None:
                batch, ended = self._collect(first)
                close_old_connections()
                self._commit(batch)
                if ended:
                    return
        finally:
            connection.close()

    def _collect(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        batch, until = [first], time.monotonic() + self._max_wait_s
        while len(batch) < self._max_commands:
            try:
                following = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    def _commit(self, batch: list[_Waiting]) -> None:
        """Commit all together; when that fails, each alone, so one bad command never costs another its place."""
        try:
            outcomes = self._run(batch)
        except Exception as fault:
            if len(batch) > 1:
                log.warning("group commit failed, trying each alone", commands=len(batch), fault=type(fault).__name__)
                for waiting in batch:
                    self._commit([waiting])
                return
            log.error("command failed", verb=batch[0].verb.name, exc_info=fault)
            batch[0].answer.set_exception(Unavailable("This could not be stored just now. Keep it and send it again."))
            return
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, ExamhallError):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)

    def _run(self, batch: list[_Waiting]) -> list[Any]:
        places: dict[str, list[int]] = {}
        for place, waiting in enumerate(batch):
            places.setdefault(waiting.verb.name, []).append(place)
        outcomes: list[Any] = [None] * len(batch)
        with opened("group commit"):
            for of_verb in places.values():
                verb = batch[of_verb[0]].verb
                for place, outcome in zip(of_verb, verb.run([batch[p].command for p in of_verb]), strict=True):
                    outcomes[place] = outcome
        return outcomes


writer = GroupWriter()


def submit(verb: BatchVerb[C, R], command: C) -> "Future[R]":
    """Queue `command` with this process's writer."""
    return writer.submit(verb, command)
