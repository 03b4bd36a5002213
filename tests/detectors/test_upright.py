"""Cameras that lie on their side or hang upside down: drawn, through the real models and the Strict rules."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from examhall.base.words import IncidentKind, Leniency
from examhall.incidents import store
from examhall.incidents.detectors import upright
from examhall.incidents.detectors.mesh import Region
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.upright import WAYS, turned
from examhall.incidents.detectors.window import Frame, VideoWindow
from examhall.incidents.rules import fold
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.signal import Batch, Signal
from examhall.site.simulate.scene import LOOKS, put, room

MODELS = Path(os.environ.get("EXAMHALL_MODELS_DIR", Path(__file__).parents[2] / "var" / "models"))
with_models = pytest.mark.skipif(
    bool(store.missing(MODELS)), reason=f"the models are not in {MODELS}; run `examhall models install`"
)
K = IncidentKind
RNG = np.random.default_rng(5)


def seat(at_s: float, *, present: bool = True) -> Frame:
    """What an upright camera of 640 x 480 would see."""
    picture = room(LOOKS[0]).copy()
    if present:
        put(picture, LOOKS[0], 300, 268, 1.0, at_s)
    noisy = picture + RNG.normal(0, 2.2, (*picture.shape[:2], 1))
    return np.ascontiguousarray(np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1])


def lying(upright_frame: Frame, quarters: int) -> Frame:
    """The same from a camera that `quarters` counterclockwise turns bring upright."""
    if not quarters % 2:
        return turned(upright_frame, quarters)
    middle = cv2.rotate(np.ascontiguousarray(upright_frame[:, 120:480]), WAYS[4 - quarters])
    return np.asarray(cv2.resize(middle, (640, 480)), np.uint8)


def told(quarters: int, *, seconds: int, leaves_s: float = 1e9) -> tuple[PipelineState, set[IncidentKind]]:
    pipeline, state, signals = Pipeline(store.load(MODELS), wanted={K.HEAD_TURN}), PipelineState(), list[Signal]()
    for from_s in range(0, seconds, 5):
        times_s = tuple(from_s + n / 2 for n in range(10))
        frames = tuple(lying(seat(at_s, present=at_s < leaves_s), quarters) for at_s in times_s)
        seen = pipeline.observe(state, VideoWindow(times_s, frames))
        state = seen.state
        signals += seen.signals
    step = fold.fold(Batch(seen.kinds, float(seconds), signals), rule_set(Leniency.STRICT))
    return state, {incident.kind for incident in step.incidents}


@with_models
@pytest.mark.parametrize("quarters", sorted(WAYS))
def test_a_camera_that_lies_on_its_side_is_known_by_the_face_and_nobody_is_told_for_it(quarters: int) -> None:
    """Issue 3, bad input: rotated. The pictures are turned; nobody looks away or has left because of their camera."""
    state, kinds = told(quarters, seconds=10)
    assert state.watch.stand.quarters == quarters
    assert not kinds & {K.HEAD_TURN, K.LEFT_SESSION, K.MULTI_FACE, K.CAMERA_BLOCKED}


@with_models
def test_who_leaves_a_camera_on_its_side_is_told() -> None:
    """Issue 3, bad input: rotated. A turned picture is analysed like any other."""
    assert K.LEFT_SESSION in told(1, seconds=15, leaves_s=7.0)[1]


@with_models
def test_an_upright_camera_is_known_at_the_first_face() -> None:
    """Issue 3, bad input: rotated. Nothing is turned that stands upright."""
    assert told(0, seconds=5)[0].watch.stand.quarters == 0


def lines() -> NDArray[np.uint8]:
    out = np.zeros((480, 640, 3), np.uint8)
    out[:100, :100] = 255
    return out


@pytest.mark.parametrize(("quarters", "corner"), [(1, (470, 145)), (2, (470, 630)), (3, (10, 490))])
def test_a_picture_is_turned_whole_and_keeps_its_size(quarters: int, corner: tuple[int, int]) -> None:
    """Issue 3, bad input: rotated. The upper left corner stands where the turn brings it."""
    up = turned(lines(), quarters)
    assert (up.shape, up[corner].tolist()) == ((480, 640, 3), [255, 255, 255])


def test_a_head_that_leans_is_upright_and_one_that_lies_is_not() -> None:
    """Issue 3, bad input: rotated."""
    regions = [Region(0, 0, 1, angle) for angle in (0.6, -0.6, 1.5)]
    assert [upright.is_level(region) for region in regions] == [True, True, False]
