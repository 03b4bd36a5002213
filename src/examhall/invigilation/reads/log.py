"""The candidate log of one attempt with its summary (product.md §1.5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base import clock
from examhall.base.words import AttemptState, EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.reads.attempt import DeskRow, desk_rows
from examhall.exam.reads.desk import DeskSchedule, Enrolled, answered_counts, enrolled
from examhall.invigilation.rules.detail import detail
from examhall.invigilation.rules.gap import Timed, gaps
from examhall.invigilation.rules.labels import LABELS
from examhall.invigilation.rules.log import LogLine
from examhall.invigilation.rules.time_left import Step, time_left
from examhall.journal.reads import EntryRow, entries_after
from examhall.journal.reads.verify import verify

_ALL = 1_000_000
_STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The header of the log (R-4.28). Times are UTC."""

    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    answered: int
    total: int
    used_s: float | None
    allowed_s: float | None
    longest_gap_s: float | None
    longest_gap_at: datetime | None
    entries: int


@dataclass(frozen=True, slots=True)
class Sibling:
    """An attempt of the same candidate (R-4.8)."""

    attempt: UUID
    number: int
    state: AttemptState

    @property
    def words(self) -> str:
        return self.state.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom the log is."""

    person: Enrolled
    row: DeskRow
    attempts: tuple[Sibling, ...]


def whose(ref: AttemptRef) -> Whose:
    [person] = enrolled(ref.schedule, registrations=[ref.registration])
    rows = desk_rows(ref.schedule, registration=ref.registration)
    siblings = tuple(Sibling(row.id, row.number, row.state) for row in sorted(rows, key=lambda row: row.number))
    return Whose(person, next(row for row in rows if row.id == ref.id), siblings)


def log_lines(ref: AttemptRef, *, opens_at: datetime) -> list[LogLine]:
    """Every line in the order of the journal; the whole log, because gaps and the timer run through it."""
    rows = entries_after(ref.stream, 0, limit=_ALL)
    return lines_of(rows, ref, opens_at=opens_at)


def lines_of(rows: Sequence[EntryRow], ref: AttemptRef, *, opens_at: datetime) -> list[LogLine]:
    measured = gaps([_timed(row) for row in rows])
    left = time_left(Step(row.number, row.kind, row.at, row.extra) for row in rows)
    return [
        LogLine(
            number=row.number,
            attempt=ref.number,
            kind=row.kind,
            group=row.group,
            label=LABELS[row.kind],
            at=row.at,
            client_at=row.client_at,
            question_number=row.question_number,
            item_id=row.item_id,
            error="" if row.kind is EntryKind.ANSWER_REJECTED else row.error,
            ip=row.ip,
            detail=detail(row.kind, row.extra, error=row.error, actor=_person(row)),
            actor=row.actor_name,
            actor_role=row.actor_role,
            saved_after_s=measured.saved_after_s.get(row.number),
            received_after_s=measured.received_after_s.get(row.number),
            time_left_s=left[row.number],
            in_window=opens_at <= row.at <= ref.hard_end,
        )
        for row in rows
    ]


def summary(ref: AttemptRef, lines: Sequence[LogLine], schedule: DeskSchedule, row: DeskRow) -> Summary:
    late = max((line for line in lines if line.saved_after_s is not None), key=_length, default=None)
    until = row.ended_at or clock.now()
    started = ref.started_at
    return Summary(
        started_at=started,
        ended_at=row.ended_at,
        ended_by=_ended_by(lines),
        answered=answered_counts([ref.id])[ref.id],
        total=schedule.questions,
        used_s=(until - started).total_seconds() if started else None,
        allowed_s=(ref.deadline_at - started).total_seconds() if started and ref.deadline_at else None,
        longest_gap_s=late.saved_after_s if late else None,
        longest_gap_at=late.at if late else None,
        entries=len(lines),
    )


def chain(ref: AttemptRef) -> str:
    """In words, whether the journal is what was written; every entry is hashed anew."""
    broken = verify(ref.stream)
    return f"broken at entry {broken.number}: {broken.reason}" if broken else "unbroken"


def _ended_by(lines: Iterable[LogLine]) -> str:
    """How it ended, in the words of the last completing line."""
    ends = [line.detail for line in lines if line.kind is EntryKind.EXAM_COMPLETED]
    return ends[-1].split(",")[0].split(" · ")[0] if ends else ""


def _length(line: LogLine) -> float:
    return line.saved_after_s or 0.0


def _person(row: EntryRow) -> str:
    return row.actor_name if row.actor_role == _STAFF else ""


def _timed(row: EntryRow) -> Timed:
    seq, skew = row.extra.get("client_seq"), row.extra.get("skew_s")
    return Timed(
        number=row.number,
        kind=row.kind,
        at=row.at,
        client_at=row.client_at if row.kind is not EntryKind.CLOCK_SKEW else None,
        client_seq=row.client_seq,
        epoch=row.epoch,
        saves_seq=seq if isinstance(seq, int) else None,
        skew_s=float(skew) if row.kind is EntryKind.CLOCK_SKEW and isinstance(skew, int | float) else None,
    )
