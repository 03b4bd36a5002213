"""Draws what a simulated candidate's camera sees: a room, a drawn person who moves a little, and what happens there.

Drawn rather than photographed: nobody's face is in the package. The drawing is shaded enough for a face detector to
find it, so the same detectors judge it as judge a real recording.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""uint8 [height, width, 3], RGB."""

WIDTH_PX, HEIGHT_PX = 640, 480
HALF_WIDTH, ABOVE, BELOW = 156, 132, 304  # a person's extent around the face's centre, px at scale 1
NOISE_FIELDS = 8
BLINK_S = 0.16
LEAN_PX, LEAN_S = 40, 120
"""To the side and back, over longer than swaying repeats: otherwise a drawn camera would be told as one that plays a
recording again (`incidents.detectors.loop`)."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How one drawn person differs from another; colours are RGB."""

    skin: tuple[int, int, int]
    hair: tuple[int, int, int]
    shirt: tuple[int, int, int]
    wall: tuple[int, int, int]


LOOKS = (
    Looks((224, 177, 144), (62, 42, 30), (58, 96, 128), (196, 204, 200)),
    Looks((150, 104, 74), (24, 20, 20), (116, 84, 92), (206, 198, 184)),
    Looks((96, 64, 46), (18, 16, 16), (92, 116, 84), (188, 196, 208)),
    Looks((240, 200, 172), (150, 106, 58), (122, 112, 150), (204, 206, 210)),
    Looks((198, 148, 110), (40, 30, 28), (70, 108, 104), (210, 202, 192)),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is to be seen at one moment. `present` and `visitor` are 0 (out of the picture) to 1 (in place)."""

    at_s: float
    present: float = 1.0
    visitor: float = 0.0
    covered: bool = False


def draw(looks: Looks, visitor: Looks, moment: Moment) -> Frame:
    """One frame: sensor noise included, so that a standing picture never counts as frozen."""
    if moment.covered:
        frame = np.full((HEIGHT_PX, WIDTH_PX, 3), 9, np.float32)
    else:
        frame = room(looks).copy()
        if moment.visitor > 0:
            put(frame, visitor, 700 - 175 * moment.visitor, 250, 0.62, moment.at_s * 0.7)
        if moment.present > 0:
            put(frame, looks, 300 + _leaning_px(moment.at_s) - 620 * (1 - moment.present), 268, 1.0, moment.at_s)
    frame += _noise()[round(moment.at_s * 15) % NOISE_FIELDS]
    return np.clip(frame, 0, 255).astype(np.uint8)


def _leaning_px(at_s: float) -> float:
    return LEAN_PX * (1 - abs(1 - at_s % (2 * LEAN_S) / LEAN_S))


@cache
def _noise() -> NDArray[np.float32]:
    shape = (NOISE_FIELDS, HEIGHT_PX, WIDTH_PX, 1)
    return np.random.default_rng(7).normal(0, 2.2, shape).astype(np.float32)


@cache
def room(looks: Looks) -> NDArray[np.float32]:
    across = np.linspace(1.06, 0.86, WIDTH_PX, dtype=np.float32)[None, :, None]
    down = np.linspace(1.03, 0.92, HEIGHT_PX, dtype=np.float32)[:, None, None]
    frame = np.array(looks.wall, np.float32)[None, None, :] * across * down
    cv2.rectangle(frame, (452, 40), (586, 138), (112, 96, 80), -1)
    cv2.rectangle(frame, (460, 48), (578, 130), (214, 222, 222), -1)
    cv2.rectangle(frame, (0, 430), (640, 480), (120, 96, 74), -1)
    return frame


def put(frame: NDArray[np.float32], looks: Looks, x_px: float, y_px: float, scale: float, at_s: float) -> None:
    """Blend a person into `frame`, swaying, looking about and blinking as time goes."""
    x = x_px + 5 * math.sin(at_s * 0.9) + 2.5 * math.sin(at_s * 2.3)
    y = y_px + 3 * math.sin(at_s * 1.3)
    picture, cover = _sprite(looks, scale, round(math.sin(at_s * 0.9) * 2), at_s % 4.1 < BLINK_S)
    left, top = round(x - HALF_WIDTH * scale), round(y - ABOVE * scale)
    inside_x = slice(max(0, left), min(WIDTH_PX, left + picture.shape[1]))
    inside_y = slice(max(0, top), min(HEIGHT_PX, top + picture.shape[0]))
    if inside_x.start >= inside_x.stop or inside_y.start >= inside_y.stop:
        return
    from_x = slice(inside_x.start - left, inside_x.stop - left)
    from_y = slice(inside_y.start - top, inside_y.stop - top)
    part = frame[inside_y, inside_x]
    part *= 1 - cover[from_y, from_x]
    part += picture[from_y, from_x]


@cache
def _sprite(looks: Looks, scale: float, gaze: int, blink: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:  # noqa: FBT001
    """A drawn person and how much it covers; drawn at 2x and softened, so that edges are a webcam's."""
    width, height = round(2 * HALF_WIDTH * scale), round((ABOVE + BELOW) * scale)
    big = np.zeros((height * 2, width * 2, 3), np.float32)
    mask = np.zeros((height * 2, width * 2), np.float32)
    pen = _Pen(big, mask, 2 * HALF_WIDTH * scale, 2 * ABOVE * scale, 2 * scale)
    _body(pen, looks)
    _head(pen, looks)
    _features(pen, looks, gaze, blink=blink)
    soft = cv2.resize(cv2.GaussianBlur(big, (0, 0), 2.0), (width, height), interpolation=cv2.INTER_AREA)
    edge = cv2.resize(cv2.GaussianBlur(mask, (0, 0), 2.0), (width, height), interpolation=cv2.INTER_AREA)
    return soft.astype(np.float32), edge.astype(np.float32)[:, :, None]


class _Pen:
    """Ellipses and polygons around a centre; offsets in the person's own units (one unit: 1 px at scale 1)."""

    def __init__(
        self, colour: NDArray[np.float32], mask: NDArray[np.float32], x: float, y: float, scale: float
    ) -> None:
        self._colour, self._mask, self._x, self._y, self._scale = colour, mask, x, y, scale

    def ellipse(self, dx: float, dy: float, rx: float, ry: float, colour: Any, *, angle: float = 0.0) -> None:  # noqa: ANN401
        centre = (round(self._x + dx * self._scale), round(self._y + dy * self._scale))
        axes = (max(1, round(rx * self._scale)), max(1, round(ry * self._scale)))
        cv2.ellipse(self._colour, centre, axes, angle, 0, 360, tuple(float(c) for c in colour), -1, cv2.LINE_AA)
        cv2.ellipse(self._mask, centre, axes, angle, 0, 360, 1.0, -1, cv2.LINE_AA)


def _tone(colour: tuple[int, int, int], factor: float) -> tuple[float, ...]:
    return tuple(min(255.0, c * factor) for c in colour)


def _body(pen: _Pen, looks: Looks) -> None:
    pen.ellipse(0, 205, 150, 95, _tone(looks.shirt, 1.0))
    pen.ellipse(0, 190, 132, 70, _tone(looks.shirt, 1.08))
    pen.ellipse(0, 92, 36, 58, _tone(looks.skin, 0.80))


def _head(pen: _Pen, looks: Looks) -> None:
    pen.ellipse(0, -34, 84, 92, _tone(looks.hair, 1.0))
    pen.ellipse(-72, 6, 12, 22, _tone(looks.skin, 0.85))
    pen.ellipse(72, 6, 12, 22, _tone(looks.skin, 0.80))
    for step in range(12):  # shading in rings: darker at the edge, light from the upper start side
        shrink = 1 - step / 26
        pen.ellipse(-step * 0.5, 4 - step * 0.4, 70 * shrink, 94 * shrink, _tone(looks.skin, 0.82 + step * 0.018))
    pen.ellipse(0, -78, 66, 30, _tone(looks.hair, 1.05))


def _features(pen: _Pen, looks: Looks, gaze: float, *, blink: bool) -> None:
    for side in (-1, 1):
        pen.ellipse(side * 28, -10, 19, 13, _tone(looks.skin, 0.80))
        pen.ellipse(side * 28, -30, 20, 4.5, _tone(looks.hair, 0.9), angle=side * -5)
        if blink:
            pen.ellipse(side * 28, -6, 15, 2, _tone(looks.skin, 0.45))
            continue
        pen.ellipse(side * 28, -8, 15, 7.5, (238, 236, 232))
        pen.ellipse(side * 28 + gaze, -8, 7, 7, (72, 52, 40))
        pen.ellipse(side * 28 + gaze, -8, 3.6, 3.6, (14, 12, 12))
        pen.ellipse(side * 28, -15, 16, 2.6, _tone(looks.skin, 0.40))
    pen.ellipse(0, 12, 8, 24, _tone(looks.skin, 1.06))
    pen.ellipse(9, 16, 5, 18, _tone(looks.skin, 0.84))
    pen.ellipse(0, 33, 15, 8, _tone(looks.skin, 0.93))
    pen.ellipse(-8, 37, 4.5, 3, _tone(looks.skin, 0.50))
    pen.ellipse(8, 37, 4.5, 3, _tone(looks.skin, 0.50))
    pen.ellipse(0, 60, 25, 8, (168, 84, 80))
    pen.ellipse(0, 58, 23, 2.2, (96, 40, 40))
    pen.ellipse(0, 76, 16, 5, _tone(looks.skin, 0.88))
