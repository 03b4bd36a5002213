"""Whether faces are found at all: the first minute decides."""

import pytest

from examhall.incidents.detectors.calibration import Calibration, counted, seen_share
from examhall.incidents.rules.off import unreliable


def watched(faced: int, of: int) -> Calibration:
    state = Calibration()
    for frame in range(of):
        state = counted(state, 10 + frame / 2, faced=frame < faced)
    return state


@pytest.mark.parametrize(("faced", "share", "bad"), [(120, 1.0, False), (72, 0.6, False), (71, 71 / 120, True)])
def test_a_face_found_in_less_than_six_of_ten_pictures_is_not_relied_on(faced: int, share: float, bad: bool) -> None:
    """product.md §8.7: face detection succeeds on < 60 % of calibration frames."""
    found = seen_share(watched(faced, 120), 70.0)
    assert found == pytest.approx(share)
    assert unreliable(found) is bad


def test_nothing_is_said_before_the_first_minute_is_over_nor_by_a_few_pictures() -> None:
    """product.md §5.6: calibration is the first 60 s."""
    assert seen_share(watched(0, 100), 59.0) is None
    assert seen_share(watched(0, 30), 90.0) is None


def test_what_comes_behind_the_calibration_does_not_change_it() -> None:
    """product.md §8.7: a candidate who covers the face later is no reason to stop looking."""
    state = watched(120, 120)
    assert counted(state, 200.0, faced=False) == state
