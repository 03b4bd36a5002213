"""Checking a chain (`examhall verify`)."""

from collections.abc import Iterator
from uuid import UUID

from examhall.base.errors import NotFound
from examhall.base.words import EntryKind
from examhall.journal.models import Entry, Stream
from examhall.journal.rules import Broken, Line, first_broken


def verify(stream: UUID) -> Broken | None:
    """The first broken line of `stream`, or None. Raises NotFound when there is no such stream."""
    row = Stream.objects.filter(id=stream).first()
    if row is None:
        raise NotFound(f"There is no journal {stream}.")
    return first_broken(stream, _lines(stream), last_number=row.last_number, last_hash=bytes(row.last_hash))


def _lines(stream: UUID) -> Iterator[tuple[Line, bytes, bytes]]:
    for e in Entry.objects.filter(stream_id=stream).order_by("number").iterator(chunk_size=1000):
        line = Line(
            number=e.number,
            kind=EntryKind(e.kind),
            at=e.at,
            client_at=e.client_at,
            client_seq=e.client_seq,
            actor_id=e.actor_id,
            actor_name=e.actor_name,
            actor_role=e.actor_role,
            ip=e.ip,
            question_number=e.question_number,
            item_id=e.item_id,
            error=e.error,
            epoch=e.epoch,
            extra_json=e.extra_json,
        )
        yield line, bytes(e.prev_hash), bytes(e.hash)
