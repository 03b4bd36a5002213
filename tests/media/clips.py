"""Small real recordings for the tests of this wing: encoded once, moved along the time line as needed."""

from functools import cache

import numpy as np

from examhall.media.container.encode import Encoder, Made, Shape, encode_all

SMALL = Shape(160, 120, fps=10, kbit_s=60)
SMALL_SCREEN = Shape(320, 180, fps=5, kbit_s=60, fragment_s=2, key_every_s=10, sound=False)


@cache
def webcam(seconds: int = 6, start_ms: int = 0) -> tuple[Made, ...]:
    """A bright block walking over grey, and a tone whose pitch steps each second."""
    pictures = [_picture(index, SMALL) for index in range(SMALL.fps * seconds)]
    at = np.arange(48_000 * seconds)
    tone = np.sin(2 * np.pi * (300 + 100 * (at // 48_000)) * at / 48_000) * 8_000
    return tuple(encode_all(pictures, tone.astype(np.int16), shape=SMALL, start_ms=start_ms))


@cache
def screen(seconds: int = 20, start_ms: int = 0) -> tuple[Made, ...]:
    pictures = [_picture(index, SMALL_SCREEN) for index in range(SMALL_SCREEN.fps * seconds)]
    return tuple(encode_all(pictures, shape=SMALL_SCREEN, start_ms=start_ms))


def codecs(shape: Shape = SMALL) -> str:
    return Encoder(shape).codecs


def _picture(index: int, shape: Shape) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    picture = np.full((shape.height_px, shape.width_px, 3), 90, np.uint8)
    left = index * 3 % (shape.width_px - 20)
    picture[20:60, left : left + 20] = 230
    return picture
