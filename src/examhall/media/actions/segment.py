"""Storing pieces of recordings: many at once, durable before they are acknowledged.

The reels are written and synced inside the transaction that writes their index rows: when the commit returns, bytes and
rows are both on the disk; when it fails, the bytes lie behind the reels' ends and are overwritten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from examhall.base import clock
from examhall.base.errors import AlteredRepeat, ExamhallError, Unavailable
from examhall.base.rows import Statement, hex_of, keys, moment, pairs
from examhall.base.words import EntryKind, SessionState, Track
from examhall.base.writer import PATIENT_S, WATCHED_S, BatchVerb
from examhall.exam.actions.attempt import note_track_step
from examhall.journal.actions import NewEntry, append_many
from examhall.journal.bus import bus
from examhall.media.container.segment import INIT_SEQ, Piece, chained
from examhall.media.models import Reel, Session
from examhall.media.store.place import reels
from examhall.media.store.reel import Append, ReelKey

Address = str
"""Attempt, track and media epoch as one text: its hash is kept, those of identifiers are made anew at each look."""

_REELS: Final = Statement(
    "SELECT id, attempt_id, track, media_epoch, size_bytes, fragments, chain, codecs"
    " FROM media_reel WHERE attempt_id IN {ids} ORDER BY id{lock}"
)
_STORED: Final = Statement(
    "SELECT reel_id, seq, sha256 FROM {number_and_number} CROSS JOIN media_segment WHERE reel_id = one AND seq = other"
)
_CLOSED: Final = Statement("SELECT attempt_id FROM media_session WHERE attempt_id IN {ids} AND closed_at IS NOT NULL")
_INSERT: Final = Statement(
    "INSERT INTO media_segment (reel_id, seq, t_ms, d_ms, offset_bytes, length_bytes, key, sha256, received_at, late)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_KEEP_END: Final = Statement(
    "UPDATE media_reel SET size_bytes = %s, fragments = %s, chain = %s, codecs = %s WHERE id = %s"
)


class Stored(StrEnum):
    NEW = "new"
    REPEAT = "repeat"


@dataclass(slots=True)
class _End:
    """Where a locked reel ends; moves with every piece."""

    id: int
    attempt_id: UUID
    track: Track
    media_epoch: int
    size_bytes: int
    fragments: int
    chain: bytes
    codecs: str


@dataclass(slots=True)
class _Growing:
    """A locked reel and what this batch adds to it."""

    reel: _End
    began_bytes: int
    digests: dict[int, bytes]
    """By seq: what is stored, and what this batch adds."""
    added: list[tuple[Piece, int]] = field(default_factory=list)
    """Pieces with their offsets."""
    late: bool = False

    def add(self, piece: Piece) -> None:
        self.added.append((piece, self.reel.size_bytes))
        self.digests[piece.seq] = piece.sha256
        self.reel.size_bytes += len(piece.content)
        self.reel.chain = chained(self.reel.chain, piece.sha256)
        if piece.seq == INIT_SEQ:
            self.reel.codecs = piece.codecs
        else:
            self.reel.fragments += 1


def media_topic(attempt_id: UUID) -> str:
    """Bus topic: this attempt has new segments."""
    return f"media:{attempt_id}"


def _run(pieces: Sequence[Piece]) -> list[Stored | ExamhallError]:
    now = clock.now()
    wanted = [_address(piece.attempt.hex, piece.track.value, piece.epoch) for piece in pieces]
    growing = _locked(pieces, wanted)
    lines: list[NewEntry] = []
    outcomes = [_place(piece, growing.get(at), lines) for at, piece in zip(wanted, pieces, strict=True)]
    grown = [one for one in growing.values() if one.added]
    try:
        reels().append({_key(one.reel): _append_of(one) for one in grown})
    except Unavailable as fault:
        append_many(lines)
        lost = {(at, piece.seq) for at, one in growing.items() for piece, _ in one.added}
        return [
            fault if (at, piece.seq) in lost else outcome  # its repeats as well
            for at, piece, outcome in zip(wanted, pieces, outcomes, strict=True)
        ]
    _index(grown, now)
    lines += _tell_exam(grown)
    append_many(lines)
    transaction.on_commit(partial(_wake, [one.reel.attempt_id for one in grown]))
    return outcomes


KEEP_SEGMENT: BatchVerb[Piece, Stored] = BatchVerb("media.keep_segment", _run, wait_s=PATIENT_S)
"""Store one piece. NEW: bytes and row are durable. REPEAT: they were before.

Refusals: AlteredRepeat (journalled), StorageFull, Unavailable when the epoch's init segment has not arrived yet.
"""
KEEP_WATCHED: Final = replace(KEEP_SEGMENT, wait_s=WATCHED_S)
"""The same for a piece that somebody is waiting to see."""


def _place(piece: Piece, one: _Growing | None, lines: list[NewEntry]) -> Stored | ExamhallError:
    if one is None or (one.reel.size_bytes == 0 and piece.seq != INIT_SEQ):
        return Unavailable("The init segment of this media epoch has not arrived. Send it, then this segment again.")
    known = one.digests.get(piece.seq)
    if known is None:
        one.add(piece)
        return Stored.NEW
    if known == piece.sha256:
        return Stored.REPEAT
    lines.append(_altered(piece))
    return AlteredRepeat("Other bytes are stored under this number. They stay; these are refused.")


def _address(attempt: str, track: str, epoch: int) -> Address:
    return f"{attempt}/{track}/{epoch}"


def _locked(pieces: Sequence[Piece], wanted: Sequence[Address]) -> dict[Address, _Growing]:
    """The reels of the batch under lock, those that begin with this batch included."""
    rows = _ends(dict(zip(wanted, pieces, strict=True)))
    firsts = {at: p for at, p in zip(wanted, pieces, strict=True) if p.seq == INIT_SEQ and at not in rows}
    if firsts:
        rows |= _begun(firsts)
    sent = [(rows[at].id, piece.seq) for at, piece in zip(wanted, pieces, strict=True) if at in rows]
    known = _digests(sent)
    closed = {hex_of(attempt) for (attempt,) in _CLOSED.rows(keys(piece.attempt for piece in pieces))}
    return {
        at: _Growing(reel, reel.size_bytes, known.get(reel.id, {}), late=reel.attempt_id.hex in closed)
        for at, reel in rows.items()
    }


def _begun(firsts: Mapping[Address, Piece]) -> dict[Address, _End]:
    """New reels for these init segments."""
    attempts = {piece.attempt for piece in firsts.values()}
    Session.objects.bulk_create([Session(attempt_id=attempt) for attempt in attempts], ignore_conflicts=True)
    reels = {at: Reel(attempt_id=p.attempt, track=p.track, media_epoch=p.epoch) for at, p in sorted(firsts.items())}
    Reel.objects.bulk_create(reels.values())
    return {
        at: _End(reel.id, reel.attempt_id, firsts[at].track, reel.media_epoch, 0, 0, bytes(reel.chain), "")
        for at, reel in reels.items()
    }


def _digests(wanted: Sequence[tuple[int, int]]) -> dict[int, dict[int, bytes]]:
    """What is stored already of these pairs of reel and number: digests by reel, then by number."""
    found: dict[int, dict[int, bytes]] = {}
    if wanted:
        for reel_id, seq, digest in _STORED.rows(pairs(wanted)):
            found.setdefault(reel_id, {})[seq] = bytes(digest)
    return found


def _ends(wanted: Mapping[Address, Piece]) -> dict[Address, _End]:
    """The reels wanted that exist, under lock in one order."""
    found: dict[Address, _End] = {}
    attempts = keys(piece.attempt for piece in wanted.values())
    for id, attempt, track, epoch, size, fragments, chain, codecs in _REELS.rows(attempts):
        at = _address(hex_of(attempt), track, epoch)
        piece = wanted.get(at)
        if piece is not None:
            found[at] = _End(id, piece.attempt, piece.track, epoch, size, fragments, bytes(chain), codecs)
    return found


def _key(reel: _End) -> ReelKey:
    return ReelKey(reel.attempt_id, reel.track, reel.media_epoch)


def _append_of(one: _Growing) -> Append:
    return Append(one.began_bytes, [piece.content for piece, _ in one.added])


def _index(grown: Sequence[_Growing], now: datetime) -> None:
    at = moment(now)
    rows: list[tuple[Any, ...]] = [
        (one.reel.id, p.seq, p.times.t_ms, p.times.d_ms, offset, len(p.content), p.times.key, p.sha256, at, one.late)
        for one in grown
        for p, offset in one.added
    ]
    ends = [(one.reel.size_bytes, one.reel.fragments, one.reel.chain, one.reel.codecs, one.reel.id) for one in grown]
    _INSERT.each(rows)
    _KEEP_END.each(ends)


def _tell_exam(grown: Sequence[_Growing]) -> list[NewEntry]:
    """Tell the exam of each reel that begins and of each first fragment (A2); returns the lines for the latter."""
    lines, begun = [], set()
    young = [one for one in grown if one.reel.fragments <= len(one.added)]
    for one in sorted(young, key=lambda one: (one.reel.attempt_id, one.reel.track)):
        fragments = [piece for piece, _ in one.added if piece.seq != INIT_SEQ]
        first = bool(fragments) and one.reel.fragments == len(fragments)
        if first or one.began_bytes == 0:
            reel = one.reel
            t_ms = fragments[0].times.t_ms if first else 0
            note_track_step(reel.attempt_id, track=reel.track, media_epoch=reel.media_epoch, confirmed=first, t_ms=t_ms)
        if first:
            lines.append(_started(fragments[0]))
            begun.add(one.reel.attempt_id)
    if begun:
        waiting = Session.objects.filter(attempt_id__in=begun, state=SessionState.PREPARING)
        waiting.update(state=SessionState.RECORDING)
    return lines


def _started(piece: Piece) -> NewEntry:
    extra = {"track": piece.track.value, "media_epoch": piece.epoch, "t_ms": piece.times.t_ms}
    return NewEntry(stream=piece.stream, kind=EntryKind.TRACK_STARTED, extra=extra)


def _altered(piece: Piece) -> NewEntry:
    """Evidence that changed between two sendings is a matter for people, so it stands in the log."""
    extra = {"track": piece.track.value, "media_epoch": piece.epoch, "seq": piece.seq, "sha256": piece.sha256.hex()}
    return NewEntry(stream=piece.stream, kind=EntryKind.EVIDENCE_ALTERED, error="altered_repeat", extra=extra)


def _wake(attempts: Sequence[UUID]) -> None:
    for attempt in attempts:
        bus.wake(media_topic(attempt), str(attempt))
