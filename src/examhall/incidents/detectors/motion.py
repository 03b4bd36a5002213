"""What moves behind the candidate: somebody who travels, and what changes where something strange to the room is."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors import behind, room
from examhall.incidents.detectors.behind import Somebody
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.outline import CLOSE, outline
from examhall.incidents.detectors.room import RoomState, Strange
from examhall.incidents.detectors.window import Box, Frame, Grey, Mask

CARD = Card(
    name="motion",
    version="4",
    kinds=frozenset({IncidentKind.BACKGROUND_MOTION}),
    models=("yunet", "face_landmarks"),
    looks_at="each frame with a face, 64 x 48 in colour against the room as it was, and the change in 160 x 120 grey",
    measures="value: percent of the background that somebody who travels has covered, or that changed within half a "
    "second where the room looks as it lately never did; score 0.5 to 0.9 by amount",
    fails_when=(
        "somebody dressed in the colours of the room; in a close-up there is little background to see; a large thing "
        "that is carried, pushed or rolls past counts as somebody; a door left ajar moves as something strange; who "
        "stands still behind is part of the room after some 20 s; hands raised beside the body"
    ),
)

LEAST_LEVELS = 8.0
NOISE_TIMES = 5.0
"""detection.md §13: a pixel changed when it differs by more than max(8, 5 x noise)."""
LEAST_BACKGROUND = 0.15
"""With less of the picture left as background nothing can be said."""
LIGHT_SHARE = 0.7
"""When so much of the background changes at once, it is the light or the camera."""
LEAST_PERCENT = 5.0
"""The strictest level of `background_motion`."""


@dataclass(frozen=True, slots=True)
class MotionState:
    face: Box | None = None
    """The candidate's in the frame before."""
    room: RoomState = field(default_factory=RoomState)
    somebody: tuple[Somebody, ...] = ()


@dataclass(frozen=True, slots=True)
class Motion:
    percent: float
    score: float
    suppressed: Suppression | None


def moved(
    state: MotionState, before: Grey | None, grey: Grey, small: Frame, face: Box, scale: float
) -> tuple[MotionState, Motion | None]:
    """Compare with the frame before and with the room. None: not measurable (first frame, or a close-up).

    before, grey: uint8 [120, 160], half a second apart. small: `grey` in BGR. face: the candidate's, in pixels of the
    full frame; scale: full pixels per grey pixel.
    """
    known, strange = room.seen(state.room, small, outline(room.SIZE[::-1], face, room.CELL_PX, CLOSE))
    somebody = () if state.face is None else state.somebody
    somebody = behind.followed(somebody, strange, face.middle[0] / room.CELL_PX)
    after = MotionState(face, known, somebody)
    if before is None or state.face is None:
        return after, None
    outside = ~(outline(grey.shape, face, scale) | outline(grey.shape, state.face, scale))
    percent = behind.percent(somebody) if strange is None or strange.known.mean() >= LEAST_BACKGROUND else 0.0
    if outside.mean() < LEAST_BACKGROUND:
        return after, _told(percent) if percent else None
    changed = _different(before, grey, outside)
    share = 100 * float(changed.sum() / outside.sum())
    if strange is not None and strange.places.any():
        percent = max(percent, 100 * float((changed & _there(strange, grey)).sum() / outside.sum()))
    if percent < LEAST_PERCENT <= share:
        swayed = (strange is not None and strange.swayed) or share > 100 * LIGHT_SHARE
        return after, replace(_told(share), suppressed=_reason(swayed=swayed))
    return after, _told(max(percent, share if share < LEAST_PERCENT else 0.0))


def _told(percent: float) -> Motion:
    return Motion(percent, min(0.9, 0.5 + percent / 50), None)


def _reason(*, swayed: bool) -> Suppression:
    return Suppression.CAMERA_MOTION if swayed else Suppression.PERIODIC_MOTION


def _there(strange: Strange, grey: Grey) -> Mask:
    """Pixels of and next to something strange."""
    places = cv2.dilate(behind.solid(strange.places).astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(places, grey.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0, np.bool_)


def _different(before: Grey, grey: Grey, outside: Mask) -> Mask:
    """Above the noise, with the light's gain matched."""
    where = outside.astype(np.uint8)
    gain = (cv2.mean(grey, where)[0] + 1) / (cv2.mean(before, where)[0] + 1)
    difference = cv2.GaussianBlur(cv2.absdiff(grey, cv2.convertScaleAbs(before, alpha=gain)), (5, 5), 0)
    noise = float(np.median(difference[::2, ::2][outside[::2, ::2]]))
    return np.asarray((difference > max(LEAST_LEVELS, NOISE_TIMES * noise)) & outside, np.bool_)
