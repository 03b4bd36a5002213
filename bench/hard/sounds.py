"""What the microphone of a composed clip hears: the room, and over it typing, speech, music and the like."""

import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
ROOM_DBFS = -58.0

Sound = NDArray[np.float32]
"""float32 [n], 16 kHz mono, mean power 1."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One sound of a clip. `name` is that of a recording in the folder of people, or one of MADE."""

    name: str
    from_s: float
    to_s: float
    dbfs: float = -32.0
    muffled: bool = False
    """Through a wall, or mumbled."""


def recordings(folder: Path) -> Mapping[str, Sequence[Sound]]:
    """`speech_1.wav`, `speech_2.wav`, `cough_1.wav` … by the word before the underscore; 16 bit, 16 kHz, mono."""
    found: dict[str, list[Sound]] = {}
    for path in sorted(folder.glob("*_*.wav")):
        with wave.open(str(path), "rb") as file:
            raw = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
        found.setdefault(path.stem.split("_")[0], []).append(_even(raw))
    return found


def track(
    heard: Sequence[Heard], length_s: float, known: Mapping[str, Sequence[Sound]], rng: np.random.Generator
) -> Sound:
    """The whole sound track; a sound that is neither known nor made is left out."""
    count = round(length_s * RATE)
    out = _level(rng.normal(0, 1, count).astype(np.float32), ROOM_DBFS)
    for one in heard:
        length = round((one.to_s - one.from_s) * RATE)
        if one.name in MADE:
            sound = MADE[one.name](length, rng)
        elif one.name in known:
            sound = np.resize(known[one.name][int(rng.integers(len(known[one.name])))], length)
        else:
            continue
        sound = _muffled(sound) if one.muffled else sound
        start = round(one.from_s * RATE)
        out[start : start + length] += _level(sound, one.dbfs)[: count - start]
    return np.clip(out, -1, 1).astype(np.float32)


def _fan(length: int, rng: np.random.Generator) -> Sound:
    """Rushing air with a hum that turns."""
    at_s = np.arange(length, dtype=np.float32) / RATE
    hum = sum(np.sin(2 * np.pi * 118 * n * at_s) / n for n in (1, 2, 3))
    return _even(_muffled(rng.normal(0, 1, length).astype(np.float32)) * 4 + 0.3 * np.asarray(hum, np.float32))


def _music(length: int, rng: np.random.Generator) -> Sound:
    """Chords of plucked strings, a new one each 0.6 s, and a beat."""
    out = np.zeros(length, np.float32)
    step = round(0.6 * RATE)
    at_s = np.arange(step, dtype=np.float32) / RATE
    for start in range(0, length - step, step):
        root = 196 * 2 ** (float(rng.choice([0, 5, 7, 9])) / 12)
        chord = sum(np.sin(2 * np.pi * root * ratio * n * at_s) / n for ratio in (1, 1.25, 1.5) for n in (1, 2, 3))
        beat = rng.normal(0, 1, step) * np.exp(-at_s * 60)
        out[start : start + step] = np.asarray(chord, np.float32) * np.exp(-at_s * 3) + beat
    return _even(out)


def _tapping(length: int, rng: np.random.Generator) -> Sound:
    """Knocks on the desk, two or three a second."""
    out = np.zeros(length, np.float32)
    knock = np.exp(-np.arange(1600, dtype=np.float32) / 160) * rng.normal(0, 1, 1600)
    for start in range(0, length - 1600, round(0.4 * RATE)):
        at = start + int(rng.integers(0, 1200))
        out[at : at + 1600] += knock[: length - at] * float(rng.uniform(0.4, 1))
    return _even(out)


MADE = {"fan": _fan, "music": _music, "tapping": _tapping}


def _muffled(sound: Sound) -> Sound:
    """Without what lies above about 1 kHz."""
    return np.convolve(sound, np.hanning(24) / np.hanning(24).sum(), "same").astype(np.float32)


def _even(sound: Sound) -> Sound:
    return np.asarray(sound / max(1e-6, float(np.sqrt(np.mean(sound**2)))), np.float32)


def _level(sound: Sound, dbfs: float) -> Sound:
    return np.asarray(_even(sound) * 10 ** (dbfs / 20), np.float32)
