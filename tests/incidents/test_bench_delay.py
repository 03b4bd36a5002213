"""The sums of the measurement of delays, on moments made here; the measurement itself is no test."""

from datetime import UTC, datetime, timedelta

import pytest
from bench.delay import Arrival, Event, Opened, met_by, shown, summed

from examhall.base.words import IncidentKind

K = IncidentKind
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(s: float) -> datetime:
    return NOON + timedelta(seconds=s)


LEFT = Event(K.LEFT_SESSION, at(30), 8)


def test_the_delay_is_told_behind_the_rule_and_behind_the_beginning() -> None:
    """Issue 3: incident on the screen within 10 s after it happened; both readings are told."""
    one = Arrival(LEFT, stored_at=at(39), opened_at=at(41), shown_at=at(42))
    assert (one.since_met_s, one.since_event_s, one.parts_s) == (4.0, 12.0, (1.0, 2.0, 1.0))
    figures = summed([one], events=2)
    assert (figures.events, figures.arrived, figures.p95_s, figures.raw_p50_s) == (2, 1, 4.0, 12.0)
    assert figures.analysis_share == 0.5


def test_nothing_arrived_is_no_figure() -> None:
    """Issue 3: a run in which nothing was found does not look like a fast one."""
    figures = summed([], events=3)
    assert (figures.events, figures.arrived) == (3, 0)
    assert figures.p95_s != figures.p95_s


@pytest.mark.parametrize(
    ("opened", "place"),
    [
        ([Opened(K.LEFT_SESSION, at(32), at(40))], 0),
        ([Opened(K.MULTI_FACE, at(32), at(40))], None),
        ([Opened(K.LEFT_SESSION, at(10), at(20))], None),
        ([Opened(K.LEFT_SESSION, at(33), at(45)), Opened(K.LEFT_SESSION, at(31), at(40))], 1),
    ],
)
def test_an_incident_belongs_to_the_event_it_begins_with(opened: list[Opened], place: int | None) -> None:
    """Issue 3: the same kind, from 3 s before the event to 6 s behind it; the first one opened."""
    assert met_by(LEFT, opened) == place


def test_an_incident_is_shown_with_the_first_count_that_holds_it() -> None:
    """Issue 3: the dashboard shows how many there are; a count read before an incident was opened does not hold it."""
    opened = [
        Opened(K.MULTI_FACE, at(50), at(55)),
        Opened(K.LEFT_SESSION, at(30), at(40)),
        Opened(K.SPEECH, at(60), at(70)),
    ]
    counted = [(at(39), 1), (at(41), 1), (at(56), 2), (at(57), 2)]
    assert shown(opened, counted) == [at(56), at(41), None]
