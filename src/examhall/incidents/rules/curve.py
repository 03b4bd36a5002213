"""What was measured around an incident, as the points of its plot and in words: remembered only as long as needed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from examhall.base.words import IncidentKind
from examhall.incidents.rules.found import Point
from examhall.incidents.rules.levels import ANY, SHAPES, UNITS, Level, Rule, Shape, rule
from examhall.incidents.rules.signal import Signal

STEP_MS = 500
AROUND_MS = 10_000
"""Shown before and after the marked stretch."""
REMEMBERED_MS = 180_000
"""Longer than any merge gap or cool-down but the microphone's; a curve that begins earlier is cut there."""
MOST_PIECES = 500
"""Of one kind: a client that reports without end does not make the state grow."""

Piece = tuple[int, int, float]
"""From, to (milliseconds) and the plotted value of one signal."""
Memory = Mapping[str, Sequence[Piece]]
"""Pieces by kind, in order of start."""

CERTAINTY = "certainty"
_BY_CERTAINTY = frozenset({IncidentKind.MULTI_FACE})
"""Kinds whose threshold in the plot is the certainty, not the measure."""


@dataclass(frozen=True, slots=True)
class Told:
    """One stretch of a plot in which the threshold was reached throughout, or not at all."""

    from_ms: int
    to_ms: int
    highest: float
    reached: bool


def remembered(memory: Memory, signals: Iterable[Signal], *, until_ms: int) -> dict[str, list[Piece]]:
    """`memory` with the pieces of `signals`, without what is too old to be plotted any more."""
    out = {kind: list(pieces) for kind, pieces in memory.items()}
    for signal in signals:
        if signal.suppressed is None:
            piece = (round(signal.start_s * 1000), round(signal.end_s * 1000), _plotted(signal))
            out.setdefault(signal.kind.value, []).append(piece)
    return {kind: left for kind, pieces in out.items() if (left := _young(IncidentKind(kind), pieces, until_ms))}


def curve(memory: Memory, asked: Rule, *, start_ms: int, end_ms: int, until_ms: int) -> tuple[Point, ...]:
    """The plot's points every STEP_MS from before the stretch to after it, zero where nothing was measured.

    until_ms: how far the kind is known. Empty when nothing is remembered of it.
    """
    pieces = memory.get(asked.kind.value, ())
    if not pieces:
        return ()
    first_ms = max(0, start_ms - AROUND_MS) // STEP_MS * STEP_MS
    last_ms = max(end_ms, min(end_ms + AROUND_MS, until_ms)) + STEP_MS
    times = range(first_ms, last_ms + 1, STEP_MS)
    if asked.shape is Shape.COUNT:
        return tuple((at_ms, _often(pieces, at_ms, asked)) for at_ms in times)
    return tuple((at_ms, _value(pieces, at_ms)) for at_ms in times)


def line(asked: Rule) -> float | None:
    """The threshold in the unit of the plot; None where presence alone counts."""
    if asked.shape is Shape.COUNT:
        return float(asked.times)
    if asked.kind in UNITS and asked.kind not in _BY_CERTAINTY:
        return asked.at_least if asked.at_least > ANY else None
    return asked.min_score or None


def plot_unit(kind: IncidentKind) -> str:
    """What the plotted number counts; empty where it is 1 while it lasts and 0 otherwise."""
    if SHAPES.get(kind) is Shape.COUNT:
        return "times"
    if kind in UNITS and kind not in _BY_CERTAINTY:
        return UNITS[kind]
    return CERTAINTY if SHAPES.get(kind) is Shape.DWELL else ""


def stretches(points: Sequence[Point], threshold: float | None) -> tuple[Told, ...]:
    """The plot as the lines of a table: where it reached the threshold and where not, and the highest value there."""
    out: list[Told] = []
    for reached, group in groupby(points, key=lambda point: _reaches(point[1], threshold)):
        run = list(group)
        if out:
            out[-1] = Told(out[-1].from_ms, run[0][0], out[-1].highest, out[-1].reached)
        out.append(Told(run[0][0], run[-1][0], max(value for _, value in run), reached))
    return tuple(out)


def in_words(points: Sequence[Point], threshold: float | None, kind: IncidentKind, *, start_ms: int) -> str:
    """The plot in one or two sentences, for whoever does not see it; empty without points."""
    if not points:
        return ""
    told = stretches(points, threshold)
    shown_s = (points[-1][0] - points[0][0]) / 1000
    reached_s = sum(one.to_ms - one.from_ms for one in told if one.reached) / 1000
    unit = plot_unit(kind)
    if not unit:
        return f"It lasted {reached_s:.1f} of the {shown_s:.1f} seconds shown."
    at_ms, peak = max(points, key=lambda point: point[1])
    amount = f"a {unit} of {_figure(peak)}" if unit == CERTAINTY else f"{_figure(peak)} {unit}".replace(" °", "°")
    highest = f"The highest value is {amount}, {_when((at_ms - start_ms) / 1000)}."
    if threshold is None:
        return f"{highest} It was seen for {reached_s:.1f} of the {shown_s:.1f} seconds shown."
    return (
        f"{highest} The threshold of {_figure(threshold)} was reached for {reached_s:.1f} of the {shown_s:.1f} "
        "seconds shown."
    )


def _when(after_s: float) -> str:
    if round(after_s, 1) == 0:
        return "at the start"
    return f"{abs(after_s):.1f} seconds {'after' if after_s > 0 else 'before'} the start"


def _figure(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}"


def _reaches(value: float, threshold: float | None) -> bool:
    return value > 0 and value >= (threshold or 0.0)


def _young(kind: IncidentKind, pieces: Sequence[Piece], until_ms: int) -> list[Piece]:
    """A kind that runs ahead of the others forgets by its own time, so that its memory stays small without them."""
    strictest = rule(kind, Level.HIGH)
    kept_ms = max(REMEMBERED_MS, strictest.window_s * 1000 if strictest else 0)
    oldest_ms = max(until_ms, max(to_ms for _, to_ms, _ in pieces)) - kept_ms
    return [piece for piece in pieces if piece[1] >= oldest_ms][-MOST_PIECES:]


def _plotted(signal: Signal) -> float:
    return signal.value if signal.kind in UNITS and signal.kind not in _BY_CERTAINTY else signal.score


def _value(pieces: Sequence[Piece], at_ms: int) -> float:
    return max((value for from_ms, to_ms, value in pieces if from_ms <= at_ms < to_ms), default=0.0)


def _often(pieces: Sequence[Piece], at_ms: int, asked: Rule) -> float:
    """How many stood within the rule's window at this moment."""
    oldest_ms = at_ms - asked.window_s * 1000
    return float(sum(oldest_ms < from_ms <= at_ms and value >= asked.at_least for from_ms, _, value in pieces))
