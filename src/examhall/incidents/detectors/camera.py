"""Is there a picture at all: covered, black or frozen. Statistics only, no model."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.faces import DARK_LUMA
from examhall.incidents.detectors.window import STEP_S, Frame, Grey, Mask

CARD = Card(
    name="camera",
    version="6",
    kinds=frozenset({IncidentKind.CAMERA_BLOCKED, IncidentKind.TOO_DARK}),
    models=(),
    looks_at="each frame, reduced to 160 x 120 pixels",
    measures=(
        "value 1: blocked; score 0.95 for a flat or black picture, 0.8 for a mostly dead one, 0.75 when most of the "
        "room behind gave way to something without detail, 0.7 and the note frozen for a frozen one; 0.75 and the note "
        "looped when ten seconds come again; too_dark: value 1 from the third dim picture on that is not covered"
    ),
    fails_when=(
        "a room too dark to read the face in even once counts as dark, whoever sits there; a loop of more than three "
        "minutes, one with a clock or noise painted in, or one without movement is not found, nor is any while only "
        "every second picture is looked at; a sticker of the colour of a blank wall may pass for the wall, a black "
        "one for a black wall"
    ),
)


HALF, SMALL = (320, 240), (160, 120)
DARK_LEVELS = 18.0
"""detection.md §13: a mean below this is a dark picture; of the brightest colour, or a dim blue room would be one."""
STILL_READ = 0.8
"""A room in which the face was read once is dark only with less light than this share of what there was."""
FLAT_DEVIATION = 14.0
"""detection.md §13: a covered lens leaves no channel with more deviation than this."""
FAINT_DEVIATION = 5.0
"""A face cannot be made out with less."""
DEAD_EDGE = 6
"""Gradient (grey levels per pixel, of the smoothed picture) below which a place shows nothing."""
DEAD_CELLS = 0.85
"""Share of 10 x 10 pixel cells without any edge from which a finger on the lens is assumed."""
CELLS = (16, 12)
ROOM_DEAD = 0.6
"""Share of the picture that shows nothing when a finger or a sticker lies over most of the lens …"""
GONE = 0.55
"""… and in which something else was to be seen before …"""
ROOM_LOST = 0.25
"""… also around the candidate: an empty chair leaves the room as it was."""
LEAST_ROOM = 0.2
"""Share of the picture that has to be room; in a close-up the rim stands for it …"""
RIM_LOST = 0.45
"""… and more of it has to be gone: hair may touch it."""
OTHER_COLOUR = 22.0
"""Grey levels in a channel, brightness evened out, from which a cell shows something else."""
STRANGE_COLOUR = 40.0
"""The same for the room around: cheap encoding tints a plain wall by less."""
RIM_LEVELS, RIM_SHARE, RIM_KEPT = 14.0, 0.4, 0.8
"""So near to what it usually shows (in levels, in dim light as a share of them), for so much of it, the rim of the
upper picture is as it was: no cover leaves top and both sides free; whoever gets up before a plain wall does."""
FAINT_RIM = 6.0
"""A black wall this bright still differs from what a dark or covered lens shows of it."""
LEARN = 1 / 40
"""Weight of a new frame in the memory of the room: about 20 s."""
RIM: Mask = np.zeros(CELLS[::-1], np.bool_)
RIM[: CELLS[1] * 2 // 3, :2] = RIM[: CELLS[1] * 2 // 3, -2:] = RIM[:1] = True
DIM_S = 1.5
"""A picture below DARK_LUMA for so long is too dark: a hand before a lamp passes sooner, and the page, which tells the
candidate after three seconds, is never ahead of this, also where only every second picture is looked at."""
FROZEN_S = 6.0
"""A living camera has noise: identical pictures for this long are one picture."""
FROZEN_DIFFERENCE = 0.02
"""Mean absolute difference in grey levels that still is "identical"."""


@dataclass(frozen=True, slots=True)
class CameraState:
    last: bytes = b""
    """The frame before, grey and small."""
    same_s: float = 0.0
    """For how long the picture has not changed at all."""
    room: bytes = b""
    """Usual colours of the cells, uint8 [12, 16, 3], and whether they show anything, uint8 [12, 16]."""
    dark: float = DARK_LEVELS
    """Below this the picture is dark."""
    dim_s: float = 0.0
    """For how long there has been something to see, and too little light to see a face well."""

    @property
    def dim(self) -> bool:
        return self.dim_s >= DIM_S


@dataclass(frozen=True, slots=True)
class CameraLook:
    """What one frame says about the camera."""

    small: Frame
    """uint8 [120, 160, 3], BGR."""
    grey: Grey
    before: Grey | None
    """The frame before; None for the first."""
    luma: float
    """Mean brightness, 0 to 255."""
    blocked: bool
    score: float
    frozen: bool = False
    """Blocked, but neither covered nor dark: the same picture again and again."""


def look(
    state: CameraState, frame: Frame, hidden: Mask | None = None, readable: Callable[[], bool] = lambda: False
) -> tuple[CameraState, CameraLook]:
    """hidden: cells of CELLS where the candidate usually is; None while that is not known.

    readable: whether the candidate's face can be read in `frame`; asked only of a picture that seems to be covered.
    """
    half = cv2.resize(frame, HALF, interpolation=cv2.INTER_AREA)  # halving twice takes a third of the time
    small: Frame = np.asarray(cv2.resize(half, SMALL, interpolation=cv2.INTER_AREA), np.uint8)
    grey: Grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    means, spread = cv2.meanStdDev(small)
    luma, deviation = float(cv2.mean(grey)[0]), float(spread.max())
    before: Grey | None = None
    if len(state.last) == grey.size:
        before = np.frombuffer(state.last, np.uint8).reshape(grey.shape)
    same_s = state.same_s + STEP_S if before is not None and _same(before, grey) else 0.0
    dead = dead_cells(grey)
    colours = np.asarray(cv2.resize(small, CELLS, interpolation=cv2.INTER_AREA), np.uint8)
    brightest = float(means.max())
    covered = _covered(brightest, deviation, dead, dark=state.dark)
    covered = covered or (0.75 if _room_gone(state.room, colours, dead, hidden) else 0.0)
    dark = state.dark
    if covered and deviation >= FAINT_DEVIATION and readable():
        covered, dark = 0.0, min(dark, STILL_READ * brightest)
    seen = brightest >= dark or deviation >= FLAT_DEVIATION
    if covered and _rim_kept(state.room, colours, least=0.0 if seen else FAINT_RIM):
        covered = 0.0
    frozen = not covered and same_s >= FROZEN_S
    room = state.room if covered else _learnt(state.room, colours, dead)
    blocked = bool(covered) or frozen
    dim_s = state.dim_s + STEP_S if luma < DARK_LUMA and not blocked else 0.0
    after = replace(state, last=grey.tobytes(), same_s=same_s, room=room, dark=dark, dim_s=dim_s)
    return after, CameraLook(small, grey, before, luma, blocked, covered or 0.7 * frozen, frozen)


def _covered(brightest: float, deviation: float, dead: Mask, *, dark: float) -> float:
    if brightest < dark or deviation < FLAT_DEVIATION:
        return 0.95
    return 0.8 if dead.mean() > DEAD_CELLS else 0.0


def _room_gone(room: bytes, colours: Grey, dead: Mask, hidden: Mask | None) -> bool:
    """Whether most of what was to be seen around the candidate gave way to something without detail.

    An empty chair leaves the room as it was; light that changes leaves its edges. A palm may have the colour of the
    wall: what had detail around the candidate and has none is gone, too.
    """
    if not room or hidden is None or dead.mean() < ROOM_DEAD:
        return False
    around, lost = ~hidden, ROOM_LOST
    close = around.mean() < LEAST_ROOM
    if close:
        around, lost = RIM, RIM_LOST
    usual, lively = _remembered(room)
    gain = (float(colours[around].mean()) + 1) / (float(usual[around].mean()) + 1)
    off = np.abs(colours.astype(np.float32) - usual * gain).max(axis=2)
    gone = dead & (lively | (off > OTHER_COLOUR))
    strange = dead & (off > STRANGE_COLOUR)
    if not close:  # there what had detail may be the candidate's hair
        strange |= dead & lively
    return float(gone.mean()) >= GONE and float(strange[around].mean()) >= lost


def _rim_kept(room: bytes, colours: Grey, *, least: float) -> bool:
    """least: so bright the rim has to have been for its sight to say anything."""
    if not room:
        return False
    usual = _remembered(room)[0]
    near = np.abs(colours.astype(np.float32) - usual) < np.minimum(RIM_LEVELS, 1 + RIM_SHARE * usual)
    told = near.all(axis=2) & (usual.max(axis=2) >= least)
    return float(told[RIM].mean()) >= RIM_KEPT


def _remembered(room: bytes) -> tuple[npt.NDArray[np.float32], Mask]:
    columns, rows = CELLS
    raw = np.frombuffer(room, np.uint8)
    cells = columns * rows
    return raw[: 3 * cells].reshape(rows, columns, 3).astype(np.float32), raw[3 * cells :].reshape(rows, columns) > 127


def _learnt(room: bytes, colours: Grey, dead: Mask) -> bytes:
    now = np.concatenate([colours.ravel(), np.where(dead, 0, 255).astype(np.uint8).ravel()]).astype(np.float32)
    if not room:
        return now.astype(np.uint8).tobytes()
    usual = np.frombuffer(room, np.uint8).astype(np.float32)
    step = (now - usual) * LEARN
    learnt = np.clip(usual + np.sign(step) * np.ceil(np.abs(step)), 0, 255)
    return bytes(learnt.astype(np.uint8).tobytes())


def dead_cells(grey: Grey) -> Mask:
    """Cells in which nothing can be made out: bool [12, 16]."""
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    across, down = cv2.absdiff(smooth[:-1, 1:], smooth[:-1, :-1]), cv2.absdiff(smooth[1:, :-1], smooth[:-1, :-1])
    steepest = cv2.dilate(cv2.add(across, down), np.ones((10, 10), np.uint8))
    return np.asarray(steepest[5::10, 5::10] < DEAD_EDGE, np.bool_)


def _same(before: Grey, grey: Grey) -> bool:
    return float(cv2.absdiff(before, grey).mean()) < FROZEN_DIFFERENCE
