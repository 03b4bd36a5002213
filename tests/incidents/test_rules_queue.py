"""Fragments are analysed in the order of the recording."""

from datetime import UTC, datetime, timedelta

import pytest

from examhall.incidents.rules.queue import HOLE_WAIT, Place, ready

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LONG_AGO = NOW - HOLE_WAIT


def places(*numbers: tuple[int, int], received_at: datetime = NOW) -> list[Place]:
    return [Place(epoch, seq, received_at) for epoch, seq in numbers]


@pytest.mark.parametrize(
    ("stored", "number"),
    [
        (places((1, 3), (1, 4)), 2),
        (places((1, 3), (2, 1), (2, 2)), 3),
        (places((1, 4), (1, 5)), 0),
        (places((1, 3), (1, 5)), 1),
        (places((1, 3), (2, 2)), 1),
        (places((1, 5), (1, 6), received_at=LONG_AGO), 2),
        ([], 0),
    ],
)
def test_a_young_hole_is_waited_for(stored: list[Place], number: int) -> None:
    """capture.md §1: newest first, backlog behind; order is restored before the rules see it."""
    assert ready(stored, epoch=1, seq=2, now=NOW, complete=False) == number


def test_nothing_is_waited_for_when_all_is_here() -> None:
    """product.md §2.8: analysing begins when all has arrived."""
    assert ready(places((1, 9)), epoch=1, seq=2, now=NOW + timedelta(0), complete=True) == 1
