"""How loud it is over the room's own noise, and whether the microphone hears anything at all. No model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import SAMPLE_RATE, Samples

CARD = Card(
    name="sound",
    version="2",
    kinds=frozenset({IncidentKind.BACKGROUND_AUDIO, IncidentKind.MIC_MUTED}),
    models=(),
    looks_at="all sound, 16 kHz mono, in frames of 10 ms aggregated to half seconds",
    measures=(
        "background_audio: value in dB over the 20th percentile of the last 120 s; "
        "mic_muted: value 1, digital silence; score 0.9"
    ),
    fails_when=(
        "a room that is loud throughout is its own floor; automatic gain in the browser lifts the floor in pauses; "
        "typing on a very loud keyboard without pauses between the strokes; an even tone is taken for a machine"
    ),
)

FRAME = 160
FLOOR_S = 120.0
FLOOR_PERCENTILE = 20
STEADY_PERCENTILE = 10
"""Of the 10 ms frames of a half second: clicks shorter than 80 ms leave this level untouched."""
KNOCKING_DB = 20.0
"""When the loudest tenth stands so far over the quietest, it is knocks, strokes or a cough, not a sound that lasts."""
EVEN_DB = 4.0
"""When half of the frames stay this near the quietest it is a machine: a fan or rain is even, also while somebody types
over it; music and steps are not."""
SILENT_DBFS = -90.0
"""Below it there is no analogue microphone."""
FLOOR_AT_LEAST_DBFS = -65.0
"""A quieter floor makes breathing an incident."""
TRUSTED_S = 5.0
"""The floor needs this much sound before anything is held against it."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of one half second, in dB of full scale."""

    steady: float
    """What nearly all of it reaches."""
    middle: float
    """What half of it reaches."""
    peak: float
    """What its loudest tenth reaches."""

    @property
    def lasting(self) -> bool:
        return self.peak - self.steady < KNOCKING_DB

    @property
    def even(self) -> bool:
        return self.middle - self.steady < EVEN_DB


def loudness(half_second: Samples) -> Loudness:
    frames = half_second[: len(half_second) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.sort(np.einsum("ij,ij->i", frames, frames)) / FRAME + 1e-12
    steady, middle, peak = (10 * np.log10(power[len(power) * part // 100]) for part in (STEADY_PERCENTILE, 50, 90))
    return Loudness(float(steady), float(middle), float(peak))


def digitally_silent(half_second: Samples) -> bool:
    return float(np.abs(half_second).max(initial=0.0)) < 10 ** (SILENT_DBFS / 20)


def floor_dbfs(levels: Sequence[float]) -> float | None:
    """The room's own noise by the half seconds before; None while too few are known."""
    if len(levels) < TRUSTED_S * 2:
        return None
    return max(FLOOR_AT_LEAST_DBFS, float(np.percentile(levels, FLOOR_PERCENTILE)))


HALF_SECOND = SAMPLE_RATE // 2
