"""Analysing again: its states, the levels another preset gives, and what differs between two sets."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.errors import IllegalMove
from examhall.base.words import IncidentKind, Leniency, ReanalysisAct, ReanalysisState
from examhall.exam.rules.policy import Level, Policy
from examhall.incidents.rules.reanalysis import (
    MATCH_TOLERANCE_MS,
    TRANSITIONS,
    Marked,
    after,
    compared,
    levels_at,
    stricter,
)

SPEECH, TURN = IncidentKind.SPEECH, IncidentKind.HEAD_TURN
EVERY_PAIR = list(product(ReanalysisState, ReanalysisAct))


def marks(*spans: tuple[int, int], kind: IncidentKind = SPEECH) -> list[Marked]:
    return [Marked(kind, start, end, place) for place, (start, end) in enumerate(spans)]


spans = st.tuples(st.sampled_from([SPEECH, TURN]), st.integers(0, 600_000), st.integers(0, 60_000))
sets = st.lists(spans, max_size=12).map(
    lambda rows: [Marked(kind, start, start + length, place) for place, (kind, start, length) in enumerate(rows)]
)


@pytest.mark.parametrize(("state", "act"), [pair for pair in EVERY_PAIR if pair not in TRANSITIONS])
def test_no_other_move_is_possible(state: ReanalysisState, act: ReanalysisAct) -> None:
    """Issue 3, re-analysis: a positive table; every pair that is not in it is refused."""
    with pytest.raises(IllegalMove):
        after(state, act)


@pytest.mark.parametrize("act", list(ReanalysisAct))
def test_a_discarded_set_stays_discarded(act: ReanalysisAct) -> None:
    """Issue 3, re-analysis: a person's decision against a set is final."""
    assert (ReanalysisState.DISCARDED, act) not in TRANSITIONS


def test_what_was_agreed_to_be_off_stays_off_at_every_level() -> None:
    """P5: another preset never looks for what was not agreed."""
    agreed = {**Policy().detect, SPEECH: Level.OFF}
    assert levels_at(agreed, Leniency.STRICT)[SPEECH] is Level.OFF
    assert levels_at(agreed, Leniency.STRICT)[TURN] is Level.HIGH


@pytest.mark.parametrize(
    ("leniency", "kinds"),
    [(None, False), (Leniency.LENIENT, False), (Leniency.STANDARD, False), (Leniency.STRICT, True)],
)
def test_stricter_levels_than_agreed_are_named(leniency: Leniency | None, kinds: bool) -> None:
    """P5: what was agreed is what runs."""
    assert bool(stricter(Policy().detect, leniency)) is kinds


def test_the_difference_counts_both_sets_and_what_only_one_has() -> None:
    """Issue 3, re-analysis: "31 instead of 112", in small."""
    before = [*marks((0, 5_000), (20_000, 25_000), (90_000, 95_000)), *marks((0, 4_000), kind=TURN)]
    later = marks((1_000, 24_000))
    found = compared(before, later)
    assert (found.before, found.after) == (4, 1)
    assert [(c.kind, c.before, c.after, c.before_matched, c.after_matched) for c in found.kinds] == [
        (TURN, 1, 0, 0, 0),
        (SPEECH, 3, 1, 2, 1),
    ]
    assert [match.start_ms for match in found.only_before] == [0, 90_000]
    assert found.only_after == ()


@pytest.mark.parametrize(("apart_ms", "same"), [(MATCH_TOLERANCE_MS, True), (MATCH_TOLERANCE_MS + 1, False)])
def test_marks_match_within_the_stated_tolerance(apart_ms: int, same: bool) -> None:
    """Issue 3, re-analysis: matched by overlap with a stated tolerance."""
    found = compared(marks((0, 1_000)), marks((1_000 + apart_ms, 9_000)))
    assert bool(found.both) is same


def test_marks_of_different_kinds_never_match() -> None:
    """Issue 3, re-analysis: the same moment, but another thing."""
    assert not compared(marks((0, 9_000)), marks((0, 9_000), kind=TURN)).both


@given(before=sets, later=sets)
def test_every_incident_stands_in_one_match_and_the_counts_agree(before: list[Marked], later: list[Marked]) -> None:
    """Issue 3, re-analysis: nothing is lost or shown twice."""
    found = compared(before, later)
    assert sorted(one.place for match in found.matches for one in match.before) == list(range(len(before)))
    assert sorted(one.place for match in found.matches for one in match.after) == list(range(len(later)))
    assert sum(c.before for c in found.kinds) == len(before)
    assert sum(c.before_matched for c in found.kinds) == sum(len(match.before) for match in found.both)


@given(rows=sets)
def test_a_set_does_not_differ_from_itself(rows: list[Marked]) -> None:
    """Issue 3, re-analysis: equal sets have nothing of their own."""
    found = compared(rows, rows)
    assert (found.only_before, found.only_after) == ((), ())


@given(before=sets, later=sets)
def test_the_difference_is_the_same_from_either_side(before: list[Marked], later: list[Marked]) -> None:
    """Issue 3, re-analysis: which set is shown first changes sides, not facts."""
    there, back = compared(before, later), compared(later, before)
    assert [(c.before, c.after, c.before_matched) for c in there.kinds] == [
        (c.after, c.before, c.after_matched) for c in back.kinds
    ]
