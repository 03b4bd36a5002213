"""Whether it is still the candidate, by the real network: people of the labelled clips who change places here."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.detectors.test_detectors_clips import MODELS, SAMPLES, with_clips

from examhall.base.words import IncidentKind, Leniency
from examhall.incidents import store
from examhall.incidents.detectors.identity_look import FaceReader
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.window import STEP_S, Frame, VideoWindow
from examhall.incidents.jobs.analyse_files import analyse
from examhall.incidents.rules.fold import advance, start
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.signal import Batch, FoldedIncident
from examhall.media.container.decode import windows

K = IncidentKind
RNG = np.random.default_rng(2)
RULES = rule_set(Leniency.STRICT)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(store.load(MODELS), wanted={K.IDENTITY_CHANGE})


def clip(name: str) -> list[Frame]:
    """Twelve seconds of somebody who works, at two frames a second."""
    frames: list[Frame] = []
    with (SAMPLES / "clips" / f"{name}.webm").open("rb") as source:
        for window in windows(source):
            frames += window.frames
            if len(frames) >= 24:
                return frames[:24]
    return frames


def empty(length_s: float) -> list[Frame]:
    """A dim wall: nobody is there."""
    wall = RNG.integers(40, 120, (12, 16, 3)).repeat(40, axis=0).repeat(40, axis=1)
    return [np.clip(wall + RNG.integers(-5, 6, wall.shape), 0, 255).astype(np.uint8) for _ in range(int(length_s * 2))]


def found(pipeline: Pipeline, frames: Sequence[Frame]) -> list[FoldedIncident]:
    times = tuple(place * STEP_S for place in range(len(frames)))
    seen = pipeline.observe(PipelineState(), VideoWindow(times, tuple(frames)))
    batch = Batch(frozenset({K.IDENTITY_CHANGE}), seen.until_s, seen.signals, final=True)
    mine = [signal for signal in batch.signals if signal.kind is K.IDENTITY_CHANGE]
    return list(advance(start(RULES), Batch(batch.kinds, batch.until_s, mine, final=True), RULES).incidents)


@with_clips
@pytest.mark.parametrize(
    ("one", "other", "away_s"), [("sample_07", "sample_08", 0.0), ("sample_08", "sample_07", 3.0)], ids=["cut", "away"]
)
def test_somebody_else_after_an_absence_or_in_one_cut_is_told(
    pipeline: Pipeline, one: str, other: str, away_s: float
) -> None:
    """product.md §5.5: identity_change; the place is told within the tolerance of the labelled clips."""
    (incident,) = found(pipeline, [*clip(one)[:16], *empty(away_s), *clip(other)])
    assert abs(incident.start_s - (8 + away_s)) <= 3.0
    assert incident.value >= 0.55
    assert incident.detector == "identity 3"


def dim(frame: Frame) -> Frame:
    return np.clip(frame * 0.35 + RNG.normal(0, 5, frame.shape), 0, 255).astype(np.uint8)


def lit_from_one_side(frame: Frame) -> Frame:
    return np.clip(frame * np.linspace(0.3, 1.3, 640)[None, :, None], 0, 255).astype(np.uint8)


def tilted(frame: Frame) -> Frame:
    turn = cv2.getRotationMatrix2D((320, 240), 18, 1.0)
    return np.asarray(cv2.warpAffine(frame, turn, (640, 480), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def mirrored(frame: Frame) -> Frame:
    return np.ascontiguousarray(frame[:, ::-1])


def sent_thinly(frame: Frame) -> Frame:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 12])[1], 1), np.uint8)


def half_out(frame: Frame) -> Frame:
    return np.roll(frame, 260, axis=1)


@with_clips
@pytest.mark.parametrize("changed", [dim, lit_from_one_side, tilted, mirrored, sent_thinly, half_out])
def test_the_candidate_under_another_light_or_angle_stays_the_candidate(
    pipeline: Pipeline, changed: Callable[[Frame], Frame]
) -> None:
    """Issue 3: change of light, tilt, mirror, weak connection, partly out of the picture."""
    frames = clip("sample_07")[:20]
    assert found(pipeline, [*frames[:14], *empty(2), *(changed(frame) for frame in frames)]) == []


@with_clips
def test_the_labelled_change_is_found_and_nothing_else() -> None:
    """Issue 3: different_person on the labelled clips at Strict."""
    name = "sample_06.webm"
    path = SAMPLES / "clips" / name
    seen = analyse([path], policy=Leniency.STRICT, models_folder=MODELS).predictions[name]
    (mine,) = [p for p in seen if p.type == "different_person"]
    assert abs(mine.start_s - 22.3) <= 3.0
    assert {p.type for p in seen} == {"left_session", "different_person"}


@with_clips
def test_without_the_identity_model_the_others_go_on_and_it_is_named(tmp_path: Path) -> None:
    """Issue 3: a model that is absent is named; the product works without it."""
    models = {name: raw for name, raw in store.load(MODELS).items() if name != "identity"}
    off = Pipeline(models).off
    assert off == {K.IDENTITY_CHANGE: "the model identity is not installed"}


@with_clips
def test_the_network_gives_the_numbers_its_own_library_gives() -> None:
    """detection.md §2: the weights are the published ones; what runs them may differ. Taken with dlib 20.0.1."""
    picture = np.random.default_rng(1).integers(0, 255, (150, 150, 3), dtype=np.uint8)
    numbers = FaceReader(store.load(MODELS)["identity"]).numbers(picture)
    library = [-0.09041229, 0.08459122, 0.02040611, -0.00902203, -0.1720348, -0.07461816]
    assert numbers[:6] == pytest.approx(library, abs=1e-5)
