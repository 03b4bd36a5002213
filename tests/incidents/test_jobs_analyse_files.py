"""Clips as real devices and accidents make them, through `examhall analyse`: sound behaviour or a clear error.

No models are needed: the camera that is covered from second 5 to 17 is judged by the picture alone.
"""

from pathlib import Path

import pytest

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Leniency
from examhall.incidents.detectors.pipeline import Pipeline
from examhall.incidents.jobs.analyse_files import analyse, analyse_clip
from examhall.incidents.rules.levels import rule_set
from tests.fixtures.odd_media import Film, clip, only_sound, turned

COVERED = [True] * 5 + [False] * 12 + [True] * 8
Seen = list[tuple[str, float, float]]


def seen(folder: Path, content: bytes) -> Seen:
    (folder / "clip.bin").write_bytes(content)
    found = analyse([folder / "clip.bin"], policy=Leniency.STRICT, models_folder=folder / "none")
    return [(p.type, p.start_s, p.end_s) for p in found.predictions["clip.bin"]]


@pytest.mark.parametrize(
    "film",
    [
        pytest.param(Film(), id="as a browser records"),
        pytest.param(Film(width=16, height=16), id="tiny"),
        pytest.param(Film(width=3840, height=2160, fps=1, codec="mjpeg", pixels="yuvj420p"), id="huge"),
        pytest.param(Film(width=360, height=640), id="upright, as a telephone"),
        pytest.param(Film(width=321, height=241, codec="mpeg4"), id="odd size, another codec"),
        pytest.param(Film(codec="ffv1", pixels="gray"), id="greyscale"),
        pytest.param(Film(fps=1), id="one frame a second"),
        pytest.param(Film(fps=30, width=64, height=48), id="thirty frames a second"),
    ],
)
def test_a_covered_camera_is_found_whatever_the_camera(tmp_path: Path, film: Film) -> None:
    """Issue 3, bad input: tiny, huge, 1 fps, greyscale, other codecs."""
    assert seen(tmp_path, clip(film, COVERED)) == [("covered_or_dark_camera", 5.0, 17.0)]


def test_a_camera_of_a_frame_in_two_seconds_is_found_to_the_frame(tmp_path: Path) -> None:
    """Issue 3, bad input: a starving machine; a picture stands until the next one."""
    assert seen(tmp_path, clip(Film(fps=0.5), COVERED)) == [("covered_or_dark_camera", 6.0, 18.0)]


def test_a_device_that_was_turned_is_analysed_as_usual(tmp_path: Path) -> None:
    """detection.md §5, issue 3, bad input: rotated."""
    assert seen(tmp_path, turned(clip(Film(container="mp4"), COVERED))) == [("covered_or_dark_camera", 5.0, 17.0)]


def test_a_clip_without_sound_track_says_nothing_of_sound_and_all_of_the_picture(tmp_path: Path) -> None:
    """Issue 3, bad input: audio-less; silence that was not recorded is no silent microphone."""
    (tmp_path / "clip.bin").write_bytes(clip(Film(fps=2), [True] * 5 + [False] * 90))
    found = analyse_clip(tmp_path / "clip.bin", Pipeline({}), rule_set(Leniency.STRICT))
    assert [(i.kind, i.start_s, i.end_s) for i in found] == [(IncidentKind.CAMERA_BLOCKED, 5.0, 95.0)]


def test_a_clip_without_picture_is_heard(tmp_path: Path) -> None:
    """Issue 3, bad input: video-less; what is not there was not covered."""
    assert seen(tmp_path, only_sound(25)) == [("background_audio", 10.0, 25.0)]


def test_picture_and_sound_of_one_clip_are_both_judged(tmp_path: Path) -> None:
    """Issue 3: the success beside the refusals."""
    found = seen(tmp_path, clip(Film(), COVERED, sound=True))
    assert found == [("covered_or_dark_camera", 5.0, 17.0), ("background_audio", 10.0, 25.0)]


@pytest.mark.parametrize("hole_s", [60.0, 36_000.0])
def test_a_hole_in_the_clock_is_no_incident_and_hides_none(tmp_path: Path, hole_s: float) -> None:
    """Issue 3, bad input: clock holes; nothing is said of time nobody recorded."""
    found = seen(tmp_path, clip(Film(hole_from_s=11, hole_s=hole_s), COVERED))
    assert found == [("covered_or_dark_camera", 5.0, 11.0), ("covered_or_dark_camera", 11.0 + hole_s, 17.0 + hole_s)]


@pytest.mark.parametrize("container", ["matroska", "mp4"])
def test_corrupt_bytes_lose_what_they_hold_and_no_more(tmp_path: Path, container: str) -> None:
    """Issue 3, bad input: corrupt; the rest of the clip is read on."""
    whole = clip(Film(container=container), COVERED)
    torn = whole[: len(whole) // 10] + bytes(len(whole) // 10) + whole[2 * (len(whole) // 10) :]
    ((kind, start_s, end_s),) = seen(tmp_path, torn)
    assert kind == "covered_or_dark_camera"
    assert [start_s, end_s] == pytest.approx([5, 17], abs=1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "not a recording that can be read", id="empty"),
        pytest.param(b"\x1a\x45\xdf\xa3" + bytes(300), "not a recording that can be read", id="torn at the start"),
        pytest.param(
            clip(Film(), COVERED).replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XXX"),
            "Nothing in the file could be decoded",
            id="a codec nobody knows",
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_its_remedy(tmp_path: Path, content: bytes, words: str) -> None:
    """Issue 3, bad input: a clear error that names the clip; nothing is written."""
    (tmp_path / "clip.bin").write_bytes(content)
    with pytest.raises(BadInput, match=rf"clip\.bin: .*{words}") as refused:
        analyse([tmp_path / "clip.bin"], policy=Leniency.STRICT, out=tmp_path / "out.json", models_folder=tmp_path)
    assert refused.value.fields
    assert not (tmp_path / "out.json").exists()
