"""The room behind the candidate as it is known: the colours each place has lately shown, and what shows others.

A fan, a curtain or a screen is part of the room once it was seen through its range; so is a body that sits still for
long. Each picture is laid over the room first, by the camera's own movement and by its light. What a strange thing is,
and whether it matters, is left to `behind` and `motion`.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from examhall.incidents.detectors.window import Frame, Mask

SIZE = (64, 48)
CELL_PX = 10
"""Pixels of the full frame to one place of the room."""
SEEN_FRAMES = 4
"""A place is known after 2 s in which the candidate did not hide it …"""
LEARN_FRAMES = 8
"""… and the room after 4 s."""
MARGIN_LEVELS = 10
"""Beyond the range of a place and its neighbours; noise and cheap encoding stay below."""
NARROW_EVERY = 2
"""A range narrows by one level a second: half a minute of memory for what a fan shows …"""
WIDENS = 1 / 16
"""… and widens by this share towards what is strange: what stays becomes part of the room in some 20 s."""
STRANGE_SHARE = 0.5
STRANGE_FRAMES = 4
"""So much of the room at once is the light, and after 2 s of it another room."""
LIT_FROM, SWAYED_FROM = 0.003, 0.015
"""Strange shares from which the light, and then the camera's movement, is worth working out."""
EXPLAINED = 0.6
"""A movement of the camera has to leave no more than this of what was strange besides large things."""
LEAST_SWAY, MOST_SWAY = 0.1, 10.0
"""Places by which a corner of the picture may move."""
TRIES = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 12, 1e-3)
BLOCKS = (8, 6)
LEAST_BLOCK, LEAST_BLOCKS = 0.3, 8
"""Light is known from so many blocks of which this share is background."""
DARK = 16.0
"""Levels added before ratios are taken, so that noise in the dark counts for little."""
OUTLIER = 0.06
"""Logarithm of brightness by which a block may differ from the light's course before it counts for less."""

Levels = npt.NDArray[np.float32]

_NEAR = np.ones((3, 3), np.uint8)
_SHAPE = (SIZE[1], SIZE[0], 3)
_MARGIN = np.full(_SHAPE, MARGIN_LEVELS, np.uint8)
_ACROSS, _DOWN = np.meshgrid(np.linspace(-1, 1, BLOCKS[0]), np.linspace(-1, 1, BLOCKS[1]))
_TERMS = np.stack([np.ones(_ACROSS.size), _ACROSS.ravel(), _DOWN.ravel()], axis=1)
_COURSES = [cv2.resize(np.ascontiguousarray(t, np.float32).reshape(BLOCKS[::-1]), SIZE) for t in _TERMS.T]


@dataclass(frozen=True, slots=True)
class RoomState:
    """Nothing is kept before the first picture."""

    low: bytes = b""
    """The darkest each place has lately been, uint8 [48, 64, 3] BGR …"""
    high: bytes = b""
    """… and the brightest."""
    times: bytes = b""
    """In how many frames each place was seen, uint8 [48, 64]."""
    frames: int = 0
    strange: int = 0
    """For how many frames nearly everything has been strange."""


@dataclass(frozen=True, slots=True)
class Strange:
    """What one picture shows that the room does not."""

    places: Mask
    """bool [48, 64], laid over the room."""
    known: Mask
    """Where it could be told."""
    swayed: bool
    """The camera itself had moved."""


@dataclass(frozen=True, slots=True)
class _Laid:
    colours: Frame
    outside: Mask
    strange: Strange


class _Room:
    """The state as arrays."""

    def __init__(self, state: RoomState) -> None:
        self.low, self.high = (np.frombuffer(raw, np.uint8).reshape(_SHAPE) for raw in (state.low, state.high))
        self.least = cv2.subtract(cv2.erode(self.low, _NEAR), _MARGIN)
        self.most = cv2.add(cv2.dilate(self.high, _NEAR), _MARGIN)
        self.times = np.frombuffer(state.times, np.uint8).reshape(_SHAPE[:2])

    def middle(self) -> Levels:
        return np.asarray(cv2.addWeighted(self.low, 0.5, self.high, 0.5, 0.0), np.float32)

    def known(self, outside: Mask) -> Mask:
        return np.asarray(outside & (self.times >= SEEN_FRAMES), np.bool_)

    def strange(self, colours: Frame, known: Mask) -> Mask:
        beyond = cv2.bitwise_not(cv2.inRange(colours, self.least, self.most)) > 0
        return np.asarray(beyond & known, np.bool_)


def seen(state: RoomState, small: Frame, candidate: Mask) -> tuple[RoomState, Strange | None]:
    """None: the room is not known yet, or it is the light that changed.

    small: uint8 [120, 160, 3] BGR. candidate: bool [48, 64], where the candidate hides the room.
    """
    colours: Frame = np.asarray(cv2.resize(small, SIZE, interpolation=cv2.INTER_AREA), np.uint8)
    if not state.low:
        return _begun(colours, ~candidate), None
    room = _Room(state)
    laid = _laid(room, colours, ~candidate)
    strange = laid.strange
    if strange.places.sum() > STRANGE_SHARE * strange.known.sum():
        if state.strange + 1 >= STRANGE_FRAMES:
            return _begun(colours, ~candidate), None
        return replace(state, strange=state.strange + 1), None
    after = _learnt(room, laid, narrows=state.frames % NARROW_EVERY == 0)
    after = replace(after, frames=state.frames + 1)
    return after, strange if state.frames >= LEARN_FRAMES else None


def _begun(colours: Frame, outside: Mask) -> RoomState:
    """A place that is hidden has shown nothing: its range is empty."""
    low, high = (np.where(outside[:, :, None], colours, np.uint8(empty)) for empty in (255, 0))
    return RoomState(low.tobytes(), high.tobytes(), outside.astype(np.uint8).tobytes())


def _laid(room: _Room, colours: Frame, outside: Mask) -> _Laid:
    """Light and camera are worked out only when something seems strange."""
    known = room.known(outside)
    places = room.strange(colours, known)
    if places.sum() <= LIT_FROM * known.sum():
        return _Laid(colours, outside, Strange(places, known, swayed=False))
    colours = _lit(colours, room.middle(), known)
    places = room.strange(colours, known)
    still = _Laid(colours, outside, Strange(places, known, swayed=False))
    if places.sum() <= SWAYED_FROM * known.sum():
        return still
    return _followed(room, still) or still


def _followed(room: _Room, still: _Laid) -> _Laid | None:
    """As the camera would have seen it from where it looked first; None when no movement explains what is strange.

    Large things are left out of the estimate: somebody who walks is no movement of the camera.
    """
    places, known = still.strange.places, still.strange.known
    large = cv2.dilate(cv2.morphologyEx(places.astype(np.uint8), cv2.MORPH_OPEN, _NEAR), np.ones((5, 5), np.uint8)) > 0
    if large.sum() > 0.5 * known.sum():
        large = np.zeros_like(large)
    warp = _movement(room.middle(), still.colours, known & ~large)
    if warp is None:
        return None
    flags = cv2.WARP_INVERSE_MAP
    outside = cv2.warpAffine(still.outside.astype(np.uint8), warp, SIZE, flags=flags | cv2.INTER_NEAREST) > 0
    colours = np.asarray(cv2.warpAffine(still.colours, warp, SIZE, flags=flags | cv2.INTER_LINEAR), np.uint8)
    now_known = room.known(outside)
    colours = _lit(colours, room.middle(), now_known)
    now = room.strange(colours, now_known)
    rest = known & now_known & ~large
    if now[rest].sum() >= EXPLAINED * places[rest].sum():
        return None
    return _Laid(colours, outside, Strange(now, now_known, swayed=True))


def _movement(room: Levels, colours: Frame, where: Mask) -> Levels | None:
    one, two = (np.asarray(levels.mean(axis=2), np.float32) for levels in (room, colours))
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(one, two, start, cv2.MOTION_EUCLIDEAN, TRIES, where.astype(np.uint8), 5)
    except cv2.error:  # it did not settle: nothing in common
        return None
    columns, rows = SIZE
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]])
    moved = float(np.abs(corners @ warp.T - corners[:, :2]).max())
    return np.asarray(warp, np.float32) if LEAST_SWAY < moved < MOST_SWAY else None


def _lit(colours: Frame, room: Levels, known: Mask) -> Frame:
    """In the light of the room: per colour one gain that rises or falls evenly across the picture."""
    weight = known.astype(np.float32)
    used = (cv2.resize(weight, BLOCKS, interpolation=cv2.INTER_AREA) > LEAST_BLOCK).ravel()
    if used.sum() < LEAST_BLOCKS:
        return colours
    lifted = colours + np.float32(DARK)
    now, usual = (
        cv2.resize(levels * weight[:, :, None], BLOCKS, interpolation=cv2.INTER_AREA)
        for levels in (lifted, room + np.float32(DARK))
    )
    ratios = np.log(now.reshape(-1, 3)[used] / usual.reshape(-1, 3)[used])
    for channel in range(3):
        course = _course(_TERMS[used], ratios[:, channel])
        gain = np.exp(sum(np.float32(share) * term for share, term in zip(course, _COURSES, strict=True)))
        lifted[:, :, channel] /= gain
    return np.asarray(np.clip(lifted - np.float32(DARK), 0, 255), np.uint8)


def _course(terms: npt.NDArray[np.float64], ratios: Levels) -> npt.NDArray[np.float64]:
    """A plane through the blocks, to which blocks that stand out count for little."""
    course = np.array([np.median(ratios), 0.0, 0.0])
    for _ in range(3):
        weights = 1 / (1 + ((ratios - terms @ course) / OUTLIER) ** 2)
        weighted = terms * weights[:, None]
        course = np.linalg.solve(weighted.T @ terms + np.diag([1e-3, 0.5, 0.5]), weighted.T @ ratios)
    return course


def _learnt(room: _Room, laid: _Laid, *, narrows: bool) -> RoomState:
    now, step = laid.colours, np.full(_SHAPE, narrows, np.uint8)
    low, high = cv2.min(now, cv2.add(room.low, step)), cv2.max(now, cv2.subtract(room.high, step))
    strange = laid.strange.places
    if strange.any():
        below, above = (cv2.subtract(*pair)[strange] * WIDENS for pair in ((room.low, now), (now, room.high)))
        low[strange] = np.rint(room.low[strange] - below)
        high[strange] = np.rint(room.high[strange] + above)
    hidden = (~laid.outside).astype(np.uint8)
    cv2.copyTo(room.low, hidden, low)
    cv2.copyTo(room.high, hidden, high)
    times = cv2.add(room.times, laid.outside.astype(np.uint8))
    return RoomState(low.tobytes(), high.tobytes(), times.tobytes())
