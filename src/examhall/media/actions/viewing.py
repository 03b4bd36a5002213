"""Every look at a person is an audit entry (product.md P8)."""

from examhall.base.action import action
from examhall.base.words import EntryKind, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def note_viewing(ref: AttemptRef, *, track: Track, by: Actor) -> None:
    """Keep in the schedule's journal who opened whose recording."""
    extra = {"attempt": str(ref.id), "track": track.value}
    append(ref.schedule_stream, EntryKind.RECORDING_VIEWED, by=by, extra=extra)
