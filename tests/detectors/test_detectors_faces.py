"""The face detector's network, beside OpenCV's own detector of the same file."""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from examhall.base.errors import BadInput
from examhall.incidents import store
from examhall.incidents.detectors.faces import looks_here
from examhall.incidents.detectors.faces_net import FaceNet
from examhall.incidents.detectors.window import Box
from examhall.site.simulate.scene import LOOKS, Moment, draw

MODELS = Path(os.environ.get("EXAMHALL_MODELS_DIR", Path(__file__).parents[2] / "var" / "models"))


@pytest.mark.skipif(
    bool(store.missing(MODELS)), reason=f"the models are not in {MODELS}; run `examhall models install`"
)
@pytest.mark.parametrize("size", [(320, 240), (480, 360), (640, 480)])
def test_faces_are_found_where_opencv_finds_them(size: tuple[int, int]) -> None:
    """detection.md §3: the figures were measured with OpenCV's detector; ours has to give the same boxes."""
    model = store.load(MODELS)["yunet"]
    scene = draw(LOOKS[0], LOOKS[2], Moment(at_s=1.0, present=1.0, visitor=1.0, covered=False))
    picture = cv2.resize(cv2.cvtColor(scene, cv2.COLOR_RGB2BGR), size)
    theirs = cv2.FaceDetectorYN.create("onnx", np.frombuffer(model, np.uint8), np.zeros(0, np.uint8), size, 0.6, 0.3)
    _, expected = theirs.detect(picture)
    found = FaceNet(model).faces(np.asarray(picture, np.uint8), least_score=0.6, most_shared=0.3)
    assert len(found) == 2
    np.testing.assert_allclose(found, np.asarray(expected)[:, [*range(8), 14]], atol=0.01)


MASKED = Box(250, 170, 150, 190, 0.89, (292.0, 243.0, 362.0, 244.0))


@pytest.mark.parametrize(
    ("box", "here"),
    [
        (MASKED, True),
        (replace(MASKED, score=0.7), False),
        (replace(MASKED, eyes=(330.0, 243.0, 372.0, 244.0)), False),
        (replace(MASKED, eyes=(326.0, 243.0, 396.0, 244.0)), False),
        (replace(MASKED, eyes=(292.0, 275.0, 362.0, 276.0)), False),
    ],
    ids=["masked", "not sure", "profile", "to the side", "bowed"],
)
def test_a_covered_face_that_looks_here_is_known_by_its_eyes(box: Box, here: bool) -> None:
    """Issue 3, bad input: mask and veil; what the mesh cannot read has not turned away."""
    assert looks_here(box) == here


@pytest.mark.parametrize("model", [b"", b"another network"])
def test_another_network_is_refused(model: bytes) -> None:
    """Issue 3: wrong version: named."""
    with pytest.raises(BadInput, match="not the network"):
        FaceNet(model)
