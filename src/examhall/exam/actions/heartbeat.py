"""Hearing the candidates' clients, in batches: one update each, and a transition at once where one is due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from examhall.base import clock
from examhall.base.errors import ExamhallError, NotFound, StaleLease
from examhall.base.rows import Statement, id_of, key, keys, moment, moment_of
from examhall.base.words import AttemptState, EntryKind
from examhall.base.writer import PATIENT_S, BatchVerb
from examhall.exam.actions.glance import Glance, glances
from examhall.exam.actions.intervention import keep_read
from examhall.exam.actions.lease import current_epoch
from examhall.exam.actions.move import contact, keep, locked_rows
from examhall.exam.actions.outage import settle, this_process
from examhall.exam.models import Attempt
from examhall.exam.rules.lease import ensure_current
from examhall.journal.actions import Actors, append
from examhall.journal.reads import last_numbers_of

CLOCK_SKEW = timedelta(seconds=120)  # product.md §2.5: noted once, no effect

_SEEN: Final = Statement(
    "UPDATE exam_attempt SET last_seen_at = %s, heard_by = %s, seen_mono_ms = %s, current_question = %s WHERE id = %s"
)
_UNREAD: Final = Statement(
    "SELECT attempt_id, id, author_name, body, sent_at FROM exam_message"
    " WHERE attempt_id IN {ids} AND read_at IS NULL ORDER BY sent_at, id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a client says every few seconds."""

    attempt: UUID
    epoch: int
    by: Actors
    mono_ms: int
    client_at: datetime
    question_number: int | None = None
    messages_read: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A message to the candidate that they have not closed yet."""

    id: UUID
    author: str
    body: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    state: AttemptState
    deadline_at: datetime | None
    last_entry: int
    """Number of the last line of the attempt's journal."""
    reason: str = ""
    """Why it is paused or stopped, in words."""
    end_reason: str = ""
    """Why it was stopped or has ended."""
    unread: Sequence[Unread] = ()


def _run(commands: Sequence[Heartbeat]) -> list[Heard | ExamhallError]:
    now = clock.now()
    settle(now)
    seen = glances({command.attempt for command in commands})
    loud = {command.attempt for command in commands if _is_loud(command, seen.get(command.attempt), now=now)}
    attempts = locked_rows(loud) if loud else {}
    outcomes: list[Heard | ExamhallError] = []
    rows: list[tuple[Any, ...]] = []
    for command in commands:
        glance, attempt = seen.get(command.attempt), attempts.get(command.attempt)
        if glance is None:
            outcomes.append(NotFound("There is no such attempt."))
        elif attempt is None:
            outcomes.append(_hear_quiet(command, glance, now, rows))
        else:
            outcomes.append(_hear(command, attempt, now, rows))
    _SEEN.each(rows)
    unread = _unread(seen)
    for command, heard in zip(commands, outcomes, strict=True):
        if isinstance(heard, Heard):
            _note_read(command, seen[command.attempt], now, unread.get(command.attempt, []))
    numbers = last_numbers_of([glance.stream for glance in seen.values()])
    return [
        replace(heard, last_entry=numbers[seen[command.attempt].stream], unread=unread.get(command.attempt, ()))
        if isinstance(heard, Heard)
        else heard
        for command, heard in zip(commands, outcomes, strict=True)
    ]


HEAR: BatchVerb[Heartbeat, Heard] = BatchVerb("exam.hear", _run, wait_s=PATIENT_S)


def _hear(command: Heartbeat, attempt: Attempt, now: datetime, rows: list[tuple[Any, ...]]) -> Heard | ExamhallError:
    try:
        ensure_current(epoch=command.epoch, current=current_epoch(attempt))
    except StaleLease as stale:
        return stale
    contact(attempt, now=now)
    _note_network(command, attempt)
    _note_skew(command, attempt, now=now)
    attempt.last_seen_at, attempt.seen_mono_ms = now, command.mono_ms
    attempt.current_question = command.question_number or attempt.current_question
    rows.append(_row(command, attempt.current_question, now))
    reason = attempt.paused_reason or attempt.stop_reason
    return Heard(AttemptState(attempt.state), attempt.deadline_at, 0, reason, attempt.end_reason)


def _note_read(command: Heartbeat, seen: Glance, now: datetime, unread: list[Unread]) -> None:
    """Takes what the candidate has closed out of `unread`; ids that are not in it cost nothing."""
    for message in [one for one in unread if one.id in command.messages_read]:
        keep_read(message.id, attempt_id=command.attempt, stream=seen.stream, by=command.by, at=now)
        unread.remove(message)


def _unread(attempts: Collection[UUID]) -> dict[UUID, list[Unread]]:
    found: dict[UUID, list[Unread]] = {}
    for attempt, id, author, body, sent_at in _UNREAD.rows(keys(attempts)):
        found.setdefault(id_of(attempt), []).append(Unread(id_of(id), author, body, moment_of(sent_at)))
    return found


def _is_loud(command: Heartbeat, seen: Glance | None, *, now: datetime) -> bool:
    """Whether this heartbeat may do more than move the time last seen: then the whole attempt is looked at."""
    if seen is None:
        return False
    ip_differs = bool(command.by.ip) and command.by.ip != seen.ip
    clock_is_off = seen.clock_skew_s is None and abs(command.client_at - now) > CLOCK_SKEW
    return not seen.is_quiet(now) or ip_differs or clock_is_off or command.epoch != seen.epoch


def _hear_quiet(command: Heartbeat, seen: Glance, now: datetime, rows: list[tuple[Any, ...]]) -> Heard:
    rows.append(_row(command, command.question_number or seen.current_question, now))
    return Heard(seen.state, seen.deadline_at, 0)


def _row(command: Heartbeat, question: int | None, now: datetime) -> tuple[Any, ...]:
    return moment(now), this_process(), command.mono_ms, question, key(command.attempt)


def _note_network(command: Heartbeat, attempt: Attempt) -> None:
    """IP addresses are kept as evidence: a change may be another network or another place."""
    if not command.by.ip or command.by.ip == attempt.ip:
        return
    if attempt.ip:
        extra = {"from": attempt.ip}
        append(attempt.stream_id, EntryKind.IP_CHANGED, by=command.by, epoch=command.epoch, extra=extra)
    keep(attempt, ip=command.by.ip)


def _note_skew(command: Heartbeat, attempt: Attempt, *, now: datetime) -> None:
    skew = command.client_at - now
    if attempt.clock_skew_s is not None or abs(skew) <= CLOCK_SKEW:
        return
    keep(attempt, clock_skew_s=skew.total_seconds())
    append(
        attempt.stream_id,
        EntryKind.CLOCK_SKEW,
        by=command.by,
        client_at=command.client_at,
        epoch=command.epoch,
        extra={"skew_s": skew.total_seconds()},
    )
