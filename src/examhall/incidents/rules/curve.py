"""What was measured around an incident, as the points of its plot: remembered between steps only as long as needed."""

from collections.abc import Iterable, Mapping, Sequence

from examhall.base.words import IncidentKind
from examhall.incidents.rules.found import Point
from examhall.incidents.rules.levels import UNITS, Rule
from examhall.incidents.rules.signal import Signal

STEP_MS = 500
AROUND_MS = 10_000
"""Shown before and after the marked stretch."""
REMEMBERED_MS = 180_000
"""Longer than any merge gap or cool-down but the microphone's; a curve that begins earlier is cut there."""

Piece = tuple[int, int, float]
"""From, to (milliseconds) and the plotted value of one signal."""
Memory = Mapping[str, Sequence[Piece]]
"""Pieces by kind, in order of start."""

_BY_CERTAINTY = frozenset({IncidentKind.MULTI_FACE})
"""Kinds whose threshold in the plot is the certainty, not the measure."""


def remembered(memory: Memory, signals: Iterable[Signal], *, until_ms: int) -> dict[str, list[Piece]]:
    """`memory` with the pieces of `signals`, without what is too old to be plotted any more."""
    out = {kind: list(pieces) for kind, pieces in memory.items()}
    for signal in signals:
        if signal.end_s > signal.start_s and signal.suppressed is None:
            piece = (round(signal.start_s * 1000), round(signal.end_s * 1000), _plotted(signal))
            out.setdefault(signal.kind.value, []).append(piece)
    oldest_ms = until_ms - REMEMBERED_MS
    return {kind: left for kind, pieces in out.items() if (left := [p for p in pieces if p[1] >= oldest_ms])}


def curve(memory: Memory, kind: IncidentKind, *, start_ms: int, end_ms: int, until_ms: int) -> tuple[Point, ...]:
    """The plot's points every STEP_MS from before the stretch to after it, zero where nothing was measured.

    until_ms: how far the kind is known. Empty when nothing is remembered of it.
    """
    pieces = memory.get(kind.value, ())
    if not pieces:
        return ()
    first_ms = max(0, start_ms - AROUND_MS) // STEP_MS * STEP_MS
    last_ms = min(end_ms + AROUND_MS, until_ms)
    return tuple((at_ms, _value(pieces, at_ms)) for at_ms in range(first_ms, last_ms + 1, STEP_MS))


def line(rule: Rule) -> float | None:
    """The threshold in the unit of the plot; None where presence alone counts."""
    if rule.kind in UNITS and rule.kind not in _BY_CERTAINTY:
        return rule.at_least if rule.at_least > float("-inf") else None
    return rule.min_score or None


def _plotted(signal: Signal) -> float:
    return signal.value if signal.kind in UNITS and signal.kind not in _BY_CERTAINTY else signal.score


def _value(pieces: Sequence[Piece], at_ms: int) -> float:
    return max((value for from_ms, to_ms, value in pieces if from_ms <= at_ms < to_ms), default=0.0)
