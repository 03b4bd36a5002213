"""Whether faces are found at all: the first minute decides."""

import pytest

from examhall.incidents.detectors.calibration import SHORT, Calibration, Reading, counted, lost, read, seen_share
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


def reading(looks: str) -> Reading:
    """One sign for each frame: `s` read, to the screen; `a` read, turned away; `.` not read."""
    state = Reading()
    for look in looks:
        state = lost(state) if look == "." else read(state, to_screen=look == "s")
    return state


@pytest.mark.parametrize("looks", ["ss..ss..ss.sss.sss", "s.s.s.s.s", "ssssssss..s..s"])
def test_a_face_that_is_lost_again_and_again_before_the_screen_is_doubtful(looks: str) -> None:
    """Issue 3, bad input: a veil; a face that can hardly be read has not turned away because it is lost once more."""
    assert reading(looks).doubtful


@pytest.mark.parametrize(
    "looks",
    [
        "s" * 30,
        "s" * 30 + "." * 20,
        "s" * 10 + "." * (SHORT + 1) + "ss",
        "ss..aa..ss",
        "s" * 30 + "..s..s",
        "...." + "s" * 5,
    ],
)
def test_whoever_is_read_well_and_turns_away_is_not_doubtful(looks: str) -> None:
    """Issue 3: a long turn, one seen to begin or end, rare losses, and what was before the first reading."""
    assert not reading(looks).doubtful


def test_what_was_doubtful_long_ago_is_forgotten() -> None:
    """Issue 3: light that was mended; counts stay small."""
    state = reading("s.s.s.s.s" + "s" * 2000)
    assert not state.doubtful
    assert state.read + state.lost < 300
