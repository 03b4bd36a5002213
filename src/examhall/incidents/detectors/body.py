"""Is anybody in the picture although no face is: the person segmenter, asked only when faces are missing."""

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from examhall.incidents.detectors.window import Frame

SURE = 0.6
"""Probability from which a pixel belongs to a person."""
BODY_SHARE = 0.08
"""Share of the picture from which a mask is a person rather than a coat on a chair."""


class BodyFinder:
    """The selfie segmenter under LiteRT, from the bytes of its model file."""

    def __init__(self, model: bytes) -> None:
        self._net = Interpreter(model_content=model, num_threads=1)
        self._net.allocate_tensors()
        self._in = self._net.get_input_details()[0]
        self._out = self._net.get_output_details()[0]["index"]

    def share(self, frame: Frame, *, reaching: float | None = None) -> float:
        """Share of the picture covered by the largest connected person, 0 to 1.

        reaching: a row of the frame the person has to come up to; what stays below is a table or a chair in the dark.
        """
        size = int(self._in["shape"][1])
        pixels = cv2.cvtColor(cv2.resize(frame, (size, size)), cv2.COLOR_BGR2RGB).astype(np.float32) / 255
        self._net.set_tensor(self._in["index"], pixels[None])
        self._net.invoke()
        mask = (self._net.get_tensor(self._out).reshape(size, size) > SURE).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        lowest = size if reaching is None else reaching * size / frame.shape[0]
        areas = stats[1:][stats[1:, cv2.CC_STAT_TOP] <= lowest, cv2.CC_STAT_AREA]
        return float(areas.max()) / mask.size if len(areas) else 0.0
