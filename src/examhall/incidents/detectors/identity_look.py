"""A face as 128 numbers: cut out upright at one size, then through the identity network. One frame, no memory."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from examhall.incidents.detectors.identity_net import SIDE, onnx_graph
from examhall.incidents.detectors.mesh import Look
from examhall.incidents.detectors.window import Frame, Grey

PLACES = SIDE * np.array([[0.247, 0.309], [0.389, 0.319], [0.597, 0.319], [0.74, 0.309], [0.493, 0.585]])
"""Where the network expects `Look.anchors`: the mean face it was trained on."""
MEAN_RGB = np.array([122.782, 117.001, 104.298], np.float32)
"""Of the network's training, as is the division by 256."""
SMOOTH_BELOW = 0.7
"""Shrinking more than this would leave jagged edges."""
BRIDGE = (slice(50, 66), slice(62, 88))
"""Between the eyes: bare skin on nearly every face that can be compared."""
LOWER = (slice(92, 128), slice(48, 102))
"""Mouth and chin."""
PATCH = 16

Chip = npt.NDArray[np.uint8]
"""uint8 [SIDE, SIDE, 3], RGB."""
Numbers = npt.NDArray[np.float32]
"""float32 [128]; two faces are as alike as their numbers are near."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A face cut out, and what tells whether it can be compared."""

    chip: Chip
    sharpness: float
    """Deviation of the Laplacian; a good webcam 4 to 15, out of focus below 2."""
    brightness: float
    """Mean grey level."""
    tint: tuple[float, float]
    """By how much mouth and chin differ in colour from the bridge of the nose, light taken out; skin: near (0, 0)."""


class FaceReader:
    """The identity network under ONNX Runtime, from the published bytes of its model file."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._net = onnxruntime.InferenceSession(onnx_graph(model), options, providers=["CPUExecutionProvider"])

    def numbers(self, chip: Chip) -> Numbers:
        pixels = ((chip.astype(np.float32) - MEAN_RGB) / 256).transpose(2, 0, 1)
        return np.asarray(self._net.run(None, {"faces": np.ascontiguousarray(pixels)[None]})[0][0], np.float32)


def cut_out(frame: Frame, face: Look) -> Cut:
    """The face upright and at the network's size. face: with anchors."""
    to_chip = _fit(np.array(face.anchors), PLACES)
    scale = math.hypot(to_chip[0, 0], to_chip[1, 0])
    if scale < SMOOTH_BELOW:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.4 / scale), np.uint8)
    crop = cv2.warpAffine(frame, to_chip, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    chip: Chip = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8)
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    bridge, lower = _colour(chip[BRIDGE]), _colour(chip[LOWER])
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).std())
    return Cut(chip, sharpness, float(grey.mean()), (lower[0] - bridge[0], lower[1] - bridge[1]))


def patch_of(grey: Grey, face: Look, scale: float) -> bytes:
    """The face upright, grey and tiny, for `changed`. scale: pixels of the frame per pixel of `grey`."""
    to_patch = _fit(np.array(face.anchors) / scale, PLACES * PATCH / SIDE)
    return cv2.warpAffine(grey, to_patch, (PATCH, PATCH), borderMode=cv2.BORDER_REPLICATE).tobytes()


def changed(one: bytes, other: bytes) -> float:
    """How little two patches have in common: 0 the same, 1 nothing. Light and contrast are evened out."""
    if not one or not other:
        return 0.0
    a, b = (np.frombuffer(raw, np.uint8).astype(np.float32) for raw in (one, other))
    a, b = a - a.mean(), b - b.mean()
    return 1.0 - float(a @ b) / max(1.0, float(np.linalg.norm(a) * np.linalg.norm(b)))


def apart(one: Numbers, other: Numbers) -> float:
    return float(np.linalg.norm(one - other))


def _fit(points: npt.NDArray[np.float64], places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Shift, turn and size that bring `points` nearest to `places`: float64 [2, 3]."""
    middle, goal = points.mean(axis=0), places.mean(axis=0)
    a, b = (points - middle) @ [1, 1j], (places - goal) @ [1, 1j]
    turn = complex(np.vdot(a, b) / np.vdot(a, a))
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([linear, goal - linear @ middle])


def _colour(patch: Chip) -> tuple[float, float]:
    """Red and blue against green, as logarithms: brightness and the colour of the light cancel out in differences."""
    red, green, blue = (patch[..., band].astype(np.float32) + 8 for band in range(3))
    return float(np.median(np.log(red / green))), float(np.median(np.log(blue / green)))
