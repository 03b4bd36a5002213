"""Fixed statements for frequent paths, past the ORM, and values as the database's driver takes and gives them.

The text of a statement is the same however many rows it is about: sets go in as one JSON parameter. So it is built once
and the driver keeps it prepared.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, overload
from uuid import UUID

import msgspec
from django.db import connection

__all__ = ["Statement", "hex_of", "id_of", "key", "keys", "moment", "moment_of", "pairs"]

_SQLITE_PAIRS = (
    "(SELECT json_extract(value, '$[0]') AS one, json_extract(value, '$[1]') AS other FROM json_each(%s)) AS wanted"
)
_SQLITE = {
    "{lock}": "",
    "{ids}": "(SELECT value FROM json_each(%s))",
    "{id_and_number}": _SQLITE_PAIRS,
    "{number_and_number}": _SQLITE_PAIRS,
    "{id_and_id}": _SQLITE_PAIRS,
}
_POSTGRESQL_PAIRS = (
    "(SELECT (value ->> 0)::{} AS one, (value ->> 1)::{} AS other FROM jsonb_array_elements(%s::jsonb)) AS wanted"
)
_POSTGRESQL = {
    "{lock}": " FOR UPDATE",
    "{ids}": "(SELECT value::uuid FROM jsonb_array_elements_text(%s::jsonb))",
    "{id_and_number}": _POSTGRESQL_PAIRS.format("uuid", "bigint"),
    "{number_and_number}": _POSTGRESQL_PAIRS.format("bigint", "bigint"),
    "{id_and_id}": _POSTGRESQL_PAIRS.format("uuid", "uuid"),
}


class Statement:
    """One SQL text for both databases.

    `{lock}` locks the rows found. `IN {ids}` takes one parameter, made by `keys`. `FROM {id_and_number}`,
    `{number_and_number}` or `{id_and_id}` is a table `wanted (one, other)`, its parameter made by `pairs`; put it
    first, before `CROSS JOIN`, and SQLite looks each pair up by itself (with `IN` it walks the whole index).
    """

    def __init__(self, text: str) -> None:
        self._written = text
        self._text = ""

    def rows(self, *params: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - what a driver takes
        with connection.cursor() as cursor:
            cursor.execute(self._text or self._translated(), params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def each(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it once for each row of parameters."""
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(self._text or self._translated(), rows)

    def _translated(self) -> str:
        text = self._written
        for written, meant in (_POSTGRESQL if _is_postgresql() else _SQLITE).items():
            text = text.replace(written, meant)
        self._text = text
        return text


def keys(ids: Iterable[UUID]) -> str:
    """The parameter of `{ids}`."""
    return msgspec.json.encode([id.hex for id in ids]).decode()


def pairs(wanted: Iterable[tuple[UUID | int, UUID | int]]) -> str:
    """The parameter of a table of pairs."""
    found = [[part.hex if isinstance(part, UUID) else part for part in pair] for pair in wanted]
    return msgspec.json.encode(found).decode()


def key(id: UUID) -> Any:  # noqa: ANN401 - text on SQLite, a UUID on PostgreSQL
    """An identifier as it stands in a column of UUIDField."""
    return id if _is_postgresql() else id.hex


def id_of(stored: Any) -> UUID:  # noqa: ANN401 - text on SQLite, a UUID on PostgreSQL
    """The identifier that stands in a column of UUIDField."""
    return stored if isinstance(stored, UUID) else UUID(stored)


def hex_of(stored: Any) -> str:  # noqa: ANN401 - text on SQLite, a UUID on PostgreSQL
    """The identifier in a column of UUIDField as 32 hex digits."""
    return stored.hex if isinstance(stored, UUID) else str(stored)


def moment(at: datetime | None) -> Any:  # noqa: ANN401 - text on SQLite, a datetime on PostgreSQL
    """A time as it stands in a column of DateTimeField."""
    return at if at is None or _is_postgresql() else str(at.astimezone(UTC).replace(tzinfo=None))


@overload
def moment_of(stored: None) -> None: ...
@overload
def moment_of(stored: datetime) -> datetime: ...
def moment_of(stored: datetime | None) -> datetime | None:
    """The time that stands in a column of DateTimeField; SQLite's has no zone and means UTC."""
    return stored if stored is None or stored.tzinfo is not None else stored.replace(tzinfo=UTC)


@cache
def _is_postgresql() -> bool:
    """Asked once: going through Django's connection costs more than what is decided by it."""
    return connection.vendor == "postgresql"
