"""A real worker whose disk stops answering at one reel: says so on its standard output, then waits to be killed.

`python -m tests.incidents.halting_worker webcam-2`
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from examhall.base.settings import settings
from examhall.media.store.disk import DiskReels
from examhall.media.store.place import use
from examhall.media.store.reel import Append, ReelKey, ReelStore
from examhall.site.cli.main import main


@dataclass(frozen=True, slots=True)
class HaltingReels:
    """Implements ReelStore over another."""

    inner: ReelStore
    reel: str
    """Track and epoch, as the file is called."""

    def append(self, batch: Mapping[ReelKey, Append]) -> None:
        self.inner.append(batch)

    def read(self, key: ReelKey, offset: int, length: int) -> bytes:
        return b"".join(self.pieces(key, offset, length))

    def pieces(self, key: ReelKey, offset: int, length: int) -> Iterator[bytes]:
        if f"{key.track.value}-{key.epoch}" == self.reel:
            sys.stdout.write("halted\n")
            sys.stdout.flush()
            threading.Event().wait()
        return self.inner.pieces(key, offset, length)

    def size_bytes(self, key: ReelKey) -> int:
        return self.inner.size_bytes(key)

    def cut(self, key: ReelKey, end_bytes: int) -> None:
        self.inner.cut(key, end_bytes)

    def erase(self, attempt_id: UUID) -> None:
        self.inner.erase(attempt_id)


if __name__ == "__main__":
    use(HaltingReels(DiskReels(settings().media_root), sys.argv[1]))
    sys.exit(main(["worker", "--batch"]))
