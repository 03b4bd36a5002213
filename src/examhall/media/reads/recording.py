"""What is stored of a recording: index rows, heads, coverage, totals, and the bytes themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Sum

from examhall.base.errors import NotFound
from examhall.base.words import GapCause, SessionState, Track
from examhall.media.container.boxes import Init, parse_init
from examhall.media.container.gaps import Gap as Hole
from examhall.media.container.playlist import Head, Row
from examhall.media.container.segment import INIT_SEQ
from examhall.media.models import Gap, Reel, Segment, Session
from examhall.media.store.place import reels
from examhall.media.store.reel import ReelKey


@dataclass(frozen=True, slots=True)
class TrackIndex:
    """Everything a playlist of one track is made of."""

    rows: list[Row]
    heads: dict[int, Head]
    """By media epoch."""
    ended: bool
    """The recording is closed: nothing is added but what was uploaded late."""


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """One stored fragment and where it lies; `id` grows in order of arrival, the cursor of whoever follows."""

    id: int
    key: ReelKey
    row: Row
    codecs: str


@dataclass(frozen=True, slots=True)
class TrackTotals:
    track: Track
    segments: int
    size_bytes: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a recording has come; `gaps` stand once it is closed."""

    state: SessionState
    closed_at: datetime | None
    tracks: list[TrackTotals]
    gaps: dict[Track, list[Hole]]


def track_index(attempt_id: UUID, track: Track) -> TrackIndex:
    """Index rows in order of time."""
    heads = {
        reel.media_epoch: Head(reel.media_epoch, reel.codecs, length)
        for reel, length in _reels_with_init(attempt_id, track)
    }
    found = (
        Segment.objects.filter(reel__attempt_id=attempt_id, reel__track=track, seq__gt=INIT_SEQ)
        .order_by("t_ms")
        .values_list("reel__media_epoch", "seq", "t_ms", "d_ms", "offset_bytes", "length_bytes", "key")
    )
    session = Session.objects.filter(attempt_id=attempt_id).first()
    return TrackIndex([Row(*row) for row in found], heads, session is not None and session.closed_at is not None)


def segments_between(attempt_id: UUID, track: Track, from_ms: int, to_ms: int) -> list[StoredSegment]:
    """Fragments that touch a stretch of time, in order of time: for stills."""
    longest_ms = 60_000  # no fragment of any client is longer; keeps the question inside the index
    found = (
        Segment.objects.select_related("reel")
        .filter(reel__attempt_id=attempt_id, reel__track=track, seq__gt=INIT_SEQ)
        .filter(t_ms__lt=to_ms, t_ms__gt=from_ms - longest_ms)
        .order_by("t_ms")
    )
    return [_stored(segment) for segment in found if segment.t_ms + segment.d_ms > from_ms]


def newest_group(attempt_id: UUID, track: Track) -> list[StoredSegment]:
    """From the newest key fragment to the newest of its epoch, without a hole: what a late joiner needs."""
    last = Segment.objects.filter(reel__attempt_id=attempt_id, reel__track=track, seq__gt=INIT_SEQ)
    newest = last.select_related("reel").order_by("-t_ms").first()
    if newest is None:
        return []
    same = Segment.objects.select_related("reel").filter(reel=newest.reel, seq__lte=newest.seq, seq__gt=INIT_SEQ)
    group: list[Segment] = []
    for segment in same.order_by("-seq")[:60]:
        if group and segment.seq != group[-1].seq - 1:
            break
        group.append(segment)
        if segment.key:
            return [_stored(one) for one in reversed(group)]
    return []


def segment_bytes(segment: StoredSegment) -> bytes:
    """Raises NotFound when the disk holds less than the index says."""
    return reels().read(segment.key, segment.row.offset, segment.row.length)


def init_bytes(attempt_id: UUID, track: Track, epoch: int) -> bytes:
    """The init segment of a media epoch. Raises NotFound when it has not arrived."""
    found = Segment.objects.filter(
        reel__attempt_id=attempt_id, reel__track=track, reel__media_epoch=epoch, seq=INIT_SEQ
    ).first()
    if found is None:
        raise NotFound("The init segment of this media epoch has not arrived.")
    return reels().read(ReelKey(attempt_id, track, epoch), found.offset_bytes, found.length_bytes)


def init_of(attempt_id: UUID, track: Track, epoch: int) -> Init:
    """The same, parsed."""
    return parse_init(init_bytes(attempt_id, track, epoch))


def coverage(attempt_id: UUID) -> Coverage:
    """State, totals and gaps of one recording; all empty when nothing was ever stored."""
    session = Session.objects.filter(attempt_id=attempt_id).first()
    gaps: dict[Track, list[Hole]] = {}
    for gap in Gap.objects.filter(attempt_id=attempt_id).order_by("track", "from_ms"):
        gaps.setdefault(Track(gap.track), []).append(Hole(gap.from_ms, gap.to_ms, GapCause(gap.cause)))
    return Coverage(
        state=SessionState(session.state) if session else SessionState.NOT_RECORDED,
        closed_at=session.closed_at if session else None,
        tracks=track_totals(attempt_id),
        gaps=gaps,
    )


def track_totals(attempt_id: UUID) -> list[TrackTotals]:
    found = (
        Segment.objects.filter(reel__attempt_id=attempt_id, seq__gt=INIT_SEQ)
        .values("reel__track")
        .annotate(n=Count("id"), size=Sum("length_bytes"), first=Min("t_ms"), last=Max("t_ms"))
        .order_by("reel__track")
    )
    return [TrackTotals(Track(r["reel__track"]), r["n"], r["size"], r["first"], r["last"]) for r in found]


def session_states(attempt_ids: list[UUID]) -> dict[UUID, SessionState]:
    """For lists with the camera icon: one query for all."""
    found = Session.objects.filter(attempt_id__in=attempt_ids).values_list("attempt_id", "state")
    states = {attempt: SessionState(state) for attempt, state in found}
    return {attempt: states.get(attempt, SessionState.NOT_RECORDED) for attempt in attempt_ids}


def reel_end(attempt_id: UUID, track: Track, epoch: int) -> int:
    """How many bytes of a reel count. Raises NotFound when there is no such reel."""
    found = Reel.objects.filter(attempt_id=attempt_id, track=track, media_epoch=epoch).first()
    if found is None or found.size_bytes == 0:
        raise NotFound("There is no such recording.")
    return found.size_bytes


def _stored(segment: Segment) -> StoredSegment:
    reel = segment.reel
    row = Row(
        epoch=reel.media_epoch,
        seq=segment.seq,
        t_ms=segment.t_ms,
        d_ms=segment.d_ms,
        offset=segment.offset_bytes,
        length=segment.length_bytes,
        key=segment.key,
    )
    return StoredSegment(segment.id, ReelKey(reel.attempt_id, Track(reel.track), reel.media_epoch), row, reel.codecs)


def _reels_with_init(attempt_id: UUID, track: Track) -> list[tuple[Reel, int]]:
    found = Segment.objects.select_related("reel").filter(reel__attempt_id=attempt_id, reel__track=track, seq=INIT_SEQ)
    return [(segment.reel, segment.length_bytes) for segment in found]
