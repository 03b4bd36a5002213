"""What the desk's socket reads: who may still look, what changed, where a live picture begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base import clock
from examhall.base.errors import NotFound
from examhall.base.words import Track
from examhall.exam.access.attempt import AttemptRef, attempt_for
from examhall.exam.reads.attempt import desk_rows
from examhall.exam.reads.desk import desk_facts, desk_schedule
from examhall.exam.rules.rights import Act
from examhall.invigilation.access.token import Viewer
from examhall.invigilation.reads.line_shape import line_out
from examhall.invigilation.reads.log import log_lines
from examhall.invigilation.rules.desk import Seen, heard
from examhall.invigilation.wire.log import LineOut
from examhall.journal.reads import last_numbers_of
from examhall.media.container.segment import INIT_SEQ, Kind
from examhall.media.live.relay import MediaFrame
from examhall.media.reads.recording import StoredSegment, init_bytes, newest_group, segment_bytes
from examhall.people.access import actor_for_user


@dataclass(frozen=True, slots=True)
class Reach:
    """What a viewer may do on the schedule of their token, as of now."""

    stream: UUID
    media: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One attempt, as far as a change of it is worth a hint. Equal when nothing on its row has changed."""

    stream: UUID
    state: str
    connection: str
    question: int | None
    deadline_at: datetime | None
    ip: str


def reach(viewer: Viewer) -> Reach:
    """Raises NotFound or NotSignedIn when the account, the role or the assignment is gone."""
    actor = actor_for_user(viewer.user)
    found = desk_schedule(actor, viewer.schedule)
    return Reach(found.stream, Act.SEE_LIVE_MEDIA in found.acts)


def watched_attempt(viewer: Viewer, attempt_id: UUID, act: Act) -> AttemptRef:
    """Raises NotFound unless it belongs to the schedule of the token and `act` is theirs."""
    ref = attempt_for(actor_for_user(viewer.user), attempt_id, act)
    if ref.schedule != viewer.schedule:
        raise NotFound("There is no such attempt in this exam.")
    return ref


def standings(schedule_id: UUID) -> dict[UUID, Standing]:
    """All attempts of a schedule in one query."""
    now = clock.now()
    return {
        row.id: Standing(
            row.stream,
            row.state.value,
            heard(Seen(state=row.state, last_seen_at=row.last_seen_at, away_since=row.away_since), now=now)[0].value,
            row.current_question,
            row.deadline_at,
            row.ip,
        )
        for row in desk_rows(schedule_id)
    }


def lines_after(viewer: Viewer, ref: AttemptRef, number: int) -> list[LineOut]:
    """Log lines above `number`, with their gaps and timer, which run through the whole log.

    Nothing is read when there is nothing new.
    """
    if last_numbers_of([ref.stream])[ref.stream] <= number:
        return []
    schedule = desk_facts(actor_for_user(viewer.user), ref.schedule)
    if schedule is None:
        return []
    every = log_lines(ref, opens_at=schedule.opens_at)
    return [line_out(line, schedule=str(ref.schedule)) for line in every if line.number > number]


def beginning(attempt_id: UUID, track: Track) -> list[MediaFrame]:
    """Init and the newest group of pictures: what a late joiner needs to see something at once."""
    group = newest_group(attempt_id, track)
    if not group:
        return []
    head = init_frame(attempt_id, track, group[0].row.epoch, codecs=group[0].codecs)
    return [head, *(_frame(attempt_id, track, segment) for segment in group)]


def init_frame(attempt_id: UUID, track: Track, epoch: int, *, codecs: str) -> MediaFrame:
    content = init_bytes(attempt_id, track, epoch)
    return MediaFrame(attempt_id, track, epoch, INIT_SEQ, Kind.INIT, 0, 0, key=False, content=content, codecs=codecs)


def _frame(attempt_id: UUID, track: Track, segment: StoredSegment) -> MediaFrame:
    row = segment.row
    return MediaFrame(
        attempt=attempt_id,
        track=track,
        media_epoch=row.epoch,
        seq=row.seq,
        kind=Kind.FRAGMENT,
        t_ms=row.t_ms,
        d_ms=row.d_ms,
        key=row.key,
        content=segment_bytes(segment),
    )


def differing(before: Mapping[UUID, Standing], now: Mapping[UUID, Standing]) -> list[UUID]:
    return [attempt for attempt, standing in now.items() if before.get(attempt) != standing]
