"""Read a QTI content package (a zip) without trusting it: bounded in count, size and ratio, no path leads outside."""

import io
import posixpath
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from examhall.base.errors import BadInput, TooLarge
from examhall.exam.rules.qti.tree import all_named, name_of, parse

__all__ = ["Package", "PackageItem", "read_package"]

MAX_PACKAGE_BYTES = 50_000_000
MAX_ENTRIES = 2_000
MAX_ENTRY_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_RATIO = 200
"""Unpacked to packed; XML reaches about 30, a bomb 1,000."""
RATIO_COUNTS_FROM_BYTES = 1_000_000

_MANIFEST = "imsmanifest.xml"


@dataclass(frozen=True, slots=True)
class PackageItem:
    path: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class Package:
    items: tuple[PackageItem, ...]
    """In the order of the manifest, or of the archive if it has none."""
    files: Mapping[str, bytes]
    """Everything else, by path: pictures and the like."""


def read_package(content: bytes) -> Package:
    """The items of a package, or of a single XML file taken for a package of one.

    Raises BadInput for what is no package, leads outside of itself (absolute, `..`, links), is encrypted or has two
    files of one name; TooLarge above the limits, found while unpacking, whatever the archive's own figures say.
    """
    if len(content) > MAX_PACKAGE_BYTES:
        raise TooLarge(f"The package is larger than {MAX_PACKAGE_BYTES // 1_000_000} MB.")
    if not content.startswith(b"PK"):
        return Package((PackageItem("item.xml", content),), {})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _unpacked(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput("The package is damaged or not a zip file: export it once more.") from error
    paths = _item_paths(files)
    if not paths:
        raise BadInput("The package has no questions in it.")
    items = tuple(PackageItem(path, files[path]) for path in paths)
    return Package(items, {path: inside for path, inside in files.items() if path not in paths})


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise TooLarge(f"The package has more than {MAX_ENTRIES} files.")
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        path = _safe_path(entry)
        if entry.is_dir():
            continue
        if path in files:
            raise BadInput(f"The package has two files named {path[:100]}.")
        files[path] = _bounded(archive, entry)
        total += len(files[path])
        if total > MAX_UNPACKED_BYTES:
            raise TooLarge(f"The package unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB.")
    return files


def _safe_path(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    unsafe = name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or not name.isprintable()
    if unsafe or stat.S_ISLNK(entry.external_attr >> 16):
        raise BadInput("The package names a file outside of itself, and was refused.")
    if entry.flag_bits & 0x1:
        raise BadInput("The package is encrypted: export it without a password.")
    return posixpath.normpath(name)


def _bounded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The entry's bytes, read only as far as the limits allow."""
    limit = min(MAX_ENTRY_BYTES, max(RATIO_COUNTS_FROM_BYTES, entry.compress_size * MAX_RATIO))
    with archive.open(entry) as inside:
        content = inside.read(limit + 1)
    if len(content) > limit:
        raise TooLarge(f"The file {entry.filename[:100]} in the package unpacks to more than is allowed.")
    return content


def _item_paths(files: Mapping[str, bytes]) -> list[str]:
    manifest = next((path for path in sorted(files, key=len) if posixpath.basename(path) == _MANIFEST), None)
    if manifest is not None:
        listed = list(dict.fromkeys(_listed(files[manifest], posixpath.dirname(manifest))))
        missing = [path for path in listed if path not in files]
        if missing:
            raise BadInput(f"The package lists a question it does not contain: {missing[0][:100]}.")
        if listed:
            return listed
    return [path for path, content in files.items() if path.lower().endswith(".xml") and _is_item(content)]


def _listed(manifest: bytes, folder: str) -> Iterator[str]:
    for resource in all_named(parse(manifest), "resource"):
        if resource.get("type", "").startswith("imsqti_item") and resource.get("href"):
            yield posixpath.normpath(posixpath.join(folder, resource.get("href", "")))


def _is_item(content: bytes) -> bool:
    try:
        return name_of(parse(content)) == "qti-assessment-item"
    except (BadInput, TooLarge):
        # a broken or unsafe file is an item too, so that its fault is told
        return b"ssessmentItem" in content or b"qti-assessment-item" in content
