"""One candidate for the live view: how they stand, what was marked, what happened last (product.md I4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.words import EntryKind, IncidentState
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.reads.attempt import Adjustment, CandidateMessage, adjustments, messages
from examhall.exam.reads.desk import DeskSchedule, granted_s
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import IncidentRow, incidents_of
from examhall.incidents.reads.off import Unseen, notices, unseen
from examhall.invigilation.reads.dashboard import Line, lines
from examhall.invigilation.reads.log import lines_of
from examhall.invigilation.rules.log import LogLine
from examhall.journal.reads import EntryRow, last_numbers_of, tail
from examhall.media.reads.recording import TrackTotals, track_totals

TAIL_LINES = 40
_QUIET = frozenset({EntryKind.MESSAGE_READ, EntryKind.QUESTION_LEFT})
_CONNECTIONS = (EntryKind.CLIENT_CONNECTED, EntryKind.CLIENT_TAKEN_OVER, EntryKind.HEARTBEAT_LOST, EntryKind.IP_CHANGED)


@dataclass(frozen=True, slots=True)
class Marked:
    """An incident with the moment it began, in server time."""

    row: IncidentRow
    at: datetime
    open: bool

    @property
    def length_s(self) -> float:
        return (self.row.end_ms - self.row.start_ms) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of the session; what was not collected says so on the page."""

    connections: int
    takeovers: int
    losses: int
    addresses: tuple[str, ...]
    agent: str
    granted_min: int
    tracks: tuple[TrackTotals, ...]
    stored_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Everything on the live view of one candidate."""

    line: Line
    marked: tuple[Marked, ...]
    """Newest first."""
    unreviewed: int
    tail: tuple[LogLine, ...]
    """Newest first."""
    last_number: int
    messages: tuple[CandidateMessage, ...]
    adjustments: tuple[Adjustment, ...]
    facts: Facts
    unseen: tuple[Unseen, ...]
    """What is not looked for beyond what everybody agreed to, for the head of the page."""
    halved_s: float
    read_at: datetime


def watched(ref: AttemptRef, schedule: DeskSchedule) -> Watched:
    [line] = lines(schedule, attempts=[ref.id])
    marked = [_marked(row, ref.entered_at) for row in incidents_of(ref.id)]
    newest = [row for row in tail(ref.stream, limit=TAIL_LINES) if row.kind not in _QUIET]
    analysis, now = analysis_of(ref.id), clock.now()
    return Watched(
        line=line,
        marked=tuple(reversed(marked)),
        unreviewed=sum(one.open for one in marked),
        tail=tuple(reversed(lines_of(newest, ref, opens_at=schedule.opens_at))),
        last_number=last_numbers_of([ref.stream])[ref.stream],
        messages=tuple(messages(ref.id)),
        adjustments=tuple(adjustments(ref.id)),
        facts=_facts(ref),
        unseen=tuple(notices(unseen(ref, analysis, until=now))),
        halved_s=analysis.halved_ms / 1000,
        read_at=now,
    )


def _marked(row: IncidentRow, entered_at: datetime) -> Marked:
    return Marked(row, entered_at + timedelta(milliseconds=row.start_ms), row.state is IncidentState.OPEN)


def _facts(ref: AttemptRef) -> Facts:
    found = tail(ref.stream, limit=500, kinds=_CONNECTIONS)
    tracks = tuple(track_totals(ref.id))
    return Facts(
        connections=_count(found, EntryKind.CLIENT_CONNECTED),
        takeovers=_count(found, EntryKind.CLIENT_TAKEN_OVER),
        losses=_count(found, EntryKind.HEARTBEAT_LOST),
        addresses=tuple(dict.fromkeys(row.ip for row in found if row.ip)),
        agent=next((str(row.extra.get("agent", "")) for row in reversed(found) if row.extra.get("agent")), ""),
        granted_min=round(granted_s([ref.id])[ref.id] / 60),
        tracks=tracks,
        stored_bytes=sum(track.size_bytes for track in tracks),
    )


def _count(rows: list[EntryRow], kind: EntryKind) -> int:
    return sum(row.kind is kind for row in rows)


def neighbours(schedule: DeskSchedule, attempt_id: UUID) -> Mapping[str, UUID | None]:
    """The attempt before and after this one in the order of the dashboard, among those that have come."""
    every = [line.attempt for line in lines(schedule) if line.attempt is not None]
    if attempt_id not in every:
        return {"before": None, "after": None}
    place = every.index(attempt_id)
    return {
        "before": every[place - 1] if place > 0 else None,
        "after": every[place + 1] if place + 1 < len(every) else None,
    }
