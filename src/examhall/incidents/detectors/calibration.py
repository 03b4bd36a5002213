"""Whether faces are found at all: counted over the first minute in which somebody sits before the camera.

Dark rooms, cameras from below, and faces that models were trained on too rarely: where the face is not found in spite
of somebody sitting there, its absence says nothing about the candidate (product.md §8.7).
"""

from dataclasses import dataclass, replace

CALIBRATION_S = 60.0
"""product.md §5.6."""
LEAST_FRAMES = 60
"""Half of that minute; with less nobody can say."""
FRAMES = round(CALIBRATION_S * 2)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Frames with somebody in them, and those with a face that could be read."""

    frames: int = 0
    faced: int = 0
    ends_s: float | None = None


def counted(state: Calibration, at_s: float, *, faced: bool) -> Calibration:
    """Take in one frame in which somebody was seen; frames after the calibration count no more."""
    ends_s = at_s + CALIBRATION_S if state.ends_s is None else state.ends_s
    if at_s >= ends_s and state.frames >= LEAST_FRAMES:
        return state
    if state.frames >= FRAMES:
        return state
    return replace(state, frames=state.frames + 1, faced=state.faced + faced, ends_s=ends_s)


def seen_share(state: Calibration, now_s: float) -> float | None:
    """0 to 1; None while the calibration goes on."""
    over = state.ends_s is not None and now_s >= state.ends_s
    return state.faced / state.frames if over and state.frames >= LEAST_FRAMES else None


SHORT = 5
"""Frames: a look away of less than three seconds is told by no level, so what is lost for so long may be anything."""
LEAST_LOST, DOUBTFUL = 4, 0.2
"""From so many frames on that a face before the screen could not be read in between, and such a share of them."""
REMEMBERED = 240
"""Frames, two minutes; beyond them everything counts half."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How well a face that looks to the screen is read: a veil, a mask or poor light hide it now and then."""

    read: int = 0
    lost: int = 0
    """In short stretches between two readings that looked to the screen."""
    running: int = 0
    """Frames since the last reading."""
    to_screen: bool = False
    """Whether that one looked to the screen."""

    @property
    def doubtful(self) -> bool:
        """A face lost as often as this is not turned away because it is lost again."""
        return self.lost >= LEAST_LOST and self.lost >= DOUBTFUL * (self.read + self.lost)


def lost(state: Reading) -> Reading:
    return replace(state, running=state.running + 1)


def read(state: Reading, *, to_screen: bool) -> Reading:
    between = state.running if to_screen and state.to_screen and state.running <= SHORT else 0
    known = Reading(state.read + to_screen, state.lost + between, 0, to_screen)
    if known.read + known.lost <= REMEMBERED:
        return known
    return replace(known, read=known.read // 2, lost=known.lost // 2)
