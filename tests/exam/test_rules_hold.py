"""What a condition that is not met leads to, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import HoldCause, Track
from examhall.exam.rules.answers import Anchor
from examhall.exam.rules.hold import (
    CREDIT_MAX,
    DEVICE_GIVEN_UP,
    DEVICE_GRACE,
    Breach,
    Reaction,
    Terms,
    concerns,
    credit,
    due_at,
    given_up_at,
    happened_at,
    is_over,
    lasted_until,
    needs_acknowledging,
    spent,
    terms,
)
from examhall.exam.rules.policy import FullScreen, Lock, OnLeftFullScreen, OnTrackLoss, Policy, Record
from examhall.exam.rules.timing import Span

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALL = frozenset(Track)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _terms(reaction: Reaction = Reaction.HOLD, *, budget_s: float | None = 15) -> Terms:
    budget = None if budget_s is None else timedelta(seconds=budget_s)
    return Terms(budget, reaction, reaction, reaction, ALL)


def _out(since: float, until: float | None = None, **changes: object) -> Breach:
    breach = Breach(HoldCause.FULL_SCREEN, "", at(since))
    ended = None if until is None else at(until)
    return replace(breach, restored_at=ended, ended_at=ended, **changes)  # type: ignore[arg-type]


def _lost(since: float, *, held: float | None = None, ended: float | None = None, what: str = "webcam") -> Breach:
    return Breach(
        HoldCause.DEVICE,
        what,
        at(since),
        held_at=None if held is None else at(held),
        restored_at=None if ended is None else at(ended),
        ended_at=None if ended is None else at(ended),
    )


@pytest.mark.parametrize(("action", "invigilated"), list(product(OnLeftFullScreen, (True, False))))
def test_leaving_full_screen_leads_to_what_the_policy_says(action: OnLeftFullScreen, invigilated: bool) -> None:
    """product.md §5.3 lock.full_screen_action; A3: a pause that nobody could end is a hold."""
    found = terms(Policy(lock=Lock(full_screen_action=action)), invigilated=invigilated).on_full_screen
    expected = {"flag": "flag", "hold": "hold", "pause": "pause" if invigilated else "hold", "stop": "stop"}
    assert found.value == expected[action.value]


@pytest.mark.parametrize(("action", "invigilated"), list(product(OnTrackLoss, (True, False))))
def test_losing_a_device_leads_to_what_the_policy_says(action: OnTrackLoss, invigilated: bool) -> None:
    """product.md §5.2 record.on_track_loss; A3."""
    found = terms(Policy(record=Record(on_track_loss=action)), invigilated=invigilated).on_device
    expected = {
        "warn": "flag",
        "continue_flagged": "flag",
        "hold": "hold",
        "pause": "pause" if invigilated else "hold",
        "stop": "stop",
    }
    assert found.value == expected[action.value]


@pytest.mark.parametrize(("level", "budget_s"), [("off", None), ("lenient", 30), ("moderate", 15), ("severe", 0)])
def test_the_budget_is_that_of_the_level(level: str, budget_s: int | None) -> None:
    """product.md §5.3 lock.full_screen: lenient 30 s, moderate 15 s, severe 0 s."""
    found = terms(Policy(lock=Lock(full_screen=FullScreen(level))), invigilated=True).budget
    assert found == (None if budget_s is None else timedelta(seconds=budget_s))


@pytest.mark.parametrize("one_screen", [True, False])
def test_a_second_display_hides_the_exam_when_one_screen_is_asked_for(one_screen: bool) -> None:
    """product.md §5.3 lock.one_screen: during the exam it holds."""
    found = terms(Policy(lock=Lock(one_screen=one_screen)), invigilated=False).on_display
    assert found is (Reaction.HOLD if one_screen else Reaction.FLAG)


def test_only_required_tracks_and_a_required_full_screen_are_breaches() -> None:
    """product.md §5.2: when a required track ends."""
    rules = replace(_terms(budget_s=None), tracks=frozenset({Track.WEBCAM}))
    wanted = [("webcam", True), ("microphone", True), ("screen", False), ("printer", False), ("", False)]
    assert [(what, concerns(rules, HoldCause.DEVICE, what)) for what, _ in wanted] == wanted
    assert not concerns(rules, HoldCause.FULL_SCREEN, "")
    assert concerns(_terms(), HoldCause.FULL_SCREEN, "")
    assert concerns(rules, HoldCause.DISPLAY, "")


@pytest.mark.parametrize(("cause", "reaction"), list(product(HoldCause, Reaction)))
def test_a_breach_is_due_after_its_grace_and_never_when_it_is_only_flagged(
    cause: HoldCause, reaction: Reaction
) -> None:
    """product.md §5.3, §8.6: 15 s of budget, 20 s of grace, a display at once."""
    after_s = {HoldCause.FULL_SCREEN: 15, HoldCause.DEVICE: 20, HoldCause.DISPLAY: 0}[cause]
    expected = None if reaction is Reaction.FLAG else at(after_s)
    assert due_at(Breach(cause, "webcam", NOON), _terms(reaction)) == expected


def test_what_is_held_already_is_not_due_again() -> None:
    """product.md §2.5 A3b."""
    assert due_at(_lost(0, held=20), _terms()) is None


@pytest.mark.parametrize(("before_s", "due_s"), [(0, 15), (10, 5), (14.5, 0.5), (15, 0), (400, 0)])
def test_earlier_exits_use_the_budget_up(before_s: float, due_s: float) -> None:
    """product.md §5.3: cumulative time away."""
    earlier = [_out(-1000, -1000 + before_s)]
    assert due_at(_out(0), _terms(), spent_before=spent(earlier, now=NOON)) == at(due_s)


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 60)), max_size=12))
def test_what_is_spent_is_the_sum_of_all_exits(exits: list[tuple[int, int]]) -> None:
    """product.md §5.3: cumulative, whatever lies between the exits."""
    breaches = [_out(since, since + length) for since, length in exits]
    others = [_lost(0, held=20, ended=500), Breach(HoldCause.DISPLAY, "", NOON)]
    assert spent([*breaches, *others], now=at(900)) == timedelta(seconds=sum(length for _, length in exits))


@pytest.mark.parametrize("reaction", [Reaction.PAUSE, Reaction.STOP])
def test_the_budget_begins_anew_after_the_pause_or_stop_it_led_to(reaction: Reaction) -> None:
    """product.md §5.3: what a person or a new check has let go on is not paused again at once."""
    breaches = [_out(0, 10), _out(20, 25, reaction=reaction), _out(100, 104)]
    assert spent(breaches, now=at(200)) == timedelta(seconds=4)
    assert spent([_out(0, 10), _out(20, 25, reaction=Reaction.HOLD)], now=at(200)) == timedelta(seconds=15)


def test_time_in_which_the_exam_stood_still_is_not_spent() -> None:
    """product.md §2.5 A3: the timer stops, and so does the budget."""
    paused_while_out = replace(_out(0), ended_at=at(4), restored_at=at(300))
    assert spent([paused_while_out], now=at(400)) == timedelta(seconds=4)
    assert spent([_out(0)], now=at(7)) == timedelta(seconds=7)


def test_a_held_exam_is_stopped_when_the_device_stays_away_for_ten_minutes() -> None:
    """product.md §8.6: if it cannot be restored within 10 min: stop."""
    assert given_up_at(_lost(0, held=20)) == NOON + DEVICE_GIVEN_UP
    assert given_up_at(_lost(0)) is None
    assert given_up_at(_lost(0, held=20, ended=60)) is None
    assert given_up_at(replace(_out(0), held_at=NOON)) is None
    assert timedelta(seconds=20) == DEVICE_GRACE


@pytest.mark.parametrize(("cause", "held", "restored"), list(product(HoldCause, (False, True), (False, True))))
def test_a_breach_is_over_when_restored_and_if_need_be_acknowledged(
    cause: HoldCause, held: bool, restored: bool
) -> None:
    """product.md §2.5 A3b: content hidden until the condition is restored and acknowledged."""
    breach = Breach(cause, "webcam", NOON, held_at=at(1) if held else None, restored_at=at(2) if restored else None)
    waits_for_a_word = held and cause is not HoldCause.DEVICE
    assert is_over(breach) is (restored and not waits_for_a_word)
    assert needs_acknowledging(cause) is (cause is not HoldCause.DEVICE)


def test_held_time_of_devices_alone_is_given_back_and_once() -> None:
    """product.md §2.5 A3b: device causes give back."""
    webcam, screen = _lost(0, held=20, ended=50), _lost(10, held=30, ended=70, what="screen")
    display = Breach(HoldCause.DISPLAY, "", NOON, held_at=NOON)
    assert credit([webcam, screen, display, replace(_out(0), held_at=NOON)], until=at(500)) == timedelta(seconds=50)
    assert credit([_lost(0)], until=at(500)) == timedelta(0)


def test_an_outage_within_a_hold_is_not_given_back_twice() -> None:
    """product.md §8.1: it is given back as an outage already."""
    outages = [Span(at(0), at(30)), Span(at(45), at(90))]
    assert credit([_lost(0, held=20, ended=70)], until=at(500), outages=outages) == timedelta(seconds=15)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 500)), max_size=8), st.integers(0, 3000))
def test_the_credit_grows_with_time_and_never_passes_its_most(holds: list[tuple[int, int]], more: int) -> None:
    """product.md §2.5 A3b: up to hold_credit_max_s (300 s per attempt)."""
    breaches = [_lost(since, held=since, ended=since + length) for since, length in holds]
    open_one = _lost(0, held=0)
    found = credit(breaches, until=at(3000))
    assert timedelta(0) <= found <= CREDIT_MAX == timedelta(seconds=300)
    assert found <= timedelta(seconds=sum(length for _, length in holds))
    assert credit([*breaches, open_one], until=at(more)) <= credit([*breaches, open_one], until=at(more + 60))


def test_what_a_client_tells_is_dated_from_its_last_heartbeat() -> None:
    """product.md P7: server time decides, the client's monotonic clock explains."""
    anchor = Anchor(at(100), 5_000)
    assert happened_at(anchor, mono_ms=7_500, since=NOON, now=at(110)) == at(102.5)
    assert happened_at(anchor, mono_ms=4_000, since=NOON, now=at(110)) == at(99)
    assert happened_at(None, mono_ms=7_500, since=NOON, now=at(110)) == at(110)


def test_a_breach_lasts_as_long_as_the_clock_of_its_client_says() -> None:
    """product.md P7: heartbeats that took differently long do not make it shorter or longer."""
    assert lasted_until(at(10), broken_mono_ms=5_000, mono_ms=20_000, now=at(90)) == at(25)
    assert lasted_until(at(10), broken_mono_ms=5_000, mono_ms=20_000, now=at(12)) == at(12)
    assert lasted_until(at(10), broken_mono_ms=5_000, mono_ms=1_000, now=at(90)) == at(10)
    assert lasted_until(at(10), broken_mono_ms=0, mono_ms=2**52, now=at(90)) == at(90)


@given(st.integers(0, 2**52), st.integers(0, 2**52), st.integers(0, 100), st.integers(0, 100))
def test_no_number_of_a_client_dates_anything_outside_what_can_be(anchor: int, mono: int, ago: int, more: int) -> None:
    """product.md P7: whatever it sends."""
    since, heard, now = at(0), at(ago), at(ago + more)
    assert since <= happened_at(Anchor(heard, anchor), mono_ms=mono, since=since, now=now) <= now
