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
    version="3",
    kinds=frozenset({IncidentKind.LEFT_SESSION, IncidentKind.MULTI_FACE}),
    models=("yunet", "face_landmarks", "person"),
    looks_at="every second (320 and 480 pixels by turns; every third while nothing changes), each frame when faces are "
    "missing or many; mesh confirms",
    measures="left_session: value 1, no face and no body; multi_face: value faces in view, score of the second",
    fails_when=(
        "a second person only half in view or smaller than 24 pixels; a poster hung up during the exam counts until it "
        "stood still for 30 s; very dark rooms; masks and veils lower the score; not measured by skin tone beyond the "
        "samples"
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


def _box(row: Sequence[float], scale: float) -> Box:
    left, top, width, height, *eyes = (value * scale for value in row[:8])
    return Box(left, top, width, height, row[8], (eyes[0], eyes[1], eyes[2], eyes[3]))
