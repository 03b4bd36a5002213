"""Clips for the browser's pretended camera and microphone, drawn when a story needs them."""

import wave
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from examhall.site.simulate.scene import LOOKS, draw
from examhall.site.simulate.screenplay import Screenplay

DRAWN_FPS = 6
PLAYED_FPS = 30
"""Chromium plays an .mjpeg file at 30 pictures a second whatever its rate, so each drawing is written several times."""
PLAIN_FPS = 12
"""A camera in a dim room; the candidate's browser asks for 15 and takes what there is."""
QUALITY = 78
RATE_HZ = 48_000


def camera(file: Path, screenplay: Screenplay, *, length_s: int, person: int = 0) -> Path:
    """The picture of one drawn person acting out `screenplay` for `length_s` seconds; the browser repeats it."""
    with file.open("wb") as clip:
        for picture in _drawn(screenplay, length_s, person):
            _, coded = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            clip.write(coded.tobytes() * (PLAYED_FPS // DRAWN_FPS))
    return file


def plain_camera(file: Path, screenplay: Screenplay, *, length_s: int) -> Path:
    """The same as .y4m, which is played at its own rate and decoded by nobody; 5 MB a second, so for short clips."""
    with file.open("wb") as clip:
        clip.write(f"YUV4MPEG2 W640 H480 F{PLAIN_FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in _drawn(screenplay, length_s):
            planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
            clip.write((b"FRAME\n" + planes.tobytes()) * (PLAIN_FPS // DRAWN_FPS))
    return file


def _drawn(screenplay: Screenplay, length_s: int, person: int = 0) -> Iterator[NDArray[np.uint8]]:
    """uint8 [480, 640, 3] RGB, DRAWN_FPS a second."""
    looks, visitor = LOOKS[person % len(LOOKS)], LOOKS[(person + 2) % len(LOOKS)]
    for at in range(length_s * DRAWN_FPS):
        yield draw(looks, visitor, screenplay.moment(at / DRAWN_FPS))


def microphone(file: Path, *, length_s: int = 10) -> Path:
    """Clicks of a keyboard now and then, loud enough to be heard by the system check, and no speech."""
    noise = np.random.default_rng(3)
    sound = noise.normal(0, 40, length_s * RATE_HZ)
    for click in range(0, length_s * RATE_HZ - 4_000, RATE_HZ // 4):
        sound[click : click + 2_400] += noise.normal(0, 5_000, 2_400) * np.exp(-np.arange(2_400) / 500)
    with wave.open(str(file), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(RATE_HZ)
        clip.writeframes(sound.astype("<i2").tobytes())
    return file
