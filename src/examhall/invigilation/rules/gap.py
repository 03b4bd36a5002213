"""How long an answer took from the candidate's hand to the server's store (R-4.27).

The client's clock may be off by hours, so its times are first brought to the server's: by the smallest delay seen
among what the same connection sent, or by the difference the server noted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from examhall.base.words import EntryKind

LATE_S = 30.0
"""Above this a save is highlighted."""
_SAMPLES = 5
"""So many things of one connection are not all late by the same amount: their smallest delay is the clock's error."""
_SAVES = frozenset({EntryKind.ANSWER_SAVED, EntryKind.ANSWER_REJECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """What a gap is computed from; any journal line."""

    number: int
    kind: EntryKind
    at: datetime
    client_at: datetime | None = None
    client_seq: int | None = None
    epoch: int | None = None
    saves_seq: int | None = None
    """Of a save: the client's number of the answer it stored."""
    skew_s: float | None = None
    """Of a noted clock difference: the client's clock minus the server's."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """By number of the line."""

    saved_after_s: Mapping[int, float] = field(default_factory=dict)
    """Of saves and of answers that were not stored."""
    received_after_s: Mapping[int, float] = field(default_factory=dict)
    """Of everything that carries the client's time."""

    @property
    def longest(self) -> tuple[int, float] | None:
        """The number of the save that took longest, and how long; None without saves."""
        return max(self.saved_after_s.items(), key=lambda found: found[1], default=None)


def gaps(lines: Sequence[Timed]) -> Gaps:
    noted = next((line.skew_s for line in lines if line.skew_s is not None), None)
    corrections = {epoch: _correction_s(delays, noted) for epoch, delays in _delays(lines).items()}
    received: dict[int, float] = {}
    by_seq: dict[int, float] = {}
    for line in lines:
        if line.client_at is None:
            continue
        delay_s = (line.at - line.client_at).total_seconds()
        late_s = max(0.0, delay_s - corrections[line.epoch])
        received[line.number] = late_s
        if line.client_seq is not None and line.kind is EntryKind.QUESTION_ANSWERED:
            by_seq[line.client_seq] = late_s
    saved = {
        line.number: by_seq[line.saves_seq]
        for line in lines
        if line.kind in _SAVES and line.saves_seq is not None and line.saves_seq in by_seq
    }
    return Gaps(saved, received)


def _delays(lines: Iterable[Timed]) -> dict[int | None, list[float]]:
    found: dict[int | None, list[float]] = defaultdict(list)
    for line in lines:
        if line.client_at is not None:
            found[line.epoch].append((line.at - line.client_at).total_seconds())
    return found


def _correction_s(delays_s: Sequence[float], noted_skew_s: float | None) -> float:
    """What to take off each delay. A negative delay can only be the clock; a positive one may be real lateness."""
    smallest = min(delays_s, default=0.0)
    if smallest < 0 or len(delays_s) >= _SAMPLES:
        return smallest
    return -noted_skew_s if noted_skew_s is not None else 0.0
