"""Who holds an attempt: one client, named by an epoch that only grows (product.md §2.5, §8.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from examhall.base.errors import Conflict, StaleLease

FIGHT_WITHIN = timedelta(minutes=10)  # §8.3: more than 3 take-overs in 10 minutes are two people fighting
FIGHT_ABOVE = 3


class Connect(StrEnum):
    """How a client came by the lease."""

    FIRST = "first"
    SAME_CLIENT = "same_client"
    RETURNED = "returned"
    """Another client of the candidate, the former holder being silent."""
    TAKEN_OVER = "taken_over"


class HeldElsewhere(Conflict):
    """Another live client holds the attempt; the candidate has to say that they want it here."""

    code = "held_elsewhere"

    def __init__(self) -> None:
        super().__init__("This exam is open elsewhere. Choose Continue here to go on in this window.")


@dataclass(frozen=True, slots=True)
class Held:
    """The lease as it stands."""

    client_id: str
    epoch: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    epoch: int
    how: Connect


def connect(held: Held | None, *, client_id: str, takeover: bool, now: datetime, heartbeat_lost: timedelta) -> Grant:
    """The lease a connecting client gets. Raises HeldElsewhere while another client lives and nobody insists."""
    if held is None:
        return Grant(1, Connect.FIRST)
    if held.client_id == client_id:
        return Grant(held.epoch + 1, Connect.SAME_CLIENT)
    if now - held.last_seen_at >= heartbeat_lost:
        return Grant(held.epoch + 1, Connect.RETURNED)
    if not takeover:
        raise HeldElsewhere
    return Grant(held.epoch + 1, Connect.TAKEN_OVER)


def ensure_current(*, epoch: int, current: int) -> None:
    """Refuse a write under another epoch than the lease's."""
    if epoch != current:
        raise StaleLease("This exam was continued elsewhere. Reload the page to continue here.")


def fighting(takeovers: Sequence[datetime], *, now: datetime) -> bool:
    """Whether the take-overs up to `now` look like two people fighting for one exam."""
    return sum(1 for at in takeovers if now - FIGHT_WITHIN < at <= now) > FIGHT_ABOVE
