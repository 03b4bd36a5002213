"""Somebody behind the candidate: something strange to the room, too large for a pet, that travels.

A curtain, a door and a screen stay in their place however much they move; an arm comes out of the candidate and goes
back; what leans with the candidate is the candidate's. Who is hidden for a while is still there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from examhall.incidents.detectors.room import Strange
from examhall.incidents.detectors.window import Mask

LEAST_HIGH, LEAST_AREA = 7, 24
"""Places (10 pixels of the full frame) of a head and what is seen of the shoulders; a cat on the floor is lower."""
REACH = 13
"""Places somebody may go on in a frame: across the room in 2.5 s."""
TRAVELLED = 4
"""Both edges have to be so far from where they were first, also as seen from the candidate …"""
LEAST_LOOKS = 3
"""… after this many frames in which they were seen."""
HIDDEN_FRAMES = 4
"""The candidate may hide them for 2 s."""
MOST = 4
NEW_LOOKS = 4
"""Somebody is new for 2 s: whether there is a face to it is looked at in each frame."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Something strange, followed from frame to frame. Columns of the room; `first` and `own`: when it came."""

    left: int
    right: int
    first: tuple[int, int]
    own: float
    """Where the candidate's face was."""
    percent: float
    """The most of the background it covered so far."""
    looks: int = 1
    hidden: int = 0
    """Frames since it was last seen."""
    travels: bool = False


@dataclass(frozen=True, slots=True)
class _Blob:
    left: int
    right: int
    percent: float


def followed(known: Sequence[Somebody], strange: Strange | None, own: float) -> tuple[Somebody, ...]:
    """own: the column of the candidate's face. strange None: nothing could be seen in this frame."""
    blobs = _blobs(strange) if strange is not None else []
    out = []
    for one in known:
        reach = REACH * (1 + one.hidden)
        near = [blob for blob in blobs if blob.left < one.right + reach and blob.right > one.left - reach]
        if near:
            blobs.remove(near[0])
            out.append(_again(one, near[0], own))
        elif one.hidden < HIDDEN_FRAMES:
            out.append(replace(one, hidden=one.hidden + 1))
    out += [Somebody(blob.left, blob.right, (blob.left, blob.right), own, blob.percent) for blob in blobs]
    return tuple(out[:MOST])


def percent(known: Sequence[Somebody]) -> float:
    """Of the background that somebody who travels has covered; 0 when nobody does."""
    return max((one.percent for one in known if one.travels), default=0.0)


def came(known: Sequence[Somebody]) -> bool:
    """Whether something as large as a person has just come into view."""
    return any(not one.hidden and one.looks <= NEW_LOOKS for one in known)


def _again(one: Somebody, blob: _Blob, own: float) -> Somebody:
    went = (blob.left - one.first[0], blob.right - one.first[1])
    ways = [*went, *(way - (own - one.own) for way in went)]
    far = min(ways) >= TRAVELLED or max(ways) <= -TRAVELLED
    return replace(
        one,
        left=blob.left,
        right=blob.right,
        percent=max(one.percent, blob.percent),
        looks=one.looks + 1,
        hidden=0,
        travels=one.travels or (far and one.looks + 1 >= LEAST_LOOKS),
    )


def solid(places: Mask) -> Mask:
    """Without specks and edges, and without the gaps that a thing of several colours has."""
    closed = cv2.morphologyEx(places.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 3), np.uint8))
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0, np.bool_)


def _blobs(strange: Strange) -> list[_Blob]:
    """The largest first; what else is strange in the same columns belongs to it."""
    if not strange.places.any():
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid(strange.places).astype(np.uint8))
    out = []
    for left, _, width, height, area in stats[1:].tolist():
        if height >= LEAST_HIGH and area >= LEAST_AREA:
            covered = float(strange.places[:, left : left + width].sum() / strange.known.sum())
            out.append(_Blob(left, left + width, round(100 * covered, 1)))
    return sorted(out, key=lambda blob: -blob.percent)[:MOST]
