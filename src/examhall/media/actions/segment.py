"""Storing pieces of recordings: many at once, durable before they are acknowledged.

The reels are written and synced inside the transaction that writes their index rows: when the commit returns, bytes and
rows are both on the disk; when it fails, the bytes lie behind the reels' ends and are overwritten.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from examhall.base import clock
from examhall.base.errors import AlteredRepeat, ExamhallError, Unavailable
from examhall.base.words import EntryKind, SessionState, Track
from examhall.base.writer import PATIENT_S, BatchVerb
from examhall.exam.actions.attempt import note_track_step
from examhall.journal.actions import NewEntry, append_many
from examhall.journal.bus import bus
from examhall.media.container.segment import INIT_SEQ, Piece, chained
from examhall.media.models import Reel, Segment, Session
from examhall.media.store.place import reels
from examhall.media.store.reel import Append, ReelKey

Address = tuple[UUID, Track, int]


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

    @property
    def address(self) -> Address:
        return self.attempt_id, self.track, self.media_epoch


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
    growing = _locked(pieces)
    lines: list[NewEntry] = []
    outcomes: list[Stored | ExamhallError] = [_place(piece, growing, lines) for piece in pieces]
    grown = [one for one in growing.values() if one.added]
    try:
        reels().append({_key(one.reel): _append_of(one) for one in grown})
    except Unavailable as fault:
        append_many(lines)
        lost = {(*one.reel.address, piece.seq) for one in grown for piece, _ in one.added}
        return [
            fault if (piece.attempt, piece.track, piece.epoch, piece.seq) in lost else outcome  # its repeats as well
            for piece, outcome in zip(pieces, outcomes, strict=True)
        ]
    _index(grown, now)
    lines += _tell_exam(grown)
    append_many(lines)
    transaction.on_commit(partial(_wake, sorted({one.reel.attempt_id for one in grown})))
    return outcomes


KEEP_SEGMENT: BatchVerb[Piece, Stored] = BatchVerb("media.keep_segment", _run, wait_s=PATIENT_S)
"""Store one piece. NEW: bytes and row are durable. REPEAT: they were before.

Refusals: AlteredRepeat (journalled), StorageFull, Unavailable when the epoch's init segment has not arrived yet.
"""


def _place(piece: Piece, growing: dict[Address, _Growing], lines: list[NewEntry]) -> Stored | ExamhallError:
    one = growing.get((piece.attempt, piece.track, piece.epoch))
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


def _locked(pieces: Sequence[Piece]) -> dict[Address, _Growing]:
    """The reels of the batch under lock, those that begin with this batch included."""
    wanted = {(piece.attempt, piece.track, piece.epoch) for piece in pieces}
    rows = _ends(wanted)
    beginning = {(p.attempt, p.track, p.epoch) for p in pieces if p.seq == INIT_SEQ} - rows.keys()
    if beginning:
        Session.objects.bulk_create([Session(attempt_id=a) for a in {b[0] for b in beginning}], ignore_conflicts=True)
        fresh = [Reel(attempt_id=a, track=t, media_epoch=e) for a, t, e in sorted(beginning)]
        Reel.objects.bulk_create(fresh)
        ends = [_End(r.id, r.attempt_id, Track(r.track), r.media_epoch, 0, 0, bytes(r.chain), "") for r in fresh]
        rows |= {end.address: end for end in ends}
    known = _digests([(reel.id, p.seq) for p in pieces if (reel := rows.get((p.attempt, p.track, p.epoch)))])
    late = set(
        Session.objects.filter(attempt_id__in={a for a, _, _ in wanted}, closed_at__isnull=False).values_list(
            "attempt_id", flat=True
        )
    )
    return {
        address: _Growing(reel, reel.size_bytes, known.get(reel.id, {}), late=reel.attempt_id in late)
        for address, reel in rows.items()
    }


def _digests(wanted: Sequence[tuple[int, int]]) -> dict[int, dict[int, bytes]]:
    """What is stored already of these pairs of reel and number: digests by reel, then by number."""
    found: dict[int, dict[int, bytes]] = {}
    if wanted:
        marks = ", ".join(["(%s, %s)"] * len(wanted))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT reel_id, seq, sha256 FROM {Segment._meta.db_table} WHERE (reel_id, seq) IN (VALUES {marks})",  # noqa: S608
                [value for pair in wanted for value in pair],
            )
            for reel_id, seq, digest in cursor.fetchall():
                found.setdefault(reel_id, {})[seq] = bytes(digest)
    return found


def _ends(wanted: Collection[Address]) -> dict[Address, _End]:
    """The reels wanted that exist, under lock in one order."""
    attempts = {attempt for attempt, _, _ in wanted}
    rows = Reel.objects.select_for_update().filter(attempt_id__in=attempts).order_by("id")
    columns = ("id", "attempt_id", "track", "media_epoch", "size_bytes", "fragments", "chain", "codecs")
    found: dict[Address, _End] = {}
    for id, attempt, track, epoch, size, fragments, chain, codecs in rows.values_list(*columns):
        address = attempt, Track(track), epoch
        if address in wanted:
            found[address] = _End(id, *address, size, fragments, bytes(chain), codecs)
    return found


def _key(reel: _End) -> ReelKey:
    return ReelKey(reel.attempt_id, reel.track, reel.media_epoch)


def _append_of(one: _Growing) -> Append:
    return Append(one.began_bytes, [piece.content for piece, _ in one.added])


_COLUMNS = (
    "reel_id",
    "seq",
    "t_ms",
    "d_ms",
    "offset_bytes",
    "length_bytes",
    "key",
    "sha256",
    "received_at",
    "late",
)


def _index(grown: Sequence[_Growing], now: datetime) -> None:
    at = connection.ops.adapt_datetimefield_value(now)
    rows: list[tuple[Any, ...]] = [
        (one.reel.id, p.seq, p.times.t_ms, p.times.d_ms, offset, len(p.content), p.times.key, p.sha256, at, one.late)
        for one in grown
        for p, offset in one.added
    ]
    ends = [(one.reel.size_bytes, one.reel.fragments, one.reel.chain, one.reel.codecs, one.reel.id) for one in grown]
    marks = ", ".join(["%s"] * len(_COLUMNS))
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    with connection.cursor() as cursor:
        if rows:
            cursor.executemany(
                f"INSERT INTO {Segment._meta.db_table} ({names}) VALUES ({marks})",  # noqa: S608 - constants
                rows,
            )
            cursor.executemany(
                f"UPDATE {Reel._meta.db_table} SET size_bytes = %s, fragments = %s, chain = %s, codecs = %s"  # noqa: S608
                " WHERE id = %s",
                ends,
            )


def _tell_exam(grown: Sequence[_Growing]) -> list[NewEntry]:
    """Tell the exam of each reel that begins and of each first fragment (A2); returns the lines for the latter."""
    lines, begun = [], set()
    for one in sorted(grown, key=lambda one: (one.reel.attempt_id, one.reel.track)):
        fragments = [piece for piece, _ in one.added if piece.seq != INIT_SEQ]
        first = bool(fragments) and one.reel.fragments == len(fragments)
        if first or one.began_bytes == 0:
            attempt, track, epoch = one.reel.address
            t_ms = fragments[0].times.t_ms if first else 0
            note_track_step(attempt, track=track, media_epoch=epoch, confirmed=first, t_ms=t_ms)
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
