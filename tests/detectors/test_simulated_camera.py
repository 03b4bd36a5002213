"""What the demonstration's drawn candidates look like to a detector that remembers."""

import cv2
import pytest

from examhall.incidents.detectors import loop
from examhall.incidents.detectors.loop import LoopState
from examhall.site.simulate.scene import LOOKS, draw
from examhall.site.simulate.screenplay import SCREENPLAYS, Screenplay

WATCHED_S = 100
"""Swaying comes round within it. Takes over a second, because it is drawn."""


@pytest.mark.parametrize("play", (SCREENPLAYS[0], SCREENPLAYS[2]), ids=lambda play: play.name)
def test_a_simulated_camera_is_not_told_as_a_recording_that_is_played_again(play: Screenplay) -> None:
    """Issue 3: what nobody did is not marked, in the demonstration neither."""
    state, told = LoopState(), []
    for number in range(2 * WATCHED_S):
        frame = draw(LOOKS[0], LOOKS[1], play.moment(number / 2))
        grey = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (160, 120), interpolation=cv2.INTER_AREA)
        state, again = loop.seen(state, number / 2, grey.tobytes())
        told += [number / 2] if again else []
    assert told == []
