"""`examhall verify` and `examhall export-media` on a recording."""

from pathlib import Path

import pytest

from examhall.media.store.disk import DiskReels
from examhall.site.cli.main import main
from tests.media import clips
from tests.media.sitting import Sitting

pytestmark = pytest.mark.django_db


def test_verify_passes_and_fails_after_one_byte_of_one_segment_is_changed(
    sitting: Sitting, reels: DiskReels, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue 2, shown by: `examhall verify` passes, and fails after one byte of one segment is changed."""
    init, first, *_ = clips.webcam()
    sitting.keep(init, first)
    assert main(["verify"]) == 0
    path = next(reels.root.rglob("webcam-1.mp4"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert main(["verify", str(sitting.stream)]) == 1
    assert f"recording {sitting.attempt}: webcam epoch 1 segment 1: altered" in capsys.readouterr().out


def test_export_media_writes_a_file_and_says_how_long_it_is(
    sitting: Sitting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """issue 2 §4: `examhall export-media ATTEMPT`."""
    sitting.keep(*clips.webcam(6))
    assert main(["export-media", str(sitting.attempt), "--out", str(tmp_path / "out.mp4")]) == 0
    assert "out.mp4: 6.0 s" in capsys.readouterr().out
    assert main(["export-media", "nonsense"]) == 2
    assert "nonsense is not an id" in capsys.readouterr().err
