"""`examhall analyse` as a command of its own."""

import sys
from pathlib import Path

from tests.fixtures.odd_media import Film, clip
from tests.fixtures.place import environment, said_by


def test_clips_are_analysed_without_a_site(tmp_path: Path) -> None:
    """Issue 3: setting up the site took longer than a short clip's analysis; here a file lies where its data would."""
    film, out = tmp_path / "film.webm", tmp_path / "out.json"
    film.write_bytes(clip(Film(), [False] * 2))
    alone = environment(film, models=False) | {"EXAMHALL_MODELS_DIR": str(tmp_path / "none")}
    command = [sys.executable, "-m", "examhall.site.cli", "analyse", "--out", str(out)]
    said_by([*command, str(film)], alone)
    assert out.read_text().startswith('{\n "film.webm":')
    said_by([*command, str(tmp_path / "missing.webm")], alone, status=2)
