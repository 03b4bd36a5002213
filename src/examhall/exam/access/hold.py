"""What the breaches of one attempt come to: time owed, budget used, what the candidate's client has to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from examhall.base.words import HoldCause
from examhall.exam.access.outage import installation_outages
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.models import Attempt, Hold, TimerAdjustment
from examhall.exam.rules.hold import CREDIT_MAX, Breach, Reaction, credit, spent, terms
from examhall.exam.rules.timing import ZERO, Span

CREDIT = "hold"
"""The kind of the TimerAdjustment that gives held time back."""


@dataclass(frozen=True, slots=True)
class OpenBreach:
    """One that is not over; `restored`: only its acknowledgement is missing."""

    cause: HoldCause
    what: str
    broken_at: datetime
    held_at: datetime | None
    restored: bool


@dataclass(frozen=True, slots=True)
class Holds:
    """How an attempt stands with the hold rules."""

    full_screen_spent: timedelta
    credit_left: timedelta
    """What devices may still have given back; the holds that last now are not taken off it yet."""
    unended: tuple[OpenBreach, ...]


def breach_of(row: Hold) -> Breach:
    return Breach(
        cause=HoldCause(row.cause),
        what=row.what,
        broken_at=row.broken_at,
        reaction=Reaction(row.reaction),
        held_at=row.held_at,
        restored_at=row.restored_at,
        ended_at=row.ended_at,
    )


def breaches_of(attempt_id: UUID) -> list[Hold]:
    """All rows of the attempt, in order."""
    return list(Hold.objects.filter(attempt_id=attempt_id).order_by("id"))


def owed(attempt: Attempt, rows: Sequence[Hold], *, until: datetime) -> timedelta:
    """What the holds in `rows` give back by `until` and does not stand in the deadline yet."""
    breaches = [breach_of(row) for row in rows]
    if all(breach.held_at is None for breach in breaches):
        return ZERO
    return max(credit(breaches, until=until, outages=_given_back(attempt, until=until)) - given(attempt.id), ZERO)


def _given_back(attempt: Attempt, *, until: datetime) -> list[Span]:
    """Our own outages since the start, where the policy gives them back."""
    if not policy_of_activation(attempt.activation_id).conn.outage_credit:
        return []
    since = attempt.started_at or attempt.entered_at
    return installation_outages(since=since, until=until)


def given(attempt_id: UUID) -> timedelta:
    """What was given back for holds so far."""
    found = TimerAdjustment.objects.filter(attempt_id=attempt_id, kind=CREDIT).aggregate(sum=Sum("seconds"))
    return timedelta(seconds=found["sum"] or 0)


def lost_devices(attempt: Attempt) -> list[str]:
    """The devices that are gone now, where the policy does not let the exam go on without them."""
    if terms(policy_of_activation(attempt.activation_id), invigilated=True).on_device is Reaction.FLAG:
        return []
    gone = Hold.objects.filter(attempt=attempt, cause=HoldCause.DEVICE, restored_at__isnull=True)
    return sorted(set(gone.values_list("what", flat=True)))


def holds(attempt_id: UUID, *, now: datetime) -> Holds:
    breaches = [breach_of(row) for row in breaches_of(attempt_id)]
    return Holds(
        full_screen_spent=spent(breaches, now=now),
        credit_left=max(CREDIT_MAX - given(attempt_id), ZERO),
        unended=tuple(
            OpenBreach(b.cause, b.what, b.broken_at, b.held_at, b.restored_at is not None)
            for b in breaches
            if b.ended_at is None
        ),
    )
