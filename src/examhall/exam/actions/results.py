"""Every look at a person's results is an audit entry (product.md P8), and so is an export."""

from uuid import UUID

from examhall.base.action import action
from examhall.base.words import EntryKind
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def note_answers_viewed(schedule_stream: UUID, *, attempt: UUID, answers: bool, by: Actor) -> None:
    """Keep who opened whose result, and whether it showed the answers themselves."""
    append(schedule_stream, EntryKind.ANSWERS_VIEWED, by=by, extra={"attempt": str(attempt), "answers": answers})


@action
def note_results_exported(schedule_stream: UUID, *, rows: int, by: Actor) -> None:
    extra = {"what": "results", "format": "csv", "rows": rows}
    append(schedule_stream, EntryKind.EVIDENCE_EXPORTED, by=by, extra=extra)
