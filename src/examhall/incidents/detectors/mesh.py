"""Is it a face, and which way is it turned: the 478-point landmarker, run on the region around a face."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from examhall.incidents.detectors.window import Box, Frame

INPUT_PX = 256
CROP = 1.5
"""The region is this much larger than the face (detection.md §5)."""
PRESENT_LOGIT = 0.0
"""detection.md §9: above it is a face; below, with a box, a head turned away or no face at all."""
LEFT_EYE, RIGHT_EYE = 33, 263
"""Outer corners, on the picture's left and right."""
ACROSS = ((33, 263), (234, 454), (61, 291), (127, 356))
"""Pairs of points that are level with each other on a face: their depth difference is the turn."""
EYES = ((33, 133, 468, 159, 145), (362, 263, 473, 386, 374))
"""Per eye: its corners from the picture's left to right, the middle of the iris, upper and lower lid."""
DOWN = ((10, 152), (151, 199), (9, 200))
"""Pairs from forehead to chin."""
ANCHORS = (33, 133, 362, 263, 2)
"""Points that hardly move with what a face does: corners of the eyes from the picture's left, base of the nose."""

Points = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square in the frame."""

    x: float
    y: float
    side: float
    angle: float
    """Radians by which the eyes are off level."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the mesh says about one region."""

    logit: float
    yaw: float
    """Degrees, positive to the picture's right; relative, to be held against the candidate's own middle."""
    pitch: float
    """Degrees, positive downwards; relative as well."""
    iris: float
    """Where the irises stand between the corners of the eyes: 0 the picture's left, 1 its right; mean of both."""
    openness: float
    """Height of the eye opening by its width, mean of both; about 0.3 open, below 0.15 a blink."""
    box: Box
    region: Region
    """Where to look in the next frame."""
    anchors: tuple[tuple[float, float], ...] = ()
    """x, y of ANCHORS in the frame."""

    @property
    def present(self) -> bool:
        return self.logit > PRESENT_LOGIT


def region_of(box: Box) -> Region:
    x, y = box.middle
    left_x, left_y, right_x, right_y = box.eyes
    angle = math.atan2(right_y - left_y, right_x - left_x) if right_x > left_x else 0.0
    return Region(x, y, CROP * max(box.width, box.height), angle)


class FaceMesh:
    """The landmarker under LiteRT, from the bytes of its model file."""

    def __init__(self, model: bytes) -> None:
        self._net = Interpreter(model_content=model, num_threads=1)
        self._net.allocate_tensors()
        self._in = self._net.get_input_details()[0]["index"]
        outputs = {detail["name"]: detail["index"] for detail in self._net.get_output_details()}
        self._points, self._presence = outputs["Identity"], outputs["Identity_1"]

    def look(self, frame: Frame, region: Region) -> Look:
        points, logit, to_crop = self._read(frame, region)
        yaw, pitch = turn_of(points)
        flat = _in_frame(points, to_crop)
        box, follow = _placed(flat, 1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))))
        iris, openness = _eyes(points)
        anchors = tuple((float(x), float(y)) for x, y in flat[list(ANCHORS)])
        return Look(logit, yaw, pitch, iris, openness, box, follow, anchors)

    def shape(self, frame: Frame, region: Region) -> npt.NDArray[np.float64]:
        """The face's points in space: x and y in the frame, and how far each lies towards the camera, in its pixels."""
        points, _, to_crop = self._read(frame, region)
        towards = -points[:, 2:] * region.side / INPUT_PX
        return np.concatenate([_in_frame(points, to_crop), towards], axis=1)

    def _read(self, frame: Frame, region: Region) -> tuple[Points, float, npt.NDArray[np.float64]]:
        """The points in the crop, whether it is a face, and how the crop lies in the frame."""
        to_crop = _transform(region)
        crop = cv2.warpAffine(frame, to_crop, (INPUT_PX, INPUT_PX), flags=cv2.INTER_LINEAR)
        pixels = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
        self._net.set_tensor(self._in, pixels[None])
        self._net.invoke()
        points: Points = self._net.get_tensor(self._points).reshape(-1, 3)
        return points, float(self._net.get_tensor(self._presence).reshape(-1)[0]), to_crop


def _transform(region: Region) -> npt.NDArray[np.float64]:
    """Frame to crop."""
    scale = INPUT_PX / max(region.side, 1.0)
    cos, sin = math.cos(region.angle) * scale, math.sin(region.angle) * scale
    half = INPUT_PX / 2
    return np.array(
        [[cos, sin, half - cos * region.x - sin * region.y], [-sin, cos, half + sin * region.x - cos * region.y]]
    )


def turn_of(points: Points) -> tuple[float, float]:
    """Yaw and pitch: the median over pairs of points, so that one misplaced point does not turn the head."""
    yaws = [math.degrees(math.atan2(points[b, 2] - points[a, 2], points[b, 0] - points[a, 0])) for a, b in ACROSS]
    pitches = [math.degrees(math.atan2(points[b, 2] - points[a, 2], points[b, 1] - points[a, 1])) for a, b in DOWN]
    return float(np.median(yaws)), float(np.median(pitches))


def _eyes(points: Points) -> tuple[float, float]:
    irises, heights = [], []
    for left, right, iris, upper, lower in EYES:
        width = max(float(points[right, 0] - points[left, 0]), 1e-3)
        irises.append(float(points[iris, 0] - points[left, 0]) / width)
        heights.append(float(points[lower, 1] - points[upper, 1]) / width)
    return sum(irises) / 2, sum(heights) / 2


def _in_frame(points: Points, to_crop: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    back = cv2.invertAffineTransform(to_crop)
    return np.asarray(points[:, :2] @ back[:, :2].T + back[:, 2], np.float64)


def _placed(flat: npt.NDArray[np.float64], score: float) -> tuple[Box, Region]:
    """The face's box in the frame, and the region for the next frame."""
    (left, top), (right, bottom) = flat.min(axis=0), flat.max(axis=0)
    left_eye, right_eye = flat[LEFT_EYE], flat[RIGHT_EYE]
    eyes = (float(left_eye[0]), float(left_eye[1]), float(right_eye[0]), float(right_eye[1]))
    box = Box(float(left), float(top), float(right - left), float(bottom - top), score, eyes)
    return box, region_of(box)
