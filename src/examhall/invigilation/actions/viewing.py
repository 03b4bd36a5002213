"""Every look at a person is an audit entry (product.md P8), and so is every act that was refused (R-4.6)."""

from uuid import UUID

from examhall.base.action import action
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def note_log_viewed(ref: AttemptRef, *, by: Actor) -> None:
    """Keep in the schedule's journal who opened whose log."""
    append(ref.schedule_stream, EntryKind.LOG_VIEWED, by=by, extra={"attempt": str(ref.id)})


@action
def note_log_exported(ref: AttemptRef, *, by: Actor, suffix: str, lines: int) -> None:
    """R-4.31: an export is audited."""
    extra = {"attempt": str(ref.id), "what": "log", "format": suffix, "lines": lines}
    append(ref.schedule_stream, EntryKind.EVIDENCE_EXPORTED, by=by, extra=extra)


@action
def note_live_viewed(ref: AttemptRef, *, by: Actor) -> None:
    """Keep in the schedule's journal who watched whom live."""
    append(ref.schedule_stream, EntryKind.RECORDING_VIEWED, by=by, extra={"attempt": str(ref.id), "live": True})


@action
def note_refused(schedule_stream: UUID, *, by: Actor, attempt: UUID, act: str) -> None:
    """Keep what somebody tried that is not theirs."""
    append(schedule_stream, EntryKind.ACCESS_REFUSED, by=by, extra={"attempt": str(attempt), "act": act})
