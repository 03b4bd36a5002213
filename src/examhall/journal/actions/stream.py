"""Opening a stream."""

from uuid import UUID

from examhall.base.action import step
from examhall.base.words import StreamKind
from examhall.journal.models import Stream


@step
def open_stream(kind: StreamKind, *, parent: UUID | None = None) -> UUID:
    """A new, empty stream; `parent` is the schedule's stream for an attempt's."""
    stream = Stream(kind=kind, parent_id=parent)
    stream.save(force_insert=True)
    return stream.id
