"""The order of questions."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from examhall.exam.rules.order import question_order

ITEMS = [UUID(int=n) for n in range(1, 9)]


@given(st.permutations(ITEMS), st.integers(0, 2**63 - 1))
def test_the_seed_alone_decides_the_order(fetched: list[UUID], seed: int) -> None:
    """product.md §2.2 Form: reproducible from seed + version."""
    assert question_order(fetched, seed=seed, shuffled=True) == question_order(ITEMS, seed=seed, shuffled=True)
    assert sorted(question_order(fetched, seed=seed, shuffled=True)) == ITEMS


def test_the_order_of_a_seed_never_changes() -> None:
    """product.md §2.2 Form: pinned, because a stored form must open alike in ten years."""
    assert [item.int for item in question_order(ITEMS, seed=7, shuffled=True)] == PINNED


def test_an_unshuffled_form_keeps_the_authors_order() -> None:
    """product.md §2.2 Form."""
    assert question_order(ITEMS, seed=7, shuffled=False) == ITEMS


PINNED = [7, 4, 3, 2, 8, 1, 5, 6]
