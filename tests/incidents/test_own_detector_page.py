"""Administration → Detectors with an own object detector: its papers, or why it is off."""

import hashlib
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.settings import Settings
from examhall.incidents.detectors.objects import BOOK_CARD, PHONE_CARD
from examhall.incidents.reads import detectors
from examhall.people.actions.people import add_person, grant_roles
from tests.fixtures.tiny_models import SIDE, onnx_model, paper
from tests.invigilation.desk import browser

pytestmark = pytest.mark.django_db

MODEL = onnx_model((1, 3, SIDE, SIDE), (1, 6, 32))


class Page:
    """The page, and the folder of the own detector it looks into."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client, self.folder = client, folder

    def text(self) -> str:
        return self._client.get("/admin/detectors/").content.decode()


@pytest.fixture
def shown(root: UUID, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr(detectors, "settings", lambda: Settings(models_dir=tmp_path))
    user = add_person("nora", name="Nora Lindgren")
    grant_roles(user, unit=root, roles=["Site administrator"])
    return Page(browser(user), tmp_path / "own")


def test_an_own_detector_stands_there_with_name_version_and_hash(shown: Page) -> None:
    """Issue 3: named on the detectors page, in the place of the packaged one for its kinds only."""
    assert "own:" not in shown.text()
    paper(shown.folder, MODEL, form="yolo")
    text = shown.text()
    assert "Own:desk-things 1.4" in text
    assert hashlib.sha256(MODEL).hexdigest() in text
    assert f"Phone {PHONE_CARD.version}" not in text
    assert f"Book {BOOK_CARD.version}" in text


def test_one_that_cannot_be_used_is_named_as_off_with_its_reason(shown: Page) -> None:
    """Issue 3, bad input: a file under another hash."""
    paper(shown.folder, MODEL, form="yolo", sha256='"' + "0" * 64 + '"')
    text = shown.text()
    assert text.count("Own detector: desk.onnx has the SHA-256") == 2
    assert "not available</span></h1>" in text, "whoever reads only the head must not read that all are on"
    assert "All on" not in text
    assert "examhall detectors check-own" in text


def test_the_reader_of_words_stands_among_the_papers_with_what_it_lacks(shown: Page) -> None:
    """Issue 3: models absent are named; no kind of its own is switched for it, it serves other content."""
    text = shown.text()
    assert "Screen_text 1" in text
    assert "Model text_lines (PP-OCRv6_det_small.onnx) is not installed, model text_reading (PP" in text


def test_a_model_that_is_another_file_is_told_from_one_that_is_absent(shown: Page) -> None:
    """Issue 3: models absent, wrong hash, wrong version: named; whoever reads "missing" looks for the wrong thing."""
    (shown.folder.parent / "silero_vad_16k_op15.onnx").write_bytes(b"another version")
    text = shown.text()
    assert text.count("Model voice (silero_vad_16k_op15.onnx) is not the expected file. Run") == 2
    assert "Model yunet (face_detection_yunet_2023mar.onnx) is not installed" in text
