"""The face detector's network (YuNet) under ONNX Runtime: a picture in, scored boxes with their eyes out.

The published file is bound to 640 x 640 pixels, the network is not: its input is opened to any size. ONNX Runtime runs
it in less than half the time OpenCV's own detector takes, with the same boxes.
"""

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from examhall.base.errors import BadInput
from examhall.incidents.detectors.window import Frame

FIXED, OPEN = b"\n\x03\x08\x80\x05\n\x03\x08\x80\x05", b"\n\x03\x12\x01h\n\x03\x12\x01w"
"""Height and width of the input as ONNX writes them: 640 and 640; two names, which means any."""
STRIDES = (8, 16, 32)
"""Pixels between the places of each of the three grids of answers."""
MOST = 50

Rows = npt.NDArray[np.float32]
"""float32 [n, 9]: left, top, width, height, x and y of both eyes, score; the surest first, none twice."""


class FaceNet:
    """From the published bytes of the model file. Raises BadInput if they are another network."""

    def __init__(self, model: bytes) -> None:
        if FIXED not in model:
            raise BadInput("The face model is not the network this product knows.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._net = onnxruntime.InferenceSession(
            model.replace(FIXED, OPEN, 1), options, providers=["CPUExecutionProvider"]
        )
        self._outputs = [f"{what}_{stride}" for stride in STRIDES for what in ("cls", "obj", "bbox", "kps")]

    def faces(self, picture: Frame, *, least_score: float, most_shared: float) -> Rows:
        """picture: any size. most_shared: of two boxes that share more of their area the surer is told."""
        height, width = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in picture.shape[:2])
        padded = np.zeros((1, 3, height, width), np.float32)
        for colour, plane in enumerate(cv2.split(picture)):
            padded[0, colour, : picture.shape[0], : picture.shape[1]] = plane
        answers = self._net.run(self._outputs, {"input": padded})
        found = [
            _placed(answers[4 * n : 4 * n + 4], stride, width // stride, least_score)
            for n, stride in enumerate(STRIDES)
        ]
        rows = np.concatenate(found)
        kept = cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 8].tolist(), least_score, most_shared, top_k=MOST)
        return np.asarray(rows[np.asarray(kept, np.intp).reshape(-1)], np.float32)


def _placed(answers: list[Rows], stride: int, columns: int, least_score: float) -> Rows:
    """The answers of one grid that are sure enough, in pixels."""
    sure, there, boxes, points = (answer[0] for answer in answers)
    score = np.sqrt(np.clip(sure[:, 0], 0, 1) * np.clip(there[:, 0], 0, 1))
    at = np.flatnonzero(score >= least_score)
    corner = np.stack([at % columns, at // columns], axis=1)
    middle = (corner + boxes[at, :2]) * stride
    size = np.exp(boxes[at, 2:]) * stride
    eyes = (np.tile(corner, 2) + points[at, :4]) * stride
    return np.concatenate([middle - size / 2, size, eyes, score[at, None]], axis=1).astype(np.float32)
