"""Real H.264 and Opus fragments for simulated candidates, encoded once for each loop and moved along the time line."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from examhall.base.errors import BadInput
from examhall.media.container.boxes import Fragment, parse_fragment, parse_init
from examhall.media.container.encode import Encoder, Made, Shape
from examhall.media.container.mux import shift
from examhall.site.simulate.scene import HEIGHT_PX, LOOKS, WIDTH_PX, draw
from examhall.site.simulate.screenplay import LOOP_S, Screenplay

CAMERA = Shape(fps=10, kbit_s=200)
"""Ten pictures a second keep three simulated candidates below half a core while they are drawn the first time."""
SCREEN = Shape(1280, 720, fps=2, kbit_s=120, fragment_s=2, key_every_s=10, sound=False)
RATE_HZ = 48_000


@dataclass(frozen=True, slots=True)
class _Kept:
    made: Made
    fragment: Fragment


class Footage:
    """Fragments of one track, for ever: the first loop is encoded as it is asked for, later ones are moved copies.

    Safe for several threads: candidates with the same screenplay share one.
    """

    def __init__(self, shape: Shape, pictures: Iterator[tuple[NDArray[np.uint8], NDArray[np.int16] | None]]) -> None:
        self._encoder = Encoder(shape)
        self._pictures = pictures
        self._kept: list[_Kept] = []
        self._lock = threading.Lock()
        self._loop_fragments = LOOP_S // shape.fragment_s
        self.fragment_s = shape.fragment_s
        self.init = self._encoder.init()
        self.codecs = self._encoder.codecs
        self._init = parse_init(self.init.content)
        self._timescales = {track_id: head.timescale for track_id, head in self._init.tracks.items()}

    def fragment(self, index: int, *, start_ms: int) -> Made:
        """Fragment `index` (from 0) of a recording whose first one lies at `start_ms`; its number is index + 1."""
        place = index % self._loop_fragments
        with self._lock:
            while len(self._kept) <= place:
                self._encode_more()
            kept = self._kept[place]
        wanted_ms = start_ms + index * self.fragment_s * 1000
        content = shift(kept.made.content, kept.fragment, (wanted_ms - kept.made.t_ms) / 1000, self._timescales)
        return Made(index + 1, content, wanted_ms, kept.made.d_ms, kept.made.key)

    def _encode_more(self) -> None:
        picture, sound = next(self._pictures)
        for made in self._encoder.add(picture, sound):
            self._kept.append(_Kept(made, parse_fragment(made.content, self._init)))


def camera(screenplay: Screenplay, person: int) -> Footage:
    """A drawn candidate acting out `screenplay`."""
    return Footage(CAMERA, _drawn(screenplay, person))


def screen(title: str) -> Footage:
    """A drawn exam page whose question changes now and then."""
    return Footage(SCREEN, _pages(title))


def filmed(file: Path) -> Footage:
    """A film as the camera; played again and again. Raises BadInput when it holds no picture."""
    return Footage(CAMERA, _film(file))


def _drawn(screenplay: Screenplay, person: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int16]]]:
    looks, visitor = LOOKS[person % len(LOOKS)], LOOKS[(person + 2) % len(LOOKS)]
    noise = np.random.default_rng(person)
    at = 0
    while True:
        at_s = at / CAMERA.fps
        yield draw(looks, visitor, screenplay.moment(at_s)), _room_sound(noise, at_s)
        at += 1


def _room_sound(noise: np.random.Generator, at_s: float) -> NDArray[np.int16]:
    """A quiet room and typing: clicks of a few milliseconds, in bursts."""
    samples = RATE_HZ // CAMERA.fps
    sound = noise.normal(0, 26, samples)
    if at_s % 9 < 4 and noise.random() < 0.6:
        click = int(noise.integers(0, samples - 500))
        sound[click : click + 480] += noise.normal(0, 900, 480) * np.exp(-np.arange(480) / 90)
    return sound.astype(np.int16)


def _pages(title: str) -> Iterator[tuple[NDArray[np.uint8], None]]:
    at = 0
    while True:
        yield _page(title, 1 + at // (20 * SCREEN.fps), at / SCREEN.fps), None
        at += 1


def _page(title: str, question: int, at_s: float) -> NDArray[np.uint8]:
    picture = np.full((720, 1280, 3), (241, 245, 247), np.uint8)
    cv2.rectangle(picture, (0, 0), (1280, 52), (18, 39, 52), -1)
    cv2.putText(picture, title, (28, 34), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (240, 244, 247), 1, cv2.LINE_AA)
    cv2.putText(
        picture, f"Question {question}", (340, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (23, 34, 42), 2, cv2.LINE_AA
    )
    for line in range(3):
        cv2.rectangle(picture, (340, 150 + 28 * line), (940 - 120 * (line == 2), 160 + 28 * line), (150, 160, 166), -1)
    chosen = int(at_s / 7) % 4
    for choice in range(4):
        colour = (223, 242, 249) if choice == chosen else (255, 255, 255)
        cv2.rectangle(picture, (340, 260 + 70 * choice), (980, 316 + 70 * choice), colour, -1)
        cv2.rectangle(picture, (340, 260 + 70 * choice), (980, 316 + 70 * choice), (124, 136, 143), 1)
    cv2.putText(picture, f"{at_s:06.1f}", (1120, 34), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (177, 192, 200), 1, cv2.LINE_AA)
    return picture


def _film(file: Path) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int16]]]:
    while True:
        shown = 0
        with av.open(str(file)) as film:
            if not film.streams.video:
                raise BadInput(f"{file.name} holds no picture.", fields={"video": "give a film with a video track"})
            sounds = _film_sound(file) if film.streams.audio else None
            next_s = 0.0
            for frame in film.decode(video=0):
                while frame.time is not None and frame.time >= next_s:
                    small = frame.reformat(width=WIDTH_PX, height=HEIGHT_PX, format="rgb24").to_ndarray()
                    yield small.astype(np.uint8, copy=False), next(sounds) if sounds is not None else _silence()
                    shown, next_s = shown + 1, next_s + 1 / CAMERA.fps
        if not shown:
            raise BadInput(f"{file.name} holds no picture.", fields={"video": "give a film with a video track"})


def _silence() -> NDArray[np.int16]:
    return np.zeros(RATE_HZ // CAMERA.fps, np.int16)


def _film_sound(file: Path) -> Iterator[NDArray[np.int16]]:
    """Pieces of one picture's length; silence after the end."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    waiting = np.zeros(0, np.int16)
    piece = RATE_HZ // CAMERA.fps
    with av.open(str(file)) as film:
        for frame in film.decode(audio=0):
            for even in resampler.resample(frame):
                waiting = np.concatenate((waiting, even.to_ndarray()[0]))
            while len(waiting) >= piece:
                yield waiting[:piece]
                waiting = waiting[piece:]
    while True:
        yield _silence()
