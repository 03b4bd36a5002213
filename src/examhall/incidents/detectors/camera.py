"""Is there a picture at all: covered, black or frozen. Statistics only, no model."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import STEP_S, Frame, Grey

CARD = Card(
    name="camera",
    version="1",
    kinds=frozenset({IncidentKind.CAMERA_BLOCKED}),
    models=(),
    looks_at="each frame, reduced to 160 x 120 pixels",
    measures="value 1: blocked; score 0.95 for a flat or black picture, 0.8 for a mostly dead, 0.7 for a frozen one",
    fails_when=(
        "a dim but usable room stays above the limits; a virtual camera that plays a loop is not frozen; "
        "a blank white wall without the candidate may count as covered"
    ),
)

SMALL = (160, 120)
DARK_LUMA = 18.0
"""detection.md §13: mean luma below this is a dark picture."""
FLAT_DEVIATION = 14.0
"""detection.md §13: a covered lens leaves no channel with more deviation than this."""
DEAD_EDGE = 6
"""Gradient (grey levels per pixel, of the smoothed picture) below which a place shows nothing."""
DEAD_CELLS = 0.85
"""Share of 10 x 10 pixel cells without any edge from which a finger on the lens is assumed."""
FROZEN_S = 6.0
"""A living camera has noise: identical pictures for this long are one picture."""
FROZEN_DIFFERENCE = 0.02
"""Mean absolute difference in grey levels that still is "identical"."""


@dataclass(frozen=True, slots=True)
class CameraState:
    last: bytes = b""
    """The frame before, grey and small."""
    same_s: float = 0.0
    """For how long the picture has not changed at all."""


@dataclass(frozen=True, slots=True)
class CameraLook:
    """What one frame says about the camera."""

    grey: Grey
    before: Grey | None
    """The frame before; None for the first."""
    luma: float
    """Mean brightness, 0 to 255."""
    blocked: bool
    score: float


def look(state: CameraState, frame: Frame) -> tuple[CameraState, CameraLook]:
    small = cv2.resize(frame, SMALL, interpolation=cv2.INTER_AREA)
    grey: Grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    _, spread = cv2.meanStdDev(small)
    luma, deviation = float(cv2.mean(grey)[0]), float(spread.max())
    before: Grey | None = None
    if len(state.last) == grey.size:
        before = np.frombuffer(state.last, np.uint8).reshape(grey.shape)
    same_s = state.same_s + STEP_S if before is not None and _same(before, grey) else 0.0
    score = _score(grey, luma=luma, deviation=deviation, same_s=same_s)
    return replace(state, last=grey.tobytes(), same_s=same_s), CameraLook(grey, before, luma, score > 0, score)


def _score(grey: Grey, *, luma: float, deviation: float, same_s: float) -> float:
    if luma < DARK_LUMA or deviation < FLAT_DEVIATION:
        return 0.95
    if dead_share(grey) > DEAD_CELLS:
        return 0.8
    return 0.7 if same_s >= FROZEN_S else 0.0


def dead_share(grey: Grey) -> float:
    """The share of the picture in which nothing can be made out."""
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    across, down = cv2.absdiff(smooth[:-1, 1:], smooth[:-1, :-1]), cv2.absdiff(smooth[1:, :-1], smooth[:-1, :-1])
    steepest = cv2.dilate(cv2.add(across, down), np.ones((10, 10), np.uint8))
    return float((steepest[5::10, 5::10] < DEAD_EDGE).mean())


def _same(before: Grey, grey: Grey) -> bool:
    return float(cv2.absdiff(before, grey).mean()) < FROZEN_DIFFERENCE
