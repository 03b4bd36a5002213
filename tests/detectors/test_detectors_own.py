"""The operator's own object detector: tiny real models that these tests build, through the two runtimes."""

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.fixtures.tiny_models import FLAT, ROWS, SIDE, onnx_model, paper, picture_of, tflite_model

from examhall.base.settings import Settings
from examhall.base.words import IncidentKind
from examhall.incidents import own
from examhall.incidents.detectors.own import OwnFinder, OwnRefused
from examhall.incidents.detectors.pipeline import OBJECT_KINDS, Pipeline
from examhall.incidents.detectors.window import Frame
from examhall.incidents.jobs import models as jobs_models
from examhall.incidents.jobs.papers import papers
from examhall.site import doctor
from examhall.site.cli import main

PHONE, BOOK = IncidentKind.OBJECT_PHONE, IncidentKind.OBJECT_BOOK
NCHW, NHWC = (1, 3, SIDE, SIDE), (1, SIDE, SIDE, 3)
YOLO, OBJECTNESS = (1, 6, ROWS), (1, ROWS, 6)
SSD = ((1, ROWS, 4), (1, ROWS), (1, ROWS))


def answer(**parts: list[float]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """FLAT zeros, with the numbers of each part from its place on: `at_5=[…]`."""
    out = np.zeros(FLAT)
    for name, values in parts.items():
        at = int(name.removeprefix("at_"))
        out[at : at + len(values)] = values
    return out


def yolo(*sides: float, score: float) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """One thing of class 1 in the fourth column of [1, 6, ROWS]."""
    out = np.zeros((6, ROWS))
    out[:4, 3], out[5, 3] = sides, score
    return out


def found(finder: OwnFinder, picture: Frame) -> list[tuple[str, list[int], float]]:
    things = finder.find(picture)
    places = ([t.box.left, t.box.top, t.box.width, t.box.height] for t in things)
    return [
        (t.kind.value, [round(v) for v in place], round(t.box.score, 1))
        for t, place in zip(things, places, strict=True)
    ]


def test_the_yolo_form_is_read(tmp_path: Path) -> None:
    """Issue 3: a slot for the operator's own detector; [1, 4 + classes, n]."""
    finder = own.loaded(paper(tmp_path, onnx_model(NCHW, YOLO), form="yolo"))
    picture = picture_of(yolo(0.6, 0.4, 0.2, 0.4, score=0.8), layout="nchw")
    assert found(finder, picture) == [("object_phone", [320, 96, 128, 192], 0.8)]
    assert found(finder, picture_of(yolo(0.6, 0.4, 0.2, 0.4, score=0.3), layout="nchw")) == []


def test_the_form_with_objectness_is_read_and_both_certainties_count(tmp_path: Path) -> None:
    """Issue 3: a slot for the operator's own detector; [1, n, 5 + classes]."""
    both = paper(
        tmp_path,
        onnx_model(NHWC, OBJECTNESS),
        form="yolo_objectness",
        input=f'{{width = {SIDE}, height = {SIDE}, layout = "nhwc", colours = "bgr", scale = [255, 255, 255]}}',
        find='[{kind = "object_book", classes = [0], min_score = 0.4}]',
    )
    told = answer(at_12=[0.6, 0.4, 0.2, 0.4, 0.8, 0.8], at_60=[0.2, 0.2, 0.2, 0.2, 0.9, 0.4])
    picture = picture_of(told, layout="nhwc", colours="bgr")
    assert found(own.loaded(both), picture) == [("object_book", [320, 96, 128, 192], 0.6)]


def test_boxes_classes_and_scores_apart_are_read(tmp_path: Path) -> None:
    """Issue 3: a slot for the operator's own detector; the form of the TFLite detection postprocess."""
    apart = paper(
        tmp_path,
        onnx_model(NCHW, *SSD),
        form="ssd",
        input=f'{{width = {SIDE}, height = {SIDE}, layout = "nchw", scale = [255, 255, 255]}}',
        find='[{kind = "object_phone", classes = [0], min_score = 0.4}]',
    )
    told = answer(at_0=[0.2, 0.4, 0.6, 0.6], at_128=[0.0], at_160=[0.8])
    assert found(own.loaded(apart), picture_of(told, layout="nchw")) == [("object_phone", [256, 96, 128, 192], 0.8)]


def test_a_tflite_model_is_read_like_an_onnx_one(tmp_path: Path) -> None:
    """Issue 3: the operator's own ONNX or TFLite detector."""
    lite = paper(tmp_path, tflite_model(NCHW, YOLO), form="yolo", name="desk.tflite")
    picture = picture_of(yolo(0.6, 0.4, 0.2, 0.4, score=0.8), layout="nchw")
    assert found(own.loaded(lite), picture) == [("object_phone", [320, 96, 128, 192], 0.8)]


def test_one_thing_is_told_once_and_a_box_without_a_width_not_at_all(tmp_path: Path) -> None:
    """Issue 3, bad input: a model that doubles its boxes, and one that sees lines."""
    finder = own.loaded(paper(tmp_path, onnx_model(NCHW, YOLO), form="yolo"))
    twice = yolo(0.6, 0.4, 0.2, 0.4, score=0.8)
    twice[:, 4] = twice[:, 3] * 0.98
    assert len(found(finder, picture_of(twice, layout="nchw"))) == 1
    flat = yolo(0.6, 0.4, 0.0, 0.4, score=0.8)
    assert found(finder, picture_of(flat, layout="nchw")) == []


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"sha256": '"' + "0" * 64 + '"'}, "sha256", "not the one stated"),
        ({"file": '"gone.onnx"'}, "file", "gone.onnx cannot be read"),
        ({"file": '"../desk.onnx"'}, "detector.toml", r"file"),
        ({"licence": ""}, "detector.toml", "missing required field `licence`"),
        ({"colour": '"red"'}, "detector.toml", "unknown field `colour`"),
        ({"version": "= 3"}, "detector.toml", "Invalid value"),
        ({"input": '{width = 8, height = 8, layout = "nchw", scale = [0, 1, 1]}'}, "detector.toml", "input.scale"),
        ({"input": '{width = 16, height = 8, layout = "nchw"}'}, "input", r"takes \[1, 3, 8, 8\]"),
        ({"input": '{width = 8, height = 8, layout = "nhwc"}'}, "input", r"layout make \[1, 8, 8, 3\]"),
        ({"output": '{form = "ssd"}'}, "output.form", r"answers \[1, 6, 32\]"),
        ({"output": '{form = "heads"}'}, "detector.toml", "Invalid enum value 'heads' - at `.*output.form`"),
        (
            {"output": '{form = "yolo_objectness"}', "find": '[{kind = "object_phone", classes = [40]}]'},
            "find.classes",
            "27",
        ),
        ({"find": '[{kind = "object_phone", classes = [2]}]'}, "find.classes", "has 2 classes"),
        ({"find": '[{kind = "object_phone", classes = [1], min_score = 0.2}]'}, "detector.toml", "min_score"),
        ({"find": '[{kind = "multi_face", classes = [1]}]'}, "detector.toml", "multi_face"),
        ({"find": "[]"}, "detector.toml", "find"),
    ],
)
def test_a_paper_that_does_not_fit_is_refused_by_the_line_to_mend(
    tmp_path: Path, changed: dict[str, str], field: str, said: str
) -> None:
    """Issue 3, bad input: a clear error that names the field and the remedy."""
    written = paper(tmp_path, onnx_model(NCHW, YOLO), form="yolo", **changed)
    with pytest.raises(OwnRefused, match=said) as refused:
        own.loaded(written)
    assert refused.value.fields[field]


@pytest.mark.parametrize("name", ["torn.onnx", "torn.tflite"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, name: str) -> None:
    """Issue 3, bad input: whatever lies there under the stated hash."""
    with pytest.raises(OwnRefused, match=rf"{name} cannot be loaded"):
        own.loaded(paper(tmp_path, b"torn" * 50, form="yolo", name=name))


def test_it_takes_the_place_of_the_packaged_detector_for_its_kinds_only(tmp_path: Path) -> None:
    """Issue 3: the packaged model stays for the kinds the own one does not serve."""
    assert own.installed(tmp_path) is None
    paper(tmp_path / "own", onnx_model(NCHW, YOLO), form="yolo")
    theirs = own.installed(tmp_path)
    seeing = Pipeline({}, own=theirs)
    assert seeing.own is not None and seeing.own.name == "desk-things"
    assert seeing.off[BOOK] == "the model objects is not installed"
    assert PHONE in seeing.off, "without a face finder nobody looks for things"


def test_one_that_cannot_be_used_leaves_objects_unseen_and_the_rest_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 3: named as off with its reason; nobody is judged by another model than the site chose."""
    paper(tmp_path / "own", onnx_model(NCHW, YOLO), form="yolo", sha256='"' + "0" * 64 + '"')
    monkeypatch.setattr(jobs_models, "settings", lambda: Settings(models_dir=tmp_path))
    jobs_models.loaded_pipeline.cache_clear()
    pipeline = jobs_models.loaded_pipeline(OBJECT_KINDS)
    jobs_models.loaded_pipeline.cache_clear()
    assert pipeline.own is None
    assert all("SHA-256" in pipeline.off[kind] for kind in OBJECT_KINDS)
    assert IncidentKind.CAMERA_BLOCKED not in pipeline.off


def test_its_name_version_and_hash_stand_in_the_papers(tmp_path: Path) -> None:
    """R-2.02: an incident names the detector and the model that made it, by version and hash."""
    model = onnx_model(NCHW, YOLO)
    spec = own.loaded(paper(tmp_path, model, form="yolo")).spec
    program, weights = papers(spec.card.mark, spec)
    assert (program.what, program.version) == ("Detector own:desk-things", "1.4")
    assert (weights.what, weights.version) == ("Model desk-things", "the operator's own 1.4")
    assert weights.sha256 == hashlib.sha256(model).hexdigest()
    assert papers("faces 2", spec)[0].what == "Detector faces"


def test_the_command_says_what_it_found_in_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue 3: checked by a command that loads it, runs it on a picture and prints what it found."""
    sure = '[{kind = "object_phone", classes = [1], min_score = 0.6}]'
    written = paper(tmp_path, onnx_model(NCHW, YOLO), form="yolo", find=sure)
    picture = tmp_path / "desk.png"
    cv2.imwrite(str(picture), picture_of(yolo(0.6, 0.4, 0.2, 0.4, score=0.8), layout="nchw"))
    assert main(["detectors", "check-own", str(written), "--picture", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "usable: desk-things 1.4, CC0, SHA-256" in told
    assert "object_phone 0.80 at left 320, top 96, 128 x 192 of 640 x 480" in told
    assert main(["detectors", "check-own", str(written)]) == 0
    assert "found nothing" in capsys.readouterr().out


def test_the_command_names_the_line_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue 3, bad input: a wrong hash, a paper that is not there, a picture that is none."""
    written = paper(tmp_path, onnx_model(NCHW, YOLO), form="yolo", sha256='"' + "0" * 64 + '"')
    assert main(["detectors", "check-own", str(written)]) == 1
    assert "  sha256: put the right file there" in capsys.readouterr().out
    assert main(["detectors", "check-own", str(tmp_path / "none.toml")]) == 1
    assert "does not exist" in capsys.readouterr().out
    whole = paper(tmp_path, onnx_model(NCHW, YOLO), form="yolo")
    assert main(["detectors", "check-own", str(whole), "--picture", str(whole)]) == 2
    assert "no picture that can be read" in capsys.readouterr().err


def test_the_doctor_tells_whether_it_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 3: a detector that does not run says why where the operator looks."""
    monkeypatch.setattr(doctor, "settings", lambda: Settings(models_dir=tmp_path))
    written = paper(tmp_path / "own", onnx_model(NCHW, YOLO), form="yolo")
    assert ("own detector desk-things", "ready") in [(f.what, f.found) for f in doctor._models()]
    written.write_text("name = 3", encoding="utf-8")
    told = next(f for f in doctor._models() if f.what == "own detector")
    assert told.found == "not usable" and not told.grave and "check-own" in told.mend
