"""Leniency from decisions: what is proposed, what never is, and that the preview is what the rules would do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import IncidentKind, Leniency
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.leniency import MIN_DECISIONS, STEPS_SHOWN, Decision, effect, learnt
from examhall.incidents.rules.levels import RuleSet, rule_set
from examhall.incidents.rules.signal import Batch, Signal

CURRENT_S = 4
decisions = st.lists(
    st.builds(Decision, st.floats(0, 60).map(lambda value: round(value, 2)), st.booleans()), max_size=80
)


def judged(dismissed: list[float], confirmed: list[float]) -> list[Decision]:
    return [*(Decision(one, False) for one in dismissed), *(Decision(one, True) for one in confirmed)]


def test_below_the_minimum_nothing_is_proposed() -> None:
    """Issue 3, learning leniency: not enough decisions, 29 of 30."""
    found = learnt(judged([4.5] * (MIN_DECISIONS - 1), []), current_s=CURRENT_S)
    assert (found.enough, found.proposal, found.steps) == (False, None, ())


def test_the_shortest_length_that_spares_most_and_loses_nobody_is_proposed() -> None:
    """Issue 3, learning leniency: a threshold with the preview of its effect."""
    found = learnt(judged([4.5] * 20 + [5.5] * 10 + [30.0] * 5, [6.5, 20.0]), current_s=CURRENT_S)
    assert found.proposal is not None
    assert (found.proposal.shortest_s, found.proposal.dismissed_gone, found.proposal.confirmed_lost) == (6, 30, 0)
    assert [(one.shortest_s, one.dismissed_gone, one.confirmed_lost) for one in found.steps] == [
        (5, 20, 0),
        (6, 30, 0),
        (7, 30, 1),
    ]


@pytest.mark.parametrize(
    "found",
    [
        learnt(judged([4.5] * 40, [4.2]), current_s=CURRENT_S),
        learnt(judged([], [4.5] * 40), current_s=CURRENT_S),
        learnt(judged([60.0] * 40, []), current_s=CURRENT_S),
    ],
)
def test_nothing_is_proposed_where_no_length_helps(found: object) -> None:
    """Issue 3, learning leniency: a confirmed one as short as the dismissed; nothing dismissed; all of them long."""
    assert getattr(found, "proposal", "absent") is None


def test_a_proposal_at_most_doubles_the_length() -> None:
    """Issue 3, learning leniency: thirty dismissals never switch a kind off."""
    found = learnt(judged([59.0] * 20 + [5.0] * 20, []), current_s=CURRENT_S)
    assert found.proposal is not None
    assert found.proposal.shortest_s == 6


def test_decisions_about_shorter_stretches_than_are_marked_now_do_not_count() -> None:
    """Issue 3, learning leniency: those of stricter exams say nothing about what is marked here."""
    assert learnt(judged([1.0] * 100, []), current_s=CURRENT_S).decisions == 0


@given(known=decisions, current_s=st.integers(0, 20))
def test_no_proposal_loses_a_confirmed_one_or_shortens(known: list[Decision], current_s: int) -> None:
    """Issue 3, learning leniency: harmless, longer than now, and only from enough decisions."""
    found = learnt(known, current_s=current_s)
    for one in [found.proposal] if found.proposal else []:
        assert found.decisions >= MIN_DECISIONS
        assert one.confirmed_lost == 0
        assert one.dismissed_gone > 0
        assert one.shortest_s > current_s
        assert not [d for d in known if d.confirmed and current_s <= d.longest_s < one.shortest_s]


@given(known=decisions, lengths=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_a_longer_length_never_keeps_more(known: list[Decision], lengths: list[int]) -> None:
    """R-0.34 in small: monotone, for dismissed and for confirmed ones."""
    found = [effect(known, length) for length in sorted(lengths)]
    assert [one.dismissed_gone for one in found] == sorted(one.dismissed_gone for one in found)
    assert [one.confirmed_lost for one in found] == sorted(one.confirmed_lost for one in found)


@given(known=decisions)
def test_the_steps_shown_are_few_and_in_order(known: list[Decision]) -> None:
    """Issue 3, learning leniency: a preview a person can read."""
    steps = [one.shortest_s for one in learnt(known, current_s=5).steps]
    assert steps == sorted(set(steps))
    assert len(steps) <= STEPS_SHOWN


RULES = rule_set(Leniency.STANDARD, detect={"head_turn": "medium"})
turns = st.lists(st.tuples(st.integers(60, 300), st.integers(1, 40)), min_size=1, max_size=10)


def asking_for(length_s: float) -> RuleSet:
    return rule_set(Leniency.STANDARD, detect={"head_turn": "medium"}, shortest_s={"head_turn": length_s})


@given(turns=turns, longer_s=st.integers(6, 30), near=st.booleans())
def test_the_preview_is_what_the_rules_would_have_made(turns: list[tuple[int, int]], longer_s: int, near: bool) -> None:
    """Issue 3, learning leniency: preview counts equal recomputation from the signals."""
    signals, now_s = [], 0.0
    for pause_s, length_s in turns:
        now_s += (pause_s / 10 if near else pause_s) + 3
        signals.append(Signal(IncidentKind.HEAD_TURN, now_s, now_s + length_s, value=60.0))
        now_s += length_s
    batch = Batch(frozenset({IncidentKind.HEAD_TURN}), now_s + 200, signals, final=True)
    made = fold(batch, RULES).incidents
    again = fold(batch, asking_for(longer_s)).incidents
    foretold = effect([Decision(one.longest_s, confirmed=False) for one in made], longer_s)
    standing = [one for one in made if any(one.start_s <= new.start_s <= one.end_s for new in again)]
    assert foretold.dismissed_gone == len(made) - len(standing)
    assert all(any(one.start_s <= new.start_s and new.end_s <= one.end_s for one in made) for new in again)


def test_a_length_of_its_own_gives_the_rules_another_version() -> None:
    """R-2.26: an incident names the rules that made it."""
    assert asking_for(9).version != RULES.version
    assert replace(asking_for(5)).version == RULES.version
