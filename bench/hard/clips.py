"""From a case to a labelled clip: one picture after the other, the sound, and the encoding of a poor connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np

from bench.hard import sounds, traps
from bench.hard.base import GONE_PX, STRAIGHT, Base, Picture, Pose, Traits
from bench.hard.sounds import Heard, Sound
from bench.hard.traps import between
from examhall.incidents.detectors.window import Box
from examhall.incidents.rules.quality import Clip, Label, Truth

LENGTH_S = 30.0
FROM_S, TO_S = 12.0, 22.0
"""When the incident of a clip takes place, if it has one."""
DROPPED = 0.06
"""Share of pictures that never arrive, at USUAL_FPS …"""
KBIT_S = 110
"""… and what the film may cost then. With fewer pictures a second each gets no more bits, and fewer are lost."""
USUAL_FPS = 12

Behind = Callable[[Picture, Base, float], None]
Worn = Callable[[Picture, Box, float], None]
"""Paints over the candidate's face, which is in the box."""


@dataclass(frozen=True, slots=True)
class Case:
    """One clip: what stands behind, what is held before, what the camera does, and what is to be found."""

    name: str
    wanted: str | None = None
    behind: Sequence[Behind] = ()
    before: Behind | None = None
    worn: Worn | None = None
    """Worn on the face, or done with a hand before it."""
    camera: Callable[[Picture, float], Picture] | None = None
    pose: Callable[[float], Pose] | None = None
    leaves: bool = False
    swap_s: float | None = None
    """From here on somebody else sits in the candidate's place, until the end."""
    heard: Sequence[Heard] = ()
    tolerated: Sequence[str] = ()
    hole: tuple[float, float] | None = None
    """No pictures arrive."""
    frozen: tuple[float, float] | None = None
    """The same picture arrives again and again."""
    lighting: str | None = None
    glasses: str | None = None
    """If the case puts some on."""
    length_s: float = LENGTH_S


def compose(
    folder: Path,
    base: Base,
    cases: Sequence[Case],
    *,
    fps: int = 12,
    seed: int = 1,
    known: Mapping[str, Sequence[Sound]] | None = None,
    mark: str = "",
) -> Truth:
    """Write each case as an H.264 film of little more than KBIT_S, and their truth.json.

    known: recordings by name; without them the clips have no sound. mark: who sits there, for the file names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clips = []
    for place, case in enumerate(cases):
        rng = np.random.default_rng((seed, place))
        name = f"{case.name}{mark}.mp4"
        sound = None if known is None else sounds.track(case.heard, case.length_s, known, rng)
        _film(folder / name, base, case, rng, fps, sound)
        clips.append(_labelled(name, case, base.traits))
    truth = Truth(tuple(clips))
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1))
    return truth


def _labelled(name: str, case: Case, traits: Traits) -> Clip:
    to_s = case.length_s if case.swap_s is not None else TO_S
    labels = (Label(case.wanted, FROM_S, to_s),) if case.wanted else ()
    allowed = tuple(Label(type_, FROM_S - 3, to_s + 3) for type_ in case.tolerated)
    return Clip(
        name,
        case.length_s,
        not labels,
        labels,
        allowed,
        lighting=case.lighting or "plain",
        glasses=case.glasses or traits.glasses,
        skin_tone=traits.skin_tone,
        material=traits.material,
        case=case.name,
    )


def _film(path: Path, base: Base, case: Case, rng: np.random.Generator, fps: int, sound: Sound | None) -> None:
    grain = rng.normal(0, 3, (8, traps.HEIGHT, traps.WIDTH, 1)).astype(np.float32)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = traps.WIDTH, traps.HEIGHT, "yuv420p"
        stream.bit_rate, stream.time_base = KBIT_S * 1000 * fps // USUAL_FPS, Fraction(1, fps)
        stream.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "threads": "1",
            "g": str(2 * fps),
        }
        voice = None if sound is None else film.add_stream("aac", rate=sounds.RATE, layout="mono")
        last: Picture | None = None
        for at in range(round(case.length_s * fps)):
            at_s = at / fps
            if _inside(case.hole, at_s) or (at and rng.random() < DROPPED * fps / USUAL_FPS):
                continue
            if last is None or not _inside(case.frozen, at_s):
                last = _picture(base, case, at_s) + grain[at % len(grain)]
            frame = av.VideoFrame.from_ndarray(np.clip(last, 0, 255).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, fps)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
        if voice is not None and sound is not None:
            for start in range(0, len(sound), 1024):
                piece = av.AudioFrame.from_ndarray(sound[None, start : start + 1024], format="fltp", layout="mono")
                piece.sample_rate, piece.pts, piece.time_base = sounds.RATE, start, Fraction(1, sounds.RATE)
                film.mux(voice.encode(piece))
            film.mux(voice.encode(None))


def _picture(base: Base, case: Case, at_s: float) -> Picture:
    picture = base.room(at_s)
    for paint in case.behind:
        paint(picture, base, at_s)
    sits = base.swapped() if case.swap_s is not None and at_s >= case.swap_s else base
    present = 1 - between(at_s, FROM_S - 0.5, TO_S + 0.5) if case.leaves else 1.0
    pose = case.pose(at_s) if case.pose else STRAIGHT
    sits.candidate(picture, at_s, present, pose)
    if case.worn is not None and present > 0:
        case.worn(picture, sits.head(at_s, replace(pose, right=pose.right - GONE_PX * (1 - present))), at_s)
    if case.before is not None:
        case.before(picture, base, at_s)
    return case.camera(picture, at_s) if case.camera else picture


def _inside(span: tuple[float, float] | None, at_s: float) -> bool:
    return span is not None and span[0] <= at_s < span[1]
