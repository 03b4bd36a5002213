"""A store whose disk is full: reads what is there, writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from examhall.base.errors import StorageFull
from examhall.media.store.reel import Append, ReelKey, ReelStore


@dataclass(frozen=True, slots=True)
class FullReels:
    """Implements ReelStore over another."""

    inner: ReelStore

    def append(self, batch: Mapping[ReelKey, Append]) -> None:
        if batch:
            raise StorageFull("the disk for recordings is full; nothing was stored")

    def read(self, key: ReelKey, offset: int, length: int) -> bytes:
        return self.inner.read(key, offset, length)

    def pieces(self, key: ReelKey, offset: int, length: int) -> Iterator[bytes]:
        return self.inner.pieces(key, offset, length)

    def size_bytes(self, key: ReelKey) -> int:
        return self.inner.size_bytes(key)

    def cut(self, key: ReelKey, end_bytes: int) -> None:
        self.inner.cut(key, end_bytes)

    def erase(self, attempt_id: UUID) -> None:
        self.inner.erase(attempt_id)
