"""`examhall analyse` as a command of its own."""

from pathlib import Path

import django
import pytest
from tests.fixtures.odd_media import Film, clip

from examhall.site.cli.main import main


def never() -> None:
    raise AssertionError("Django was set up")


def test_clips_are_analysed_without_database_and_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 3: setting up the site took longer than a short clip's analysis; nothing of it is needed."""
    monkeypatch.setattr(django, "setup", never)
    monkeypatch.setenv("EXAMHALL_MODELS_DIR", str(tmp_path / "none"))
    film, out = tmp_path / "film.webm", tmp_path / "out.json"
    film.write_bytes(clip(Film(), [False] * 2))
    assert main(["analyse", str(film), "--out", str(out)]) == 0
    assert out.read_text().startswith('{\n "film.webm":')
    assert main(["analyse", str(tmp_path / "missing.webm"), "--out", str(out)]) == 2
    assert "does not exist" in capsys.readouterr().err
