"""How late incidents reach the screen, from moments that were noted: pure sums, nothing is measured here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from examhall.base.words import IncidentKind

EARLY, LATE = timedelta(seconds=3), timedelta(seconds=6)
"""An incident belongs to an event when it begins so much before or behind it: what the labels of clips tolerate."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens before a camera."""

    kind: IncidentKind
    at: datetime
    """Of its first picture."""
    needed_s: float
    """How long it must last by the rule."""

    @property
    def met_at(self) -> datetime:
        """What the rule asks for is complete: no invigilator can be told earlier."""
        return self.at + timedelta(seconds=self.needed_s)


@dataclass(frozen=True, slots=True)
class Opened:
    """One incident in the database."""

    kind: IncidentKind
    start_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """When one event was where."""

    event: Event
    stored_at: datetime
    """The segment in which the rule was met."""
    opened_at: datetime
    shown_at: datetime

    @property
    def since_event_s(self) -> float:
        return (self.shown_at - self.event.at).total_seconds()

    @property
    def since_met_s(self) -> float:
        return (self.shown_at - self.event.met_at).total_seconds()

    @property
    def parts_s(self) -> tuple[float, float, float]:
        """Of `since_met_s`: until the segment was stored, until the incident was, until it was on the screen."""
        moments = (self.event.met_at, self.stored_at, self.opened_at, self.shown_at)
        first, second, third = ((b - a).total_seconds() for a, b in pairwise(moments))
        return first, second, third


@dataclass(frozen=True, slots=True)
class Delay:
    """The figures of one run; not a number where nothing arrived."""

    events: int
    arrived: int
    p50_s: float
    """Behind the moment when the rule was met."""
    p95_s: float
    raw_p50_s: float
    """Behind the event's first picture."""
    raw_p95_s: float
    segment_s: float
    analysis_s: float
    screen_s: float

    @property
    def analysis_share(self) -> float:
        """The part of the delay behind the rule that the analysis takes, waiting in the queue included."""
        whole = self.segment_s + self.analysis_s + self.screen_s
        return self.analysis_s / whole if whole > 0 else float("nan")


def shown(opened: Sequence[Opened], counted: Sequence[tuple[datetime, int]]) -> list[datetime | None]:
    """When each incident of one candidate was on the screen, in the order they were opened.

    counted: when the screen showed how many incidents. The third one opened is shown with the first count of 3.
    """
    order = sorted(range(len(opened)), key=lambda place: opened[place].opened_at)
    out: list[datetime | None] = [None] * len(opened)
    for rank, place in enumerate(order, start=1):
        later = [at for at, count in counted if count >= rank and at >= opened[place].opened_at]
        out[place] = min(later, default=None)
    return out


def met_by(event: Event, opened: Sequence[Opened]) -> int | None:
    """The place of the first incident that belongs to `event`; None when it was missed."""
    mine = [
        place
        for place, one in enumerate(opened)
        if one.kind is event.kind and event.at - EARLY <= one.start_at <= event.at + LATE
    ]
    return min(mine, key=lambda place: opened[place].opened_at, default=None)


def summed(arrivals: Sequence[Arrival], *, events: int) -> Delay:
    """events: how many there were; what never arrived counts there only, and is told beside the figures."""
    if not arrivals:
        return Delay(events, 0, *[float("nan")] * 7)
    met = np.percentile([one.since_met_s for one in arrivals], [50, 95])
    raw = np.percentile([one.since_event_s for one in arrivals], [50, 95])
    parts = np.mean([one.parts_s for one in arrivals], axis=0)
    return Delay(events, len(arrivals), *(float(value) for value in (*met, *raw, *parts)))
