"""The one clock. Everything that asks for the time asks here, so that a test can move it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "SetClock", "SystemClock", "now", "use"]


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC time; never goes back within a process."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is moved; the tests' clock."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def forward(self, *, s: float) -> None:
        self._at += timedelta(seconds=s)

    def set(self, at: datetime) -> None:
        self._at = at


_clock: Clock = SystemClock()


def now() -> datetime:
    """Aware UTC time by the clock in use."""
    return _clock.now()


def use(clock: Clock) -> Clock:
    """Put `clock` in use for the whole process and return the one that was."""
    global _clock
    before, _clock = _clock, clock
    return before
