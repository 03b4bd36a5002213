"""What a reel is and what every place that keeps reels must promise.

A reel holds one media epoch of one track of one attempt: its init segment, then fragments in order of arrival. It is a
valid MP4 by itself. The index (rows in `models`) says how much of it counts; bytes behind that end are a torn tail,
left by a crash between writing and commit, and are overwritten by the next append.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from examhall.base.words import Track


@dataclass(frozen=True, slots=True, order=True)
class ReelKey:
    attempt_id: UUID
    track: Track
    epoch: int


@dataclass(frozen=True, slots=True)
class Append:
    """`pieces` one after the other from position `at_bytes`, the reel's end by the index."""

    at_bytes: int
    pieces: Sequence[bytes]


class ReelStore(Protocol):
    def append(self, batch: Mapping[ReelKey, Append]) -> None:
        """Write every reel's pieces at its end; when this returns, all of them survive a power cut.

        Whatever lay behind `at_bytes` is gone afterwards. Raises StorageFull, and then none of the batch counts.
        """

    def read(self, key: ReelKey, offset: int, length: int) -> bytes:
        """Exactly `length` bytes. Raises NotFound when the reel is absent or shorter."""

    def pieces(self, key: ReelKey, offset: int, length: int) -> Iterator[bytes]:
        """The same range in pieces small enough to hold in memory, for download."""

    def size_bytes(self, key: ReelKey) -> int:
        """Bytes stored, torn tail included; 0 when absent."""

    def cut(self, key: ReelKey, end_bytes: int) -> None:
        """Remove what lies behind the index's end."""

    def erase(self, attempt_id: UUID) -> None:
        """Remove every reel of an attempt for good."""
