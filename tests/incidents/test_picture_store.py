"""Pictures on the disk: durable with their names, and honest about a disk that keeps nothing."""

import errno
import os
from pathlib import Path
from uuid import UUID

import pytest

from examhall.base.errors import StorageFull, Unavailable
from examhall.base.settings import settings
from examhall.base.words import LookAt
from examhall.incidents.picture_store import baseline_key, put_still, read_still

KEY = baseline_key(UUID("019a0000-0000-7000-8000-0000000000ab"), LookAt.DOWN)


def test_a_picture_is_kept_with_its_name_and_those_of_its_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """design.md §1: acknowledged means committed; after a power cut a file without its name is gone."""
    synced: list[tuple[Path, bool]] = []
    sync, root = os.fsync, settings().media_root

    def told(file: int) -> None:
        synced.append((Path(f"/proc/self/fd/{file}").readlink(), (root / KEY).exists()))
        sync(file)

    monkeypatch.setattr(os, "fsync", told)
    put_still(KEY, b"picture")
    (draft, _), *folders = synced
    assert draft.name.startswith("check-down.")
    assert folders == [(folder.resolve(), True) for folder in [*(root / KEY).parents][:4]]
    assert folders[-1][0] == root.resolve()


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, StorageFull), (errno.EIO, Unavailable)])
@pytest.mark.parametrize("wanted_syncs", [0, 1])
def test_a_disk_that_keeps_no_picture_or_no_name_is_told(
    monkeypatch: pytest.MonkeyPatch, wanted_syncs: int, number: int, kind: type[Unavailable]
) -> None:
    """Issue 2, faults: nothing is acknowledged that is not stored, and written again it is."""
    sync, left = os.fsync, [None] * wanted_syncs

    def fails(file: int) -> None:
        if not left:
            raise OSError(number, os.strerror(number))
        left.pop()
        sync(file)

    with monkeypatch.context() as broken, pytest.raises(kind) as told:
        broken.setattr(os, "fsync", fails)
        put_still(KEY, b"lost")
    assert type(told.value) is kind
    assert not list(settings().media_root.rglob("*.part"))
    put_still(KEY, b"picture")
    assert read_still(KEY) == b"picture"
