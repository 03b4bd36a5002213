"""Which stored fragments are analysed next: in the order of the recording, however they arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOLE_WAIT = timedelta(seconds=20)
"""After an outage the newest fragments come first and the backlog beside them. Analysis waits this long for a missing
one before it goes on; what comes later still is analysed in a fresh round when the attempt has ended."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fragment stands in the webcam's recording."""

    epoch: int
    seq: int
    received_at: datetime


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
