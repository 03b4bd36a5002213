"""Faults of the database that pass: somebody else holds it, or it is away for a moment."""

import sqlite3

from django.db import OperationalError

from examhall.base.errors import Busy

__all__ = ["busy_of"]

_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_PRIMARY = 0xFF  # SQLite keeps the details of a fault in the higher bits


def busy_of(fault: BaseException | None) -> Busy | None:
    """What to tell of `fault` when trying again mends it; None of any other."""
    if not isinstance(fault, OperationalError):
        return None
    cause = fault.__cause__
    if isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & _PRIMARY not in _PASSING:
        return None  # SQLite calls a mistake in a statement by the same name
    return Busy()
