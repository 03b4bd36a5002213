"""Outages that were only presumed, as far as a person has to decide about them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.exam.models import Attempt, Outage
from examhall.exam.rules.attempt import STARTED
from examhall.exam.rules.outage import FLEET_WITHIN


@dataclass(frozen=True, slots=True)
class Proposal:
    """Time that could be given back (product.md §8.1 b)."""

    id: UUID
    from_at: datetime
    to_at: datetime
    candidates: int
    """Whom it would still help: those it hit whose exam has not ended."""

    @property
    def length_s(self) -> float:
        return (self.to_at - self.from_at).total_seconds()


def proposals(schedule_id: UUID) -> list[Proposal]:
    """What was presumed, is over and was not decided, newest first; one query more for each."""
    waiting = Outage.objects.filter(
        schedule_id=schedule_id, confirmed=False, to_at__isnull=False, credited_at=None, declined_at=None
    ).order_by("-from_at")
    counted = [Proposal(o.id, o.from_at, o.to_at, _to_help(schedule_id, o)) for o in waiting if o.to_at]
    return [one for one in counted if one.candidates]


def _to_help(schedule_id: UUID, outage: Outage) -> int:
    hit = Attempt.objects.filter(registration__schedule_id=schedule_id, state__in=STARTED)
    return hit.filter(loss_at__gte=outage.from_at, loss_at__lte=outage.from_at + FLEET_WITHIN).count()
