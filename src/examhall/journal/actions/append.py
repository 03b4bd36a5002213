"""Appending: the next numbers under the streams' locks, hashes chained, reactions queued, listeners woken on commit."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from django.db import transaction

from examhall.base import clock
from examhall.base.action import step
from examhall.base.errors import NotFound
from examhall.base.queue import enqueue
from examhall.base.rows import Statement, id_of, key, keys, moment
from examhall.base.words import EntryKind
from examhall.journal.bus import bus, topic_of_parent, topic_of_stream
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
    ends = _locked_ends({entry.stream for entry in entries})
    now = clock.now()
    rows: list[tuple[Any, ...]] = []
    numbers: list[int] = []
    for entry in entries:
        end = ends[entry.stream]
        line = _line(entry, number=end.number + 1, now=now)
        prev = end.hash
        end.number, end.hash = line.number, line_hash(prev, end.stream, line)
        rows.append(_row(end.stream, line, prev, end.hash))
        numbers.append(line.number)
    _INSERT.each(rows)
    _KEEP_END.each([(end.number, end.hash, key(end.stream)) for end in ends.values()])
    _queue_reactions(entries)
    transaction.on_commit(partial(_wake, list(ends.values())))
    return numbers


_ENDS: Final = Statement(
    "SELECT id, last_number, last_hash, parent_id FROM journal_stream WHERE id IN {ids} ORDER BY id{lock}"
)
_KEEP_END: Final = Statement("UPDATE journal_stream SET last_number = %s, last_hash = %s WHERE id = %s")
_INSERT: Final = Statement(
    "INSERT INTO journal_entry (stream_id, number, kind, at, client_at, client_seq, actor_id, actor_name, actor_role,"
    " ip, question_number, item_id, error, epoch, extra_json, prev_hash, hash)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(slots=True)
class _End:
    """Where a locked stream ends; moves with every line."""

    stream: UUID
    number: int
    hash: bytes
    parent: UUID | None


def _locked_ends(streams: Collection[UUID]) -> dict[UUID, _End]:
    """Raises NotFound."""
    ends = {}
    for id, number, last, parent in _ENDS.rows(keys(streams)):
        end = _End(id_of(id), number, bytes(last), id_of(parent) if parent else None)
        ends[end.stream] = end
    if missing := sorted(set(streams) - ends.keys()):
        raise NotFound(f"There is no journal {missing[0]}.")
    return ends


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


def _row(stream: UUID, line: Line, prev: bytes, own: bytes) -> tuple[Any, ...]:
    return (
        key(stream),
        line.number,
        line.kind.value,
        moment(line.at),
        moment(line.client_at),
        line.client_seq,
        key(line.actor_id) if line.actor_id else None,
        line.actor_name,
        line.actor_role,
        line.ip,
        line.question_number,
        line.item_id,
        line.error,
        line.epoch,
        line.extra_json,
        prev,
        own,
    )


def _queue_reactions(entries: Sequence[NewEntry]) -> None:
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        for name in _REACTIONS.get(entry.kind, ()):
            wanted[name].add(entry.stream)
    for name, streams in wanted.items():
        for stream in sorted(streams):
            enqueue(name, stream=str(stream))


def _wake(ends: Sequence[_End]) -> None:
    for end in ends:
        bus.wake(topic_of_stream(end.stream), str(end.stream))
        if end.parent is not None:
            bus.wake(topic_of_parent(end.parent), str(end.stream))
