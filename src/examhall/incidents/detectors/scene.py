"""What a look saw, kept in so few numbers that the next frame can be held against it: did anything change since?"""

from dataclasses import dataclass

import cv2
import numpy as np

from examhall.incidents.detectors.camera import CELLS, SMALL
from examhall.incidents.detectors.window import Box, Grey, Mask

CHANGED_LEVELS = 8
"""A cell is the mean of 10 x 10 pixels of the small picture: noise and cheap encoding move it by less."""
CHANGED_CELLS = 3
"""An arm of somebody at the door fills more."""

CELL_PX = 40
"""Pixels of the full frame to a cell."""
BEFORE_LEVELS, BEFORE_CELLS = 12, 2
"""The same before the candidate, whose own movement was taken out: a phone in the hand fills two cells."""
SWAY = 6
"""Small pixels by which a candidate moves within some seconds without showing anything new."""


@dataclass(frozen=True, slots=True)
class View:
    """What one look saw, finer, so that the candidate's own movement can be taken out."""

    small: bytes
    """Grey, uint8 [120, 160]."""
    face: Box
    """The candidate's, in pixels of the full frame."""
    cells: bytes


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


def viewed(grey: Grey, face: Box) -> View:
    return View(grey.tobytes(), face, kept(grey))


def appeared(view: View, grey: Grey, face: Box) -> bool:
    """Whether something came into view: around the candidate, or before them."""
    return changed(view.cells, grey, candidate(view.face) | candidate(face)) or _before_candidate(view, grey)


def _before_candidate(view: View, grey: Grey) -> bool:
    scale = grey.shape[1] / (CELL_PX * CELLS[0])
    x, half, top = (side * scale for side in (view.face.middle[0], 1.3 * view.face.width, view.face.top))
    top = max(SWAY, round(top - 0.3 * view.face.height * scale))
    left, right = max(SWAY, round(x - half)), min(grey.shape[1] - SWAY, round(x + half))
    then = np.frombuffer(view.small, np.uint8).reshape(grey.shape)[top : grey.shape[0] - SWAY, left:right]
    cell = SMALL[0] // CELLS[0]
    size = then.shape[1] // cell, then.shape[0] // cell
    if min(size) < 1:
        return True
    area = grey[top - SWAY :, left - SWAY : right + SWAY]
    _, _, _, (over, down) = cv2.minMaxLoc(cv2.matchTemplate(area, then, cv2.TM_CCOEFF_NORMED))
    now = area[down : down + then.shape[0], over : over + then.shape[1]]
    differs = cv2.absdiff(*(cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (now, then)))
    return int(np.count_nonzero(differs > BEFORE_LEVELS)) >= BEFORE_CELLS


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
