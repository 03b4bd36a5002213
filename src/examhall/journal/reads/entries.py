"""Lines of a stream as values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db.models import Max, QuerySet

from examhall.base.rows import Statement, id_of, keys, moment_of, pairs
from examhall.base.words import EntryGroup, EntryKind
from examhall.journal.models import Entry, Stream
from examhall.journal.rules import GROUP_OF


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One line of the candidate log."""

    stream: UUID
    number: int
    kind: EntryKind
    group: EntryGroup
    at: datetime
    client_at: datetime | None
    client_seq: int | None
    actor_id: UUID | None
    actor_name: str
    actor_role: str
    ip: str
    question_number: int | None
    item_id: str
    error: str
    epoch: int | None
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What tells one thing a client said from another under the same number: two devices count for themselves."""

    kind: EntryKind
    client_at: datetime | None


_SAID_UNDER: Final = Statement(
    "SELECT stream_id, client_seq, kind, client_at FROM {id_and_number} CROSS JOIN journal_entry"
    " WHERE stream_id = one AND client_seq = other"
)
_LAST_NUMBERS: Final = Statement("SELECT id, last_number FROM journal_stream WHERE id IN {ids}")


def entries_after(
    stream: UUID, number: int, *, limit: int = 500, kinds: Collection[EntryKind] | None = None
) -> list[EntryRow]:
    """Up to `limit` lines with a number above `number`, in order."""
    found = Entry.objects.filter(stream_id=stream, number__gt=number)
    if kinds is not None:
        found = found.filter(kind__in=kinds)
    return _rows(stream, found.order_by("number")[:limit])


def tail(stream: UUID, *, limit: int = 50, kinds: Collection[EntryKind] | None = None) -> list[EntryRow]:
    """The last `limit` lines, in order."""
    found = Entry.objects.filter(stream_id=stream)
    if kinds is not None:
        found = found.filter(kind__in=kinds)
    return _rows(stream, found.order_by("-number")[:limit])[::-1]


def lines_by(actor_id: UUID | None, stream: UUID, *, kind: EntryKind, since: datetime) -> list[EntryRow]:
    """What one person did of this kind from `since` on, in order."""
    found = Entry.objects.filter(stream_id=stream, kind=kind, actor_id=actor_id, at__gte=since)
    return _rows(stream, found.order_by("number"))


def count(stream: UUID) -> int:
    return Entry.objects.filter(stream_id=stream).count()


def said_under(wanted: Iterable[tuple[UUID, int]]) -> dict[tuple[UUID, int], Said]:
    """What stands in the journal under these numbers of clients, by stream and number; free numbers are left out."""
    asked = list(wanted)
    if not asked:
        return {}
    return {
        (id_of(stream), seq): Said(EntryKind(kind), moment_of(client_at))
        for stream, seq, kind, client_at in _SAID_UNDER.rows(pairs(asked))
    }


def last_client_seq(stream: UUID) -> int:
    """The highest of the client's numbers that stands in the journal; 0 when none does."""
    last = Entry.objects.filter(stream_id=stream).aggregate(last=Max("client_seq"))["last"]
    return int(last or 0)


def last_numbers_of(streams: Collection[UUID]) -> dict[UUID, int]:
    """The number of the last line of each stream; 0 for an empty one."""
    return {id_of(stream): number for stream, number in _LAST_NUMBERS.rows(keys(streams))}


def last_numbers(parent: UUID) -> dict[UUID, int]:
    """The last number of each child stream of `parent`: the cursor of a desk that has just read everything."""
    return dict(Stream.objects.filter(parent_id=parent).values_list("id", "last_number"))


def all_streams() -> list[UUID]:
    return list(Stream.objects.order_by("id").values_list("id", flat=True))


_KINDS = {kind.value: (kind, GROUP_OF[kind]) for kind in EntryKind}
_PLAIN = (
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
)


def _rows(stream: UUID, found: "QuerySet[Entry]") -> list[EntryRow]:
    """By columns and without models: a log of thousands of lines is read whole."""
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    return [
        EntryRow(
            stream=stream,
            number=number,
            kind=_KINDS[kind][0],
            group=_KINDS[kind][1],
            extra=decode(extra),
            **dict(zip(_PLAIN, plain, strict=True)),
        )
        for number, kind, extra, *plain in found.values_list("number", "kind", "extra_json", *_PLAIN)
    ]
