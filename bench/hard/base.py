"""Who sits in a composed clip, and where. The drawn candidate is always at hand; `people` has the filmed ones."""

import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from examhall.incidents.detectors.window import Box
from examhall.site.simulate.scene import LOOKS, put, room

Picture = NDArray[np.float32]
"""float32 [480, 640, 3], RGB, 0 to 255."""

GONE_PX = 620
"""To the left: there the candidate is out of the picture."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How the candidate holds the head. Only a photographed candidate can be posed."""

    yaw: float = 0.0
    """True degrees to the picture's right."""
    pitch: float = 0.0
    """True degrees downwards."""
    eyes: float = 0.0
    """Of the width of an eye, to the picture's right."""
    right: float = 0.0
    """Pixels by which the whole body moved."""
    down: float = 0.0


STRAIGHT = Pose()


@dataclass(frozen=True, slots=True)
class Traits:
    """What a person judged by eye of the candidate, in the words of truth.json; None: nobody looked."""

    material: str
    skin_tone: str | None = None
    glasses: str | None = None


class Base(Protocol):
    """A room and a candidate in it. Whatever stands behind is painted between the two."""

    @property
    def turns(self) -> bool:
        """Whether the candidate can turn the head."""

    @property
    def traits(self) -> Traits: ...

    def __hash__(self) -> int: ...

    def room(self, at_s: float) -> Picture: ...

    def candidate(self, picture: Picture, at_s: float, present: float, pose: Pose = STRAIGHT) -> None:
        """Paint the candidate over `picture`; present: 1 in place, 0 out of it."""

    def swapped(self) -> "Base":
        """The same room with somebody else in the candidate's place."""

    def head(self, at_s: float, pose: Pose = STRAIGHT) -> Box:
        """Where the candidate's face is; of a film only roughly."""

    def other(self, picture: Picture, x: float, y: float, scale: float, at_s: float) -> None:
        """Paint somebody else, the face's middle at x, y; scale 1 is as near as the candidate."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn candidate: always at hand."""

    person: int = 0

    @property
    def turns(self) -> bool:
        return False

    @property
    def traits(self) -> Traits:
        return Traits("drawn")

    def room(self, at_s: float) -> Picture:
        return room(LOOKS[self.person % len(LOOKS)]).copy()

    def candidate(self, picture: Picture, at_s: float, present: float, pose: Pose = STRAIGHT) -> None:
        if present > 0:
            put(picture, LOOKS[self.person % len(LOOKS)], 300 - GONE_PX * (1 - present), 268, 1.0, at_s)

    def head(self, at_s: float, pose: Pose = STRAIGHT) -> Box:
        x = 300 + 5 * math.sin(at_s * 0.9) + 2.5 * math.sin(at_s * 2.3)
        y = 268 + 3 * math.sin(at_s * 1.3)
        return Box(x - 62, y - 74, 124, 152, 1.0, (x - 28, y - 8, x + 28, y - 8))

    def other(self, picture: Picture, x: float, y: float, scale: float, at_s: float) -> None:
        put(picture, LOOKS[(self.person + 2) % len(LOOKS)], x, y, scale, at_s)

    def swapped(self) -> "Drawn":
        return Drawn(self.person + 2)


def emptied(pixels: NDArray[np.uint8], cover: Picture) -> Picture:
    """The room without the person: their place is painted over."""
    small = cv2.resize(pixels, (160, 120), interpolation=cv2.INTER_AREA)
    hole = cv2.dilate((cv2.resize(cover, (160, 120)) > 0.1).astype(np.uint8), np.ones((9, 9), np.uint8))
    filled = cv2.resize(cv2.inpaint(small, hole, 4, cv2.INPAINT_TELEA), (640, 480)).astype(np.float32)
    soft = cv2.GaussianBlur(cv2.resize(hole.astype(np.float32), (640, 480)), (0, 0), 5)[:, :, None]
    return np.asarray(pixels * (1 - soft) + filled * soft, np.float32)


class Cutter:
    """The person segmenter, from the bytes of its model file."""

    def __init__(self, model: bytes) -> None:
        self._net = Interpreter(model_content=model, num_threads=1)
        self._net.allocate_tensors()

    def cover(self, pixels: NDArray[np.uint8]) -> Picture:
        """How much each pixel belongs to a person: float32 [h, w], 0 to 1."""
        into, out = self._net.get_input_details()[0], self._net.get_output_details()[0]
        size = int(into["shape"][1])
        self._net.set_tensor(into["index"], (cv2.resize(pixels, (size, size)).astype(np.float32) / 255)[None])
        self._net.invoke()
        mask = self._net.get_tensor(out["index"]).reshape(size, size)
        return np.asarray(cv2.resize(mask, pixels.shape[1::-1]), np.float32)


def paste(picture: Picture, colours: Picture, cover: Picture, left: float, top: float) -> None:
    """Blend a smaller picture into a larger one, cut at its edges."""
    x, y = round(left), round(top)
    rows = slice(max(0, y), min(picture.shape[0], y + colours.shape[0]))
    columns = slice(max(0, x), min(picture.shape[1], x + colours.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    inside = (slice(rows.start - y, rows.stop - y), slice(columns.start - x, columns.stop - x))
    part = picture[rows, columns]
    part *= 1 - cover[inside]
    part += colours[inside] * cover[inside]
