"""Sessions that lie far from the others of their exam."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import CohortMetric
from examhall.review.rules.cohort import LEAST_SESSIONS, WORDS, abnormal, differs, in_words

M = CohortMetric
ORDINARY = [58.0, 59, 60, 61, 62, 57, 63, 60, 59, 61, 60]


def test_one_session_far_from_the_others_is_named() -> None:
    """product.md §5.5: robust z beyond 3.5, to either side."""
    assert abnormal([*ORDINARY, 12]) == (False,) * 11 + (True,)
    assert abnormal([*ORDINARY, 108]) == (False,) * 11 + (True,)


def test_a_session_at_the_edge_of_the_others_is_not() -> None:
    """product.md §5.5: the refusal beside it; 0.6745 · 5 is below 3.5."""
    assert not any(abnormal([*ORDINARY, 65]))


@pytest.mark.parametrize("values", [[1.0] * 9 + [500], [0.0] * (LEAST_SESSIONS - 2) + [500], []])
def test_too_few_or_equal_sessions_are_not_compared(values: Sequence[float]) -> None:
    """product.md §5.5: from ten attempts; where the median deviation is 0, nothing is computed."""
    assert not any(abnormal(values))


@given(
    st.lists(st.integers(0, 1000), min_size=10, max_size=20).flatmap(
        lambda v: st.tuples(st.just(v), st.permutations(v))
    )
)
def test_the_order_of_the_sessions_does_not_matter(pair: tuple[list[int], list[int]]) -> None:
    """product.md §5.5: a statement about values, not about places."""
    one, other = pair
    assert {v for v, far in zip(one, abnormal(one), strict=True) if far} == {
        v for v, far in zip(other, abnormal(other), strict=True) if far
    }


def test_each_session_is_told_with_all_that_sets_it_apart() -> None:
    """product.md V2: cohort abnormalities in words."""
    cohort = [{M.DURATION: value, M.COPY_PASTE: float(n % 3)} for n, value in enumerate([*ORDINARY, 12.0])]
    cohort[3] = {M.DURATION: 60.0, M.COPY_PASTE: 90.0}
    found = differs(cohort)
    assert (found[3], found[11], found[0]) == ((M.COPY_PASTE,), (M.DURATION,), ())
    assert in_words(found[3]) == "Differs from the others in: copy and paste."
    assert in_words(()) == ""
    assert differs([]) == ()


def test_every_metric_has_its_words() -> None:
    """product.md §5.5: exam metrics."""
    assert set(WORDS) == set(CohortMetric)
