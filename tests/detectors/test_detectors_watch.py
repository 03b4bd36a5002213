"""What the cascade makes of single readings: when it looks closer, and which reading it does not trust."""

import numpy as np
import pytest

from examhall.incidents.detectors.behind import NEW_LOOKS, Somebody, came, followed
from examhall.incidents.detectors.mesh import Look, region_of
from examhall.incidents.detectors.pose import PoseState, Turn, drinks, turned
from examhall.incidents.detectors.room import SIZE, Strange
from examhall.incidents.detectors.window import Box

OWN_COLUMN = 32.0


def strange(left: int, *, wide: int, high: int) -> Strange:
    """Something of that size at the lower edge of a room that is known everywhere, in places."""
    places = np.zeros(SIZE[::-1], np.bool_)
    places[SIZE[1] - high :, left : left + wide] = True
    return Strange(places, np.ones_like(places), swayed=False)


def arrivals(frames: list[Strange | None]) -> list[bool]:
    known: tuple[Somebody, ...] = ()
    out = []
    for frame in frames:
        known = followed(known, frame, OWN_COLUMN)
        out.append(came(known))
    return out


def test_something_as_large_as_a_person_is_new_for_two_seconds() -> None:
    """Issue 3, delay: whoever comes in is looked at in each picture and finely, and not for ever."""
    stays = [strange(50, wide=9, high=20)] * 10
    assert arrivals([None, *stays]) == [False] + [True] * NEW_LOOKS + [False] * (10 - NEW_LOOKS)


def test_a_cat_is_no_reason_to_look_closer() -> None:
    """Issue 3, cost: the finer look is for people."""
    assert not any(arrivals([strange(50, wide=9, high=5)] * 6))


def test_who_is_hidden_is_not_looked_for() -> None:
    """Issue 3, cost: there is nothing to be seen of them."""
    assert arrivals([strange(50, wide=9, high=20), None]) == [True, False]


@pytest.mark.parametrize(
    ("pitch", "yaw", "logit", "unread"),
    [(-20.0, 5.0, 6.0, True), (-20.0, 5.0, 16.0, False), (20.0, 5.0, 6.0, False), (-20.0, 45.0, 6.0, False)],
    ids=["mug before the mouth", "looks up", "bowed", "turned"],
)
def test_a_mug_before_the_mouth_is_no_look_away(pitch: float, yaw: float, logit: float, unread: bool) -> None:
    """Issue 3, false alarms: who drinks raises the head and hides the mouth; what is read of the rest is kept back."""
    own = PoseState()
    for _ in range(20):
        own, _ = turned(own, yaw=0.0, pitch=0.0, iris=0.5, openness=0.3)
    box = Box(260, 160, 120, 140, 0.9, (290.0, 210.0, 350.0, 210.0))
    assert drinks(own, Look(logit, yaw, pitch, 0.5, 0.3, box, region_of(box)), Turn(yaw, abs(pitch), 0.0)) is unread
