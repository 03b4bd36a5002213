"""When a list of incidents becomes one line for each kind."""

import pytest

from examhall.review.rules.storm import BAR_PX, BARS, bars, is_storm

MINUTE_MS = 60_000


@pytest.mark.parametrize(("marks", "apart_ms", "storm"), [(60, 1000, False), (61, 1000, True), (300, MINUTE_MS, False)])
def test_more_than_sixty_within_one_hour_are_a_storm(marks: int, apart_ms: int, storm: bool) -> None:
    """product.md §8.7: more than 60 incidents an hour; a long session may hold more in all."""
    assert is_storm([place * apart_ms for place in range(marks)]) is storm


def test_bars_show_where_in_the_session_marks_began() -> None:
    """product.md §8.7: a density strip; whatever was marked can be seen."""
    shown = bars([0, 1, 999_999, 2_000_000], to_ms=1_000_000)
    assert (shown[0], shown[-1], sum(shown)) == (BAR_PX, BAR_PX, 2 * BAR_PX)
    assert len(bars([], to_ms=0)) == BARS
    assert bars([5] * 100 + [500], to_ms=1000)[48] == 1
