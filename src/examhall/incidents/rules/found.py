"""A folded incident with everything a person will be shown of it: what was measured against what, and why."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from examhall.base.words import IncidentKind
from examhall.incidents.rules.explain import explain
from examhall.incidents.rules.levels import UNITS, Rule, Shape
from examhall.incidents.rules.signal import FoldedIncident
from examhall.incidents.rules.standing import Standing

PLOT_POINTS = 240
"""Enough for a curve of two minutes at two samples a second; longer ones are thinned."""

Point = tuple[int, float]
"""Milliseconds since the attempt was entered, and the value then."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One thing that had a part in an incident: a program or a model, by version and hash."""

    what: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One incident as it is stored. Which one it is: (`rule_version`, `kind`, `start_ms`)."""

    kind: IncidentKind
    start_ms: int
    end_ms: int
    open_ended: bool
    repeated: bool
    severity: int
    confidence: float
    count: int
    rule_version: str
    detector: str
    level: str
    measured: float | None
    threshold: float | None
    unit: str
    needed_s: float
    longest_s: float
    explanation: str
    plot: tuple[Point, ...] = ()
    plot_threshold: float | None = None
    standing: Standing | None = None
    papers: tuple[Paper, ...] = ()


def found(
    incident: FoldedIncident,
    rule: Rule,
    *,
    curve: Sequence[Point] = (),
    line: float | None = None,
    standing: Standing | None = None,
    papers: Sequence[Paper] = (),
) -> Found:
    """`incident` in the words and figures of `rule`, the one that made it. `curve`: what was measured around it.

    standing: what would be left of it under higher limits.
    """
    measured, threshold, unit = _figures(incident, rule)
    return Found(
        kind=incident.kind,
        start_ms=round(incident.start_s * 1000),
        end_ms=round(incident.end_s * 1000),
        open_ended=incident.ongoing,
        repeated=incident.repeated,
        severity=incident.severity,
        confidence=min(1.0, max(0.0, incident.score)) * (0.5 if rule.half else 1.0),
        count=incident.count,
        rule_version=incident.rules_version,
        detector=incident.detector,
        level=rule.level.value,
        measured=measured,
        threshold=threshold,
        unit=unit,
        needed_s=rule.min_s,
        longest_s=incident.longest_s,
        explanation=explain(incident, rule)[:500],
        plot=thinned(curve),
        plot_threshold=line,
        standing=standing,
        papers=tuple(papers),
    )


def thinned(curve: Sequence[Point]) -> tuple[Point, ...]:
    """At most PLOT_POINTS points; of each stretch the highest is kept, so that no peak disappears."""
    ordered = sorted(curve)
    size = math.ceil(len(ordered) / PLOT_POINTS) or 1
    pieces = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    return tuple(max(piece, key=lambda point: point[1]) for piece in pieces)


def _figures(incident: FoldedIncident, rule: Rule) -> tuple[float | None, float | None, str]:
    """Measured, threshold and unit: the kind's own measure, else how often, else how long."""
    if rule.kind in UNITS:
        return _finite(incident.value), _finite(rule.at_least), UNITS[rule.kind]
    if rule.shape is Shape.COUNT:
        return float(incident.count), float(rule.times), "times"
    return incident.length_s, rule.min_s, "s"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
