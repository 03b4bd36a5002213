"""An attempt's stored media, as the wing `media` keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from examhall.base.words import SessionState, Track
from examhall.incidents.jobs.evidence import Hole, Piece
from examhall.media.reads.order import OrderedFragment, count_behind, fragments_behind, group_around, last_end_ms
from examhall.media.reads.recording import coverage, init_bytes
from examhall.media.store.place import reels
from examhall.media.store.reel import ReelKey

COMPLETE = frozenset({SessionState.ANALYSING, SessionState.REVIEW_READY, SessionState.NOT_RECORDED})
"""States of a closed recording in which no upload is waited for any more (product.md §2.8)."""


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """Implements `Recording` over rows and reels."""

    attempt_id: UUID

    def pieces(self, track: Track, *, epoch: int, seq: int, limit: int) -> Sequence[Piece]:
        return [_piece(f) for f in fragments_behind(self.attempt_id, track, epoch=epoch, seq=seq, limit=limit)]

    def around(self, track: Track, at_ms: int) -> Sequence[Piece]:
        return [_piece(fragment) for fragment in group_around(self.attempt_id, track, at_ms)]

    def media(self, track: Track, pieces: Sequence[Piece]) -> bytes:
        epoch = pieces[0].epoch
        key = ReelKey(self.attempt_id, track, epoch)
        parts = [init_bytes(self.attempt_id, track, epoch)]
        parts += [reels().read(key, piece.offset, piece.length) for piece in pieces]
        return b"".join(parts)

    def count(self, track: Track, *, epoch: int = 0, seq: int = 0) -> int:
        return count_behind(self.attempt_id, track, epoch=epoch, seq=seq)

    def holes(self) -> Sequence[Hole]:
        gaps = coverage(self.attempt_id).gaps
        return [Hole(track, gap.from_ms, gap.to_ms, gap.cause) for track, found in gaps.items() for gap in found]

    def complete(self) -> bool:
        kept = coverage(self.attempt_id)
        return kept.closed_at is not None and kept.state in COMPLETE

    def end_ms(self) -> int:
        return last_end_ms(self.attempt_id)


def _piece(fragment: OrderedFragment) -> Piece:
    return Piece(
        epoch=fragment.epoch,
        seq=fragment.seq,
        t_ms=fragment.t_ms,
        d_ms=fragment.d_ms,
        key=fragment.key,
        received_at=fragment.received_at,
        offset=fragment.offset,
        length=fragment.length,
    )
