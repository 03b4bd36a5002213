"""The incidents of an attempt with their stills and verdicts, and counts for a whole list of attempts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import (
    DismissReason,
    IncidentFamily,
    IncidentKind,
    IncidentState,
    Suppression,
    Track,
    Verdict,
)
from examhall.incidents.access.incident_set import of_current_sets
from examhall.incidents.models import Incident, IncidentVerdict, Still, Suppressed
from examhall.incidents.rules.curve import Told, in_words, stretches
from examhall.incidents.rules.family import SHOWN, family
from examhall.incidents.rules.found import Paper
from examhall.incidents.rules.notes import NOT_SHOWN, client_note
from examhall.incidents.rules.score import Counted

_GONE = (IncidentState.MERGED, IncidentState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class StillRow:
    id: UUID
    track: Track
    label: str
    offset_ms: int


@dataclass(frozen=True, slots=True)
class VerdictRow:
    by_id: UUID
    by_name: str
    verdict: Verdict
    reason: DismissReason | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident as people see it. Times are milliseconds since the attempt was entered."""

    id: UUID
    attempt_id: UUID
    kind: IncidentKind
    family: IncidentFamily
    label: str
    """What it is called: says what may have been seen (R-2.35)."""
    title: str
    """The name of its kind."""
    start_ms: int
    end_ms: int
    open_ended: bool
    repeated: bool
    severity: int
    confidence: float
    count: int
    set_number: int
    detector: str
    rule_version: str
    level: str
    measured: float | None
    threshold: float | None
    unit: str
    needed_s: float
    explanation: str
    plot: tuple[tuple[int, float], ...]
    plot_threshold: float | None
    papers: tuple[Paper, ...]
    state: IncidentState
    opened_at: datetime
    stills: tuple[StillRow, ...]
    verdicts: tuple[VerdictRow, ...]
    """Oldest first; the last one is the incident's state."""

    @property
    def not_shown(self) -> str:
        return NOT_SHOWN[self.kind]

    @property
    def client_note(self) -> str:
        return client_note(self.kind)

    @property
    def plot_words(self) -> str:
        """The plot for whoever does not see it."""
        return in_words(self.plot, self.plot_threshold, self.kind, start_ms=self.start_ms)

    @property
    def plot_rows(self) -> tuple[Told, ...]:
        """The plot as a table."""
        return stretches(self.plot, self.plot_threshold)

    @property
    def counted(self) -> Counted:
        return Counted(self.kind, self.severity, self.confidence, self.state)

    @property
    def length_s(self) -> float:
        return (self.end_ms - self.start_ms) / 1000

    @property
    def decided(self) -> VerdictRow | None:
        return self.verdicts[-1] if self.verdicts else None


@dataclass(frozen=True, slots=True)
class SuppressedRow:
    kind: IncidentKind
    start_ms: int
    end_ms: int
    reason: Suppression


@dataclass(frozen=True, slots=True)
class IncidentCounts:
    """The incidents of one attempt, as a list of attempts needs them."""

    open: int = 0
    decided: int = 0
    gravest: int = 0
    """The highest severity that was not dismissed; 0 for none."""
    by_family: tuple[tuple[IncidentFamily, int], ...] = ()
    """Most first; what was dismissed or replaced is left out."""
    counted: tuple[Counted, ...] = ()
    """For the score."""

    @property
    def total(self) -> int:
        return sum(number for _, number in self.by_family)


def incidents_of(attempt_id: UUID, *, replaced: bool = False, number: int | None = None) -> list[IncidentRow]:
    """By start; three queries however many there are. `replaced`: also those a later round did not find again.

    number: what this analysis found, without what people flagged; None for the current set, with it.
    """
    every = Incident.objects.filter(attempt_id=attempt_id)
    found = of_current_sets(every)
    if number is not None:
        found = every.filter(set_number=number).exclude(kind=IncidentKind.MANUAL)
    if not replaced:
        found = found.exclude(state__in=_GONE)
    rows = list(found.order_by("start_ms", "kind"))
    ids = [row.id for row in rows]
    stills, verdicts = _stills(ids), _verdicts(ids)
    return [_row(row, tuple(stills[row.id]), tuple(verdicts[row.id])) for row in rows]


def incident_row(incident_id: UUID) -> IncidentRow:
    """Raises Incident.DoesNotExist: callers come through `access.incident_for`."""
    row = Incident.objects.get(id=incident_id)
    return _row(row, tuple(_stills([row.id])[row.id]), tuple(_verdicts([row.id])[row.id]))


def suppressed_of(attempt_id: UUID) -> list[SuppressedRow]:
    """What was seen and led to no incident, by start."""
    return [
        SuppressedRow(IncidentKind(row.kind), row.start_ms, row.end_ms, Suppression(row.reason))
        for row in of_current_sets(Suppressed.objects.filter(attempt_id=attempt_id)).order_by("start_ms", "kind")
    ]


def counts_of(attempt_ids: Collection[UUID]) -> dict[UUID, IncidentCounts]:
    """Counts by attempt, in one query; attempts without incidents have empty counts."""
    by_attempt: dict[UUID, list[Counted]] = defaultdict(list)
    found = of_current_sets(Incident.objects.filter(attempt_id__in=attempt_ids)).exclude(state__in=_GONE)
    for attempt_id, kind, severity, confidence, state in found.values_list(
        "attempt_id", "kind", "severity", "confidence", "state"
    ):
        by_attempt[attempt_id].append(Counted(IncidentKind(kind), severity, confidence, IncidentState(state)))
    return {attempt_id: _counts(by_attempt[attempt_id]) for attempt_id in attempt_ids}


def open_counts(attempt_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many incidents nobody has judged yet, by attempt; for the invigilator's list."""
    return {attempt_id: counts.open for attempt_id, counts in counts_of(attempt_ids).items()}


def _counts(incidents: Iterable[Counted]) -> IncidentCounts:
    rows = tuple(incidents)
    telling = [i for i in rows if i.state is not IncidentState.DISMISSED]
    families = Counter(family(i.kind) for i in telling)
    return IncidentCounts(
        open=sum(i.state is IncidentState.OPEN for i in rows),
        decided=sum(i.state is not IncidentState.OPEN for i in rows),
        gravest=max((i.severity for i in telling), default=0),
        by_family=tuple(families.most_common()),
        counted=rows,
    )


def _stills(incident_ids: Collection[UUID]) -> dict[UUID, list[StillRow]]:
    found: dict[UUID, list[StillRow]] = defaultdict(list)
    for still in Still.objects.filter(incident_id__in=incident_ids).order_by("offset_ms", "-track"):
        found[still.incident_id].append(StillRow(still.id, Track(still.track), still.label, still.offset_ms))
    return found


def _verdicts(incident_ids: Collection[UUID]) -> dict[UUID, list[VerdictRow]]:
    found: dict[UUID, list[VerdictRow]] = defaultdict(list)
    for v in IncidentVerdict.objects.filter(incident_id__in=incident_ids).order_by("at", "id"):
        reason = DismissReason(v.reason) if v.reason else None
        found[v.incident_id].append(VerdictRow(v.by_id, v.by_name, Verdict(v.verdict), reason, v.note, v.at))
    return found


def _row(row: Incident, stills: tuple[StillRow, ...], verdicts: tuple[VerdictRow, ...]) -> IncidentRow:
    kind = IncidentKind(row.kind)
    return IncidentRow(
        id=row.id,
        attempt_id=row.attempt_id,
        kind=kind,
        family=family(kind),
        label=SHOWN[kind].label,
        title=SHOWN[kind].title,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        open_ended=row.open_ended,
        repeated=row.repeated,
        severity=row.severity,
        confidence=row.confidence,
        count=row.count,
        set_number=row.set_number,
        detector=row.detector,
        rule_version=row.rule_version,
        level=row.level,
        measured=row.measured,
        threshold=row.threshold,
        unit=row.unit,
        needed_s=row.needed_s,
        explanation=row.explanation,
        plot=tuple((int(at_ms), float(value)) for at_ms, value in row.plot),
        plot_threshold=row.plot_threshold,
        papers=tuple(Paper(**paper) for paper in row.papers),
        state=IncidentState(row.state),
        opened_at=row.opened_at,
        stills=stills,
        verdicts=verdicts,
    )
