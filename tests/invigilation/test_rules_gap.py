"""How long an answer took, whatever the candidate's clock says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import EntryKind
from examhall.invigilation.rules.gap import Timed, gaps

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def pair(number: int, *, seq: int, made_s: float, stored_s: float, clock_off_s: float = 0.0) -> list[Timed]:
    """An answered line and its save, as the server keeps them."""
    at, made = START + timedelta(seconds=stored_s), START + timedelta(seconds=made_s + clock_off_s)
    answered = Timed(number=number, kind=EntryKind.QUESTION_ANSWERED, at=at, client_at=made, client_seq=seq, epoch=1)
    return [answered, Timed(number=number + 1, kind=EntryKind.ANSWER_SAVED, at=at, epoch=1, saves_seq=seq)]


def test_a_save_says_how_long_the_answer_was_on_its_way() -> None:
    """R-4.27: an answered row saved 95 s later."""
    found = gaps([*pair(1, seq=1, made_s=0, stored_s=0.2), *pair(3, seq=2, made_s=10, stored_s=105)])
    assert found.saved_after_s[4] == pytest.approx(95)
    assert found.longest is not None
    assert found.longest[0] == 4
    assert found.received_after_s[3] == pytest.approx(95)


@given(st.floats(-40_000, 40_000), st.floats(0, 600))
def test_a_wrong_clock_moves_no_gap(clock_off_s: float, late_s: float) -> None:
    """R-4.27: the client's clock may be off by hours; five prompt things tell by how much."""
    lines: list[Timed] = []
    for seq in range(5):
        lines += pair(seq * 2 + 1, seq=seq, made_s=seq, stored_s=seq, clock_off_s=clock_off_s)
    lines += pair(11, seq=9, made_s=20, stored_s=20 + late_s, clock_off_s=clock_off_s)
    assert gaps(lines).saved_after_s[12] == pytest.approx(late_s, abs=0.01)


def test_a_single_late_answer_is_not_explained_away() -> None:
    """R-4.27: with nothing to compare it to, a delay counts as a delay."""
    assert gaps(pair(1, seq=1, made_s=0, stored_s=95)).saved_after_s[2] == pytest.approx(95)


def test_a_noted_difference_of_clocks_is_taken_off() -> None:
    """product.md §2.5: the server's own measure of the clock, where few lines are there."""
    noted = Timed(number=1, kind=EntryKind.CLOCK_SKEW, at=START, skew_s=-3600.0)
    found = gaps([noted, *pair(2, seq=1, made_s=0, stored_s=40, clock_off_s=-3600)])
    assert found.saved_after_s[3] == pytest.approx(40)


def test_a_save_without_its_answer_has_no_gap() -> None:
    """R-4.27: nothing is made up."""
    lone = Timed(number=1, kind=EntryKind.ANSWER_SAVED, at=START, saves_seq=4)
    assert gaps([lone]).saved_after_s == {}
    assert gaps([]).longest is None
