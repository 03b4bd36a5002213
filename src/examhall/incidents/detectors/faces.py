"""Where faces are: YuNet on the frame, at a size that suits the light and the moment."""

from collections.abc import Sequence

import cv2
import numpy as np

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.faces_net import FaceNet
from examhall.incidents.detectors.window import Box, Frame

CARD = Card(
    name="faces",
    version="7",
    kinds=frozenset({IncidentKind.LEFT_SESSION, IncidentKind.MULTI_FACE}),
    models=("yunet", "face_landmarks", "person"),
    looks_at="every second (320 and 480 pixels by turns; every third while nothing changes), each frame when faces are "
    "missing, one beside the candidate's looks other than it was read (480 where small), or something as large as a "
    "person has just come; mesh confirms; until the first level face also in three turned copies, for cameras on "
    "their side",
    measures="left_session: value 1, no face and no body; multi_face: value faces in view, score of the second",
    fails_when=(
        "a second person only half in view or smaller than 24 pixels; a poster hung up during the exam counts until it "
        "stood still for 30 s; somebody beside the candidate from the start whose face is much like the candidate's "
        "passes for a reflection; very dark rooms; a face behind a mask or a veil is known only while it looks here, "
        "and a veil that leaves only the eyes is often no face at all; a camera laid on its side during the exam; not "
        "measured by skin tone beyond some thirty people"
    ),
)

TRACK_SCORE = 0.6
"""detection.md §9."""
NMS = 0.3
MIN_FACE_PX = 24.0
"""Smaller boxes are found at chance level (detection.md §3)."""
DARK_LUMA = 50.0
"""Below this a small input is the better one (detection.md §3)."""
ASPECT = 0.75
SURE_SCORE = 0.8
"""A mask, a veil or glare keeps the mesh from reading a face; the box of one that looks here is sure all the same …"""
EYES_APART = 0.38
"""… its eyes are so far apart, in widths of the box (0.40 to 0.50 with a mask; less when turned) …"""
EYES_ASIDE, EYES_BETWEEN = 0.15, (0.28, 0.48)
"""… and in its middle, above the half: those of a bowed head are lower."""


class FaceFinder:
    """YuNet at a few input sizes, from the bytes of its model file."""

    def __init__(self, model: bytes) -> None:
        self._net = FaceNet(model)

    def find(self, frame: Frame, *, width: int) -> list[Box]:
        """Faces in pixels of `frame`, the largest first. width: 320, 480 or 640."""
        size = (width, round(width * ASPECT))
        small = frame if frame.shape[1] == width else cv2.resize(frame, size)
        scale = frame.shape[1] / width
        rows = self._net.faces(np.asarray(small, np.uint8), least_score=TRACK_SCORE, most_shared=NMS)
        boxes = [_box(row, scale) for row in rows.tolist()]
        return sorted((b for b in boxes if b.width >= MIN_FACE_PX), key=lambda b: -b.width * b.height)

    def find_hard(self, frame: Frame, *, luma: float) -> list[Box]:
        """Look again at other sizes before a face is called absent."""
        for width in (320,) if luma < DARK_LUMA else (320, 640):
            if found := self.find(frame, width=width):
                return found
        return []


def looks_here(box: Box) -> bool:
    """Whether eyes and box alone, without the mesh, show a face that is turned to the camera."""
    left_x, left_y, right_x, right_y = box.eyes
    aside = ((left_x + right_x) / 2 - box.middle[0]) / box.width
    above = ((left_y + right_y) / 2 - box.top) / box.height
    apart = (right_x - left_x) / box.width
    placed = apart >= EYES_APART and abs(aside) <= EYES_ASIDE and EYES_BETWEEN[0] <= above <= EYES_BETWEEN[1]
    return placed and box.score >= SURE_SCORE


def _box(row: Sequence[float], scale: float) -> Box:
    left, top, width, height, *eyes = (value * scale for value in row[:8])
    return Box(left, top, width, height, row[8], (eyes[0], eyes[1], eyes[2], eyes[3]))
