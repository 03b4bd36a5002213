"""Storing what the client says of itself (product.md §9), in batches and once for each of its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from examhall.base import clock
from examhall.base.errors import ExamhallError, NotFound, StaleLease
from examhall.base.rows import Statement, key
from examhall.base.words import EntryKind
from examhall.base.writer import PATIENT_S, BatchVerb
from examhall.exam.access.form import form_of_attempt
from examhall.exam.actions.glance import Glance, glances
from examhall.exam.actions.hold import hear_lines
from examhall.exam.actions.outage import settle
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.lease import ensure_current
from examhall.journal.actions import Actors, NewEntry, append_many
from examhall.journal.reads import Said, said_under
from examhall.journal.rules import CLIENT_KINDS

NOT_A_CLIENTS = "not_a_client_entry"
AFTER_END = "attempt_over"
TOLD_AFTER_END = timedelta(minutes=5)
"""How long after the end things that happen still belong to the attempt: handing in, the receipt, a late goodbye."""
KEPT_FOR = timedelta(hours=48)  # product.md §8.9: what happened before the end and waits at the client is taken so long

_AT_QUESTION: Final = Statement("UPDATE exam_attempt SET current_question = %s WHERE id = %s")

Plain = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEntry:
    """One thing the client says happened."""

    client_seq: int
    kind: EntryKind
    client_at: datetime | None
    mono_ms: int
    question_number: int | None = None
    item_id: str = ""
    error: str = ""
    extra: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveEntries:
    attempt: UUID
    epoch: int
    by: Actors
    entries: tuple[ClientEntry, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Client numbers: those that stand in the journal now (new or before), and those refused."""

    accepted: list[int]
    refused: list[int]
    over: list[int]
    """Refused because the attempt has ended."""
    taken: list[int]
    """Refused because another device, or an answer, stands under the number already."""


def _run(commands: Sequence[SaveEntries]) -> list[Kept | ExamhallError]:
    now = clock.now()
    settle(now)
    attempts = glances({command.attempt for command in commands})
    known = said_under(
        (attempts[command.attempt].stream, entry.client_seq)
        for command in commands
        if command.attempt in attempts
        for entry in command.entries
    )
    lines: list[NewEntry] = []
    questions: dict[UUID, int] = {}
    outcomes: list[Kept | ExamhallError] = []
    for command in commands:
        attempt = attempts.get(command.attempt)
        outcomes.append(
            _keep(command, attempt, now, known, lines, questions) if attempt else NotFound("There is no such attempt.")
        )
    _follow(questions)
    append_many(lines)
    hear_lines(lines, {glance.stream: glance.id for glance in attempts.values()}, now=now)
    return outcomes


SAVE_ENTRIES: BatchVerb[SaveEntries, Kept] = BatchVerb("exam.save_entries", _run, wait_s=PATIENT_S)


def _keep(
    command: SaveEntries,
    attempt: Glance,
    now: datetime,
    known: dict[tuple[UUID, int], Said],
    lines: list[NewEntry],
    questions: dict[UUID, int],
) -> Kept | ExamhallError:
    try:
        ensure_current(epoch=command.epoch, current=attempt.epoch)
    except StaleLease as stale:
        lines.append(_stale(command, attempt))
        return stale
    kept = Kept([], [], [], [])
    for entry in command.entries:
        if entry.kind not in CLIENT_KINDS:
            kept.refused.append(entry.client_seq)
            continue
        if _is_over(entry, attempt, now):
            kept.over.append(entry.client_seq)
            continue
        said = Said(entry.kind, entry.client_at)
        before = known.setdefault((attempt.stream, entry.client_seq), said)
        if before != said:
            kept.taken.append(entry.client_seq)
            continue
        if before is said:
            lines.append(_line(entry, command, attempt))
            if entry.kind is EntryKind.QUESTION_VISITED and entry.question_number is not None:
                questions[attempt.id] = entry.question_number
        kept.accepted.append(entry.client_seq)
    return kept


def _is_over(entry: ClientEntry, attempt: Glance, now: datetime) -> bool:
    """Whether it happened, or comes, too long after the end."""
    if attempt.ended_at is None or attempt.state not in TERMINAL:
        return False
    return max(entry.client_at or now, now - KEPT_FOR) > attempt.ended_at + TOLD_AFTER_END


def _line(entry: ClientEntry, command: SaveEntries, attempt: Glance) -> NewEntry:
    form = form_of_attempt(attempt.id, attempt.form_seed)
    question = form.by_item.get(entry.item_id)
    return NewEntry(
        stream=attempt.stream,
        kind=entry.kind,
        by=command.by,
        client_at=entry.client_at,
        client_seq=entry.client_seq,
        question_number=question.number if question else entry.question_number,
        item_id=question.identifier if question else entry.item_id[:64],
        error=entry.error,
        epoch=command.epoch,
        extra={**entry.extra, "mono_ms": entry.mono_ms},
    )


def _follow(questions: dict[UUID, int]) -> None:
    """The desk shows which question each candidate has before them."""
    _AT_QUESTION.each([(number, key(attempt)) for attempt, number in sorted(questions.items())])


def _stale(command: SaveEntries, attempt: Glance) -> NewEntry:
    """One line for the whole sending: how much the client that lost the lease still wanted to say."""
    kinds = sorted({entry.kind.value for entry in command.entries})
    return NewEntry(
        stream=attempt.stream,
        kind=EntryKind.STALE_WRITE,
        by=command.by,
        epoch=command.epoch,
        error="stale_lease",
        extra={"current_epoch": attempt.epoch, "entries": len(command.entries), "kinds": kinds},
    )
