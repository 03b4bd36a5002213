"""What one minute of webcam costs: the pipeline of a running exam beside every model on every sampled frame.

The clips are drawn and encoded here (half a minute of a calm candidate, and one with a visitor and an empty
chair); both runs read the same bytes and decode them. Processor seconds of this process, its decoder's and models'
threads included.
"""

import io
import time
from pathlib import Path

from bench.setup import migrated
from examhall.base.words import Leniency
from examhall.incidents import store
from examhall.incidents.detectors.body import BodyFinder
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.mesh import FaceMesh, region_of
from examhall.incidents.detectors.phone import PhoneFinder
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.speech import VoiceFinder
from examhall.incidents.jobs.analyse_files import observed
from examhall.incidents.rules.levels import rule_set
from examhall.media.container.decode import windows
from examhall.site.simulate.footage import camera
from examhall.site.simulate.screenplay import Screenplay, Stretch

MODELS = Path("var/models")
CLIP_S = 30
PER_MINUTE = 60 / CLIP_S
CALM = Screenplay("calm")
LIVELY = Screenplay("lively", away=[Stretch(5, 11)], visited=[Stretch(16, 24)])


def run() -> dict[str, float]:
    """CPU seconds for each minute of webcam, decoding included; nothing when the models are not installed."""
    migrated()
    models = store.load(MODELS)
    if not {"yunet", "face_landmarks", "person", "objects", "voice"} <= models.keys():
        print(f"analysis: the models are not in {MODELS}; run `examhall models install`")
        return {}
    clips = {play.name: _clip(play, person) for person, play in enumerate((CALM, LIVELY))}
    pipeline = Pipeline(models, wanted=rule_set(Leniency.STRICT).rules)
    everything = _Everything(models)
    _pipeline_s(pipeline, clips["calm"][: len(clips["calm"]) // 4])  # warm: the first look builds the models' plans
    ours = {name: _pipeline_s(pipeline, clip) for name, clip in clips.items()}
    most = {name: everything.seconds(clip) for name, clip in clips.items()}
    decoding_s = _decoding_s(clips["calm"])
    for name in clips:
        print(f"analysis: {name}: {ours[name]:.2f} CPU-s per minute; every model on every frame {most[name]:.2f}")
    mean_s, most_s = sum(ours.values()) / len(ours), sum(most.values()) / len(most)
    print(f"analysis: {mean_s:.2f} CPU-s per webcam minute ({decoding_s:.2f} decoding); {mean_s / most_s:.2f} of all")
    return {
        "analysis.cpu_s_per_minute": round(mean_s, 2),
        "analysis.decoding_s_per_minute": round(decoding_s, 2),
        "analysis.every_model_s_per_minute": round(most_s, 2),
        "analysis.ratio_to_every_model": round(mean_s / most_s, 3),
    }


def _clip(play: Screenplay, person: int) -> bytes:
    film = camera(play, person)
    fragments = [film.fragment(n, start_ms=0).content for n in range(CLIP_S // film.fragment_s)]
    return film.init.content + b"".join(fragments)


def _pipeline_s(pipeline: Pipeline, clip: bytes) -> float:
    began, state = time.process_time(), PipelineState()
    for window in windows(io.BytesIO(clip)):
        state, _ = observed(pipeline, state, window)
    return (time.process_time() - began) * PER_MINUTE


def _decoding_s(clip: bytes) -> float:
    began = time.process_time()
    for _ in windows(io.BytesIO(clip)):
        pass
    return (time.process_time() - began) * PER_MINUTE


class _Everything:
    """No cascade: each model looks at each sampled frame and hears all sound."""

    def __init__(self, models: dict[str, bytes]) -> None:
        self._faces, self._mesh = FaceFinder(models["yunet"]), FaceMesh(models["face_landmarks"])
        self._body, self._phone = BodyFinder(models["person"]), PhoneFinder(models["objects"])
        self._voice = VoiceFinder(models["voice"])

    def seconds(self, clip: bytes) -> float:
        began = time.process_time()
        memory, context = self._voice.blank()
        for window in windows(io.BytesIO(clip)):
            for frame in window.frames:
                for box in self._faces.find(frame, width=480):
                    self._mesh.look(frame, region_of(box))
                self._body.share(frame)
                self._phone.score(frame)
            whole = len(window.sound) // 512 * 512
            if whole:
                _, memory, context = self._voice.probabilities(window.sound[:whole], memory, context)
        return (time.process_time() - began) * PER_MINUTE
