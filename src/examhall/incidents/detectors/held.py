"""The last readings of the candidate's face, for as long as they hold: the mesh is asked again when the face changed.

A head that only moves keeps its reading, moved along with it; one that turns looks different. What counts is how the
face looks now against the reading itself, never against the frame before, so that slow changes add up. After a blink
or a glance it looks again as it did in the reading before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from examhall.incidents.detectors.mesh import Look, Region
from examhall.incidents.detectors.window import Box, Frame, Grey

HOLD_S, LONGEST_S = 1.5, 3.0
"""A reading older than the first has to look still more like itself; after the second it is taken anew in any case."""
WIDTH = 40
"""Pixels across the face in the patches that are compared."""
REACH = 0.2
"""Of the face's width: how far it may have moved."""
SAME, SAME_LATER = 0.98, 0.985
"""Correlation of brightness, at the best place between pixels, from which a reading holds, and an older one. While it
does a fresh one differs by more than 4 measured degrees in 1.1 % of filmed frames (1.0 % of an older one's), by more
than 0.05 in its irises in 0.8 % (0.3 %)."""
READINGS = 2
"""Older ones hold no more often."""
LEAST_PX = 12
"""A patch with a shorter side says nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """One reading and how the face looked then."""

    look: Look
    at_s: float
    patch: bytes
    """The face, grey."""


def kept(readings: Sequence[Held], look: Look, frame: Frame, at_s: float) -> tuple[Held, ...]:
    """Remember a reading of this frame, the newest first."""
    area, rows, columns = _around(frame, look.box)
    return (Held(look, at_s, area[rows, columns].tobytes()), *readings)[:READINGS]


def still(readings: Sequence[Held], frame: Frame, at_s: float) -> Look | None:
    """The newest that holds, where the face is now; None when it changed, moved far or was read too long ago."""
    return next((look for held in readings if (look := _still(held, frame, at_s)) is not None), None)


def _still(held: Held, frame: Frame, at_s: float) -> Look | None:
    age_s = at_s - held.at_s - 1e-3
    if age_s > LONGEST_S:
        return None
    area, rows, columns = _around(frame, held.look.box)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if min(height, width) < LEAST_PX:
        return None
    patch = np.frombuffer(held.patch, np.uint8).reshape(height, width)
    alike, x, y = _best(cv2.matchTemplate(area, patch, cv2.TM_CCOEFF_NORMED))
    if alike < (SAME if age_s <= HOLD_S else SAME_LATER):
        return None
    full = held.look.box.width / WIDTH
    return _moved(held.look, (x - columns.start) * full, (y - rows.start) * full)


def _best(alike: npt.NDArray[np.integer | np.floating]) -> tuple[float, float, float]:
    """The highest value, its column and row, by parabolas through its neighbours: heads move by parts of a pixel."""
    _, most, _, (x, y) = cv2.minMaxLoc(alike)
    across, along = _summit(alike[y, max(0, x - 1) : x + 2]), _summit(alike[max(0, y - 1) : y + 2, x])
    return most + across[0] + along[0], x + across[1], y + along[1]


def _summit(three: npt.NDArray[np.integer | np.floating]) -> tuple[float, float]:
    """By how much a parabola rises above the middle value, and how far from it; nothing at the edge."""
    if len(three) < 3:
        return 0.0, 0.0
    slope, bend = float(three[2] - three[0]) / 2, float(2 * three[1] - three[0] - three[2])
    return (slope * slope / (2 * bend), slope / bend) if bend > 0 else (0.0, 0.0)


def _around(frame: Frame, box: Box) -> tuple[Grey, slice, slice]:
    """The face and what it may move over, small; and the face's own rows and columns in it."""
    reach, scale = REACH * box.width, WIDTH / max(box.width, 1.0)
    rows, top, bottom = _span(box.top, box.height, reach, frame.shape[0])
    columns, left, right = _span(box.left, box.width, reach, frame.shape[1])
    part = frame[rows, columns]
    if not part.size:
        return np.zeros((0, 0), np.uint8), slice(0, 0), slice(0, 0)
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    area = np.asarray(cv2.resize(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), size, interpolation=cv2.INTER_AREA), np.uint8)
    down, across = (slice(round(low * scale), round(high * scale)) for low, high in ((top, bottom), (left, right)))
    return area, down, across


def _span(start: float, length: float, reach: float, whole: int) -> tuple[slice, float, float]:
    """What of one side lies in the frame, and where the face begins and ends in that."""
    low, high = max(0, round(start - reach)), min(whole, round(start + length + reach))
    return slice(low, high), max(0.0, start - low), min(float(high - low), start + length - low)


def _moved(look: Look, x: float, y: float) -> Look:
    box, region, eyes = look.box, look.region, look.box.eyes
    moved = replace(box, left=box.left + x, top=box.top + y, eyes=(eyes[0] + x, eyes[1] + y, eyes[2] + x, eyes[3] + y))
    anchors = tuple((left + x, top + y) for left, top in look.anchors)
    return replace(
        look, box=moved, region=Region(region.x + x, region.y + y, region.side, region.angle), anchors=anchors
    )
