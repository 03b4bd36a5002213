"""The models folder: which model files belong there, which of them are there and whole, and their bytes.

Where the files come from is `install`'s affair.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import msgspec

from examhall.base.errors import Unavailable

DEFAULT_FOLDER = Path("var/models")


class ModelMissing(Unavailable):
    """A model file cannot be had, or is not the one it should be."""

    code = "model_missing"


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `weights/models.toml`."""

    name: str
    file: str
    use: str
    size: int
    """Bytes."""
    sha256: str
    licence: str
    package: str
    version: str
    member: tuple[str, ...]
    """Path inside the package's archive, and on inside that member if it is an archive too."""


class _Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    model: tuple[Model, ...]


class Presence(StrEnum):
    READY = "ready"
    ABSENT = "absent"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What `doctor` says about one model."""

    model: Model
    presence: Presence
    remedy: str
    """Empty when the model is ready."""


def known() -> tuple[Model, ...]:
    """All models the product can use, in the order of the file."""
    raw = files("examhall.incidents").joinpath("weights/models.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(raw), _Weights).model


def status(folder: Path = DEFAULT_FOLDER) -> tuple[ModelStatus, ...]:
    """Check each model's size and hash; about 10 ms for all of them."""
    return tuple(_status(model, folder) for model in known())


def load(folder: Path = DEFAULT_FOLDER) -> dict[str, bytes]:
    """The bytes of the models that are there, by name. Absent ones are left out: their detectors stay off.

    Raises ModelMissing if a file is there but is not the one it should be: a wrong model must not judge anybody.
    """
    return {model.name: _whole(model, folder) for model in known() if (folder / model.file).is_file()}


def usable(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """For who has to go on: what `load` gives without the altered ones, and what is wrong with these; by name."""
    whole: dict[str, bytes] = {}
    altered: dict[str, str] = {}
    for model in known():
        if (folder / model.file).is_file():
            try:
                whole[model.name] = _whole(model, folder)
            except ModelMissing as found:
                altered[model.name] = found.message
    return whole, altered


def check(model: Model, raw: bytes, where: str) -> None:
    """Raises ModelMissing if `raw` is not this model."""
    if len(raw) != model.size or hashlib.sha256(raw).hexdigest() != model.sha256:
        raise ModelMissing(
            f"{where} is not the expected file of the model {model.name} ({len(raw)} bytes, {model.size} expected, or "
            "another hash). Remove it and run `examhall models install`.",
            fields={model.name: "remove the file and install it again"},
        )


def put(model: Model, raw: bytes, folder: Path) -> None:
    """Checked, then moved into place in one step: a reader never sees half a file."""
    check(model, raw, f"The copy of {model.file}")
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{model.file}.part"
    half.write_bytes(raw)
    half.replace(folder / model.file)


def missing(folder: Path, models: Iterable[Model] | None = None) -> tuple[Model, ...]:
    """Models that are absent or altered."""
    return tuple(m for m in models or known() if _status(m, folder).presence is not Presence.READY)


def _whole(model: Model, folder: Path) -> bytes:
    place = folder / model.file
    raw = place.read_bytes()
    check(model, raw, str(place))
    return raw


def _status(model: Model, folder: Path) -> ModelStatus:
    if not (folder / model.file).is_file():
        return ModelStatus(model, Presence.ABSENT, "Run `examhall models install`.")
    try:
        _whole(model, folder)
    except ModelMissing as found:
        return ModelStatus(model, Presence.ALTERED, found.message)
    return ModelStatus(model, Presence.READY, "")
