"""Comparing what lies in the store with the index (`examhall verify`, R-1.16)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from examhall.base.errors import NotFound
from examhall.base.words import EntryKind, Track
from examhall.exam.access.attempt import attempt_ref
from examhall.journal.reads import entries_after
from examhall.media.container.segment import chained
from examhall.media.models import Reel, Segment
from examhall.media.store.place import reels
from examhall.media.store.reel import ReelKey


@dataclass(frozen=True, slots=True)
class Problem:
    """One segment whose bytes are not those that arrived; `seq` None when the index itself was changed."""

    track: Track
    epoch: int
    seq: int | None
    reason: str

    def __str__(self) -> str:
        name = f"{self.track.value} epoch {self.epoch}"
        return f"{name} segment {self.seq}: {self.reason}" if self.seq is not None else f"{name}: {self.reason}"


def verify_segments(attempt_id: UUID) -> list[Problem]:
    """Every segment of an attempt whose stored bytes differ from its index row, in order of arrival.

    Also compares the index with the chain heads that were journalled when the recording was closed.
    """
    problems: list[Problem] = []
    journalled = _journalled(attempt_id)
    for reel in Reel.objects.filter(attempt_id=attempt_id).order_by("track", "media_epoch"):
        problems += _verify_reel(reel, journalled.get((reel.track, str(reel.media_epoch)), ()))
    return problems


def _journalled(attempt_id: UUID) -> dict[tuple[str, str], list[str]]:
    """The chain heads kept in the attempt's journal, by track and media epoch, oldest first."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in entries_after(attempt_ref(attempt_id).stream, 0, kinds=[EntryKind.TRACK_ENDED]):
        if line.actor_role == "system":  # a client may say too that a track ended, and knows no chains
            for epoch, head in line.extra["chains"].items():
                found.setdefault((line.extra["track"], epoch), []).append(head)
    return found


def _verify_reel(reel: Reel, journalled: Sequence[str]) -> list[Problem]:
    track, end, chain = Track(reel.track), 0, bytes(32)
    heads = {chain.hex()}
    problems: list[Problem] = []
    for segment in Segment.objects.filter(reel=reel).order_by("offset_bytes").iterator(chunk_size=1000):
        if segment.offset_bytes != end:
            problems.append(Problem(track, reel.media_epoch, segment.seq, "the index has a hole before it"))
        if reason := _wrong(ReelKey(reel.attempt_id, track, reel.media_epoch), segment):
            problems.append(Problem(track, reel.media_epoch, segment.seq, reason))
        end = segment.offset_bytes + segment.length_bytes
        chain = chained(chain, bytes(segment.sha256))
        heads.add(chain.hex())
    if end != reel.size_bytes or chain != bytes(reel.chain) or not heads.issuperset(journalled):
        problems.append(Problem(track, reel.media_epoch, None, "rows of the index were changed or removed"))
    return problems


def _wrong(key: ReelKey, segment: Segment) -> str:
    try:
        content = reels().read(key, segment.offset_bytes, segment.length_bytes)
    except NotFound as missing:
        return missing.message
    altered = hashlib.sha256(content).digest() != bytes(segment.sha256)
    return "altered: the stored bytes are not those that arrived" if altered else ""
