"""The stretches in which candidates could not reach us, as far as rows tell."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from examhall.exam.models import Outage
from examhall.exam.rules.timing import Span

STILL_LASTING = timedelta(days=1)
"""How far an outage that has no end yet is thought to reach."""


def outages_of(schedule_id: UUID, *, since: datetime, now: datetime) -> tuple[Span, ...]:
    """The outages that touch `since` to `now` for this schedule, confirmed or presumed."""
    rows = Outage.objects.filter(Q(schedule_id=schedule_id) | Q(schedule_id__isnull=True), from_at__lt=now).filter(
        Q(to_at__isnull=True) | Q(to_at__gt=since)
    )
    return tuple(Span(row.from_at, row.to_at or now + STILL_LASTING) for row in rows)
