"""Which set of incidents counts: an attempt that was analysed again has several, and one of them is current."""

from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from examhall.base.words import IncidentKind
from examhall.incidents.models import Analysis, Incident, Suppressed

Row = TypeVar("Row", Incident, Suppressed)


def of_current_sets(rows: "QuerySet[Row]") -> "QuerySet[Row]":
    """Those of `rows` (incidents, suppressed records) whose set counts; what a person flagged belongs to every set."""
    other = Analysis.objects.filter(attempt_id=OuterRef("attempt_id"), number=OuterRef("set_number"), current=False)
    return rows.filter(Q(kind=IncidentKind.MANUAL) | ~Exists(other))
