"""What a look saw, kept in so few numbers that the next frame can be held against it: did anything change since?"""

import cv2
import numpy as np

from examhall.incidents.detectors.camera import CELLS
from examhall.incidents.detectors.motion import Mask
from examhall.incidents.detectors.window import Box, Grey

CHANGED_LEVELS = 8
"""A cell is the mean of 10 x 10 pixels of the small picture: noise and cheap encoding move it by less."""
CHANGED_CELLS = 3
"""An arm of somebody at the door fills more."""


CELL_PX = 40
"""Pixels of the full frame to a cell."""


def kept(grey: Grey) -> bytes:
    """Mean brightness of the cells."""
    return _cells(grey).tobytes()


def changed(scene: bytes, grey: Grey, hidden: Mask | None = None) -> bool:
    """Whether something else is to be seen than in `scene`; so it is when nothing is kept yet.

    hidden: cells that do not count, bool [12, 16].
    """
    if not scene:
        return True
    now = _cells(grey)
    differs = cv2.absdiff(now, np.frombuffer(scene, np.uint8).reshape(now.shape)) > CHANGED_LEVELS
    return int(np.count_nonzero(differs if hidden is None else differs & ~hidden)) >= CHANGED_CELLS


def candidate(face: Box) -> Mask:
    """Cells of the candidate's head and trunk, drawn tightly: whoever comes beside them has to be noticed."""
    out = np.zeros(CELLS[::-1], np.bool_)
    x, chin = face.middle[0], face.top + face.height
    for half, top, bottom in ((0.8, face.top - 0.3 * face.height, chin), (1.2, chin, CELL_PX * CELLS[1])):
        columns = slice(*(max(0, round((x + side * half * face.width) / CELL_PX)) for side in (-1, 1)))
        out[max(0, round(top / CELL_PX)) : max(0, round(bottom / CELL_PX)), columns] = True
    return out


def _cells(grey: Grey) -> Grey:
    return np.asarray(cv2.resize(grey, CELLS, interpolation=cv2.INTER_AREA), np.uint8)
