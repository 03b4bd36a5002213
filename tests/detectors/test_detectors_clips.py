"""The whole path on labelled clips, where they and the models are at hand: the words of the labels, at least."""

import json
import os
from pathlib import Path

import pytest

from examhall.base.errors import BadInput
from examhall.base.words import Leniency
from examhall.incidents import store
from examhall.incidents.jobs.analyse_files import Analysis, analyse

ROOT = Path(__file__).parents[2]
SAMPLES = Path(os.environ.get("EXAMHALL_SAMPLES", ROOT.parent / "shared" / "samples"))
MODELS = Path(os.environ.get("EXAMHALL_MODELS_DIR", ROOT / "var" / "models"))
TOLERANCE_S = 3.0

with_clips = pytest.mark.skipif(
    not (SAMPLES / "truth.json").is_file() or bool(store.missing(MODELS)),
    reason="labelled clips (EXAMHALL_SAMPLES) or models (`examhall models install`) are not here",
)


def labels(clip: str) -> list[tuple[str, float, float]]:
    truth = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    incidents = next(c["incidents"] for c in truth["clips"] if c["clip"] == clip)
    return [(i["type"], i["start_s"], i["end_s"]) for i in incidents]


def analysed(clip: str) -> Analysis:
    return analyse([SAMPLES / "clips" / clip], policy=Leniency.STRICT, models_folder=MODELS)


@with_clips
@pytest.mark.parametrize("clip", ["sample_01.webm", "sample_03.webm", "sample_04.webm"])
def test_each_labelled_incident_is_found_and_nothing_else(clip: str) -> None:
    """R-2.19, R-2.21, R-2.23: face absent, several faces, covered camera, speech; on clips at Strict."""
    found = [(p.type, p.start_s, p.end_s) for p in analysed(clip).predictions[clip]]
    wanted = labels(clip)
    assert [type_ for type_, _, _ in found] == [type_ for type_, _, _ in wanted]
    assert all(
        abs(seen[1] - label[1]) <= TOLERANCE_S and abs(seen[2] - label[2]) <= TOLERANCE_S
        for seen, label in zip(found, wanted, strict=True)
    )


@with_clips
@pytest.mark.parametrize("clip", ["sample_08.webm", "sample_09.webm"])
def test_typing_coughs_glances_and_changing_light_raise_nothing(clip: str) -> None:
    """detection.md §13: every report on a clean clip is a false alarm."""
    assert analysed(clip).predictions[clip] == []


def test_a_clip_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Issue 2, bad input: a clear error, and nothing is written."""
    out = tmp_path / "predictions.json"
    with pytest.raises(BadInput, match=r"gone\.webm does not exist"):
        analyse([tmp_path / "gone.webm"], policy=Leniency.STRICT, out=out, models_folder=tmp_path)
    assert not out.exists()


def test_a_clip_that_is_no_media_is_named(tmp_path: Path) -> None:
    """Issue 2, bad input: corrupt input gives a clear error."""
    (tmp_path / "torn.webm").write_bytes(b"torn" * 100)
    with pytest.raises(BadInput, match=r"torn\.webm: The file is not a recording"):
        analyse([tmp_path / "torn.webm"], policy=Leniency.STRICT, models_folder=tmp_path)


def test_two_clips_of_one_name_are_refused(tmp_path: Path) -> None:
    """Issue 2 §5: predictions are listed by clip name."""
    with pytest.raises(BadInput, match="Two clips"):
        analyse([tmp_path / "a" / "x.webm", tmp_path / "b" / "x.webm"], policy=Leniency.STRICT)
