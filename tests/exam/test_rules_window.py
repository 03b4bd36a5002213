"""The reconnect window and the moves that fall due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import AttemptAct as Act
from examhall.base.words import AttemptState as State
from examhall.exam.rules.attempt import TERMINAL, after
from examhall.exam.rules.policy import OnWindowExpired
from examhall.exam.rules.timing import Span
from examhall.exam.rules.window import ConnectionRules, Due, LossCause, Watched, due, window_ends_at

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(s: float) -> datetime:
    return NOON + timedelta(seconds=s)


def watched(
    state: State = State.IN_PROGRESS,
    *,
    seen: float = 0,
    since: float = -60,
    deadline: float = 3600,
    outages: tuple[tuple[float, float], ...] = (),
    expired: OnWindowExpired = OnWindowExpired.STOP,
) -> Watched:
    return Watched(
        state=state,
        last_seen_at=at(seen),
        running_since=at(since),
        deadline_at=at(deadline),
        hard_end=at(7200),
        rules=ConnectionRules(on_window_expired=expired),
        outages=tuple(Span(at(a), at(b)) for a, b in outages),
    )


def acts(subject: Watched, now: float) -> list[tuple[Act | None, float]]:
    return [(d.act, (d.at - NOON).total_seconds()) for d in due(subject, now=at(now))]


LOST = (Act.LOSE_HEARTBEAT, 15.0)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (14.999, []),
        (15, [LOST]),
        (119, [LOST]),
        (120, [LOST]),
        (120.001, [LOST, (Act.EXPIRE_WINDOW, 120.0)]),
        (121, [LOST, (Act.EXPIRE_WINDOW, 120.0)]),
        (3600, [LOST, (Act.EXPIRE_WINDOW, 120.0), (Act.TIME_OUT, 3600.0)]),
    ],
)
def test_silence_is_lost_after_15_s_and_stops_after_120_s_inclusive(
    now: float, expected: list[tuple[Act | None, float]]
) -> None:
    """R-0.37, R-0.38: counted from the last accepted heartbeat, effective when due, however late we look."""
    assert acts(watched(), now) == expected


def test_the_deadline_comes_before_a_window_that_ends_later() -> None:
    """product.md §2.5: overdue moves are applied in time order."""
    assert acts(watched(deadline=100), 500) == [LOST, (Act.TIME_OUT, 100.0)]


def test_a_paused_attempt_has_no_stop_clock() -> None:
    """product.md §2.5: interrupted while paused: no stop clock runs."""
    assert acts(watched(State.PAUSED), 7199) == []
    assert acts(watched(State.PAUSED), 7200) == [(Act.TIME_OUT, 7200.0)]


def test_the_window_starts_at_the_resume() -> None:
    """product.md §2.5: silent since before the pause; resumed at 300 s."""
    assert acts(watched(since=300), 315) == [(Act.LOSE_HEARTBEAT, 315.0)]
    assert acts(watched(since=300), 421) == [(Act.LOSE_HEARTBEAT, 315.0), (Act.EXPIRE_WINDOW, 420.0)]


@pytest.mark.parametrize(
    ("expired", "expected"),
    [
        (OnWindowExpired.STOP, [LOST, (Act.EXPIRE_WINDOW, 120.0), (Act.TIME_OUT, 3600.0)]),
        (OnWindowExpired.PAUSE, [LOST, (Act.PAUSE, 120.0)]),
        (OnWindowExpired.CONTINUE_FLAGGED, [LOST, (None, 120.0), (Act.TIME_OUT, 3600.0)]),
    ],
)
def test_what_an_expired_window_does_is_the_policys_choice(
    expired: OnWindowExpired, expected: list[tuple[Act | None, float]]
) -> None:
    """product.md §5.4 conn.on_window_expired."""
    assert acts(watched(expired=expired), 4000) == expected


@pytest.mark.parametrize(
    ("outage", "ends_s"),
    [((5, 205), 320.0), ((60, 150), 210.0), ((-30, 200), 320.0), ((119, 130), 131.0), ((121, 400), 120.0)],
)
def test_an_outage_stops_the_stop_clock_and_forgives_nothing_before_it(
    outage: tuple[float, float], ends_s: float
) -> None:
    """product.md §8.1: a client that was away before the outage began gets no benefit for the earlier part."""
    assert window_ends_at(watched(State.INTERRUPTED, outages=(outage,))) == at(ends_s)


def test_an_interruption_by_our_outage_says_so() -> None:
    """product.md §8.1: interrupted(cause = outage)."""
    ours = watched(outages=((4, 200),))
    theirs = watched(outages=((60, 200),))
    assert due(ours, now=at(16)) == [Due(Act.LOSE_HEARTBEAT, at(15), LossCause.OUTAGE)]
    assert due(theirs, now=at(16)) == [Due(Act.LOSE_HEARTBEAT, at(15), LossCause.CONNECTION)]


@given(
    st.sampled_from(State),
    st.floats(-600, 600),
    st.floats(-600, 600),
    st.floats(0, 4000),
    st.lists(st.tuples(st.floats(-600, 4000), st.floats(0, 900)), max_size=3),
    st.sampled_from(OnWindowExpired),
    st.floats(0, 9000),
)
def test_overdue_moves_are_legal_one_after_the_other_and_in_time_order(
    state: State,
    seen: float,
    since: float,
    deadline: float,
    outages: list[tuple[float, float]],
    expired: OnWindowExpired,
    now: float,
) -> None:
    """product.md §2.5: a sweeper applies overdue transitions in time order."""
    gaps = tuple((a, a + length) for a, length in outages)
    steps = due(watched(state, seen=seen, since=since, deadline=deadline, outages=gaps, expired=expired), now=at(now))
    for step in (s for s in steps if s.act is not None):
        state = after(state, step.act or Act.STOP)
    assert all(step.at <= at(now) for step in steps)
    assert len(steps) <= 4
    assert steps == [] or state is not State.ENTERING
    assert (state in TERMINAL) or now < 7200 or state is State.ENTERING


@given(st.floats(0, 300), st.floats(0.001, 600))
def test_looking_earlier_or_later_gives_the_same_history(first: float, later: float) -> None:
    """product.md §2.5 server crash: derived from rows, not from when we look."""
    early = acts(watched(outages=((30, 60),)), first)
    assert acts(watched(outages=((30, 60),)), first + later)[: len(early)] == early
