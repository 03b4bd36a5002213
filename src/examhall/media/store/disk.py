"""Reels on the local disk: `ROOT/xx/ATTEMPT/TRACK-EPOCH.mp4`, one file a reel, durable when `append` returns.

The folder `xx` (last two letters of the attempt's id) keeps folders small. One process appends to a reel at a time: the
caller holds the reel's row.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from examhall.base.errors import NotFound, StorageFull, Unavailable
from examhall.media.store.durable import keep, keep_names
from examhall.media.store.reel import Append, ReelKey

_PIECE_BYTES = 256 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(slots=True)
class DiskReels:
    """Implements ReelStore below `root`, which is created with access for the server's own account only."""

    root: Path

    def append(self, batch: Mapping[ReelKey, Append]) -> None:
        opened: list[tuple[int, int]] = []
        try:
            for key, append in batch.items():
                opened.append((self._open(key), append.at_bytes))
                _write_at(opened[-1][0], append)
                if append.at_bytes == 0:
                    folder = self._folder(key.attempt_id)
                    keep_names((folder, folder.parent, self.root))
            keep([file for file, _ in opened])
        except OSError as fault:
            for file, end_bytes in opened:
                with suppress(OSError):
                    os.ftruncate(file, end_bytes)
            raise _as_ours(fault) from fault
        finally:
            for file, _ in opened:
                os.close(file)

    def read(self, key: ReelKey, offset: int, length: int) -> bytes:
        return b"".join(self.pieces(key, offset, length))

    def pieces(self, key: ReelKey, offset: int, length: int) -> Iterator[bytes]:
        try:
            with self._path(key).open("rb") as reel:
                reel.seek(offset)
                while length > 0:
                    piece = reel.read(min(length, _PIECE_BYTES))
                    if not piece:
                        raise NotFound("the recording is shorter on the disk than its index says; run examhall verify")
                    length -= len(piece)
                    yield piece
        except FileNotFoundError as fault:
            raise NotFound("this part of the recording is not on the disk; run examhall verify") from fault

    def size_bytes(self, key: ReelKey) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return 0

    def cut(self, key: ReelKey, end_bytes: int) -> None:
        if self.size_bytes(key) > end_bytes:
            os.truncate(self._path(key), end_bytes)

    def erase(self, attempt_id: UUID) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder(attempt_id))

    def _folder(self, attempt_id: UUID) -> Path:
        return self.root / attempt_id.hex[-2:] / str(attempt_id)

    def _path(self, key: ReelKey) -> Path:
        return self._folder(key.attempt_id) / f"{key.track.value}-{key.epoch}.mp4"

    def _open(self, key: ReelKey) -> int:
        try:  # as text: making a Path costs more than opening the file
            name = f"{self.root}/{key.attempt_id.hex[-2:]}/{key.attempt_id}/{key.track.value}-{key.epoch}.mp4"
            return os.open(name, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            path = self._path(key)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _write_at(file: int, append: Append) -> None:
    """Write the pieces at their place and let the file end there."""
    content = append.pieces[0] if len(append.pieces) == 1 else b"".join(append.pieces)
    view, at = memoryview(content), append.at_bytes
    while view:
        written = os.pwrite(file, view, at)
        view, at = view[written:], at + written
    if os.fstat(file).st_size > at:
        os.ftruncate(file, at)


def _as_ours(fault: OSError) -> Unavailable:
    if fault.errno in _FULL:
        return StorageFull("the disk for recordings is full; nothing was stored, free space or move the media folder")
    return Unavailable(f"the disk for recordings cannot be written ({errno.errorcode.get(fault.errno or 0, 'EIO')})")
