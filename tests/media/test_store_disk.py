"""Reels on the disk: durable, bounded, honest when the disk is full, and whole again after a crash."""

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from examhall.base.errors import NotFound, StorageFull, Unavailable
from examhall.base.words import Track
from examhall.media.store.disk import DiskReels
from examhall.media.store.durable import MANY_FILES, keep
from examhall.media.store.reel import Append, ReelKey

ATTEMPT = UUID("019a0000-0000-7000-8000-0000000000ab")
CAM = ReelKey(ATTEMPT, Track.WEBCAM, 1)
SCREEN = ReelKey(ATTEMPT, Track.SCREEN, 1)


@pytest.fixture
def small_files() -> Iterator[int]:
    """The kernel refuses to let any file of this process grow beyond 64 KB, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    yield 65_536
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_pieces_are_read_back_by_position(reels: DiskReels) -> None:
    """design.md §5: append-only reels with an index of offsets."""
    reels.append({CAM: Append(0, [b"init", b"one"]), SCREEN: Append(0, [b"other"])})
    reels.append({CAM: Append(7, [b"two"])})
    assert (reels.read(CAM, 4, 3), reels.read(CAM, 7, 3), reels.read(SCREEN, 0, 5)) == (b"one", b"two", b"other")


def test_a_torn_tail_is_overwritten_by_the_next_append(reels: DiskReels) -> None:
    """issue 2, faults: kill -9 between writing and commit; the index decides what counts."""
    reels.append({CAM: Append(0, [b"init", b"written but never committed"])})
    reels.append({CAM: Append(4, [b"next"])})
    assert reels.size_bytes(CAM) == 8
    assert reels.read(CAM, 0, 8) == b"initnext"


def test_a_torn_tail_is_cut_off_on_recovery(reels: DiskReels) -> None:
    """issue 2, faults: after kill -9 the reel is a valid file again."""
    reels.append({CAM: Append(0, [b"init", b"torn"])})
    reels.cut(CAM, 4)
    reels.cut(SCREEN, 4)
    assert (reels.size_bytes(CAM), reels.size_bytes(SCREEN)) == (4, 0)


def test_a_full_disk_is_said_and_leaves_what_was_there(reels: DiskReels, small_files: int) -> None:
    """issue 2, faults: disk full while writing a reel; nothing is acknowledged that is not stored."""
    reels.append({CAM: Append(0, [b"init"])})
    with pytest.raises(StorageFull, match="nothing was stored"):
        reels.append({SCREEN: Append(0, [b"fits"]), CAM: Append(4, [bytes(small_files)])})
    assert reels.size_bytes(CAM) == 4
    assert reels.size_bytes(SCREEN) == 0
    reels.append({CAM: Append(4, [b"room again"])})
    assert reels.read(CAM, 0, 14) == b"initroom again"


def test_a_disk_that_cannot_be_written_is_unavailable_and_not_full(tmp_path: Path) -> None:
    """issue 2, faults: the state is clear."""
    (tmp_path / "file").write_bytes(b"not a folder")
    with pytest.raises(Unavailable, match="ENOTDIR") as fault:
        DiskReels(tmp_path / "file").append({CAM: Append(0, [b"init"])})
    assert fault.value.code == "unavailable"


def test_absent_and_short_reels_are_not_found(reels: DiskReels) -> None:
    """R-1.16: a missing byte is noticed, never invented."""
    with pytest.raises(NotFound, match="not on the disk"):
        reels.read(CAM, 0, 1)
    reels.append({CAM: Append(0, [b"init"])})
    with pytest.raises(NotFound, match="shorter"):
        reels.read(CAM, 2, 3)


def test_only_the_servers_account_can_read_recordings(reels: DiskReels, tmp_path: Path) -> None:
    """product.md §11: recordings are nobody else's business."""
    reels.append({CAM: Append(0, [b"init"])})
    (file,) = tmp_path.rglob("webcam-1.mp4")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_erasing_an_attempt_leaves_no_file(reels: DiskReels, tmp_path: Path) -> None:
    """product.md §11.2: erased means gone; erasing again is no fault."""
    reels.append({CAM: Append(0, [b"init"]), SCREEN: Append(0, [b"init"])})
    reels.erase(ATTEMPT)
    reels.erase(ATTEMPT)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("reels_at_once", [MANY_FILES - 1, MANY_FILES, 3 * MANY_FILES])
def test_few_and_many_reels_are_kept_in_one_batch(reels: DiskReels, reels_at_once: int) -> None:
    """design.md §3: one batch of the writer may touch one reel or a hundred."""
    keys = [ReelKey(ATTEMPT, Track.WEBCAM, epoch) for epoch in range(reels_at_once)]
    reels.append({key: Append(0, [b"init", b"%d" % key.epoch]) for key in keys})
    assert [reels.read(key, 4, len(str(key.epoch))) for key in keys] == [b"%d" % key.epoch for key in keys]


def test_a_failed_sync_is_raised(tmp_path: Path) -> None:
    """issue 2, faults: a disk that cannot keep bytes is never acknowledged."""
    closed = os.open(tmp_path, os.O_RDONLY)
    os.close(closed)
    with pytest.raises(OSError, match="Bad file descriptor"):
        keep([closed])
    with pytest.raises(OSError, match="Bad file descriptor"):
        keep([closed] * MANY_FILES)
