"""The sets of incidents of a session, and how two of them differ."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import IncidentKind, IncidentState, Leniency, ReanalysisState
from examhall.incidents.models import Analysis, Incident
from examhall.incidents.reads.incident import IncidentRow
from examhall.incidents.rules.reanalysis import OUTSTANDING, Marked, SetDifference, compared


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a set and why, and what was decided about it."""

    by_name: str
    at: datetime
    reason: str
    state: ReanalysisState
    decided_by_name: str
    decided_at: datetime | None
    decision_reason: str

    @property
    def outstanding(self) -> bool:
        return self.state in OUTSTANDING


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One set. `asked` is None for that of the exam itself, number 0."""

    attempt_id: UUID
    number: int
    current: bool
    leniency: Leniency | None
    versions: Mapping[str, Sequence[str]]
    analysed_to_ms: int
    finished_at: datetime | None
    fault: str
    fragments: int
    asked: Asked | None
    incidents: int
    judged: int
    """Incidents a person has judged."""

    @property
    def name(self) -> str:
        return f"Set {self.number}" if self.number else "Original set"


def sets_of(attempt_ids: Collection[UUID]) -> dict[UUID, list[SetRow]]:
    """By number, for each attempt; two queries however many there are."""
    counts: dict[tuple[UUID, int], list[bool]] = {}
    gone = (IncidentState.MERGED, IncidentState.SUPERSEDED)
    found = Incident.objects.filter(attempt_id__in=attempt_ids).exclude(state__in=gone)
    for attempt_id, number, state in found.exclude(kind=IncidentKind.MANUAL).values_list(
        "attempt_id", "set_number", "state"
    ):
        counts.setdefault((attempt_id, number), []).append(state != IncidentState.OPEN)
    out: dict[UUID, list[SetRow]] = {attempt_id: [] for attempt_id in attempt_ids}
    rows = Analysis.objects.filter(attempt_id__in=attempt_ids).select_related("asked").defer("state")
    for row in rows.order_by("number"):
        out[row.attempt_id].append(_row(row, counts.get((row.attempt_id, row.number), [])))
    return out


def set_difference(before: Sequence[IncidentRow], after: Sequence[IncidentRow]) -> SetDifference:
    """`before` and `after`: incidents of two sets; `Marked.place` is the index in each."""
    return compared(_marked(before), _marked(after))


def _marked(rows: Sequence[IncidentRow]) -> list[Marked]:
    return [Marked(row.kind, row.start_ms, row.end_ms, place) for place, row in enumerate(rows)]


def _row(row: Analysis, judged: Sequence[bool]) -> SetRow:
    return SetRow(
        attempt_id=row.attempt_id,
        number=row.number,
        current=row.current,
        leniency=Leniency(row.leniency) if row.leniency else None,
        versions=row.versions,
        analysed_to_ms=row.analysed_to_ms,
        finished_at=row.finished_at,
        fault=row.fault,
        fragments=row.fragments,
        asked=_asked(row) if row.number else None,
        incidents=len(judged),
        judged=sum(judged),
    )


def _asked(row: Analysis) -> Asked:
    asked = row.asked
    return Asked(
        asked.asked_by_name,
        asked.asked_at,
        asked.reason,
        ReanalysisState(asked.state),
        asked.decided_by_name,
        asked.decided_at,
        asked.decision_reason,
    )
