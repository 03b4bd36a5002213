"""`examhall analyse` as a command of its own."""

import sys
from pathlib import Path

import pytest
from tests.fixtures.odd_media import Film, clip
from tests.fixtures.place import environment, said_by

from examhall.site.cli.main import main


def test_clips_are_analysed_without_a_site(tmp_path: Path) -> None:
    """Issue 3: setting up the site took longer than a short clip's analysis; here a file lies where its data would."""
    film, out = tmp_path / "film.webm", tmp_path / "out.json"
    film.write_bytes(clip(Film(), [False] * 2))
    alone = environment(film, models=False) | {"EXAMHALL_MODELS_DIR": str(tmp_path / "none")}
    command = [sys.executable, "-m", "examhall.site.cli", "analyse", "--out", str(out)]
    said_by([*command, str(film)], alone)
    assert out.read_text().startswith('{\n "film.webm":')
    said_by([*command, str(tmp_path / "missing.webm")], alone, status=2)


def test_a_folder_in_the_place_of_a_file_is_named_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 3, bad input; what is asked in vain is told before the work."""
    none = tmp_path / "none"
    assert main(["analyse", "--out", str(tmp_path / "out.json"), str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"examhall analyse: {tmp_path}: Is a directory\n"
    assert main(["analyse", "--out", str(none / "out.json"), str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"examhall analyse: There is no folder {none} to write to.\n"
    assert main(["quality", "--clips", str(tmp_path), "--truth", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"examhall quality: {tmp_path}: Is a directory\n"
