"""How much more often something befell some people than others, and how far chance alone could explain it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Z_95 = 1.959964
"""Standard deviations of a normal distribution to either side that hold 95 % of it."""
TAIL = 0.025
"""What lies beyond Z_95 on one side."""
WARN_ABOVE = 1.5
"""product.md §11.4."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one person brings: how often it happened, out of how much."""

    events: int
    exposure: float
    """Hours watched, or how many could have been: with shares never less than `events`."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One rate over another, with its interval of 95 %."""

    value: float
    """Infinite where the others had no event."""
    low: float
    high: float

    @property
    def times(self) -> str:
        return f"{self.value:.2f} times as for the others" if self.value < math.inf else "not once among the others"

    @property
    def figure(self) -> str:
        return f"{self.value:.2f}" if self.value < math.inf else "only here"

    @property
    def interval(self) -> str:
        return f"{self.low:.2f} to {self.high:.2f}" if self.high < math.inf else f"{self.low:.2f} or more"


class Finding(StrEnum):
    """What a ratio says."""

    WARNING = "warning"
    NOT_CERTAIN = "not_certain"
    """Above the limit, but chance alone could explain it."""
    CALM = "calm"
    TOO_FEW = "too_few"


def rate(parts: Sequence[Part]) -> float | None:
    """Events by exposure; None where there was no exposure."""
    exposure = sum(part.exposure for part in parts)
    return sum(part.events for part in parts) / exposure if exposure > 0 else None


def rate_ratio(mine: Sequence[Part], others: Sequence[Part], *, shares: bool) -> Ratio | None:
    """The rate of `mine` over that of `others`; None when nobody can say: no event, or on one side alone and too few.

    shares: exposure counts what could have happened, so that a rate is a proportion (a risk ratio); otherwise it is
    time (a rate ratio). The logarithm of either is taken as normal: Rothman, Greenland and Lash, Modern Epidemiology,
    3rd edition, chapter 14. Its variance is that of independent events, or that between people (the ratio estimator
    of Cochran, Sampling Techniques, 3rd edition, chapter 6) where it is larger: ten marks of one person are not ten
    people.
    """
    one, other = rate(mine), rate(others)
    if one is None or other is None or one == other == 0:
        return None
    if not one or not other:
        least = _least(others, mine) if other else _least(mine, others)
        if least <= 1:
            return None
        return Ratio(0.0, 0.0, 1 / least) if other else Ratio(math.inf, least, math.inf)
    value = one / other
    spread = math.exp(Z_95 * math.sqrt(_variance(mine, shares=shares) + _variance(others, shares=shares)))
    return Ratio(value, value / spread, value * spread)


def finding(ratio: Ratio | None) -> Finding:
    if ratio is None:
        return Finding.TOO_FEW
    if ratio.value <= WARN_ABOVE:
        return Finding.CALM
    return Finding.WARNING if ratio.low > 1 else Finding.NOT_CERTAIN


def _least(mine: Sequence[Part], others: Sequence[Part]) -> float:
    """How many times as often at least, when only `mine` have events: the exact bound of 97.5 %.

    Given the total, how many events fall on one side is binomial (Clopper and Pearson, Biometrika 1934); here all.
    People who were met at all are counted, not their events.
    """
    met = sum(part.events > 0 for part in mine)
    share = math.pow(TAIL, 1 / met)
    return share / (1 - share) * sum(part.exposure for part in others) / sum(part.exposure for part in mine)


def _variance(parts: Sequence[Part], *, shares: bool) -> float:
    """Of the logarithm of the rate; parts: with at least one event."""
    events, exposure = sum(part.events for part in parts), sum(part.exposure for part in parts)
    independent = 1 / events - (1 / exposure if shares else 0.0)
    people = len(parts)
    if people < 2:
        return independent
    off = sum((part.events - events / exposure * part.exposure) ** 2 for part in parts)
    return max(independent, people / (people - 1) * off / events**2)
