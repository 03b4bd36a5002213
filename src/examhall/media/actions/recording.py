"""Closing recordings: the client's manifest, gap rows, and the state of the recorded session (product.md §2.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import BadInput
from examhall.base.words import EntryKind, GapCause, SessionState, Track
from examhall.exam.access.attempt import AttemptRef, attempt_ref
from examhall.exam.access.outage import outages_of
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.policy import required_tracks
from examhall.journal.actions import NewEntry, append_many
from examhall.journal.reads import EntryRow, entries_after, tail
from examhall.media.container.gaps import Claim, Gap, Stretch, find_gaps
from examhall.media.container.segment import INIT_SEQ
from examhall.media.models import Gap as GapRow
from examhall.media.models import GapClaim, Reel, Segment, Session
from examhall.media.store.place import reels
from examhall.media.store.reel import ReelKey
from examhall.media.wire.manifest import MAX_EPOCHS

LATE_UPLOAD = timedelta(hours=48)  # product.md §2.8, late_upload_window_h
TOLD_WITHIN = timedelta(seconds=20)
"""So long a client may take after the end to say what it made; until then nothing of it is called missing."""
MAX_MISSING = 1_000  # numbers named in one answer; the client asks again when these are sent
_STRETCHES = {
    EntryKind.EXAM_PAUSED: (EntryKind.EXAM_RESUMED, GapCause.PAUSED),
    EntryKind.HEARTBEAT_LOST: (EntryKind.HEARTBEAT_RESTORED, GapCause.OFFLINE),
}
_ENDS = (EntryKind.EXAM_COMPLETED, EntryKind.VOIDED)
_WATCHED_KINDS = (*_STRETCHES, *(end for end, _ in _STRETCHES.values()), *_ENDS)
_MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class MadeEpoch:
    """What a client says one start of one recorder made."""

    track: Track
    epoch: int
    last_seq: int
    ended: bool


@dataclass(frozen=True, slots=True)
class ClaimedStretch:
    track: Track
    from_ms: int
    to_ms: int
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Missing:
    """Numbers made but not stored; at most MAX_MISSING for each epoch."""

    track: Track
    epoch: int
    seqs: list[int]


@action
def note_manifest(attempt_id: UUID, *, made: Sequence[MadeEpoch], gaps: Sequence[ClaimedStretch]) -> list[Missing]:
    """Keep what the client says it made and claims, and return what is not stored of it.

    When the recording is closed already, its gaps are counted anew. Raises BadInput when an exam's manifests together
    name more than MAX_EPOCHS.
    """
    now = clock.now()
    _ensure_countable(attempt_id, {(one.track, one.epoch) for one in made})
    Session.objects.get_or_create(attempt_id=attempt_id)
    for one in made:
        reel, _ = Reel.objects.get_or_create(attempt_id=attempt_id, track=one.track, media_epoch=one.epoch)
        reel.claimed_seq = max(one.last_seq, reel.claimed_seq or 0)
        reel.ended = reel.ended or one.ended
        reel.save(update_fields=["claimed_seq", "ended"])
    GapClaim.objects.bulk_create(
        [
            GapClaim(
                attempt_id=attempt_id, track=g.track, from_ms=g.from_ms, to_ms=g.to_ms, cause=g.cause, received_at=now
            )
            for g in gaps
            if g.to_ms > g.from_ms
        ],
        ignore_conflicts=True,
    )
    missing = missing_of(attempt_id)
    ref = attempt_ref(attempt_id)
    if ref.state in TERMINAL and not _may_still_tell(ref, now=now):
        close_step(ref)
    return missing


@action
def close_recording(attempt_id: UUID) -> SessionState:
    """Account for the whole recording of an ended attempt; may be called again when more has arrived.

    Leaves an attempt that has not ended as it is.
    """
    ref = attempt_ref(attempt_id)
    if ref.state not in TERMINAL:
        return SessionState(Session.objects.get_or_create(attempt_id=attempt_id)[0].state)
    session, _ = Session.objects.get_or_create(attempt_id=attempt_id)
    if session.closed_at is None and _may_still_tell(ref, now=clock.now()):
        Session.objects.filter(pk=session.pk).update(state=SessionState.AWAITING_UPLOAD)
        return SessionState.AWAITING_UPLOAD  # the sweep comes again
    return close_step(ref)


@action
def recording_analysed(attempt_id: UUID) -> None:
    """All stored media of a closed recording have been analysed; told by incidents."""
    Session.objects.filter(attempt_id=attempt_id, state=SessionState.ANALYSING).update(state=SessionState.REVIEW_READY)


@step
def close_step(ref: AttemptRef) -> SessionState:
    """Write the gap rows anew, journal what is new in them, and move the session."""
    now = clock.now()
    session = Session.objects.select_for_update().get(attempt_id=ref.id)
    first_time = session.closed_at is None
    tracks = _tracks(ref)
    lines = [line for track in tracks for line in _close_track(ref, track, first_time=first_time)]
    session.closed_at = session.closed_at or now
    session.state = _state_after(ref.id, session, tracks, now=now)
    session.save(update_fields=["closed_at", "state"])
    append_many(lines)
    return SessionState(session.state)


def missing_of(attempt_id: UUID) -> list[Missing]:
    """What the client says it made and the server does not have, by track and epoch."""
    found = []
    for reel in Reel.objects.filter(attempt_id=attempt_id, claimed_seq__isnull=False).order_by("track", "media_epoch"):
        have = set(Segment.objects.filter(reel=reel).values_list("seq", flat=True))
        lacking = list(islice((n for n in range((reel.claimed_seq or 0) + 1) if n not in have), MAX_MISSING))
        if lacking:
            found.append(Missing(Track(reel.track), reel.media_epoch, lacking))
    return found


def _ensure_countable(attempt_id: UUID, named: set[tuple[Track, int]]) -> None:
    """What is recorded already may always be named: the bound is for names without anything behind them."""
    rows = Reel.objects.filter(attempt_id=attempt_id).values_list("track", "media_epoch")
    known = {(Track(track), epoch) for track, epoch in rows}
    if named - known and len(named | known) > MAX_EPOCHS:
        remedy = f"at most {MAX_EPOCHS} media epochs in one exam; leave out those of which no segment was sent"
        raise BadInput(f"The manifest names too many starts of a recorder: {remedy}.", fields={"tracks": remedy})


def _may_still_tell(ref: AttemptRef, *, now: datetime) -> bool:
    """The attempt ended just now and a recorder has not said yet how far it came."""
    if not Reel.objects.filter(attempt_id=ref.id, ended=False).exists():
        return False
    ends = tail(ref.stream, limit=1, kinds=_ENDS)
    return bool(ends) and now - ends[-1].at < TOLD_WITHIN


def _state_after(attempt_id: UUID, session: Session, tracks: Sequence[Track], *, now: datetime) -> SessionState:
    if not tracks:
        return SessionState.NOT_RECORDED
    if session.state == SessionState.REVIEW_READY:
        return SessionState.REVIEW_READY
    waiting = now - (session.closed_at or now) < LATE_UPLOAD
    return SessionState.AWAITING_UPLOAD if waiting and missing_of(attempt_id) else SessionState.ANALYSING


def _tracks(ref: AttemptRef) -> list[Track]:
    """The tracks that should have been recorded, and those that were."""
    recorded = Reel.objects.filter(attempt_id=ref.id).values_list("track", flat=True)
    return sorted({*required_tracks(policy_of_activation(ref.activation)), *map(Track, recorded)})


def _close_track(ref: AttemptRef, track: Track, *, first_time: bool) -> list[NewEntry]:
    rows = list(Reel.objects.filter(attempt_id=ref.id, track=track).order_by("media_epoch"))
    for reel in rows:
        reels().cut(ReelKey(ref.id, track, reel.media_epoch), reel.size_bytes)
    gaps = _gaps(ref, track, rows)
    mine = GapRow.objects.filter(attempt_id=ref.id, track=track)
    before = {Gap(gap.from_ms, gap.to_ms, GapCause(gap.cause)) for gap in mine}
    mine.delete()
    GapRow.objects.bulk_create(
        [GapRow(attempt_id=ref.id, track=track, from_ms=g.from_ms, to_ms=g.to_ms, cause=g.cause) for g in gaps]
    )
    lines = [_gap_line(ref, track, gap) for gap in gaps if gap not in before]
    return [*lines, _end_line(ref, track, rows)] if first_time or lines or before - set(gaps) else []


def _gaps(ref: AttemptRef, track: Track, rows: Sequence[Reel]) -> list[Gap]:
    entries = entries_after(ref.stream, 0, limit=_MAX_ENTRIES, kinds=_WATCHED_KINDS)
    found = Segment.objects.filter(reel__in=rows, seq__gt=INIT_SEQ).order_by("t_ms")
    media = [Stretch(t_ms, t_ms + d_ms) for t_ms, d_ms in found.values_list("t_ms", "d_ms")]
    span = _span(ref, entries, media)
    told = GapClaim.objects.filter(attempt_id=ref.id, track=track)
    claims = [Claim(claim.from_ms, claim.to_ms, GapCause(claim.cause)) for claim in told]
    claims += _journalled(ref, entries, span)
    claims += _outages(ref, span)
    claims += [claim for reel in rows for claim in _pending(reel, span)]
    return find_gaps(span, media, claims)


def _span(ref: AttemptRef, entries: Sequence[EntryRow], media: Sequence[Stretch]) -> Stretch:
    """From the first media or the start of the clock, whichever is earlier, to the attempt's end."""
    ends = [entry.at for entry in entries if entry.kind in _ENDS]
    end_ms = _offset_ms(ref, ends[-1] if ends else clock.now())
    starts = [stretch.from_ms for stretch in media[:1]]
    if ref.started_at is not None:
        starts.append(_offset_ms(ref, ref.started_at))
    from_ms = min(starts, default=end_ms)
    return Stretch(from_ms, max(from_ms, end_ms))


def _journalled(ref: AttemptRef, entries: Sequence[EntryRow], span: Stretch) -> list[Claim]:
    """Pauses and lost connections, from their entries; one that is still open reaches to the end."""
    claims: list[Claim] = []
    opened: dict[EntryKind, int] = {}
    for entry in entries:
        if entry.kind in _STRETCHES:
            opened.setdefault(entry.kind, _offset_ms(ref, entry.at))
        for kind, (end, cause) in _STRETCHES.items():
            if entry.kind is end and kind in opened:
                claims.append(Claim(opened.pop(kind), _offset_ms(ref, entry.at), cause))
    return claims + [Claim(from_ms, span.to_ms, _STRETCHES[kind][1]) for kind, from_ms in opened.items()]


def _outages(ref: AttemptRef, span: Stretch) -> list[Claim]:
    known = outages_of(ref.schedule, since=ref.entered_at, now=clock.now())
    claims = [Claim(_offset_ms(ref, o.since), _offset_ms(ref, o.until), GapCause.SERVER_OUTAGE) for o in known]
    return [Claim(c.from_ms, min(c.to_ms, span.to_ms), c.cause) for c in claims]


def _pending(reel: Reel, span: Stretch) -> list[Claim]:
    """Where numbers are missing that were made: between their neighbours, or behind the last one stored."""
    found = Segment.objects.filter(reel=reel, seq__gt=INIT_SEQ).order_by("seq").values_list("seq", "t_ms", "d_ms")
    claims, last_seq, end_ms, longest_ms = [], 0, span.from_ms, 0
    for seq, t_ms, d_ms in found:
        if seq > last_seq + 1 and t_ms > end_ms and last_seq:
            claims.append(Claim(end_ms, t_ms, GapCause.PENDING_UPLOAD))
        last_seq, end_ms, longest_ms = seq, t_ms + d_ms, max(longest_ms, d_ms)
    behind = (reel.claimed_seq or 0) - last_seq
    if last_seq and behind > 0:
        claims.append(Claim(end_ms, end_ms + behind * longest_ms, GapCause.PENDING_UPLOAD))
    return claims


def _offset_ms(ref: AttemptRef, at: datetime) -> int:
    return round((at - ref.entered_at).total_seconds() * 1000)


def _gap_line(ref: AttemptRef, track: Track, gap: Gap) -> NewEntry:
    extra = {"track": track.value, "from_ms": gap.from_ms, "to_ms": gap.to_ms, "cause": gap.cause.value}
    return NewEntry(stream=ref.stream, kind=EntryKind.TRACK_GAP, extra=extra)


def _end_line(ref: AttemptRef, track: Track, rows: Sequence[Reel]) -> NewEntry:
    """The heads of the reels' chains go into the journal's own chain: from then on the index cannot be changed."""
    chains = {str(reel.media_epoch): bytes(reel.chain).hex() for reel in rows}
    extra = {"track": track.value, "chains": chains, "bytes": sum(reel.size_bytes for reel in rows)}
    return NewEntry(stream=ref.stream, kind=EntryKind.TRACK_ENDED, extra=extra)
