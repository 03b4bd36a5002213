"""What moves behind the candidate: frame difference outside the person, with the camera's own movement taken out."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import Box, Grey

CARD = Card(
    name="motion",
    version="1",
    kinds=frozenset({IncidentKind.BACKGROUND_MOTION}),
    models=("yunet", "face_landmarks"),
    looks_at="each frame with a face, grey 160 x 120",
    measures="value: percent of the background that changed within half a second; score 0.5 to 0.9 by amount",
    fails_when=(
        "it cannot tell a person behind from a curtain, a pet or the light of a screen; in a close-up there is "
        "little background to see; hands raised beside the body"
    ),
)

LEAST_LEVELS = 8.0
NOISE_TIMES = 5.0
"""detection.md §13: a pixel changed when it differs by more than max(8, 5 x noise)."""
LEAST_BACKGROUND = 0.15
"""With less of the picture left as background nothing can be said."""
SWAY_PX = 0.6
"""A shift of the whole picture beyond this is the camera's."""
LIGHT_SHARE = 0.7
"""When so much of the background changes at once, it is the light or the camera."""
PERIOD_S = 30.0
"""Movement that goes on in the same places for so long is a fan or a curtain."""
PERIODIC_SHARE = 0.6
CELLS = (16, 12)
LOOK_AGAIN_SHARE = 0.03
"""Less change than this needs no look at the camera's movement."""

Mask = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MotionState:
    face: Box | None = None
    often: tuple[float, ...] = ()
    """Per cell: the running share of time in which it moved."""


@dataclass(frozen=True, slots=True)
class Motion:
    percent: float
    score: float
    suppressed: Suppression | None


def moved(
    state: MotionState, before: Grey | None, grey: Grey, face: Box, scale: float
) -> tuple[MotionState, Motion | None]:
    """Compare with the frame before. None: not measurable (first frame, or a close-up).

    before, grey: uint8 [120, 160], half a second apart. face: the candidate's, in pixels of the full frame;
    scale: full pixels per grey pixel.
    """
    after = replace(state, face=face)
    if before is None or state.face is None:
        return after, None
    outside = ~(person(grey.shape, face, scale) | person(grey.shape, state.face, scale))
    if outside.mean() < LEAST_BACKGROUND:
        return after, None
    changed, swayed = _changed(before, grey, outside)
    share = float(changed.sum()) / float(outside.sum())
    often = _oftener(state.often, changed)
    reason = _reason(share, swayed, changed, often)
    score = min(0.9, 0.5 + 2 * share)
    return replace(after, often=tuple(often.ravel().tolist())), Motion(100 * share, score, reason)


def person(shape: tuple[int, ...], face: Box, scale: float) -> Mask:
    """The candidate's head and body, generously: own hands and chair are not background."""
    rows, columns = shape[:2]
    mask = np.zeros((rows, columns), np.bool_)
    x, width, height = face.middle[0] / scale, face.width / scale, face.height / scale
    top, chin = face.top / scale, (face.top + face.height) / scale
    _fill(mask, x - 1.1 * width, top - 0.7 * height, x + 1.1 * width, chin)
    _fill(mask, x - 2.4 * width, chin - 0.2 * height, x + 2.4 * width, rows)
    return mask


def _fill(mask: Mask, left: float, top: float, right: float, bottom: float) -> None:
    mask[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : max(0, int(right) + 1)] = True


def _changed(before: Grey, grey: Grey, outside: Mask) -> tuple[Mask, bool]:
    """Pixels of the background that changed, and whether the camera itself moved."""
    a, b = before.astype(np.float32), grey.astype(np.float32)
    changed = _different(a, b, outside)
    if changed.sum() < LOOK_AGAIN_SHARE * outside.sum():
        return changed, False
    (dx, dy), response = cv2.phaseCorrelate(a * outside, b * outside)
    if response < 0.3 or max(abs(dx), abs(dy)) <= SWAY_PX:
        return changed, False
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    followed = cv2.warpAffine(a, shift, (a.shape[1], a.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    return _different(np.asarray(followed, np.float32), b, outside), True


def _different(a: Levels, b: Levels, outside: Mask) -> Mask:
    """Above the noise, with the light's gain matched."""
    gain = (float(b[outside].mean()) + 1) / (float(a[outside].mean()) + 1)
    difference = cv2.GaussianBlur(np.abs(b - a * gain), (5, 5), 0)
    noise = float(np.median(difference[outside]))
    return np.asarray((difference > max(LEAST_LEVELS, NOISE_TIMES * noise)) & outside, np.bool_)


def _oftener(often: tuple[float, ...], changed: Mask) -> npt.NDArray[np.float64]:
    cells = cv2.resize(changed.astype(np.float32), CELLS, interpolation=cv2.INTER_AREA) > 0.1
    before = np.array(often).reshape(cells.shape) if often else np.zeros(cells.shape)
    rate = 0.5 / PERIOD_S
    return before * (1 - rate) + cells * rate


def _reason(share: float, swayed: bool, changed: Mask, often: npt.NDArray[np.float64]) -> Suppression | None:  # noqa: FBT001
    if swayed or share > LIGHT_SHARE:
        return Suppression.CAMERA_MOTION
    cells = cv2.resize(changed.astype(np.float32), CELLS, interpolation=cv2.INTER_AREA) > 0.1
    in_usual_places = float((often[cells] > PERIODIC_SHARE * 0.6).mean()) if cells.any() else 0.0
    return Suppression.PERIODIC_MOTION if in_usual_places > PERIODIC_SHARE else None
