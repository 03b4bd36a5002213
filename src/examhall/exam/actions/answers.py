"""Storing answers in batches: revisions and journal lines of many candidates in one transaction (design.md §3).

A reply means committed. Whatever comes is kept: an answer that does not count is a revision with the reason why.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from examhall.base import clock
from examhall.base.errors import ExamhallError, NotFound, StaleLease
from examhall.base.rows import Statement, id_of, key, moment, moment_of, pairs
from examhall.base.words import AttemptState, EntryKind
from examhall.base.writer import BatchVerb
from examhall.exam.access.form import Form, form_of_attempt
from examhall.exam.actions.glance import Glance, caught_up
from examhall.exam.actions.outage import settle
from examhall.exam.models import AnswerRevision
from examhall.exam.rules.answers import (
    APART,
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
from examhall.journal.reads import said_under

_STORED: Final = Statement(
    "SELECT attempt_id, client_seq, item_version_id, revision, hash, refusal, received_at"  # noqa: S608 - our own words
    " FROM {id_and_number} CROSS JOIN exam_answerrevision"
    " WHERE attempt_id = one AND client_seq = other AND refusal NOT IN ('" + "', '".join(APART) + "')"
)
_LINES: Final = Statement(
    "SELECT attempt_id, item_version_id, MAX(revision), MAX(CASE WHEN counting THEN client_seq END)"
    " FROM {id_and_id} CROSS JOIN exam_answerrevision WHERE attempt_id = one AND item_version_id = other"
    " GROUP BY attempt_id, item_version_id"
)
_INSERT: Final = Statement(
    "INSERT INTO exam_answerrevision (attempt_id, item_version_id, revision, response_json, client_seq, client_at,"
    " received_at, mono_ms, epoch, refusal, hash, counting) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


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
    settle(now)
    attempts = caught_up({command.attempt for command in commands}, now=now)
    books = _books(commands, attempts)
    batch = _Batch(now)
    outcomes: list[Sequence[Result] | ExamhallError] = []
    for command in commands:
        attempt = attempts.get(command.attempt)
        outcomes.append(_save(command, attempt, books, batch) if attempt else NotFound("There is no such attempt."))
    _INSERT.each(batch.rows)
    append_many(batch.entries)
    return outcomes


SAVE_ANSWERS: BatchVerb[SaveAnswers, Sequence[Result]] = BatchVerb("exam.save_answers", _run)


def _save(
    command: SaveAnswers, attempt: Glance, books: dict[UUID, Book], batch: _Batch
) -> Sequence[Result] | ExamhallError:
    form = form_of_attempt(attempt.id, attempt.form_seed)
    book = books[attempt.id]
    try:
        ensure_current(epoch=command.epoch, current=attempt.epoch)
    except StaleLease as stale:
        _keep_orphans(command, attempt, form, book, batch)
        return stale
    situation = _situation_of(attempt)
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


def _situation_of(attempt: Glance) -> Situation:
    """What timeliness looks at, from the row."""
    cut_at = attempt.paused_at if attempt.state is AttemptState.PAUSED else (attempt.stopped_at or attempt.ended_at)
    lost_before_stop = attempt.loss_at is not None and (
        attempt.returned_at is None or attempt.returned_at >= (attempt.stopped_at or attempt.returned_at)
    )
    loss = None
    if attempt.loss_at is not None and attempt.loss_mono_ms is not None:
        loss = Anchor(attempt.loss_at, attempt.loss_mono_ms)
    return Situation(
        state=attempt.state,
        deadline_at=attempt.deadline_at,
        cut_at=cut_at,
        loss=loss,
        returned_at=attempt.returned_at,
        stopped_by_loss=attempt.stopped_at is not None and lost_before_stop,
    )


def _keep_orphans(command: SaveAnswers, attempt: Glance, form: Form, book: Book, batch: _Batch) -> None:
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
        stream=attempt.stream,
        kind=EntryKind.STALE_WRITE,
        by=command.by,
        epoch=command.epoch,
        error=Refusal.STALE_LEASE.value,
        extra={"current_epoch": attempt.epoch, "kept": kept},
    )
    if kept:
        batch.entries.append(entry)


def _is_known_orphan(command: SaveAnswers, answer: Answer, digest: str) -> bool:
    """Whether this very answer is stored already: as an orphan, or in time before the lease moved."""
    found = AnswerRevision.objects.filter(attempt_id=command.attempt, client_seq=answer.client_seq, hash=digest)
    return found.filter(Q(epoch=command.epoch) | ~Q(refusal__in=APART)).exists()


def _note(placed: Placed, answer: Answer, command: SaveAnswers, attempt: Glance, form: Form, batch: _Batch) -> None:
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
                stream=attempt.stream,
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
    attempt: Glance,
    identifier: str,
    number: int | None = None,
) -> NewEntry:
    extra = {"client_seq": answer.client_seq, "revision": placed.revision, "counts": placed.counts}
    return NewEntry(
        stream=attempt.stream,
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


def _books(commands: Sequence[SaveAnswers], attempts: dict[UUID, Glance]) -> dict[UUID, Book]:
    """What is stored already, as far as the batch touches it; three queries, however many candidates."""
    books = {attempt: Book() for attempt in attempts}
    sent = [(command.attempt, answer) for command in commands if command.attempt in books for answer in command.answers]
    if sent:
        _fill_stored(books, [(attempt, answer.client_seq) for attempt, answer in sent])
        _fill_lines(books, [(attempt, UUID(a.item_id)) for attempt, a in sent if _is_uuid(a.item_id)])
        _fill_taken(books, commands, attempts)
    return books


def _fill_stored(books: dict[UUID, Book], sent: Collection[tuple[UUID, int]]) -> None:
    for attempt, seq, item, revision, digest, refused, received_at in _STORED.rows(pairs(sent)):
        refusal = Refusal(refused) if refused else None
        known = Stored(str(id_of(item)), revision, digest, refusal, moment_of(received_at))
        books[id_of(attempt)].by_seq[seq] = known


def _fill_lines(books: dict[UUID, Book], sent: Collection[tuple[UUID, UUID]]) -> None:
    for attempt, item, revision, seq in _LINES.rows(pairs(sent)):
        books[id_of(attempt)].lines[str(id_of(item))] = Line(revision, seq)


def _fill_taken(books: dict[UUID, Book], commands: Sequence[SaveAnswers], attempts: dict[UUID, Glance]) -> None:
    """Numbers that another thing of the client stands under in the journal: an answer may not take them."""
    wanted: dict[UUID, set[int]] = defaultdict(set)
    for command in commands:
        book = books.get(command.attempt)
        if book is not None:
            wanted[command.attempt] |= {a.client_seq for a in command.answers if a.client_seq not in book.by_seq}
    streams = {attempts[attempt].stream: attempt for attempt in wanted}
    asked = [(stream, seq) for stream, attempt in streams.items() for seq in wanted[attempt]]
    for stream, seq in said_under(asked):
        attempt = streams[stream]
        books[attempt].by_seq.setdefault(seq, Stored("", 0, "", None, attempts[attempt].entered_at))


def _row(placed: Placed, answer: Answer, command: SaveAnswers, now: datetime) -> tuple[Any, ...]:
    return (
        key(command.attempt),
        key(UUID(answer.item_id)),
        placed.revision,
        answer.response_json,
        answer.client_seq,
        moment(answer.client_at),
        moment(now),
        answer.mono_ms,
        command.epoch,
        placed.refusal.value if placed.refusal else "",
        placed.sent.digest,
        placed.counts,
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
