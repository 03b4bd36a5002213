"""What moves behind the candidate: frame difference outside the person, with the camera's own movement taken out."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import STEP_S, Box, Grey

CARD = Card(
    name="motion",
    version="3",
    kinds=frozenset({IncidentKind.BACKGROUND_MOTION}),
    models=("yunet", "face_landmarks"),
    looks_at="each frame with a face, grey 160 x 120",
    measures="value: percent of the background that changed within half a second; score 0.5 to 0.9 by amount",
    fails_when=(
        "it cannot tell a person behind from a curtain, a pet or the light of a screen; in a close-up there is "
        "little background to see; hands raised beside the body; somebody who crosses the room behind a curtain, a fan "
        "or a swaying camera is missed when the candidate hides them for most of the way"
    ),
)

LEAST_LEVELS = 8.0
NOISE_TIMES = 5.0
"""detection.md §13: a pixel changed when it differs by more than max(8, 5 x noise)."""
LEAST_BACKGROUND = 0.15
"""With less of the picture left as background nothing can be said."""
SWAY_PX = 0.6
"""A shift of the whole picture beyond this is the camera's …"""
MOST_SWAY_PX = 20.0
"""… up to this; more in half a second is a camera that is carried about."""
SURE_RESPONSE = 0.3
TRIES = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 15, 1e-3)
EXPLAINED = 0.7
"""The camera's movement has to leave no more than this of the change …"""
BLOCKS = (8, 6)
LEAST_BLOCK, LEVELS_NEARER, LEAST_NEARER = 0.3, 0.5, 3
"""… and so many more blocks, with this share of background, have to come nearer by these grey levels than farther."""
LIGHT_SHARE = 0.7
"""When so much of the background changes at once, it is the light or the camera."""
PERIOD_S = 15.0
"""Memory of where it moves: a fan or a curtain stays in its place, a person crosses the room."""
USUAL_SHARE = 0.35
"""Share of that time from which a place is one where it always moves (product.md §5.6 allows 30 s; what moves from the
first frame on is known at once, what begins later after about 6 s)."""
USUAL_FRAMES = 40
USUAL_TIMES = 1.3
LEAST_PERCENT = 5.0
"""The strictest level of `background_motion`."""
CELLS = (16, 12)
CELL_SHARE = 0.1
"""Share of a cell's pixels that has to change for it to count as a place that moves."""
LOOK_AGAIN_SHARE = 0.03
"""Less change than this needs no look at the camera's movement."""

Mask = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MotionState:
    face: Box | None = None
    often: tuple[float, ...] = ()
    """Per cell: the running share of time in which it moved."""
    shares: tuple[float, ...] = ()
    """Of the background: how much moved in the last frames of a still camera …"""
    swayed: tuple[float, ...] = ()
    """… and of one that swayed, after its own movement was taken out."""
    compared: int = 0
    """Frames that went into it."""


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
    cells = np.asarray(
        cv2.resize(changed.astype(np.float32), CELLS, interpolation=cv2.INTER_AREA) > CELL_SHARE, np.bool_
    )
    often = _oftener(state, cells)
    learnt = _remembered(replace(after, often=tuple(often.ravel().round(3).tolist())), share, swayed=swayed)
    more = _beyond_usual(state.swayed if swayed else state.shares, share)
    if swayed or share > LIGHT_SHARE:
        if 100 * more >= LEAST_PERCENT and share <= LIGHT_SHARE:
            return learnt, Motion(100 * more, _score(more), None)
        return learnt, Motion(100 * share, _score(share), Suppression.CAMERA_MOTION)
    usual = cv2.dilate((often > USUAL_SHARE).astype(np.uint8), np.ones((3, 3), np.uint8))
    places = cv2.resize(usual, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    elsewhere = max(more, float((changed & ~places).sum()) / float(outside.sum()))
    if 100 * share >= LEAST_PERCENT > 100 * elsewhere:
        return learnt, Motion(100 * share, _score(share), Suppression.PERIODIC_MOTION)
    return learnt, Motion(100 * elsewhere, _score(elsewhere), None)


def _remembered(state: MotionState, share: float, *, swayed: bool) -> MotionState:
    shares = (*(state.swayed if swayed else state.shares), round(share, 3))[-USUAL_FRAMES:]
    kept = replace(state, swayed=shares) if swayed else replace(state, shares=shares)
    return replace(kept, compared=state.compared + 1)


def _beyond_usual(shares: tuple[float, ...], share: float) -> float:
    """How much more moves than does for most of the time: somebody before a fan, or behind a camera that sways."""
    if len(shares) < USUAL_FRAMES // 4:
        return 0.0
    return share - USUAL_TIMES * float(np.percentile(shares, 75))


def _score(share: float) -> float:
    return min(0.9, 0.5 + 2 * share)


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
    followed = _followed(a, b, outside)
    if followed is None:
        return changed, False
    left = _different(followed, b, outside)
    if left.sum() > EXPLAINED * changed.sum() or not _widely_nearer(a, followed, b, outside):
        return changed, False
    return left, True


def _followed(a: Levels, b: Levels, outside: Mask) -> Levels | None:
    """`a` as the camera of `b` saw it: shifted and turned. None when no such movement is found."""
    (dx, dy), response = cv2.phaseCorrelate(a * outside, b * outside)
    guess = (dx, dy) if response >= SURE_RESPONSE and max(abs(dx), abs(dy)) < MOST_SWAY_PX else (0.0, 0.0)
    start = np.array([[1, 0, -guess[0]], [0, 1, -guess[1]]], np.float32)
    try:
        _, warp = cv2.findTransformECC(b, a, start, cv2.MOTION_EUCLIDEAN, TRIES, outside.astype(np.uint8), 7)
    except cv2.error:  # it did not settle: nothing in common
        return None
    corners = np.array([[0, 0, 1], [a.shape[1], 0, 1], [0, a.shape[0], 1], [a.shape[1], a.shape[0], 1]])
    moved = float(np.abs(corners @ warp.T - corners[:, :2]).max())
    if not SWAY_PX < moved < 2 * MOST_SWAY_PX:
        return None
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(a, warp, b.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _widely_nearer(a: Levels, followed: Levels, b: Levels, outside: Mask) -> bool:
    """Whether taking the movement out helps in several places: somebody who walks moves in one."""
    seen = _per_block(outside.astype(np.float32))
    before, after = (_per_block(np.abs(one - b) * outside) for one in (a, followed))
    nearer = (before - after > LEVELS_NEARER * seen) & (seen > LEAST_BLOCK)
    farther = (after - before > LEVELS_NEARER * seen) & (seen > LEAST_BLOCK)
    return int(nearer.sum()) - int(farther.sum()) >= LEAST_NEARER


def _per_block(levels: Levels) -> Levels:
    return np.asarray(cv2.resize(levels, BLOCKS, interpolation=cv2.INTER_AREA), np.float32)


def _different(a: Levels, b: Levels, outside: Mask) -> Mask:
    """Above the noise, with the light's gain matched."""
    gain = (float(b[outside].mean()) + 1) / (float(a[outside].mean()) + 1)
    difference = cv2.GaussianBlur(np.abs(b - a * gain), (5, 5), 0)
    noise = float(np.median(difference[outside]))
    return np.asarray((difference > max(LEAST_LEVELS, NOISE_TIMES * noise)) & outside, np.bool_)


def _oftener(state: MotionState, moved_cells: Mask) -> npt.NDArray[np.float64]:
    before = np.array(state.often).reshape(moved_cells.shape) if state.often else np.zeros(moved_cells.shape)
    rate = max(STEP_S / PERIOD_S, 1 / (1 + state.compared))
    return np.asarray(before * (1 - rate) + moved_cells * rate, np.float64)
