"""Sessions that have ended, site-wide, for figures about many of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import Accommodation
from examhall.exam.access.attempt import accommodations_of
from examhall.exam.models import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSession:
    """One attempt from Start to its end, and on what it was taken."""

    attempt: UUID
    candidate: UUID
    activation: UUID
    accommodations: tuple[Accommodation, ...]
    """Those it ran by."""
    entered_at: datetime
    started_at: datetime
    ended_at: datetime
    user_agent: str
    """Of the last client that held it; empty when none told."""


def ended_sessions(since: datetime, *, limit: int) -> list[EndedSession]:
    """Those entered since then that were started and have ended, newest first; one query."""
    rows = Attempt.objects.filter(entered_at__gte=since, started_at__isnull=False, ended_at__isnull=False)
    rows = rows.select_related("registration", "lease").order_by("-entered_at", "-id")
    return [_session(row, row.started_at, row.ended_at) for row in rows[:limit] if row.started_at and row.ended_at]


def _session(row: Attempt, started_at: datetime, ended_at: datetime) -> EndedSession:
    return EndedSession(
        attempt=row.id,
        candidate=row.registration.candidate_id,
        activation=row.activation_id,
        accommodations=accommodations_of(row),
        entered_at=row.entered_at,
        started_at=started_at,
        ended_at=ended_at,
        user_agent=row.lease.user_agent if hasattr(row, "lease") else "",
    )
