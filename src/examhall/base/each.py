"""Doing the same for many, one by one: what cannot be done for one keeps no other waiting."""

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

import structlog

from examhall.base.errors import ExamhallError

__all__ = ["each"]

log = structlog.get_logger(__name__)

T = TypeVar("T")


def each(verb: Callable[[UUID], T], ids: Iterable[UUID]) -> list[T]:
    """What `verb` returned for each id; one that refuses is logged and left out.

    Only our own errors: a database that is busy, or a mistake of the program, concerns them all.
    """
    done: list[T] = []
    for one in ids:
        try:
            done.append(verb(one))
        except ExamhallError as refusal:
            log.error("one of many could not be done", verb=verb.__name__, id=str(one), fault=type(refusal).__name__)
    return done
