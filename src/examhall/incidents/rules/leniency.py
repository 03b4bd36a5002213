"""Leniency from decisions: which shortest length the judged incidents of a kind speak for, and what it would change.

Only lengths are proposed: of an incident its longest stretch is kept, so that what another length would have made of it
is known, not estimated. Only longer ones: what was never marked, nobody has judged. A person applies a proposal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from examhall.base.words import DismissReason

MIN_DECISIONS = 30
"""Fewer say too little about a kind: with 30 without a confirmed one, at most about one in ten is to be expected."""
MAX_FACTOR = 2
"""A proposal at most doubles the length: one step at a time, then new decisions."""
MAX_FROM_AT_ONCE_S = 5
"""The same for kinds that were marked at once or nearly so."""
SPEAKS_NOT = frozenset({DismissReason.ACCOMMODATION, DismissReason.DUPLICATE})
"""Dismissals that say nothing about the length: another person's mark would have been right, or stands beside it."""
STEPS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Decision:
    """One judged incident. `longest_s`: its longest stretch."""

    longest_s: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What a shortest length would have made of the judged incidents."""

    shortest_s: int
    dismissed_gone: int
    confirmed_lost: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the decisions about one kind say."""

    current_s: float
    confirmed: int
    dismissed: int
    proposal: Effect | None
    """Loses no confirmed one; None when there are too few decisions, or no length would spare anybody anything."""
    steps: tuple[Effect, ...]
    """What other lengths would do, shortest first, those that lose confirmed ones too; empty below the minimum."""

    @property
    def decisions(self) -> int:
        return self.confirmed + self.dismissed

    @property
    def enough(self) -> bool:
        return self.decisions >= MIN_DECISIONS


def effect(decisions: Collection[Decision], shortest_s: int) -> Effect:
    """How many of the dismissed would not have been made, and how many of the confirmed would be lost."""
    gone = [one for one in decisions if one.longest_s < shortest_s]
    lost = sum(one.confirmed for one in gone)
    return Effect(shortest_s, len(gone) - lost, lost)


def learnt(decisions: Sequence[Decision], *, current_s: float) -> Learnt:
    """current_s: the length asked for now; decisions about shorter stretches (other levels) are left out."""
    mine = [one for one in decisions if one.longest_s >= current_s]
    confirmed = sum(one.confirmed for one in mine)
    found = Learnt(current_s, confirmed, len(mine) - confirmed, None, ())
    if not found.enough:
        return found
    steps = [effect(mine, shortest_s) for shortest_s in _lengths(current_s)]
    return Learnt(current_s, found.confirmed, found.dismissed, _proposal(steps), _telling(steps))


def _lengths(current_s: float) -> range:
    """Whole seconds above the current length, as far as one step may go."""
    most_s = max(int(current_s * MAX_FACTOR), MAX_FROM_AT_ONCE_S)
    return range(int(current_s) + 1, most_s + 1)


def _proposal(steps: Sequence[Effect]) -> Effect | None:
    """The shortest length that spares most dismissed ones without losing a confirmed one."""
    harmless = [one for one in steps if one.confirmed_lost == 0 and one.dismissed_gone > 0]
    return max(harmless, key=lambda one: (one.dismissed_gone, -one.shortest_s), default=None)


def _telling(steps: Sequence[Effect]) -> tuple[Effect, ...]:
    """Only lengths at which something changes, and at most STEPS_SHOWN of them, evenly chosen."""
    changing = [
        one
        for before, one in zip([None, *steps], steps, strict=False)
        if before is None or (before.dismissed_gone, before.confirmed_lost) != (one.dismissed_gone, one.confirmed_lost)
    ]
    stride = -(-len(changing) // STEPS_SHOWN) or 1
    return tuple(changing[::stride])
