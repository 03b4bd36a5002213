"""The deadline as a sum of adjustments, and time without the outages."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.exam.rules.timing import (
    ZERO,
    Clockwork,
    Span,
    accommodated,
    covered,
    deadline,
    effective,
    grant_needed,
    later_without,
    merged,
    time_out_due_at,
    with_adjustment,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
S = timedelta(seconds=1)

amounts = st.timedeltas(min_value=ZERO, max_value=timedelta(days=3))
instants = st.timedeltas(min_value=-timedelta(days=1), max_value=timedelta(days=1)).map(lambda shift: NOON + shift)
spans = st.lists(st.tuples(instants, amounts).map(lambda p: Span(p[0], p[0] + p[1])), max_size=6)


@st.composite
def clockworks(draw: st.DrawFn) -> Clockwork:
    return Clockwork(
        started_at=NOON,
        allowed=draw(amounts),
        hard_end=NOON + draw(amounts),
        adjustments=tuple(draw(st.lists(amounts, max_size=6))),
    )


@given(clockworks())
def test_the_sum_of_the_adjustments_reproduces_the_deadline(clockwork: Clockwork) -> None:
    """product.md T2: min(started + base + accommodation + granted + paused + outage, hard_end)."""
    total = clockwork.allowed + sum(clockwork.adjustments, ZERO)
    assert deadline(clockwork) == min(NOON + total, clockwork.hard_end)


@given(clockworks(), amounts)
def test_no_grant_goes_past_the_hard_end_and_the_effective_part_is_what_moved(
    clockwork: Clockwork, amount: timedelta
) -> None:
    """product.md T3."""
    given_time = effective(clockwork, amount)
    assert ZERO <= given_time <= amount
    assert deadline(with_adjustment(clockwork, amount)) == deadline(clockwork) + given_time <= clockwork.hard_end


@given(clockworks(), st.lists(amounts, max_size=5))
def test_effective_parts_written_one_by_one_add_up(clockwork: Clockwork, later: list[timedelta]) -> None:
    """product.md §2.2 TimerAdjustment: sum reproduces deadline_at."""
    at, now = deadline(clockwork), clockwork
    for amount in later:
        at += effective(now, amount)
        now = with_adjustment(now, amount)
    assert at == deadline(now)


@given(
    st.timedeltas(min_value=S, max_value=timedelta(hours=5)),
    st.timedeltas(min_value=ZERO, max_value=timedelta(hours=5)),
)
def test_a_pause_takes_no_working_time(worked: timedelta, paused: timedelta) -> None:
    """product.md §2.5 A3, A4: what was left at the pause is left at the resume, far from the hard end."""
    clockwork = Clockwork(NOON, timedelta(hours=8), NOON + timedelta(days=7))
    left_at_pause = deadline(clockwork) - (NOON + worked)
    left_at_resume = deadline(with_adjustment(clockwork, paused)) - (NOON + worked + paused)
    assert left_at_resume == left_at_pause


def test_an_enormous_grant_is_cut_and_not_an_error() -> None:
    """product.md T3: no grant ever pushes past hard_end."""
    clockwork = Clockwork(NOON, timedelta(hours=1), NOON + timedelta(hours=2))
    assert effective(clockwork, timedelta(days=900_000_000)) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("percent", "minutes", "expected_min"),
    [(0, 0, 50), (25, 0, 63), (50, 0, 75), (0, 7, 57), (10, 5, 60)],
)
def test_extra_time_is_rounded_up_to_minutes(percent: int, minutes: int, expected_min: int) -> None:
    """product.md §5.8: percent of base or fixed minutes, rounded up."""
    assert accommodated(timedelta(minutes=50), percent=percent, minutes=minutes) == timedelta(minutes=expected_min)


@given(clockworks(), st.timedeltas(min_value=S, max_value=timedelta(days=2)))
def test_the_grant_of_a_reopening_puts_the_deadline_where_it_is_wanted(clockwork: Clockwork, later: timedelta) -> None:
    """product.md §2.5 A11b: an ended attempt gets its minutes from now."""
    wanted = NOON + later
    needed = grant_needed(clockwork, until=wanted)
    assert deadline(with_adjustment(clockwork, needed)) == min(wanted, clockwork.hard_end)


def test_only_the_hard_end_ends_a_paused_attempt() -> None:
    """product.md §2.5 A11: paused: ≥ hard_end."""
    assert time_out_due_at(deadline_at=NOON, hard_end=NOON + S, paused=True) == NOON + S
    assert time_out_due_at(deadline_at=NOON, hard_end=NOON + S, paused=False) == NOON


@given(instants, amounts, spans)
def test_skipped_time_never_counts(since: datetime, length: timedelta, skipping: list[Span]) -> None:
    """product.md §8.1: exactly `length` lies outside the outages."""
    end = later_without(since, length, skipping=skipping)
    whole = Span(since, end)
    assert whole.length - covered(skipping, inside=whole) == length


@given(spans)
def test_merged_spans_are_sorted_and_apart(several: list[Span]) -> None:
    """product.md §8.1: two processes down at once are one outage."""
    out = merged(several)
    assert all(first.until < second.since for first, second in pairwise(out))
    assert all(covered(out, inside=span) == span.length for span in several)
