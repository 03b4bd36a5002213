"""Export: one file any player opens, both pictures and the sound in step, holes kept as time."""

from pathlib import Path

import av
import pytest

from examhall.base.errors import BadInput, NotFound
from examhall.base.words import EntryKind, Track
from examhall.journal.reads import entries_after
from examhall.media.actions.export import export_media
from tests.media import clips
from tests.media.sitting import Sitting

pytestmark = pytest.mark.django_db


def times_of(path: Path) -> dict[str, list[float]]:
    """Times of all decoded pictures and sounds by the kind and size of their track."""
    found: dict[str, list[float]] = {}
    with av.open(str(path), "r") as file:
        for frame in file.decode():
            kind = f"{frame.width}x{frame.height}" if isinstance(frame, av.VideoFrame) else "sound"
            found.setdefault(kind, []).append(frame.time or 0.0)
    return found


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_an_export_plays_with_both_pictures_and_the_sound_in_step(
    sitting: Sitting, tmp_path: Path, suffix: str
) -> None:
    """issue 2 §4: one playable MKV or MP4 by stream copy."""
    sitting.keep(*clips.webcam(6))
    sitting.keep(*clips.screen(20), track=Track.SCREEN)
    exported = export_media(sitting.attempt, tmp_path / f"out{suffix}")
    found = times_of(tmp_path / f"out{suffix}")
    assert found["160x120"] == pytest.approx([n / 10 for n in range(60)], abs=0.01)
    assert found["320x180"] == pytest.approx([n / 5 for n in range(100)], abs=0.01)
    assert found["sound"][-1] == pytest.approx(5.98, abs=0.05)
    assert exported.length_s == pytest.approx(19.8, abs=0.01)


def test_a_hole_and_a_new_recorder_start_stay_where_they_were_in_time(sitting: Sitting, tmp_path: Path) -> None:
    """issue 2 §4: holes are kept as time; fragments that came out of order are put in order."""
    init, *made = clips.webcam(6)
    sitting.keep(init, made[2], made[0])
    sitting.keep(*clips.webcam(3, 20_000), epoch=2)
    export_media(sitting.attempt, tmp_path / "out.mkv")
    seen = times_of(tmp_path / "out.mkv")["160x120"]
    expected = [n / 10 for n in (*range(10), *range(20, 30), *range(200, 230))]
    assert seen == pytest.approx(expected, abs=0.01)


def test_an_export_is_an_audit_entry(sitting: Sitting, tmp_path: Path) -> None:
    """product.md P8: every export is logged."""
    sitting.keep(*clips.webcam(6))
    export_media(sitting.attempt, tmp_path / "out.mkv", by=sitting.reviewer)
    line = entries_after(sitting.ref.schedule_stream, 0)[-1]
    assert (line.kind, line.actor_name, line.extra["format"]) == (EntryKind.EVIDENCE_EXPORTED, "Henrik Aalto", "mkv")


def test_an_attempt_without_media_and_an_unknown_format_are_refused(sitting: Sitting, tmp_path: Path) -> None:
    """issue 2 §4: no empty file is left behind."""
    with pytest.raises(NotFound, match="Nothing was recorded"):
        export_media(sitting.attempt, tmp_path / "out.mkv")
    with pytest.raises(BadInput, match=r"\.mkv or \.mp4"):
        export_media(sitting.attempt, tmp_path / "out.avi")
    assert list(tmp_path.glob("out*")) == []
