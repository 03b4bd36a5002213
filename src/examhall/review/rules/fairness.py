"""Whether a detector is wrong more often for some people than for others (product.md §11.4).

Groups of fewer people than LEAST_PEOPLE are told as too few and have no figures, nor can they be reckoned from those of
the others: as many more groups are held back as that takes. A difference says nothing about a person, and not yet why.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from examhall.review.rules.rate_ratio import Finding, Part, Ratio, finding, rate, rate_ratio

LEAST_PEOPLE = 20
LEAST_HOURS = 1.0
"""With less nobody was watched for long enough to speak of how often in an hour."""


class Measure(StrEnum):
    """What is counted, by what."""

    PER_HOUR = "per_hour"
    """Incidents by hours watched."""
    DISMISSED = "dismissed"
    """Dismissed incidents by decided ones."""
    NOT_FOUND = "not_found"
    """Sessions whose face analysis was unreliable, by those where it was tried."""

    @property
    def is_share(self) -> bool:
        return self is not Measure.PER_HOUR


MEASURE_WORDS: Mapping[Measure, str] = {
    Measure.PER_HOUR: "Incidents an hour",
    Measure.DISMISSED: "Dismissed of decided",
    Measure.NOT_FOUND: "Sessions",
}
FINDING_WORDS: Mapping[Finding, str] = {
    Finding.WARNING: "Higher than for the others",
    Finding.NOT_CERTAIN: "Not certain: may be chance",
    Finding.CALM: "No warning",
    Finding.TOO_FEW: "Too few to say",
}


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who was watched, and the groups they belong to: by dimension, such as "Device"."""

    person: UUID
    groups: Mapping[str, str]
    """Without the dimensions in which the group is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one detector version gave in one session, of one kind and measure."""

    detector: str
    subject: str
    measure: Measure
    sitting: Sitting
    events: int
    exposure: float


class Hidden(StrEnum):
    """Why a group has no figures."""

    TOO_FEW_PEOPLE = "too_few_people"
    HELD_BACK = "held_back"
    """From its figures those of a smaller group could be reckoned."""


HIDDEN_WORDS: Mapping[Hidden, str] = {
    Hidden.TOO_FEW_PEOPLE: f"Fewer than {LEAST_PEOPLE} people: no figures",
    Hidden.HELD_BACK: "Held back: a smaller group could be worked out from it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One group beside everybody else whose group is known."""

    group: str
    hidden: Hidden | None
    people: int = 0
    figure: float | None = None
    ratio: Ratio | None = None
    alone: bool = False
    """There are too few others to compare with."""

    @property
    def finding(self) -> Finding:
        return finding(self.ratio)

    @property
    def said(self) -> str:
        """What is to be made of it, in words."""
        if self.hidden is not None:
            return HIDDEN_WORDS[self.hidden]
        return f"Fewer than {LEAST_PEOPLE} others to compare with" if self.alone else FINDING_WORDS[self.finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind and measure of one detector version, and by groups."""

    detector: str
    subject: str
    measure: Measure
    people: int
    events: int
    exposure: float
    groups: Mapping[str, tuple[GroupLine, ...]]
    """By dimension; only those in which a group is known, and none where there is no event to compare."""

    @property
    def figure(self) -> float | None:
        brief = self.measure is Measure.PER_HOUR and self.exposure < LEAST_HOURS
        return None if brief else self.events / self.exposure

    @property
    def counted(self) -> str:
        return MEASURE_WORDS[self.measure]

    def warnings(self, dimension: str) -> list[GroupLine]:
        return [one for one in self.groups.get(dimension, ()) if one.finding is Finding.WARNING]


def fairness(observations: Iterable[Observation]) -> list[Line]:
    """By detector, kind and measure, in the order they first come."""
    mine: dict[tuple[str, str, Measure], list[Observation]] = defaultdict(list)
    for one in observations:
        if one.exposure > 0:
            mine[one.detector, one.subject, one.measure].append(one)
    return [_line(key, found) for key, found in mine.items()]


def figure_words(figure: float | None, measure: Measure) -> str:
    """Such as "1.25" an hour, or "38 %" of those decided."""
    if figure is None:
        return "\u2013"
    return f"{figure * 100:.0f} %" if measure.is_share else f"{figure:.2f}"


def shown_groups(people: Mapping[str | None, Collection[UUID]]) -> dict[str, Hidden | None]:
    """Which groups may have figures. people: by group; None: those whose group is not known.

    All without figures are together either nobody or LEAST_PEOPLE, or the total would tell on them.
    """
    known = {group: set(who) for group, who in people.items() if group is not None}
    out: dict[str, Hidden | None] = dict.fromkeys(sorted(known, key=str.casefold))
    unseen = set(people.get(None, ()))
    for group, who in known.items():
        if len(who) < LEAST_PEOPLE:
            out[group] = Hidden.TOO_FEW_PEOPLE
            unseen |= who
    for group in sorted((one for one in known if out[one] is None), key=lambda one: (len(known[one]), one)):
        if not 0 < len(unseen) < LEAST_PEOPLE:
            break
        out[group] = Hidden.HELD_BACK
        unseen |= known[group]
    return out


def _line(key: tuple[str, str, Measure], found: Sequence[Observation]) -> Line:
    detector, subject, measure = key
    events = sum(one.events for one in found)
    dimensions = sorted({dimension for one in found for dimension in one.sitting.groups}) if events else []
    return Line(
        detector=detector,
        subject=subject,
        measure=measure,
        people=len({one.sitting.person for one in found}),
        events=events,
        exposure=sum(one.exposure for one in found),
        groups={dimension: _groups(found, dimension, measure) for dimension in dimensions},
    )


def _groups(found: Sequence[Observation], dimension: str, measure: Measure) -> tuple[GroupLine, ...]:
    by_group: dict[str | None, list[Observation]] = defaultdict(list)
    for one in found:
        by_group[one.sitting.groups.get(dimension)].append(one)
    hidden = shown_groups({group: {one.sitting.person for one in mine} for group, mine in by_group.items()})
    out = []
    for group, why in hidden.items():
        if why is not None:
            out.append(GroupLine(group=group, hidden=why))
            continue
        others = [one for other, theirs in by_group.items() if other not in (None, group) for one in theirs]
        out.append(_beside(group, _parts(by_group[group]), _parts(others), measure))
    return tuple(out)


def _beside(group: str, mine: Sequence[Part], others: Sequence[Part], measure: Measure) -> GroupLine:
    alone = len(others) < LEAST_PEOPLE
    ratio = None if alone else rate_ratio(mine, others, shares=measure.is_share)
    return GroupLine(group=group, hidden=None, people=len(mine), figure=rate(mine), ratio=ratio, alone=alone)


def _parts(found: Iterable[Observation]) -> list[Part]:
    """One for each person, however many sessions."""
    events: dict[UUID, int] = defaultdict(int)
    exposure: dict[UUID, float] = defaultdict(float)
    for one in found:
        events[one.sitting.person] += one.events
        exposure[one.sitting.person] += one.exposure
    return [Part(events[person], exposure[person]) for person in events]
