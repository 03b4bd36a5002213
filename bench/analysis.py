"""What one minute of webcam costs: the pipeline of a running exam beside every model on every sampled frame.

The clips are drawn and encoded here (half a minute of a calm candidate, and one with a visitor and an empty
chair); both runs read the same bytes and decode them, and look at the same two pictures a second. The pipeline has
seen a calm quarter of a minute before, uncounted: who sits there and what the room looks like is learnt once in an
exam. Processor seconds of this process, its decoder's and models' threads included.
"""

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path

from bench.setup import migrated
from examhall.base.settings import settings
from examhall.base.words import Leniency
from examhall.incidents import store
from examhall.incidents.detectors.body import BodyFinder
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.identity_look import FaceReader, cut_out
from examhall.incidents.detectors.mesh import FaceMesh, region_of
from examhall.incidents.detectors.objects import PackagedFinder
from examhall.incidents.detectors.pipeline import OBJECT_KINDS, Pipeline, PipelineState
from examhall.incidents.detectors.speech import VoiceFinder
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.rules.levels import rule_set
from examhall.media.container.decode import Decoded, windows
from examhall.site.simulate.footage import camera
from examhall.site.simulate.screenplay import Screenplay, Stretch

MODELS = Path("var/models")
CLIP_S, OPENING_S = 30, 16
CALM = Screenplay("calm")
LIVELY = Screenplay("lively", away=[Stretch(5, 11)], visited=[Stretch(16, 24)])


def run() -> dict[str, float]:
    """CPU seconds for each minute of webcam, decoding included; nothing when the models are not installed."""
    migrated()
    folder = MODELS if settings().models_dir is None else settings().models_root
    if store.missing(folder):
        print(f"analysis: the models are not in {folder}; run `examhall models install`")
        return {}
    models = store.load(folder)
    clips = {play.name: _Clip(play, person) for person, play in enumerate((CALM, LIVELY))}
    wanted = frozenset(rule_set(Leniency.STRICT).rules)
    full, plain = Pipeline(models, wanted=wanted), Pipeline(models, wanted=wanted - OBJECT_KINDS)
    everything = _Everything(models)
    spent = {name: _spent(full, clip) for name, clip in clips.items()}
    mean = _mean(list(spent.values()))
    without_s = _mean([_spent(plain, clip) for clip in clips.values()]).all_s
    most = _mean([everything.spent(clip.content) for clip in clips.values()])
    each = ", ".join(f"{name} {cost.all_s:.2f}" for name, cost in spent.items())
    print(f"analysis: {mean.all_s:.2f} CPU-s per webcam minute ({each}), {without_s:.2f} without object hints")
    print(f"analysis: of them decoding {mean.decoding_s:.2f}, picture {mean.picture_s:.2f}, sound {mean.sound_s:.2f}")
    print(f"analysis: every model on every picture {most.all_s:.2f}: {most.all_s / mean.all_s:.1f} x as much")
    return {
        "analysis.cpu_s_per_minute": round(mean.all_s, 2),
        "analysis.without_objects_s_per_minute": round(without_s, 2),
        "analysis.decoding_s_per_minute": round(mean.decoding_s, 2),
        "analysis.picture_s_per_minute": round(mean.picture_s, 2),
        "analysis.sound_s_per_minute": round(mean.sound_s, 2),
        "analysis.every_model_s_per_minute": round(most.all_s, 2),
        "analysis.ratio_to_every_model": round(mean.all_s / most.all_s, 3),
    }


@dataclass(slots=True)
class _Spent:
    """CPU seconds for each minute of webcam."""

    decoding_s: float = 0.0
    picture_s: float = 0.0
    sound_s: float = 0.0

    @property
    def all_s(self) -> float:
        return self.decoding_s + self.picture_s + self.sound_s


def _mean(costs: Sequence[_Spent]) -> _Spent:
    return _Spent(*(sum(part) / len(costs) for part in zip(*(astuple(cost) for cost in costs), strict=True)))


class _Clip:
    """What a candidate's camera recorded, and the opening of the exam before it."""

    def __init__(self, play: Screenplay, person: int) -> None:
        self.opening, self.content = _recorded(CALM, person, OPENING_S), _recorded(play, person, CLIP_S)


def _recorded(play: Screenplay, person: int, length_s: int) -> bytes:
    film = camera(play, person)
    fragments = [film.fragment(n, start_ms=0).content for n in range(length_s // film.fragment_s)]
    return film.init.content + b"".join(fragments)


def _spent(pipeline: Pipeline, clip: _Clip) -> _Spent:
    state, offset_s = PipelineState(), 0.0

    def picture(window: Decoded) -> None:
        nonlocal state
        times_s = tuple(at_s + offset_s for at_s in window.times_s)
        state = pipeline.observe(state, VideoWindow(times_s, tuple(window.frames))).state

    def sound(window: Decoded) -> None:
        nonlocal state
        state = pipeline.observe(state, AudioWindow(window.sound_start_s + offset_s, window.sound)).state

    _timed(clip.opening, picture, sound)
    offset_s = OPENING_S
    return _timed(clip.content, picture, sound)


def _timed(clip: bytes, picture: Callable[[Decoded], None], sound: Callable[[Decoded], None]) -> _Spent:
    spent, media = _Spent(), windows(io.BytesIO(clip), keyed=True)
    while True:
        times = [time.process_time()]
        window = next(media, None)
        times.append(time.process_time())
        if window is not None:
            picture(window)
        times.append(time.process_time())
        if window is not None:
            sound(window)
        times.append(time.process_time())
        parts = [(after - before) * 60 / CLIP_S for before, after in pairwise(times)]
        spent = _Spent(*(sum(both) for both in zip(astuple(spent), parts, strict=True)))
        if window is None:
            return spent


class _Everything:
    """No cascade: each model looks at each sampled picture and hears all sound.

    The face finder looks once, at the middle one of its three sizes; mesh and identity at each face it finds.
    """

    def __init__(self, models: dict[str, bytes]) -> None:
        self._faces, self._mesh = FaceFinder(models["yunet"]), FaceMesh(models["face_landmarks"])
        self._body, self._objects = BodyFinder(models["person"]), PackagedFinder(models["objects"])
        self._reader, self._voice = FaceReader(models["identity"]), VoiceFinder(models["voice"])

    def spent(self, clip: bytes) -> _Spent:
        return _timed(clip, self._picture, self._sound)

    def _picture(self, window: Decoded) -> None:
        for frame in window.frames:
            for box in self._faces.find(frame, width=480):
                look = self._mesh.look(frame, region_of(box))
                self._reader.numbers(cut_out(frame, look).chip)
            self._body.share(frame)
            self._objects.find(frame)

    def _sound(self, window: Decoded) -> None:
        memory, context = self._voice.blank()
        self._voice.probabilities(window.sound, memory, context)
