"""Filmed and photographed people, cut out and put before any of their rooms; photographed ones can turn the head.

A turned head is the still's own face in space, as the mesh reads it, with the head behind it, turned about the ears
and seen from as near as a camera on a desk.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.hard.base import GONE_PX, STRAIGHT, Cutter, Picture, Pose, Traits, emptied, paste
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.mesh import FaceMesh, region_of
from examhall.incidents.detectors.window import Box

WIDTH, HEIGHT = 640, 480
STILLS, FILMS = frozenset({".jpg", ".png"}), frozenset({".mp4", ".webm"})
FILM_FPS, FILM_S = 12, 8.0
MATERIAL = ("animated_photo", "real_video")
COARSE = 2
"""Turns are worked out on every second pixel."""
HAIR, RIM = (0.66, 0.85), 64
"""Widths and heights of the face from its middle to the hair's edge, and points on that edge."""
BEHIND = -0.35
"""How far before the ears that edge lies, in widths of the face: the head is about as deep as it is wide."""
BESIDE = 0.8
"""Beyond the edge, so much of the way to it, what turns along becomes nothing."""
AWAY = 4.5
"""From the camera to the head, in widths of the face: two thirds of a metre."""
SMOOTH = 0.03
"""Of the face's width."""
EARS = (234, 454)
"""Of the mesh: beside the ears."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """The person cut out of a still or a short film, their room without them, and their face in the first frame."""

    name: str
    frames: Sequence[NDArray[np.uint8]]
    """RGB."""
    covers: Sequence[Picture]
    empty: Picture
    face: Box
    relief: NDArray[np.float32]
    """Of the head, as `relief` has it."""
    traits: Traits

    @property
    def fills_the_picture(self) -> bool:
        """So near that hardly anything of a room is to be seen."""
        return self.face.width > WIDTH / 2

    def place(self, at_s: float) -> int:
        """A film is played to and fro."""
        last = len(self.frames) - 1
        at = round(at_s * FILM_FPS) % (2 * last) if last else 0
        return at if at <= last else 2 * last - at


def people(folder: Path, models: Mapping[str, bytes]) -> Sequence[Person]:
    """Everybody in a folder of stills and short films; where no face is readable, nobody."""
    cutter, finder = Cutter(models["person"]), FaceFinder(models["yunet"])
    mesh = FaceMesh(models["face_landmarks"])
    labels = _labels(folder / "labels.toml")
    found = []
    for path in sorted(path for path in folder.iterdir() if path.suffix in STILLS | FILMS and path.stem != "phone"):
        frames = _film(path) if path.suffix in FILMS else [_still(path)]
        bgr = np.asarray(frames[0][:, :, ::-1], np.uint8).copy()
        if boxes := finder.find(bgr, width=480) or finder.find(bgr, width=320):
            covers = [cutter.cover(frame) for frame in frames]
            traits = Traits(MATERIAL[path.suffix in FILMS], **labels.get(path.stem, {}))
            head = relief(mesh.shape(bgr, region_of(boxes[0])), boxes[0])
            found.append(Person(path.stem, frames, covers, emptied(frames[0], covers[0]), boxes[0], head, traits))
    return found


def _labels(path: Path) -> Mapping[str, Mapping[str, str]]:
    """`[name of a file]` with `skin_tone` and `glasses`, as somebody judged them by eye."""
    return tomllib.loads(path.read_text()) if path.exists() else {}


def _still(path: Path) -> NDArray[np.uint8]:
    read = np.asarray(cv2.cvtColor(np.asarray(cv2.imread(str(path))), cv2.COLOR_BGR2RGB))
    return np.asarray(cv2.resize(read, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _film(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as film:
        frames = takewhile(lambda frame: (frame.time or 0.0) < FILM_S, film.decode(video=0))
        read = [frame.to_ndarray(format="rgb24") for frame in frames]
    return [np.asarray(cv2.resize(one, (WIDTH, HEIGHT)), np.uint8) for one in read]


@dataclass(frozen=True, slots=True)
class Cast:
    """`person` before the room of `where`; `beside` is whoever else comes into the picture."""

    person: Person
    beside: Person
    where: Person

    @property
    def turns(self) -> bool:
        return len(self.person.frames) == 1

    @property
    def traits(self) -> Traits:
        return self.person.traits

    def room(self, at_s: float) -> Picture:
        return self.where.empty.copy()

    def candidate(self, picture: Picture, at_s: float, present: float, pose: Pose = STRAIGHT) -> None:
        if present <= 0:
            return
        person, left = self.person, -GONE_PX * (1 - present)
        place = person.place(at_s)
        across, down = _turned(person, *_steps(pose) if self.turns else (0, 0, 0.0))
        right, below = _sway(at_s, pose)
        across, down = across - np.float32(left + right), down - np.float32(below)
        edge = cv2.BORDER_REPLICATE
        colours = cv2.remap(person.frames[place], across, down, cv2.INTER_LINEAR, borderMode=edge).astype(np.float32)
        share = np.asarray(cv2.remap(person.covers[place], across, down, cv2.INTER_LINEAR, borderMode=edge))
        share[:, max(0, round(WIDTH + left)) :] = 0
        picture[:] = cv2.blendLinear(colours, picture, share, 1 - share)

    def head(self, at_s: float, pose: Pose = STRAIGHT) -> Box:
        """What stands out of the head goes over with it when it turns."""
        face, (right, below) = self.person.face, _sway(at_s, pose)
        right += 0.5 * face.width * math.sin(math.radians(pose.yaw))
        below += 0.5 * face.width * math.sin(math.radians(pose.pitch))
        eyes = (face.eyes[0] + right, face.eyes[1] + below, face.eyes[2] + right, face.eyes[3] + below)
        return Box(face.left + right, face.top + below, face.width, face.height, face.score, eyes)

    def other(self, picture: Picture, x: float, y: float, scale: float, at_s: float) -> None:
        """scale 1: a face 160 pixels wide."""
        beside = self.beside
        size, place = 160 * scale / beside.face.width, beside.place(at_s)
        colours = np.asarray(cv2.resize(beside.frames[place], None, fx=size, fy=size), np.float32)
        cover = np.asarray(cv2.resize(beside.covers[place], None, fx=size, fy=size), np.float32)[:, :, None]
        sway = 4 * scale * math.sin(at_s * 1.1)
        paste(picture, colours, cover, x + sway - beside.face.middle[0] * size, y - beside.face.middle[1] * size)

    def swapped(self) -> "Cast":
        return Cast(self.beside, self.person, self.where)


def _sway(at_s: float, pose: Pose) -> tuple[float, float]:
    """Nobody sits quite still: pixels to the right and down."""
    right = pose.right + 4 * math.sin(at_s * 0.9) + 2 * math.sin(at_s * 2.3)
    return right, pose.down + 3 * math.sin(at_s * 1.3)


def _steps(pose: Pose) -> tuple[int, int, float]:
    """Rounded, so that the same turn is worked out once."""
    return 2 * round(pose.yaw / 2), 2 * round(pose.pitch / 2), round(pose.eyes, 2)


def relief(shape: NDArray[np.float64], face: Box) -> NDArray[np.float32]:
    """How far every second pixel lies before the ears: the face's points, and behind them the hair around it.

    shape: the face's points in space (`FaceMesh.shape`).
    """
    around = np.linspace(0, 2 * np.pi, RIM, endpoint=False)
    rim = np.stack([0.5 + HAIR[0] * np.cos(around), 0.5 + HAIR[1] * np.sin(around)], axis=1)
    places = np.concatenate([shape[:, :2], rim * (face.width, face.height) + (face.left, face.top)])
    stands = np.concatenate([shape[:, 2] - shape[list(EARS), 2].mean(), np.full(RIM, BEHIND * face.width)])
    rows, columns = (COARSE * np.arange(side // COARSE) for side in (HEIGHT, WIDTH))
    out = np.zeros((len(rows), len(columns)), np.float32)
    for at, y in enumerate(rows):
        near = ((columns[:, None] - places[:, 0]) ** 2 + (y - places[:, 1]) ** 2 + 1) ** -2.0
        out[at] = near @ stands / near.sum(axis=1)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), SMOOTH * face.width / COARSE), np.float32)


@lru_cache(maxsize=200)
def _turned(person: Person, yaw: int, pitch: int, eyes: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each pixel of the head comes from when it turns about the ears; below it the neck gives."""
    face, depth = person.face, person.relief
    x0, y0 = face.middle
    high = HAIR[1] * face.height
    down, across = COARSE * np.mgrid[0 : HEIGHT // COARSE, 0 : WIDTH // COARSE].astype(np.float32)
    x, y = across - x0, down - y0
    neck = np.clip(1 - (y - 0.75 * high) / (0.6 * high), 0, 1)
    off = np.hypot(x / (HAIR[0] * face.width), np.minimum(y, 0) / high)
    along = neck * np.clip(1 - (off - 1) / BESIDE, 0, 1)
    away = AWAY * face.width
    by_x = inverse(x, depth, np.radians(yaw) * along, away) - x if yaw else np.zeros_like(x)
    by_y = inverse(y.T, depth.T, np.radians(pitch) * along.T, away).T - y if pitch else np.zeros_like(y)
    for eye_x, eye_y in (face.eyes[:2], face.eyes[2:]) if eyes else ():
        width = 0.2 * face.width
        near = np.exp(-(((across - eye_x) / (0.30 * width)) ** 2) - ((down - eye_y) / (0.25 * width)) ** 2)
        by_x = by_x - eyes * width * near
    full_y, full_x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return _fine(by_x) + full_x, _fine(by_y) + full_y


def _fine(shift: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(shift.astype(np.float32), (WIDTH, HEIGHT)), np.float32)


def inverse(
    x: NDArray[np.float32], depth: NDArray[np.float32], angle: NDArray[np.float32], away: float
) -> NDArray[np.float32]:
    """Row by row: which x is seen at each place after turning by `angle`; what is behind something stays hidden.

    away: from the camera to the ears; what is nearer looks larger.
    """
    aside = x * (1 - depth / away)
    goes = aside * np.cos(angle) + depth * np.sin(angle)
    goes = goes / (1 - (depth * np.cos(angle) - aside * np.sin(angle)) / away)
    goes = np.where(angle != 0, goes, x)
    rising = np.maximum.accumulate(goes, axis=1)
    falling = np.minimum.accumulate(goes[:, ::-1], axis=1)[:, ::-1]
    goes = np.where(angle.sum() > 0, rising, falling)
    out = x.copy()
    for row in np.flatnonzero(angle.any(axis=1)):
        out[row] = np.interp(x[row], goes[row] + 1e-4 * np.arange(x.shape[1]), x[row])
    return out
