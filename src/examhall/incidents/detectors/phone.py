"""Does something look like a phone: EfficientDet-Lite0 on the whole frame. A hint for a person, never more."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import Frame

CARD = Card(
    name="phone",
    version="3",
    kinds=frozenset({IncidentKind.OBJECT_PHONE}),
    models=("objects",),
    looks_at="a frame every three seconds (every nine while nothing comes into view and nothing is suspected), each "
    "frame while something like a phone is in view",
    measures="value 1; score: certainty of the best place in the picture, by which the levels differ",
    fails_when=(
        "only a phone shown openly is found; turned, half hidden and small ones are not; calculators, mugs, books, "
        "rings, badges and dark chairs may be taken for one"
    ),
)

PHONE = 76
"""Index of "cell phone" in the 90 classes of the model."""
LOOK_EVERY_S, STILL_EVERY_S = 3.0, 9.0
"""Between looks: while things come into view or one is suspected, and while neither."""
SUSPECTED = 0.2
"""Something this much like a phone is looked at again, whether or not it moves."""
STAY_S = 2.0
"""After the last sight, look at each frame for this long."""
SCORE_FROM = 0.4
"""The strictest level of `object_phone`: less is not told."""


@dataclass(frozen=True, slots=True)
class PhoneState:
    looked_s: float = -1e9
    seen_s: float = -1e9
    suspected: bool = False
    """The last look was not sure that there is none."""

    def due(self, at_s: float, appeared: Callable[[], bool]) -> bool:
        """appeared: whether something came into view since the last look; asked only where it decides."""
        since_s = at_s - self.looked_s + 1e-3
        if at_s - self.seen_s <= STAY_S or since_s > STILL_EVERY_S:
            return True
        return since_s > LOOK_EVERY_S and (self.suspected or appeared())


class PhoneFinder:
    """The detector under LiteRT, from the bytes of its model file."""

    def __init__(self, model: bytes) -> None:
        self._net = Interpreter(model_content=model, num_threads=1)
        self._net.allocate_tensors()
        self._in = self._net.get_input_details()[0]
        self._classes = max(self._net.get_output_details(), key=lambda detail: int(detail["shape"][-1]))["index"]

    def score(self, frame: Frame) -> float:
        """Certainty of the likeliest phone, 0 to 1; 0 where another class is likelier at the same place."""
        size = int(self._in["shape"][1])
        pixels = cv2.cvtColor(cv2.resize(frame, (size, size)), cv2.COLOR_BGR2RGB)
        self._net.set_tensor(self._in["index"], pixels[None])
        self._net.invoke()
        classes = self._net.get_tensor(self._classes)[0]
        best = int(np.argmax(classes[:, PHONE]))
        if int(np.argmax(classes[best])) != PHONE:
            return 0.0
        return float(classes[best, PHONE])
