"""What is analysed next: fragments in the order of the recording, and all or half of them by how long jobs wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOLE_WAIT = timedelta(seconds=20)
"""After an outage the newest fragments come first and the backlog beside them. Analysis waits this long for a missing
one before it goes on; what comes later still is analysed in a fresh round when the attempt has ended."""


BEHIND_S = 10.0
"""product.md §10.2: an incident is on the screen within 10 s. A job that has waited longer looks at every second
picture (§10.4), and the dashboard says so."""
JOB_LOST_AFTER = timedelta(minutes=15)
"""A job outstanding for longer than any step takes has died with its worker: another one may be queued."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fragment stands in a track's recording."""

    epoch: int
    seq: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one track has been analysed: its last fragment, and how many there were."""

    epoch: int = 0
    seq: int = 0
    fragments: int = 0


NOTHING_YET = Reached()


def ready(places: Sequence[Place], *, epoch: int, seq: int, now: datetime, complete: bool) -> int:
    """How many of `places` may be analysed now.

    places: stored fragments behind (`epoch`, `seq`), in order. complete: nothing more is expected.
    """
    for number, place in enumerate(places):
        follows = place.seq == (seq + 1 if place.epoch == epoch else 1)
        if not follows and not complete and now - place.received_at < HOLE_WAIT:
            return number
        epoch, seq = place.epoch, place.seq
    return len(places)


def behind(queued_at: datetime | None, *, now: datetime) -> bool:
    """Whether the job of this moment waited so long that half of the pictures have to do."""
    return queued_at is not None and BEHIND_S < (now - queued_at).total_seconds() <= JOB_LOST_AFTER.total_seconds()
