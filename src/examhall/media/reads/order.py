"""Fragments in the order of the recording, for whoever reads it piece by piece behind a place of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from examhall.base.words import Track
from examhall.media.container.segment import INIT_SEQ
from examhall.media.models import Segment


@dataclass(frozen=True, slots=True)
class OrderedFragment:
    """One stored fragment and where its bytes lie in its reel."""

    epoch: int
    seq: int
    t_ms: int
    d_ms: int
    offset: int
    length: int
    key: bool
    received_at: datetime


def fragments_behind(attempt_id: UUID, track: Track, *, epoch: int, seq: int, limit: int) -> list[OrderedFragment]:
    """Fragments behind (`epoch`, `seq`), by epoch and number."""
    found = _behind(attempt_id, track, epoch, seq).order_by("reel__media_epoch", "seq")[:limit]
    return [_fragment(segment) for segment in found]


def count_behind(attempt_id: UUID, track: Track, *, epoch: int = 0, seq: int = 0) -> int:
    return _behind(attempt_id, track, epoch, seq).count()


def group_around(attempt_id: UUID, track: Track, at_ms: int) -> list[OrderedFragment]:
    """From the last key fragment to the one that shows `at_ms`, of one epoch without a hole; empty if none does."""
    showing = (
        Segment.objects.select_related("reel")
        .filter(reel__attempt_id=attempt_id, reel__track=track, seq__gt=INIT_SEQ, t_ms__lte=at_ms)
        .order_by("-t_ms")
        .first()
    )
    if showing is None or showing.t_ms + showing.d_ms < at_ms:
        return []
    before = Segment.objects.select_related("reel").filter(reel=showing.reel, seq__lte=showing.seq, seq__gt=INIT_SEQ)
    group: list[OrderedFragment] = []
    for segment in before.order_by("-seq")[:60]:
        if group and segment.seq != group[-1].seq - 1:
            return []
        group.append(_fragment(segment))
        if segment.key:
            return group[::-1]
    return []


def last_end_ms(attempt_id: UUID) -> int:
    """The end of the newest stored fragment of any track; 0 when nothing is stored."""
    newest = Segment.objects.filter(reel__attempt_id=attempt_id, seq__gt=INIT_SEQ).order_by("-t_ms").first()
    return newest.t_ms + newest.d_ms if newest else 0


def _behind(attempt_id: UUID, track: Track, epoch: int, seq: int) -> "QuerySet[Segment]":
    later = Q(reel__media_epoch__gt=epoch) | Q(reel__media_epoch=epoch, seq__gt=seq)
    mine = Segment.objects.select_related("reel").filter(reel__attempt_id=attempt_id, reel__track=track)
    return mine.filter(later, seq__gt=INIT_SEQ)


def _fragment(segment: Segment) -> OrderedFragment:
    return OrderedFragment(
        epoch=segment.reel.media_epoch,
        seq=segment.seq,
        t_ms=segment.t_ms,
        d_ms=segment.d_ms,
        offset=segment.offset_bytes,
        length=segment.length_bytes,
        key=segment.key,
        received_at=segment.received_at,
    )
