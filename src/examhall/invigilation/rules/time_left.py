"""The exam timer at each line of a log, read back from the journal itself (R-4.29)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from examhall.base.words import EntryKind

_ENDS = frozenset({EntryKind.EXAM_COMPLETED, EntryKind.VOIDED})


@dataclass(frozen=True, slots=True)
class Step:
    """A journal line, as far as the timer needs it."""

    number: int
    kind: EntryKind
    at: datetime
    extra: Mapping[str, Any]


@dataclass(slots=True)
class _Timer:
    deadline_at: datetime | None = None
    stood_at: datetime | None = None
    over: bool = False

    def take(self, step: Step) -> None:
        if said := step.extra.get("deadline_at"):
            self.deadline_at = datetime.fromisoformat(str(said))
        elif self.deadline_at is not None:
            self.deadline_at += _given(step)
        if step.kind is EntryKind.EXAM_PAUSED:
            self.stood_at = step.at
        if step.kind in {EntryKind.EXAM_RESUMED, EntryKind.ATTEMPT_REOPENED, EntryKind.ATTEMPT_STOPPED}:
            self.stood_at = None
        if step.kind is EntryKind.ATTEMPT_REOPENED:
            self.over = False

    def left_s(self, at: datetime) -> float | None:
        if self.deadline_at is None or self.over:
            return None
        return max(0.0, (self.deadline_at - (self.stood_at or at)).total_seconds())


def time_left(steps: Iterable[Step]) -> dict[int, float | None]:
    """Seconds left at each line, by its number; None before the start and after the end."""
    timer = _Timer()
    left: dict[int, float | None] = {}
    for step in steps:
        timer.take(step)
        left[step.number] = timer.left_s(step.at)
        timer.over = timer.over or step.kind in _ENDS
    return left


def _given(step: Step) -> timedelta:
    """Time a line gave without naming the new deadline."""
    names = {
        EntryKind.EXAM_RESUMED: "effective_s",
        EntryKind.EXTRA_TIME_GRANTED: "effective_s",
        EntryKind.ATTEMPT_REOPENED: "given_back_s",
    }
    value = step.extra.get(names.get(step.kind, ""), 0)
    return timedelta(seconds=float(value)) if isinstance(value, int | float) else timedelta(0)
