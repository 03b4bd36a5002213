"""Which way up the camera stands: a face is level in one of four turned copies of the picture.

A camera that lies on its side, or hangs upside down, is no reason to say that somebody looks away: the pictures are
turned before anything else looks at them. Asked only until a face was level.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from examhall.incidents.detectors import faces
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.mesh import FaceMesh, Look, Region, region_of
from examhall.incidents.detectors.window import Frame

LEVEL = math.radians(45)
"""A head leans this far at most and is upright still …"""
LEVEL_TURNED = math.radians(30)
"""… and in a turned copy so far: between the two nobody knows."""
SURE_LOGIT = 5.0
"""Of the mesh. A masked face has less; one on its side now and then has more, but less than when it stands."""
SURE_TIMES = 4
"""Looks in a row (2 s) that have to agree, but for a face that is surely read as the picture comes."""
OFTEN, RARELY = 120, 10
"""After a minute in vain only every tenth look is spent on turned copies."""
FIND_PX = 320
WAYS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


@dataclass(frozen=True, slots=True)
class Stand:
    """How the camera stands, as far as that is known."""

    quarters: int | None = None
    """Counterclockwise quarter turns that bring its pictures upright; None while no face was level."""
    seems: int | None = None
    """The same by the last look, not sure yet; None when it saw no level face …"""
    times: int = 0
    """… and how often in a row."""
    looks: int = 0


def is_level(region: Region) -> bool:
    return abs(region.angle) < LEVEL


def turned(frame: Frame, quarters: int | None) -> Frame:
    """As large as before; beside a picture that is now higher than wide stands its mean colour."""
    if not quarters:
        return frame
    height, width = frame.shape[:2]
    up = cv2.rotate(frame, WAYS[quarters])
    if quarters == 2:
        return np.asarray(up, np.uint8)
    narrow = round(height * height / width)
    out = np.full_like(frame, np.rint(cv2.mean(frame)[:3]))
    left = (width - narrow) // 2
    out[:, left : left + narrow] = cv2.resize(up, (narrow, height), interpolation=cv2.INTER_AREA)
    return out


def best_read(frame: Frame, own: Look | None, finder: FaceFinder, mesh: FaceMesh) -> int | None:
    """The quarter turns after which a level face is read best; None when there is none. own: the face as it comes."""
    best, found = (own.logit, 0) if own is not None and is_level(own.region) else (SURE_LOGIT, None)
    for quarters in WAYS:
        up = turned(frame, quarters)
        for box in finder.find(up, width=FIND_PX)[:1]:
            look = mesh.look(up, region_of(box))
            sure = box.score >= faces.SURE_SCORE and look.logit > max(best, SURE_LOGIT)
            if sure and abs(look.region.angle) < LEVEL_TURNED:
                best, found = look.logit, quarters
    return found


def sought(stand: Stand, frame: Frame, own: Look | None, finder: FaceFinder, mesh: FaceMesh) -> Stand:
    """Take in one frame, turned as `stand` says so far. own: the face that was read in it."""
    looks = stand.looks + 1
    if own is None and looks > OFTEN and looks % RARELY and stand.seems is None:
        return replace(stand, looks=looks)
    seems = best_read(frame, own, finder, mesh)
    if seems is None:
        return Stand(stand.quarters, looks=looks)
    times = stand.times + 1 if seems == stand.seems else 1
    if times >= SURE_TIMES or (own is not None and seems == 0 and own.logit >= SURE_LOGIT):
        return Stand(((stand.quarters or 0) + seems) % 4)
    return Stand(stand.quarters, seems, times, looks)
