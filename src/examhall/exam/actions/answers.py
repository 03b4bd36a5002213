"""Storing answers in batches: revisions and journal lines of many candidates in one transaction (design.md §3).

A reply means committed. Whatever comes is kept: an answer that does not count is a revision with the reason why.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q

from examhall.base import clock
from examhall.base.errors import ExamhallError, NotFound, StaleLease
from examhall.base.words import AttemptState, EntryKind
from examhall.base.writer import BatchVerb
from examhall.exam.access.form import Form, form_of
from examhall.exam.actions.lease import current_epoch
from examhall.exam.actions.move import catch_up
from examhall.exam.actions.outage import opened_rows
from examhall.exam.models import AnswerRevision, Attempt
from examhall.exam.rules.answers import (
    Anchor,
    Book,
    Line,
    Placed,
    Refusal,
    Sent,
    Situation,
    Status,
    Stored,
    place,
    timeliness,
)
from examhall.exam.rules.lease import ensure_current
from examhall.journal.actions import Actors, NewEntry, append_many
from examhall.journal.reads import known_client_seqs_of

_APART = (Refusal.STALE_LEASE.value, Refusal.ALTERED_REPEAT.value)
"""Kept beside the numbered line of answers: their client numbers may be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as the client sent it; `response_json` is its canonical JSON text."""

    item_id: str
    question_number: int | None
    client_seq: int
    client_at: datetime | None
    mono_ms: int
    response_json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAnswers:
    attempt: UUID
    epoch: int
    by: Actors
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one answer. `saved_at` and `digest` only when it is stored and counts as saved."""

    item_id: str
    client_seq: int
    status: Status
    revision: int | None = None
    digest: str = ""
    saved_at: datetime | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class _Batch:
    """The rows and lines to write."""

    now: datetime
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)


def digest_of(response_json: str) -> str:
    return hashlib.sha256(response_json.encode()).hexdigest()


def _run(commands: Sequence[SaveAnswers]) -> list[Sequence[Result] | ExamhallError]:
    now = clock.now()
    attempts = opened_rows((command.attempt for command in commands), now=now)
    for attempt in attempts.values():
        catch_up(attempt, now=now)
    books = _books(commands, attempts)
    batch = _Batch(now)
    outcomes: list[Sequence[Result] | ExamhallError] = []
    for command in commands:
        attempt = attempts.get(command.attempt)  # type: ignore[assignment]
        outcomes.append(_save(command, attempt, books, batch) if attempt else NotFound("There is no such attempt."))
    _insert(batch.rows)
    append_many(batch.entries)
    return outcomes


SAVE_ANSWERS: BatchVerb[SaveAnswers, Sequence[Result]] = BatchVerb("exam.save_answers", _run)


def _save(
    command: SaveAnswers, attempt: Attempt, books: dict[UUID, Book], batch: _Batch
) -> Sequence[Result] | ExamhallError:
    form = form_of(attempt.registration.schedule.version_id, attempt.form_seed)
    book = books[attempt.id]
    try:
        ensure_current(epoch=command.epoch, current=current_epoch(attempt))
    except StaleLease as stale:
        _keep_orphans(command, attempt, form, book, batch)
        return stale
    situation = situation_of(attempt)
    results = []
    for answer in command.answers:
        refusal = timeliness(situation, mono_ms=answer.mono_ms, received_at=batch.now)
        if answer.item_id not in form.by_item:
            refusal = Refusal.UNKNOWN_ITEM
        sent = Sent(answer.item_id, answer.client_seq, digest_of(answer.response_json))
        placed = place(book, sent, refusal=refusal, received_at=batch.now)
        _note(placed, answer, command, attempt, form, batch)
        results.append(_result(placed, now=batch.now))
    return results


def situation_of(attempt: Attempt) -> Situation:
    """What timeliness looks at, from the row."""
    state = AttemptState(attempt.state)
    cut_at = attempt.paused_at if state is AttemptState.PAUSED else (attempt.stopped_at or attempt.ended_at)
    lost_before_stop = attempt.loss_at is not None and (
        attempt.returned_at is None or attempt.returned_at >= (attempt.stopped_at or attempt.returned_at)
    )
    loss = None
    if attempt.loss_at is not None and attempt.loss_mono_ms is not None:
        loss = Anchor(attempt.loss_at, attempt.loss_mono_ms)
    return Situation(
        state=state,
        deadline_at=attempt.deadline_at,
        cut_at=cut_at,
        loss=loss,
        returned_at=attempt.returned_at,
        stopped_by_loss=attempt.stopped_at is not None and lost_before_stop,
    )


def _keep_orphans(command: SaveAnswers, attempt: Attempt, form: Form, book: Book, batch: _Batch) -> None:
    """Keep what the client that lost the lease sends; it counts only if staff say so (§8.3)."""
    kept = []
    for answer in command.answers:
        digest = digest_of(answer.response_json)
        if answer.item_id not in form.by_item or _is_known_orphan(command, answer, digest):
            continue
        line = book.lines.setdefault(answer.item_id, Line())
        line.revision += 1
        placed = Placed(
            Sent(answer.item_id, answer.client_seq, digest),
            Status.REJECTED,
            line.revision,
            counts=False,
            store=True,
            refusal=Refusal.STALE_LEASE,
        )
        batch.rows.append(_row(placed, answer, command, batch.now))
        identifier = form.by_item[answer.item_id].identifier
        kept.append({"item": identifier, "client_seq": answer.client_seq, "revision": line.revision})
    entry = NewEntry(
        stream=attempt.stream_id,
        kind=EntryKind.STALE_WRITE,
        by=command.by,
        epoch=command.epoch,
        error=Refusal.STALE_LEASE.value,
        extra={"current_epoch": current_epoch(attempt), "kept": kept},
    )
    if kept:
        batch.entries.append(entry)


def _is_known_orphan(command: SaveAnswers, answer: Answer, digest: str) -> bool:
    """Whether this very answer is stored already: as an orphan, or in time before the lease moved."""
    found = AnswerRevision.objects.filter(attempt_id=command.attempt, client_seq=answer.client_seq, hash=digest)
    return found.filter(Q(epoch=command.epoch) | ~Q(refusal__in=_APART)).exists()


def _note(placed: Placed, answer: Answer, command: SaveAnswers, attempt: Attempt, form: Form, batch: _Batch) -> None:
    """Add the row and its two lines: the client's *answered* and the server's *saved* or *rejected*."""
    if not placed.store:
        if placed.refusal is Refusal.UNKNOWN_ITEM:
            batch.entries.append(_saved_entry(placed, answer, command, attempt, answer.item_id[:64]))
        return
    question = form.by_item[answer.item_id]
    batch.rows.append(_row(placed, answer, command, batch.now))
    if placed.refusal is not Refusal.ALTERED_REPEAT:
        batch.entries.append(
            NewEntry(
                stream=attempt.stream_id,
                kind=EntryKind.QUESTION_ANSWERED,
                by=command.by,
                client_at=answer.client_at,
                client_seq=answer.client_seq,
                question_number=question.number,
                item_id=question.identifier,
                epoch=command.epoch,
            )
        )
    batch.entries.append(_saved_entry(placed, answer, command, attempt, question.identifier, question.number))


def _saved_entry(
    placed: Placed,
    answer: Answer,
    command: SaveAnswers,
    attempt: Attempt,
    identifier: str,
    number: int | None = None,
) -> NewEntry:
    extra = {"client_seq": answer.client_seq, "revision": placed.revision, "counts": placed.counts}
    return NewEntry(
        stream=attempt.stream_id,
        kind=EntryKind.ANSWER_SAVED if placed.refusal is None else EntryKind.ANSWER_REJECTED,
        by=command.by,
        question_number=number,
        item_id=identifier,
        error=placed.refusal.value if placed.refusal else "",
        epoch=command.epoch,
        extra=extra,
    )


def _result(placed: Placed, *, now: datetime) -> Result:
    saved = placed.refusal is None
    return Result(
        item_id=placed.sent.item,
        client_seq=placed.sent.client_seq,
        status=placed.status,
        revision=placed.revision or None,
        digest=placed.sent.digest if saved else "",
        saved_at=(placed.received_at or now) if saved else None,
        refusal=placed.refusal,
    )


def _books(commands: Sequence[SaveAnswers], attempts: dict[UUID, Attempt]) -> dict[UUID, Book]:
    """What is stored already, as far as the batch touches it; three queries, however many candidates."""
    books = {attempt: Book() for attempt in attempts}
    seqs = {answer.client_seq for command in commands for answer in command.answers}
    stored = AnswerRevision.objects.filter(attempt_id__in=books, client_seq__in=seqs).exclude(refusal__in=_APART)
    for row in stored:
        refusal = Refusal(row.refusal) if row.refusal else None
        known = Stored(str(row.item_version_id), row.revision, row.hash, refusal, row.received_at)
        books[row.attempt_id].by_seq[row.client_seq] = known
    _fill_lines(books, {answer.item_id for command in commands for answer in command.answers})
    _fill_taken(books, commands, attempts)
    return books


def _fill_lines(books: dict[UUID, Book], items: set[str]) -> None:
    known = [UUID(item) for item in items if _is_uuid(item)]
    lines = (
        AnswerRevision.objects.filter(attempt_id__in=books, item_version_id__in=known)
        .values("attempt_id", "item_version_id")
        .annotate(revision=Max("revision"), seq=Max("client_seq", filter=Q(counting=True)))
    )
    for row in lines:
        books[row["attempt_id"]].lines[str(row["item_version_id"])] = Line(row["revision"], row["seq"])


def _fill_taken(books: dict[UUID, Book], commands: Sequence[SaveAnswers], attempts: dict[UUID, Attempt]) -> None:
    """Numbers that another thing of the client stands under in the journal: an answer may not take them."""
    wanted: dict[UUID, set[int]] = defaultdict(set)
    for command in commands:
        book = books.get(command.attempt)
        if book is not None:
            wanted[command.attempt] |= {a.client_seq for a in command.answers if a.client_seq not in book.by_seq}
    streams = {attempts[attempt].stream_id: attempt for attempt in wanted}
    pairs = [(stream, seq) for stream, attempt in streams.items() for seq in wanted[attempt]]
    for stream, seq in known_client_seqs_of(pairs):
        attempt = streams[stream]
        books[attempt].by_seq.setdefault(seq, Stored("", 0, "", None, attempts[attempt].entered_at))


_COLUMNS = (
    "attempt_id",
    "item_version_id",
    "revision",
    "response_json",
    "client_seq",
    "client_at",
    "received_at",
    "mono_ms",
    "epoch",
    "refusal",
    "hash",
    "counting",
)


def _row(placed: Placed, answer: Answer, command: SaveAnswers, now: datetime) -> tuple[Any, ...]:
    adapt = connection.ops.adapt_datetimefield_value
    uuid_field = Attempt._meta.pk
    return (
        uuid_field.get_db_prep_value(command.attempt, connection),
        uuid_field.get_db_prep_value(UUID(answer.item_id), connection),
        placed.revision,
        answer.response_json,
        answer.client_seq,
        adapt(answer.client_at) if answer.client_at else None,
        adapt(now),
        answer.mono_ms,
        command.epoch,
        placed.refusal.value if placed.refusal else "",
        placed.sent.digest,
        placed.counts,
    )


def _insert(rows: Iterable[tuple[Any, ...]]) -> None:
    wanted = list(rows)
    if not wanted:
        return
    marks = ", ".join(["%s"] * len(_COLUMNS))
    table = AnswerRevision._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES ({marks})", wanted)  # noqa: S608


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
