"""What detectors are given: a few frames with their times, or a stretch of sound."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
"""uint8 [480, 640, 3], BGR, upright, top-left origin."""
Grey = npt.NDArray[np.uint8]
"""uint8 [h, w]."""
Mask = npt.NDArray[np.bool_]
"""bool [h, w]."""
Samples = npt.NDArray[np.float32]
"""float32 [n], -1 to 1, 16 kHz mono."""

SAMPLE_RATE = 16_000
STEP_S = 0.5
"""One picture, and one aggregate of sound, per half second (product.md §5.6)."""


@dataclass(frozen=True, slots=True)
class VideoWindow:
    """Consecutive frames of the webcam, in order."""

    times_s: tuple[float, ...]
    """Seconds since the attempt was entered, one per frame, STEP_S apart but for gaps."""
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class AudioWindow:
    """Consecutive sound of the microphone."""

    start_s: float
    samples: Samples


@dataclass(frozen=True, slots=True)
class Box:
    """A face, or a thing, in pixels of the full frame."""

    left: float
    top: float
    width: float
    height: float
    score: float
    eyes: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """x, y of the eye on the picture's left, then of the one on its right."""

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def share_with(self, other: "Box") -> float:
        """Intersection over union, 0 to 1."""
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        both = max(0.0, across) * max(0.0, down)
        return both / (self.width * self.height + other.width * other.height - both)

    def towards(self, other: "Box", share: float) -> "Box":
        """Moved and resized by `share` of the way."""
        pairs = ((self.left, other.left), (self.top, other.top), (self.width, other.width), (self.height, other.height))
        left, top, width, height = (mine + share * (theirs - mine) for mine, theirs in pairs)
        return Box(left, top, width, height, self.score, self.eyes)
