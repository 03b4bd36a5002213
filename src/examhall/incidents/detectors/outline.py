"""Where the candidate hides what is behind: a mask of head and trunk around the face."""

from dataclasses import dataclass

import numpy as np

from examhall.incidents.detectors.window import Box, Mask


@dataclass(frozen=True, slots=True)
class Reach:
    """Half widths of head and trunk, and the height above the face, in widths and heights of the face."""

    head: float
    above: float
    trunk: float


GENEROUS = Reach(1.1, 0.7, 2.4)
"""Own hands and the chair are not background."""
CLOSE = Reach(0.9, 0.6, 1.8)
"""For what learns: the candidate's own edges become part of the room by their range."""


def outline(shape: tuple[int, ...], face: Box, scale: float, reach: Reach = GENEROUS) -> Mask:
    """bool of the first two sides of `shape`. face: in pixels of the full frame; scale: of these to one of the mask."""
    rows, columns = shape[:2]
    mask = np.zeros((rows, columns), np.bool_)
    x, width, height = face.middle[0] / scale, face.width / scale, face.height / scale
    top, chin = face.top / scale, (face.top + face.height) / scale
    _fill(mask, x - reach.head * width, top - reach.above * height, x + reach.head * width, chin)
    _fill(mask, x - reach.trunk * width, chin - 0.2 * height, x + reach.trunk * width, rows)
    return mask


def _fill(mask: Mask, left: float, top: float, right: float, bottom: float) -> None:
    mask[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : max(0, int(right) + 1)] = True
