"""Hearing the candidates' clients, in batches: one update each, and a transition at once where one is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from examhall.base import clock
from examhall.base.errors import ExamhallError, NotFound, StaleLease
from examhall.base.words import AttemptState, EntryKind
from examhall.base.writer import PATIENT_S, BatchVerb
from examhall.exam.actions.lease import current_epoch
from examhall.exam.actions.move import contact, keep
from examhall.exam.actions.outage import opened_rows
from examhall.exam.models import Attempt
from examhall.exam.rules.lease import ensure_current
from examhall.journal.actions import Actors, append
from examhall.journal.reads import last_numbers_of

CLOCK_SKEW = timedelta(seconds=120)  # product.md §2.5: noted once, no effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a client says every few seconds."""

    attempt: UUID
    epoch: int
    by: Actors
    mono_ms: int
    client_at: datetime
    question_number: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    state: AttemptState
    deadline_at: datetime | None
    last_entry: int
    """Number of the last line of the attempt's journal."""


def _run(commands: Sequence[Heartbeat]) -> list[Heard | ExamhallError]:
    now = clock.now()
    attempts = opened_rows((command.attempt for command in commands), now=now)
    outcomes: list[Heard | ExamhallError] = []
    rows: list[tuple[Any, ...]] = []
    for command in commands:
        attempt = attempts.get(command.attempt)
        outcomes.append(_hear(command, attempt, now, rows) if attempt else NotFound("There is no such attempt."))
    _write(rows)
    numbers = last_numbers_of([attempt.stream_id for attempt in attempts.values()])
    return [
        replace(heard, last_entry=numbers[attempts[command.attempt].stream_id]) if isinstance(heard, Heard) else heard
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
    rows.append(
        (
            connection.ops.adapt_datetimefield_value(now),
            command.mono_ms,
            attempt.current_question,
            Attempt._meta.pk.get_db_prep_value(attempt.id, connection),
        )
    )
    return Heard(AttemptState(attempt.state), attempt.deadline_at, 0)


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


def _write(rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    table = Attempt._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET last_seen_at = %s, seen_mono_ms = %s, current_question = %s WHERE id = %s",  # noqa: S608
            rows,
        )
