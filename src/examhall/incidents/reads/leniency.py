"""What people decided about incidents in a stretch of time, as far as a length or a limit can learn from it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import OuterRef, Subquery

from examhall.base.words import IncidentKind, IncidentState
from examhall.incidents.access.incident_set import of_current_sets
from examhall.incidents.models import Incident, IncidentVerdict
from examhall.incidents.rules.leniency import SPEAKS_NOT, Decision
from examhall.incidents.rules.standing import Standing


@dataclass(frozen=True, slots=True)
class Judged:
    """One confirmed or dismissed incident. `level`: the one that made it."""

    attempt_id: UUID
    kind: IncidentKind
    level: str
    decision: Decision


def judged_between(from_at: datetime, to_at: datetime, *, kinds: Collection[IncidentKind]) -> list[Judged]:
    """By their last verdict; one query. What stands for many (`repeated`) and what says nothing here is left out."""
    last = IncidentVerdict.objects.filter(incident=OuterRef("pk")).order_by("-at", "-id")
    states = (IncidentState.CONFIRMED, IncidentState.DISMISSED)
    rows = of_current_sets(Incident.objects.filter(kind__in=kinds, state__in=states, repeated=False)).annotate(
        decided_at=Subquery(last.values("at")[:1]), why=Subquery(last.values("reason")[:1])
    )
    found = rows.filter(decided_at__gte=from_at, decided_at__lt=to_at).exclude(why__in=SPEAKS_NOT)
    fields = ("attempt_id", "kind", "level", "longest_s", "needed_s", "standing", "state")
    return [
        Judged(
            attempt_id,
            IncidentKind(kind),
            level,
            Decision(
                longest_s=longest_s,
                needed_s=needed_s,
                standing=msgspec.convert(standing, Standing | None),
                confirmed=state == IncidentState.CONFIRMED,
            ),
        )
        for attempt_id, kind, level, longest_s, needed_s, standing, state in found.values_list(*fields)
    ]
