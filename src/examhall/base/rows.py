"""Values as the database's driver takes them, for set-based SQL that goes past the ORM on frequent paths."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

__all__ = ["key", "moment"]


def key(id: UUID) -> Any:  # noqa: ANN401 - text on SQLite, a UUID on PostgreSQL
    """An identifier as it stands in a column of UUIDField."""
    return id if connection.features.has_native_uuid_field else id.hex


def moment(at: datetime | None) -> Any:  # noqa: ANN401 - text on SQLite, a datetime on PostgreSQL
    """A time as it stands in a column of DateTimeField."""
    return None if at is None else connection.ops.adapt_datetimefield_value(at)
