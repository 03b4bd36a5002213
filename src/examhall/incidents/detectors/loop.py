"""Does the camera play a stretch again: a run of pictures that repeats an earlier one, in its order, but for noise.

Nobody moves twice alike: whoever reads or types is off an earlier self by 8 grey levels or more in some part of the
picture, a picture that was encoded again by 1 or 2.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from examhall.incidents.detectors.window import STEP_S

CELLS = (8, 6)
MEMORY = 360
"""Pictures that are remembered: three minutes, 17 kB."""
LEAST_LAG = 6
"""Three seconds: a shorter stretch is found where it comes for the second or third time."""
SAME_LEVELS = 3
"""The largest difference in any cell that a camera's noise and the encoding explain."""
MOVED_LEVELS = 5
"""From here on something moved: half a second before or after the earlier moment it looked different."""
RUN = 20
"""So many pictures, ten seconds, have to come again …"""
RUN_MOVED = 6
"""… and so many of them have to show movement: in a room without any, every picture is like every other."""
MISSED = 4
"""What one picture that does not fit takes off a run: a fifth may be lost or late."""
LONGEST_RUN = 60
COMMON = 0.25
"""A picture like so large a share of all that are remembered says nothing: a pendulum, a fan, a candidate at rest."""

_PIXELS = 160 * 120
Levels = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class LoopState:
    at_s: float = 0.0
    past: bytes = b""
    """Cell means of the last pictures, the newest last: uint8 [n, 48]."""
    there: bytes = b""
    """Which of them there were: bool [n]."""
    runs: bytes = b""
    """By distance in pictures: how many in a row came again, uint8 [MEMORY] …"""
    moved: bytes = b""
    """… and how many of them showed movement, uint8 [MEMORY]."""


def seen(state: LoopState, at_s: float, grey: bytes) -> tuple[LoopState, bool]:
    """Whether this picture goes on with a stretch that was seen before. grey: uint8 [120, 160]."""
    if len(grey) != _PIXELS:
        return state, False
    now = cv2.resize(np.frombuffer(grey, np.uint8).reshape(120, 160), CELLS, interpolation=cv2.INTER_AREA).ravel()
    past, there = _remembered(state, at_s)
    runs, moved = _counts(state.runs), _counts(state.moved)
    if len(past):
        again, lively = _compared(np.asarray(now, np.int16), past, there)
        runs = np.where(again, np.minimum(runs + 1, LONGEST_RUN), np.maximum(runs - MISSED, 0))
        moved = np.where(runs > 0, np.minimum(moved + lively, LONGEST_RUN), 0)
    past = np.concatenate([past, now[None].astype(np.uint8)])[-MEMORY:]
    there = np.concatenate([there, [True]])[-MEMORY:]
    kept = LoopState(at_s, past.tobytes(), there.tobytes(), _packed(runs), _packed(moved))
    return kept, bool(np.any((runs >= RUN) & (moved >= RUN_MOVED)))


def _remembered(state: LoopState, at_s: float) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The pictures so far; those that are missing before this one leave their places empty."""
    past = np.frombuffer(state.past, np.uint8).reshape(-1, CELLS[0] * CELLS[1])
    there = np.frombuffer(state.there, np.bool_)
    missing = round((at_s - state.at_s) / STEP_S) - 1 if len(past) else 0
    if missing <= 0:
        return past, there
    empty = min(missing, MEMORY)
    filled = np.concatenate([past, np.zeros((empty, past.shape[1]), np.uint8)])[-MEMORY:]
    return filled, np.concatenate([there, np.zeros(empty, np.bool_)])[-MEMORY:]


def _compared(
    now: Levels, past: npt.NDArray[np.uint8], there: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int16]]:
    """For each distance in pictures: whether the one so far back was the same, and showed movement."""
    off = np.abs(past.astype(np.int16) - now).max(axis=1)[::-1]
    known = there[::-1]
    same = known & (off <= SAME_LEVELS)
    changed = known & (off >= MOVED_LEVELS)
    lively = np.zeros(len(off), np.bool_)
    if np.count_nonzero(same) <= COMMON * np.count_nonzero(known):
        lively[1:-1] = same[1:-1] & changed[:-2] & changed[2:]
    again, moving = np.zeros(MEMORY, np.bool_), np.zeros(MEMORY, np.int16)
    again[LEAST_LAG : len(off)], moving[LEAST_LAG : len(off)] = same[LEAST_LAG:], lively[LEAST_LAG:]
    return again, moving


def _counts(raw: bytes) -> Levels:
    return np.frombuffer(raw, np.uint8).astype(np.int16) if raw else np.zeros(MEMORY, np.int16)


def _packed(counts: Levels) -> bytes:
    return counts.astype(np.uint8).tobytes()
