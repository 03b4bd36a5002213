"""Every look at a person is an audit entry (P8)."""

from examhall.base.action import action
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def note_session_opened(attempt: AttemptRef, *, by: Actor, page: str) -> None:
    """In the schedule's journal: who opened which page of whose session."""
    extra = {"attempt": str(attempt.id), "candidate": str(attempt.candidate), "page": page}
    append(attempt.schedule_stream, EntryKind.RECORDING_VIEWED, by=by, extra=extra)
