"""Every look at a person is an audit entry (product.md P8): one for each viewing."""

from datetime import timedelta

from examhall.base import clock
from examhall.base.action import action
from examhall.base.words import EntryKind, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.actions import append
from examhall.journal.reads import lines_by
from examhall.people.rules.actor import Actor

ONE_LOOK = timedelta(hours=1)
"""Opening a page of the session is a look and is kept by the page; its players then ask for a playlist of each track,
and again and again while a recording grows. Those belong to the look of the last hour."""


@action
def note_viewing(ref: AttemptRef, *, track: Track, by: Actor) -> None:
    """Keep in the schedule's journal who opened whose recording, unless it keeps a look of theirs already."""
    since = clock.now() - ONE_LOOK
    looks = lines_by(by.user_id, ref.schedule_stream, kind=EntryKind.RECORDING_VIEWED, since=since)
    if not any(look.extra.get("attempt") == str(ref.id) for look in looks):
        extra = {"attempt": str(ref.id), "track": track.value}
        append(ref.schedule_stream, EntryKind.RECORDING_VIEWED, by=by, extra=extra)
