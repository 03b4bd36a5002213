"""The explainable score of a session and the status it suggests (product.md §7.1). A number never decides anything.

Inputs are incidents and how they were judged; answers, marks, demography and the reasons of accommodations are not.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from examhall.base.words import IncidentKind, IncidentState
from examhall.incidents.rules.family import SHOWN

WEIGHTS_VERSION = "1"
"""Raised with every change of a default weight or of the formula."""
SEVERITY_FACTOR: Mapping[int, float] = {1: 1.0, 2: 2.0, 3: 4.0}
LOAD_SCALE = 6.0
POINTS_PER_WEIGHT = 4.0
"""A kind of weight 5 reaches at most 20 points: no single noisy detector makes a session "high"."""
COVERAGE_NEEDED = 0.95
"""product.md §7.1: below this the system suggests nothing but "incomplete"."""
GRAVEST_WEIGHT = 5

WEIGHTS: Mapping[IncidentKind, int] = {kind: shown.weight for kind, shown in SHOWN.items()}


class Band(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class SystemStatus(StrEnum):
    """What the incidents alone suggest; a person decides (R-2.26, R-2.27)."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    FAIL = "fail"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Bands:
    """Points from which a score is called medium and high; a site may set its own (product.md §7.1)."""

    medium_from: float = 20.0
    high_from: float = 50.0


BANDS = Bands()


@dataclass(frozen=True, slots=True)
class Counted:
    """One incident as far as the score looks at it."""

    kind: IncidentKind
    severity: int
    confidence: float
    state: IncidentState = IncidentState.OPEN


@dataclass(frozen=True, slots=True)
class Share:
    """What one kind contributes."""

    kind: IncidentKind
    points: float
    incidents: int


@dataclass(frozen=True, slots=True)
class Score:
    points: float
    """0 to 100."""
    band: Band
    shares: tuple[Share, ...]
    """Highest first; kinds without points are left out."""
    weights_version: str = WEIGHTS_VERSION

    @property
    def text(self) -> str:
        """The score in words: "23 of 100, medium. Mainly: Left session 8.7 (2 incidents), Speech 4.0 (3)."."""
        said = f"{self.points:.0f} of 100, {self.band}."
        if not self.shares:
            return said
        noun = " incident" if self.shares[0].incidents == 1 else " incidents"
        parts = [
            f"{SHOWN[share.kind].title} {share.points:.1f} ({share.incidents}{noun if first else ''})"
            for first, share in ((share is self.shares[0], share) for share in self.shares)
        ]
        return f"{said} Mainly: {', '.join(parts)}."


def score(
    incidents: Iterable[Counted],
    *,
    length_h: float,
    weights: Mapping[IncidentKind, int] = WEIGHTS,
    bands: Bands = BANDS,
) -> Score:
    """Points per kind: 4 · weight · (1 - e^(-load / 6)), the load being the sum of severity factor times certainty.

    incidents: in any order. length_h: length of the recording; above one hour the load is divided by its square root.
    Source: product.md §7.1.
    """
    loads: dict[IncidentKind, list[float]] = {}
    for incident in incidents:
        certainty = _certainty(incident)
        if certainty > 0:
            loads.setdefault(incident.kind, []).append(SEVERITY_FACTOR[incident.severity] * certainty)
    shrink = math.sqrt(max(1.0, length_h))
    shares = [
        Share(kind, _points(weights.get(kind, 0), math.fsum(parts) / shrink), len(parts))
        for kind, parts in loads.items()
    ]
    counting = tuple(sorted((s for s in shares if s.points > 0), key=lambda s: (-s.points, s.kind)))
    points = min(100.0, math.fsum(share.points for share in counting))
    return Score(points, band(points, bands), counting)


def by_incident(scored: Score, incidents: Sequence[Counted]) -> tuple[float, ...]:
    """What each adds to the points of its kind, in the order given: by its part of the kind's load."""
    loads = [SEVERITY_FACTOR[one.severity] * _certainty(one) for one in incidents]
    points = {share.kind: share.points for share in scored.shares}
    whole: dict[IncidentKind, float] = {}
    for one, load in zip(incidents, loads, strict=True):
        whole[one.kind] = whole.get(one.kind, 0.0) + load
    return tuple(
        points.get(one.kind, 0.0) * load / whole[one.kind] if load else 0.0
        for one, load in zip(incidents, loads, strict=True)
    )


def band(points: float, bands: Bands = BANDS) -> Band:
    if points >= bands.high_from:
        return Band.HIGH
    return Band.MEDIUM if points >= bands.medium_from else Band.LOW


def suggested(scored: Score, incidents: Sequence[Counted], *, coverage: float, analysed: bool) -> SystemStatus:
    """The status that follows from the incidents alone.

    coverage: 0 to 1, recorded share of the session. analysed: the analysis has finished. Source: product.md §7.1.
    """
    if not analysed or coverage < COVERAGE_NEEDED:
        return SystemStatus.INCOMPLETE
    grave = any(i.state is IncidentState.CONFIRMED and WEIGHTS.get(i.kind, 0) >= GRAVEST_WEIGHT for i in incidents)
    return SystemStatus.FAIL if grave or scored.band is Band.HIGH else SystemStatus.PASS


def needs_a_look(scored: Score, incidents: Sequence[Counted], status: SystemStatus) -> bool:
    """Whether the default review policy sends a person (product.md §7.2, without the random share)."""
    telling = [i for i in incidents if i.state not in _SET_ASIDE]
    return (
        scored.band is not Band.LOW
        or status is not SystemStatus.PASS
        or any(i.severity == 3 or i.kind is IncidentKind.MANUAL for i in telling)
    )


_SET_ASIDE = frozenset({IncidentState.DISMISSED, IncidentState.MERGED, IncidentState.SUPERSEDED})


def _certainty(incident: Counted) -> float:
    """Confirmed counts fully, unsure by half, dismissed and replaced not at all."""
    if incident.state in _SET_ASIDE:
        return 0.0
    if incident.state is IncidentState.CONFIRMED:
        return 1.0
    return incident.confidence / 2 if incident.state is IncidentState.UNSURE else incident.confidence


def _points(weight: int, load: float) -> float:
    return POINTS_PER_WEIGHT * weight * (1 - math.exp(-load / LOAD_SCALE))
