"""Appending: the next numbers under the streams' locks, hashes chained, reactions queued, listeners woken on commit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import msgspec
from django.db import connection, transaction

from examhall.base import clock
from examhall.base.action import step
from examhall.base.errors import NotFound
from examhall.base.queue import enqueue
from examhall.base.words import EntryKind
from examhall.journal.bus import bus, topic_of_parent, topic_of_stream
from examhall.journal.models import Entry, Stream
from examhall.journal.rules import Line, line_hash


class Actors(Protocol):
    """What the journal keeps of who did it; `people`'s Actor is one."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def ip(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A line to append; `at` is None for now."""

    stream: UUID
    kind: EntryKind
    by: Actors | None = None
    at: datetime | None = None
    client_at: datetime | None = None
    client_seq: int | None = None
    ip: str = ""
    question_number: int | None = None
    item_id: str = ""
    error: str = ""
    epoch: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_REACTIONS: dict[EntryKind, tuple[str, ...]] = {}


def react_to(reactions: Mapping[EntryKind, Sequence[str]]) -> None:
    """Set which jobs an entry kind calls for (site/reactions.py); each is queued with the entry's `stream`."""
    _REACTIONS.clear()
    _REACTIONS.update({kind: tuple(jobs) for kind, jobs in reactions.items()})


@step
def append(stream: UUID, kind: EntryKind, *, by: Actors | None = None, **fields: Any) -> int:  # noqa: ANN401
    """Append one line and return its number; `fields` are those of NewEntry."""
    return append_many([NewEntry(stream=stream, kind=kind, by=by, **fields)])[0]


@step
def append_many(entries: Sequence[NewEntry]) -> list[int]:
    """Append `entries` in order, over any number of streams, with one set-based insert; returns their numbers.

    Streams are locked in order of id, so two batches never wait for each other in a circle.
    """
    if not entries:
        return []
    wanted = sorted({entry.stream for entry in entries})
    streams = {s.id: s for s in Stream.objects.select_for_update().filter(id__in=wanted).order_by("id")}
    if missing := [s for s in wanted if s not in streams]:
        raise NotFound(f"There is no journal {missing[0]}.")
    now = clock.now()
    rows: list[tuple[Any, ...]] = []
    numbers: list[int] = []
    for entry in entries:
        stream = streams[entry.stream]
        line = _line(entry, number=stream.last_number + 1, now=now)
        prev = bytes(stream.last_hash)
        stream.last_number, stream.last_hash = line.number, line_hash(prev, stream.id, line)
        rows.append(_row(stream.id, line, prev, bytes(stream.last_hash)))
        numbers.append(line.number)
    _insert(rows)
    _keep_ends(list(streams.values()))
    _queue_reactions(entries)
    transaction.on_commit(partial(_wake, list(streams.values())))
    return numbers


def _line(entry: NewEntry, *, number: int, now: datetime) -> Line:
    by = entry.by
    return Line(
        number=number,
        kind=entry.kind,
        at=entry.at or now,
        client_at=entry.client_at,
        client_seq=entry.client_seq,
        actor_id=by.user_id if by else None,
        actor_name=by.name if by else "system",
        actor_role=by.role if by else "system",
        ip=entry.ip or (by.ip if by else ""),
        question_number=entry.question_number,
        item_id=entry.item_id,
        error=entry.error[:500],
        epoch=entry.epoch,
        extra_json=msgspec.json.encode(dict(entry.extra), order="sorted").decode(),
    )


_COLUMNS = (
    "stream_id",
    "number",
    "kind",
    "at",
    "client_at",
    "client_seq",
    "actor_id",
    "actor_name",
    "actor_role",
    "ip",
    "question_number",
    "item_id",
    "error",
    "epoch",
    "extra_json",
    "prev_hash",
    "hash",
)


def _row(stream: UUID, line: Line, prev: bytes, own: bytes) -> tuple[Any, ...]:
    ops = connection.ops
    prepared = {f.column: f for f in Entry._meta.concrete_fields}
    values: dict[str, Any] = {
        "stream_id": prepared["stream_id"].get_db_prep_value(stream, connection),
        "actor_id": prepared["actor_id"].get_db_prep_value(line.actor_id, connection),
        "at": ops.adapt_datetimefield_value(line.at),
        "client_at": ops.adapt_datetimefield_value(line.client_at) if line.client_at else None,
        "kind": line.kind.value,
        "prev_hash": prev,
        "hash": own,
    }
    return tuple(values[c] if c in values else getattr(line, c) for c in _COLUMNS)


def _insert(rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {Entry._meta.db_table} ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608 - constants
            rows,
        )


def _keep_ends(streams: list[Stream]) -> None:
    id_field = Stream._meta.get_field("id")
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {Stream._meta.db_table} SET last_number = %s, last_hash = %s WHERE id = %s",  # noqa: S608
            [(s.last_number, bytes(s.last_hash), id_field.get_db_prep_value(s.id, connection)) for s in streams],
        )


def _queue_reactions(entries: Sequence[NewEntry]) -> None:
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        for name in _REACTIONS.get(entry.kind, ()):
            wanted[name].add(entry.stream)
    for name, streams in wanted.items():
        for stream in sorted(streams):
            enqueue(name, stream=str(stream))


def _wake(streams: list[Stream]) -> None:
    for stream in streams:
        bus.wake(topic_of_stream(stream.id), str(stream.id))
        if stream.parent_id is not None:
            bus.wake(topic_of_parent(stream.parent_id), str(stream.id))
