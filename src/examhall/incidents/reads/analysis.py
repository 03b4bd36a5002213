"""Where the analysis of attempts stands, and which detectors are off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from examhall.base import clock
from examhall.base.words import IncidentKind, IncidentState, Leniency, Track
from examhall.incidents.models import Analysis, Incident, Still
from examhall.incidents.rules.queue import JOB_LOST_AFTER, NOTHING_YET, Reached


@dataclass(frozen=True, slots=True)
class Off:
    """Kinds that were not looked for, and why: no mark there is no statement about the candidate."""

    kinds: tuple[IncidentKind, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRow:
    attempt_id: UUID
    number: int = 0
    leniency: Leniency | None = None
    """Another preset than the agreed levels."""
    progress: int = 0
    round: int = 1
    state: bytes = b""
    webcam: Reached = NOTHING_YET
    screen: Reached = NOTHING_YET
    last_entry: int = 0
    analysed_to_ms: int = 0
    off: tuple[Off, ...] = ()
    compared: str = ""
    seen_share: float | None = None
    halved_ms: int = 0
    fault: str = ""
    queued_at: datetime | None = None
    finished_at: datetime | None = None

    def reached(self, track: Track) -> Reached:
        return self.webcam if track is Track.WEBCAM else self.screen

    @property
    def outstanding(self) -> bool:
        return self.queued_at is not None


@dataclass(frozen=True, slots=True)
class Bare:
    """An incident and the stills it has already: (track, label)."""

    id: UUID
    kind: IncidentKind
    start_ms: int
    end_ms: int
    open_ended: bool
    stills: frozenset[tuple[str, str]]


def analysis_of(attempt_id: UUID, *, number: int = 0) -> AnalysisRow:
    """The one that follows the exam, or a later one; a row of zeros when nothing has been analysed yet."""
    found = Analysis.objects.filter(attempt_id=attempt_id, number=number).first()
    return AnalysisRow(attempt_id=attempt_id, number=number) if found is None else _row(found, bytes(found.state))


def analyses_of(attempt_ids: Collection[UUID]) -> dict[UUID, AnalysisRow]:
    """The one of each attempt whose set is current; one query, without the state, which is kilobytes a row."""
    rows = Analysis.objects.filter(attempt_id__in=attempt_ids, current=True).defer("state")
    found = {row.attempt_id: _row(row, b"") for row in rows}
    return {attempt_id: found.get(attempt_id, AnalysisRow(attempt_id=attempt_id)) for attempt_id in attempt_ids}


def lag_s() -> float:
    """How long the oldest job of the analysis has waited; 0 when none does. All exams share the queue. One query.

    A job that waits longer than any step takes has died with its worker and says nothing about the queue; nor does an
    analysis again, which is to wait until nothing else does.
    """
    now = clock.now()
    waiting = Analysis.objects.filter(number=0, queued_at__gt=now - JOB_LOST_AFTER)
    oldest: datetime | None = waiting.aggregate(oldest=Min("queued_at"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


def tells_of(kind: IncidentKind, attempt_id: UUID, *, number: int = 0) -> bool:
    """Whether this set has an incident of `kind` that stands."""
    mine = Incident.objects.filter(attempt_id=attempt_id, set_number=number, kind=kind)
    return mine.exclude(state=IncidentState.SUPERSEDED).exists()


def bare_incidents(attempt_id: UUID, *, number: int = 0) -> list[Bare]:
    """Every incident of one set with what stills it has, for the job that takes them; two queries."""
    has: dict[UUID, set[tuple[str, str]]] = {}
    stills = Still.objects.filter(incident__attempt_id=attempt_id, incident__set_number=number)
    for incident_id, track, label in stills.values_list("incident_id", "track", "label"):
        has.setdefault(incident_id, set()).add((track, label))
    return [
        Bare(row.id, IncidentKind(row.kind), row.start_ms, row.end_ms, row.open_ended, frozenset(has.get(row.id, ())))
        for row in Incident.objects.filter(attempt_id=attempt_id, set_number=number).order_by("start_ms")
    ]


def _row(row: Analysis, state: bytes) -> AnalysisRow:
    return AnalysisRow(
        attempt_id=row.attempt_id,
        number=row.number,
        leniency=Leniency(row.leniency) if row.leniency else None,
        progress=row.progress,
        round=row.round,
        state=state,
        webcam=Reached(row.webcam_epoch, row.webcam_seq, row.fragments),
        screen=Reached(row.screen_epoch, row.screen_seq, row.screen_fragments),
        last_entry=row.last_entry,
        analysed_to_ms=row.analysed_to_ms,
        off=tuple(Off(tuple(IncidentKind(k) for k in o["kinds"]), o["reason"]) for o in row.off),
        compared=row.compared,
        seen_share=row.seen_share,
        halved_ms=row.halved_ms,
        fault=row.fault,
        queued_at=row.queued_at,
        finished_at=row.finished_at,
    )
