"""The transaction rule: `@action` is one verb in one durable transaction, `@step` a part of one.

A door or a job calls an action; an action calls steps, of its own wing or of lower ones. An action inside an
action, or a step outside one, is a programmer's mistake and raises at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

__all__ = ["NestedAction", "OutsideAction", "action", "in_action", "opened", "step"]

P = ParamSpec("P")
R = TypeVar("R")

_open: ContextVar[str | None] = ContextVar("examhall_open_action", default=None)


class NestedAction(RuntimeError):
    """An action was called inside another."""


class OutsideAction(RuntimeError):
    """A step was called with no action open."""


def in_action() -> bool:
    return _open.get() is not None


@contextmanager
def opened(name: str) -> Iterator[None]:
    """Open one durable transaction under `name`; what the group-commit writer and `@action` share."""
    if _open.get() is not None:
        raise NestedAction(f"{name} was called inside {_open.get()}; make the inner part a step")
    token = _open.set(name)
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        _open.reset(token)


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """One whole verb: everything it writes is committed when it returns, or nothing is."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with opened(verb.__qualname__):
            return verb(*args, **kwargs)

    return run


def step(part: Callable[P, R]) -> Callable[P, R]:
    """A part of an action; refuses to run outside one."""

    @wraps(part)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _open.get() is None:
            raise OutsideAction(f"{part.__qualname__} is a step: call it from an action")
        return part(*args, **kwargs)

    return run
