"""Analysing a session again: the states it goes through, the levels another preset gives, and how two sets differ.

What was agreed is what runs (P5): a set made by stricter levels is for comparison, it cannot become the current one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from examhall.base.errors import IllegalMove
from examhall.base.words import IncidentKind, Leniency, ReanalysisAct, ReanalysisState
from examhall.exam.rules.policy import Level
from examhall.exam.rules.snapshot import Layer, Origin, policy_of, resolve

MATCH_TOLERANCE_MS = 2_000
"""Two sets mean the same thing when marks of one kind overlap or lie this close: the window that steadies a detector
is 2 s, so the same moment may begin or end that much apart."""
_S, _A = ReanalysisState, ReanalysisAct

TRANSITIONS: Mapping[tuple[ReanalysisState, ReanalysisAct], ReanalysisState] = {
    (_S.COMPUTING, _A.FINISH): _S.READY,
    (_S.COMPUTING, _A.FAIL): _S.FAILED,
    (_S.FAILED, _A.TRY_AGAIN): _S.COMPUTING,
    (_S.READY, _A.ADOPT): _S.ADOPTED,
    (_S.ADOPTED, _A.ADOPT): _S.ADOPTED,
    (_S.COMPUTING, _A.DISCARD): _S.DISCARDED,
    (_S.FAILED, _A.DISCARD): _S.DISCARDED,
    (_S.READY, _A.DISCARD): _S.DISCARDED,
}
"""An adopted set can be adopted again when another was current meanwhile; a discarded one stays where it is."""
OUTSTANDING = frozenset({_S.COMPUTING, _S.FAILED, _S.READY})
"""Waits for the worker or for a person: at most one for each attempt."""


def after(state: ReanalysisState, act: ReanalysisAct) -> ReanalysisState:
    """The state `act` leads to. Raises IllegalMove when the table has no such pair."""
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise IllegalMove(state.value, act.value) from None


def levels_at(agreed: Mapping[IncidentKind, Level], leniency: Leniency) -> dict[IncidentKind, Level]:
    """The levels a preset gives; a kind that was agreed to be off stays off."""
    preset = policy_of(resolve([Layer(Origin.SITE, {"leniency": leniency.value})])).detect
    return {kind: Level.OFF if level is Level.OFF else preset[kind] for kind, level in agreed.items()}


def stricter(agreed: Mapping[IncidentKind, Level], leniency: Leniency | None) -> list[IncidentKind]:
    """Kinds that `leniency` marks more readily than was agreed; none when it is None, which means as agreed."""
    order = list(Level)
    used = agreed if leniency is None else levels_at(agreed, leniency)
    return [kind for kind, level in used.items() if order.index(level) > order.index(agreed[kind])]


@dataclass(frozen=True, slots=True)
class Marked:
    """One incident as far as two sets are compared. `place`: its index in its set."""

    kind: IncidentKind
    start_ms: int
    end_ms: int
    place: int


@dataclass(frozen=True, slots=True)
class Match:
    """Incidents of two sets that mean the same stretch; one side is empty where only the other set has it."""

    kind: IncidentKind
    before: tuple[Marked, ...]
    after: tuple[Marked, ...]

    @property
    def start_ms(self) -> int:
        return min(one.start_ms for one in (*self.before, *self.after))


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many incidents of a kind each set has, and how many of them the other set has as well."""

    kind: IncidentKind
    before: int
    after: int
    before_matched: int
    after_matched: int


@dataclass(frozen=True, slots=True)
class SetDifference:
    """Two sets of one session side by side."""

    before: int
    after: int
    kinds: tuple[KindCount, ...]
    matches: tuple[Match, ...]
    """By start; every incident of either set stands in exactly one."""

    @property
    def only_before(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if not match.after)

    @property
    def only_after(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if not match.before)

    @property
    def both(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if match.before and match.after)


def compared(
    before: Collection[Marked], after: Collection[Marked], *, tolerance_ms: int = MATCH_TOLERANCE_MS
) -> SetDifference:
    """How two sets of incidents differ; marks of one kind that overlap within `tolerance_ms` are the same."""
    matches = sorted(_matches(before, after, tolerance_ms), key=lambda match: (match.start_ms, match.kind))
    kinds = sorted({match.kind for match in matches}, key=list(IncidentKind).index)
    counts = tuple(_count(kind, [match for match in matches if match.kind is kind]) for kind in kinds)
    return SetDifference(len(before), len(after), counts, tuple(matches))


def _count(kind: IncidentKind, matches: Sequence[Match]) -> KindCount:
    return KindCount(
        kind,
        before=sum(len(match.before) for match in matches),
        after=sum(len(match.after) for match in matches),
        before_matched=sum(len(match.before) for match in matches if match.after),
        after_matched=sum(len(match.after) for match in matches if match.before),
    )


def _matches(before: Collection[Marked], after: Collection[Marked], tolerance_ms: int) -> Iterator[Match]:
    sides = [(one, True) for one in before] + [(one, False) for one in after]
    ordered = sorted(sides, key=lambda side: (side[0].kind, side[0].start_ms, side[0].end_ms))
    for kind, of_kind in groupby(ordered, key=lambda side: side[0].kind):
        yield from (_match(kind, chain) for chain in _chains(list(of_kind), tolerance_ms))


def _chains(sides: Sequence[tuple[Marked, bool]], tolerance_ms: int) -> Iterator[list[tuple[Marked, bool]]]:
    """Runs in which each mark overlaps what came before it, within the tolerance."""
    chain: list[tuple[Marked, bool]] = []
    end_ms = 0
    for side in sides:
        if chain and side[0].start_ms - end_ms > tolerance_ms:
            yield chain
            chain = []
        end_ms = max(end_ms, side[0].end_ms) if chain else side[0].end_ms
        chain.append(side)
    if chain:
        yield chain


def _match(kind: IncidentKind, chain: Sequence[tuple[Marked, bool]]) -> Match:
    earlier = tuple(one for one, is_before in chain if is_before)
    later = tuple(one for one, is_before in chain if not is_before)
    return Match(kind, earlier, later)
