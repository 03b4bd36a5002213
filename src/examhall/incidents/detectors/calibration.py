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
