"""The operator's own object detector in the models folder: `own/detector.toml` and the model file beside it."""

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from examhall.incidents.detectors.own import OwnFinder, OwnRefused, OwnSpec

PLACE = Path("own/detector.toml")
"""Below the models folder."""

Own = TypeVar("Own")


def stated(place: Path) -> tuple[OwnSpec, bytes]:
    """The paper at `place` and the model it names, which has the hash it states.

    Raises OwnRefused naming the field that is wrong and what to do.
    """
    try:
        spec = msgspec.convert(tomllib.loads(place.read_text(encoding="utf-8")), OwnSpec)
    except FileNotFoundError as error:
        raise OwnRefused(f"{place} does not exist.", fields={"detector.toml": "put it there"}) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise OwnRefused(f"{place.name}: {error}", fields={"detector.toml": "mend this line"}) from error
    if len(spec.find) != len(spec.kinds):
        raise OwnRefused(f"{place.name}: find names a kind twice.", fields={"find.kind": "list its classes together"})
    beside = place.with_name(spec.file)
    try:
        raw = beside.read_bytes()
    except OSError as error:
        raise OwnRefused(f"{beside} cannot be read.", fields={"file": "put the model beside its paper"}) from error
    found = hashlib.sha256(raw).hexdigest()
    if found != spec.sha256:
        raise OwnRefused(
            f"{spec.file} has the SHA-256 {found}, not the one stated.",
            fields={"sha256": "put the right file there, or state this one if you trust it"},
        )
    return spec, raw


def loaded(place: Path) -> OwnFinder:
    """Raises OwnRefused as `stated`, and if the model does not load or answers in another form than stated."""
    return OwnFinder(*stated(place))


def installed(folder: Path) -> OwnFinder | OwnRefused | None:
    """folder: of the models. None where there is no own detector; why not, where there is one that cannot be used."""
    return _tried(folder, loaded)


def described(folder: Path) -> OwnSpec | OwnRefused | None:
    """The same of its paper alone; whether the model loads too, a worker and `check-own` say."""
    return _tried(folder, lambda place: stated(place)[0])


def _tried(folder: Path, read: Callable[[Path], Own]) -> Own | OwnRefused | None:
    place = folder / PLACE
    if not place.is_file():
        return None
    try:
        return read(place)
    except OwnRefused as refused:
        return refused
