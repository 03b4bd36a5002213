"""Who sits in a composed clip, and where: a drawn candidate, or a film whose person is cut out by the segmenter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from examhall.site.simulate.scene import LOOKS, put, room

Picture = NDArray[np.float32]
"""float32 [480, 640, 3], RGB, 0 to 255."""


class Base(Protocol):
    """A room and a candidate in it. Whatever stands behind is painted between the two."""

    def room(self, at_s: float) -> Picture: ...

    def candidate(self, picture: Picture, at_s: float, present: float) -> None:
        """Paint the candidate over `picture`; present: 1 in place, 0 out of it."""

    def other(self, picture: Picture, x: float, y: float, scale: float, at_s: float) -> None:
        """Paint somebody else, the face's middle at x, y; scale 1 is as near as the candidate."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn candidate: always at hand."""

    person: int = 0

    def room(self, at_s: float) -> Picture:
        return room(LOOKS[self.person % len(LOOKS)]).copy()

    def candidate(self, picture: Picture, at_s: float, present: float) -> None:
        if present > 0:
            put(picture, LOOKS[self.person % len(LOOKS)], 300 - 620 * (1 - present), 268, 1.0, at_s)

    def other(self, picture: Picture, x: float, y: float, scale: float, at_s: float) -> None:
        put(picture, LOOKS[(self.person + 2) % len(LOOKS)], x, y, scale, at_s)


@dataclass(slots=True)
class Filmed:
    """A clean film, played to and fro; the people beside come from stills. Held in memory: use short films."""

    film: Path
    still: Path
    segmenter: bytes
    from_s: float = 0.0
    to_s: float = 40.0
    fps: int = 12
    _frames: list[NDArray[np.uint8]] = field(default_factory=list)
    _covers: dict[int, Picture] = field(default_factory=dict)
    _other: tuple[Picture, Picture] | None = None
    _empty: Picture | None = None
    _grain: Picture = field(init=False)
    _net: Interpreter = field(init=False)

    def __post_init__(self) -> None:
        self._net = Interpreter(model_content=self.segmenter, num_threads=1)
        self._net.allocate_tensors()
        self._grain = np.random.default_rng(5).normal(0, 2, (8, 480, 640, 1)).astype(np.float32)
        with av.open(str(self.film)) as film:
            for frame in film.decode(video=0):
                if frame.time is not None and self.from_s <= frame.time < self.to_s:
                    self._frames.append(frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False))

    def room(self, at_s: float) -> Picture:
        """With nobody in it: the candidate's place is painted over once."""
        if self._empty is None:
            small = cv2.resize(self._frames[0], (160, 120), interpolation=cv2.INTER_AREA)
            mask = cv2.resize(self._covering(0), (160, 120))
            hole = cv2.dilate((mask > 0.1).astype(np.uint8), np.ones((9, 9), np.uint8))
            filled = cv2.resize(cv2.inpaint(small, hole, 4, cv2.INPAINT_TELEA), (640, 480)).astype(np.float32)
            soft = cv2.GaussianBlur(cv2.resize(hole.astype(np.float32), (640, 480)), (0, 0), 5)[:, :, None]
            self._empty = self._frames[0] * (1 - soft) + filled * soft
        grain = self._grain[round(at_s * self.fps) % len(self._grain)]
        return np.asarray(self._empty + grain, np.float32)

    def candidate(self, picture: Picture, at_s: float, present: float) -> None:
        place = self._place(at_s)
        paste(picture, self._frames[place].astype(np.float32), self._covering(place), -620 * (1 - present), 0)

    def _covering(self, place: int) -> Picture:
        if place not in self._covers:
            self._covers[place] = self._cover(self._frames[place])
        return self._covers[place]

    def other(self, picture: Picture, x: float, y: float, scale: float, at_s: float) -> None:
        colours, cover = self._beside()
        side = max(8, round(330 * scale))
        small = np.asarray(cv2.resize(colours, (side, side)), np.float32)
        mask = np.asarray(cv2.resize(cover, (side, side)), np.float32)[:, :, None]
        sway = 3 * np.sin(at_s * 1.1)
        paste(picture, small, mask, x - side / 2 + sway, y - side * 0.38)

    def _place(self, at_s: float) -> int:
        last = len(self._frames) - 1
        place = round(at_s * self.fps) % (2 * last)
        return place if place <= last else 2 * last - place

    def _beside(self) -> tuple[Picture, Picture]:
        if self._other is None:
            still = cv2.cvtColor(np.asarray(cv2.imread(str(self.still))), cv2.COLOR_BGR2RGB)
            self._other = still.astype(np.float32), self._cover(np.asarray(still, np.uint8))[:, :, 0]
        return self._other

    def _cover(self, pixels: NDArray[np.uint8]) -> Picture:
        into, out = self._net.get_input_details()[0], self._net.get_output_details()[0]
        size = int(into["shape"][1])
        self._net.set_tensor(into["index"], (cv2.resize(pixels, (size, size)).astype(np.float32) / 255)[None])
        self._net.invoke()
        mask = self._net.get_tensor(out["index"]).reshape(size, size)
        return np.asarray(cv2.resize(mask, pixels.shape[1::-1])[:, :, None], np.float32)


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


def drawn(count: int = 5) -> Sequence[Base]:
    return [Drawn(person) for person in range(count)]
