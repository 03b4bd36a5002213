"""Leniency from decisions: what is proposed, what never is, and that the preview is what the rules would do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import IncidentKind, Leniency
from examhall.exam.rules.limits import Limit
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.leniency import (
    MIN_DECISIONS,
    STEPS_SHOWN,
    Decision,
    Learnt,
    Reach,
    effect,
    learnt_length,
    learnt_limit,
)
from examhall.incidents.rules.levels import RuleSet, rule_set
from examhall.incidents.rules.signal import Batch, Signal
from examhall.incidents.rules.standing import Standing

CURRENT_S = 4
lengths_s = st.floats(0, 60).map(lambda value: round(value, 2))
decisions = st.lists(st.builds(Decision, longest_s=lengths_s, confirmed=st.booleans()), max_size=80)


def judged(dismissed: list[float], confirmed: list[float]) -> list[Decision]:
    return [
        Decision(longest_s=one, confirmed=right)
        for ones, right in ((dismissed, False), (confirmed, True))
        for one in ones
    ]


def learnt(known: list[Decision], *, current_s: float) -> Learnt:
    return learnt_length(known, replace(RULES.rules[IncidentKind.HEAD_TURN], min_s=current_s))


RULES = rule_set(Leniency.STANDARD, detect={"head_turn": "medium"})


def test_below_the_minimum_nothing_is_proposed() -> None:
    """Issue 3, learning leniency: not enough decisions, 29 of 30."""
    found = learnt(judged([4.5] * (MIN_DECISIONS - 1), []), current_s=CURRENT_S)
    assert (found.enough, found.proposal, found.steps) == (False, None, ())


def test_the_shortest_length_that_spares_most_and_loses_nobody_is_proposed() -> None:
    """Issue 3, learning leniency: a threshold with the preview of its effect."""
    found = learnt(judged([4.5] * 20 + [5.5] * 10 + [30.0] * 5, [6.5, 20.0]), current_s=CURRENT_S)
    assert found.proposal is not None
    assert (found.proposal.at, found.proposal.dismissed_gone, found.proposal.confirmed_lost) == (6, 30, 0)
    assert [(one.at, one.dismissed_gone, one.confirmed_lost) for one in found.steps] == [
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
    assert found.proposal.at == 6


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
        assert one.at > current_s
        assert not [d for d in known if d.confirmed and current_s <= d.longest_s < one.at]


@given(known=decisions, lengths=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_a_longer_length_never_keeps_more(known: list[Decision], lengths: list[int]) -> None:
    """R-0.34 in small: monotone, for dismissed and for confirmed ones."""
    found = [effect([Reach(one.longest_s, one.confirmed) for one in known], length) for length in sorted(lengths)]
    assert [one.dismissed_gone for one in found] == sorted(one.dismissed_gone for one in found)
    assert [one.confirmed_lost for one in found] == sorted(one.confirmed_lost for one in found)


@given(known=decisions)
def test_the_steps_shown_are_few_and_in_order(known: list[Decision]) -> None:
    """Issue 3, learning leniency: a preview a person can read."""
    steps = [one.at for one in learnt(known, current_s=5).steps]
    assert steps == sorted(set(steps))
    assert len(steps) <= STEPS_SHOWN


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
    foretold = effect([Reach(one.longest_s, confirmed=False) for one in made], longer_s)
    standing = [one for one in made if any(one.start_s <= new.start_s <= one.end_s for new in again)]
    assert foretold.dismissed_gone == len(made) - len(standing)
    assert all(any(one.start_s <= new.start_s and new.end_s <= one.end_s for one in made) for new in again)


def test_a_length_of_its_own_gives_the_rules_another_version() -> None:
    """R-2.26: an incident names the rules that made it."""
    assert asking_for(9).version != RULES.version
    assert replace(asking_for(5)).version == RULES.version


ASKED = RULES.rules[IncidentKind.HEAD_TURN]


def turned(*, to: int, confirmed: bool = False, whole: bool = True, needed_s: float = 5.0) -> Decision:
    """A turn of eight seconds that would be there up to this limit sideways, and up to 30° up or down."""
    longest_s = {Limit.HEAD_TURN: ((to, 8.0),), Limit.HEAD_TURN_PITCH: ((30, 8.0),)}
    return Decision(longest_s=8.0, confirmed=confirmed, needed_s=needed_s, standing=Standing(whole, longest_s))


def about(known: list[Decision], limit: Limit = Limit.HEAD_TURN) -> Learnt:
    return learnt_limit(known, ASKED, limit)


def test_the_lowest_limit_that_spares_most_and_loses_nobody_is_proposed() -> None:
    """Issue 3, learning leniency: degrees as well as seconds, with the effect."""
    found = about([turned(to=38)] * 28 + [turned(to=52)] * 13 + [turned(to=41, confirmed=True)] * 12)
    assert (found.current, found.dismissed, found.confirmed) == (35, 41, 12)
    assert found.proposal is not None
    assert (found.proposal.at, found.proposal.dismissed_gone, found.proposal.confirmed_lost) == (39, 28, 0)
    assert (found.steps[-1].at, found.steps[-1].confirmed_lost) == (42, 12)


@pytest.mark.parametrize(
    ("limit", "most"),
    [(Limit.HEAD_TURN, 45), (Limit.HEAD_TURN_PITCH, 30)],
)
def test_a_limit_goes_no_further_than_from_one_level_to_the_next(limit: Limit, most: int) -> None:
    """Issue 3, learning leniency: thirty dismissals never switch a kind off."""
    longest_s = {limit: ((most - 1, 8.0),)}
    known = [Decision(longest_s=8.0, confirmed=False, standing=Standing(True, longest_s))] * 40
    found = about(known, limit)
    assert found.proposal is not None
    assert found.proposal.at == most
    assert (
        about([replace(one, standing=Standing(True, {limit: ((most, 8.0),)})) for one in known], limit).proposal is None
    )


def test_no_limit_is_proposed_beyond_what_the_policy_allows() -> None:
    """Issue 3, learning leniency: within the bounds of the policy."""
    asked = replace(ASKED, at_least=58)
    found = learnt_limit([turned(to=59)] * 40, asked, Limit.HEAD_TURN)
    assert found.proposal is not None
    assert found.proposal.at == 60
    assert learnt_limit([turned(to=60)] * 40, replace(ASKED, at_least=60), Limit.HEAD_TURN).steps == ()


def test_what_cannot_be_previewed_is_named_and_counts_for_nothing() -> None:
    """Issue 3, learning leniency: marked before measurements were kept, or too long to be known as a whole."""
    before = Decision(longest_s=8.0, confirmed=True)
    found = about([turned(to=38)] * 29 + [before, replace(before, confirmed=False), turned(to=40, whole=False)])
    assert (found.decisions, found.proposal) == (29, None)
    assert (found.unknown_confirmed, found.unknown_dismissed, found.unknown) == (1, 2, 3)


def test_what_is_known_to_stand_counts_although_its_beginning_is_not_known() -> None:
    """Issue 3, learning leniency: a part that reaches every limit in question is enough."""
    assert about([turned(to=45, whole=False)]).decisions == 1


def test_what_the_limit_and_the_length_of_today_would_not_mark_is_left_out() -> None:
    """Issue 3, learning leniency: decisions made under lower limits say nothing about what is marked now."""
    assert about([turned(to=34)]).decisions == 0
    long_s = learnt_limit([turned(to=50)], replace(ASKED, min_s=9), Limit.HEAD_TURN)
    assert (long_s.decisions, long_s.unknown) == (0, 0)


@given(known=st.lists(st.builds(turned, to=st.integers(30, 60), confirmed=st.booleans()), max_size=80))
def test_no_proposed_limit_loses_a_confirmed_one_or_lies_outside_its_bounds(known: list[Decision]) -> None:
    """Issue 3, learning leniency: harmless, higher than now, and only from enough decisions; steps are monotone."""
    found = about(known)
    for one in [found.proposal] if found.proposal else []:
        assert found.decisions >= MIN_DECISIONS
        assert (one.confirmed_lost, one.dismissed_gone > 0, 35 < one.at <= 45) == (0, True, True)
    assert [one.dismissed_gone for one in found.steps] == sorted(one.dismissed_gone for one in found.steps)
    assert [one.confirmed_lost for one in found.steps] == sorted(one.confirmed_lost for one in found.steps)
