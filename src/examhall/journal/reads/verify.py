"""Checking a chain (`examhall verify`)."""

from collections.abc import Iterator
from dataclasses import fields
from uuid import UUID

from examhall.base.errors import NotFound
from examhall.base.words import EntryKind
from examhall.journal.models import Entry, Stream
from examhall.journal.rules import Broken, Line, first_broken

_HASHED = tuple(field.name for field in fields(Line) if field.name != "kind")
"""The columns are named as the fields."""


def verify(stream: UUID) -> Broken | None:
    """The first broken line of `stream`, or None. Raises NotFound when there is no such stream."""
    row = Stream.objects.filter(id=stream).first()
    if row is None:
        raise NotFound(f"There is no journal {stream}.")
    return first_broken(stream, _lines(stream), last_number=row.last_number, last_hash=bytes(row.last_hash))


def _lines(stream: UUID) -> Iterator[tuple[Line, bytes, bytes]]:
    rows = Entry.objects.filter(stream_id=stream).order_by("number")
    for kind, prev_hash, own_hash, *rest in rows.values_list("kind", "prev_hash", "hash", *_HASHED).iterator(1000):
        line = Line(kind=EntryKind(kind), **dict(zip(_HASHED, rest, strict=True)))
        yield line, bytes(prev_hash), bytes(own_hash)
