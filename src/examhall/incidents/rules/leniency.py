"""Leniency from decisions: which length or limit the judged incidents of a kind speak for, and what it would change.

Nothing is estimated: of an incident its longest stretch is kept, and what higher limits would have left of it. Only
longer and higher ones are proposed: what was never marked, nobody has judged. A person applies a proposal.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from examhall.base.words import DismissReason
from examhall.exam.rules.limits import LIMITED, Limit, most_of
from examhall.incidents.rules.levels import Level, Rule, asked_of, rule
from examhall.incidents.rules.standing import Standing

MIN_DECISIONS = 30
"""Fewer say too little about a kind: with 30 without a confirmed one, at most about one in ten is to be expected."""
MAX_FACTOR = 2
"""A proposal at most doubles the length: one step at a time, then new decisions."""
MAX_FROM_AT_ONCE_S = 5
"""The same for kinds that were marked at once or nearly so."""
SPEAKS_NOT = frozenset({DismissReason.ACCOMMODATION, DismissReason.DUPLICATE})
"""Dismissals that say nothing about a length or limit: another person's mark would have been right, or stands beside
it."""
STEPS_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One judged incident. `longest_s`: its longest stretch; `needed_s`: what its rule asked for."""

    longest_s: float
    confirmed: bool
    needed_s: float = 0.0
    standing: Standing | None = None
    """None: made before this was kept, or by a kind without limits."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What asking for `at` would have made of the judged incidents."""

    at: int
    dismissed_gone: int
    confirmed_lost: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the decisions about one kind say about one of the things it is measured by."""

    current: float
    confirmed: int
    dismissed: int
    proposal: Effect | None = None
    """Loses no confirmed one; None when there are too few decisions, or nothing higher would spare anybody anything."""
    steps: tuple[Effect, ...] = ()
    """What other values would do, lowest first, those that lose confirmed ones too; empty below the minimum."""
    unknown_confirmed: int = 0
    unknown_dismissed: int = 0
    """Decided as well, but what would be left of them is not known: no preview counts them."""

    @property
    def decisions(self) -> int:
        return self.confirmed + self.dismissed

    @property
    def unknown(self) -> int:
        return self.unknown_confirmed + self.unknown_dismissed

    @property
    def enough(self) -> bool:
        return self.decisions >= MIN_DECISIONS


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to which value one judged incident would have been made; None when that is not known."""

    most: float | None
    confirmed: bool


def learnt_length(decisions: Iterable[Decision], asked: Rule) -> Learnt:
    """asked: the rule as it is now; decisions about shorter stretches (other levels) are left out."""
    reaches = [Reach(one.longest_s, one.confirmed) for one in decisions]
    most = max(int(asked.min_s * MAX_FACTOR), MAX_FROM_AT_ONCE_S)
    return _learnt(reaches, current=asked.min_s, most=most)


def learnt_limit(decisions: Iterable[Decision], asked: Rule, limit: Limit) -> Learnt:
    """asked: the rule as it is now; decisions about what it would not mark are left out."""
    current = asked_of(asked, limit)
    most = min(current + _step(limit), most_of(limit))
    marked = [one for one in decisions if one.longest_s >= asked.min_s]
    reaches = [Reach(_reach(one, asked, limit, most), one.confirmed) for one in marked]
    return _learnt(reaches, current=current, most=most)


def _reach(one: Decision, asked: Rule, limit: Limit, most: int) -> int | None:
    if one.standing is None:
        return None
    return one.standing.reach(limit, needed_s=max(one.needed_s, asked.min_s), most=most)


def _step(limit: Limit) -> int:
    """A proposal goes at most as far as from one level to the nearest: then new decisions."""
    levels = [rule(LIMITED[limit].kind, level) for level in (Level.HIGH, Level.MEDIUM, Level.LOW)]
    asked = [asked_of(one, limit) for one in levels if one is not None]
    return min(higher - lower for lower, higher in pairwise(asked) if higher > lower)


def _learnt(reaches: Sequence[Reach], *, current: float, most: int) -> Learnt:
    known = [one for one in reaches if one.most is not None and one.most >= current]
    unknown = [one.confirmed for one in reaches if one.most is None]
    confirmed = sum(one.confirmed for one in known)
    steps: Sequence[Effect] = ()
    if len(known) >= MIN_DECISIONS:
        steps = [effect(known, at) for at in range(int(current) + 1, most + 1)]
    return Learnt(
        current=current,
        confirmed=confirmed,
        dismissed=len(known) - confirmed,
        proposal=_proposal(steps),
        steps=_telling(steps),
        unknown_confirmed=sum(unknown),
        unknown_dismissed=len(unknown) - sum(unknown),
    )


def effect(reaches: Collection[Reach], at: int) -> Effect:
    """How many of the dismissed would not have been made, and how many of the confirmed would be lost."""
    gone = [one for one in reaches if one.most is not None and one.most < at]
    lost = sum(one.confirmed for one in gone)
    return Effect(at, len(gone) - lost, lost)


def _proposal(steps: Sequence[Effect]) -> Effect | None:
    """The lowest value that spares most dismissed ones without losing a confirmed one."""
    harmless = [one for one in steps if one.confirmed_lost == 0 and one.dismissed_gone > 0]
    return max(harmless, key=lambda one: (one.dismissed_gone, -one.at), default=None)


def _telling(steps: Sequence[Effect]) -> tuple[Effect, ...]:
    """Only values at which something changes, and at most STEPS_SHOWN of them, evenly chosen."""
    changing = [
        one
        for before, one in pairwise([Effect(0, 0, 0), *steps])
        if (before.dismissed_gone, before.confirmed_lost) != (one.dismissed_gone, one.confirmed_lost)
    ]
    stride = -(-len(changing) // STEPS_SHOWN) or 1
    return tuple(changing[::stride])
