"""Leniency from decisions: each kind with what it asks for now, what was decided about it, and what that speaks for."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import IncidentKind
from examhall.exam.reads.reviewed import attempts_in
from examhall.exam.rules.lengths import LENGTH_KINDS
from examhall.exam.rules.limits import LIMITED, LIMITED_KINDS, limits_of
from examhall.exam.rules.policy import Value
from examhall.exam.rules.policy_words import with_unit
from examhall.exam.rules.snapshot import Layer, Origin, policy_of, resolve
from examhall.incidents.reads.leniency import Judged, judged_between
from examhall.incidents.rules.agreed import agreed_rules
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.leniency import Decision, Effect, Learnt, learnt_length, learnt_limit
from examhall.incidents.rules.levels import Rule
from examhall.people.reads.people import UnitRow

KINDS = (*LENGTH_KINDS, *sorted(LIMITED_KINDS.difference(LENGTH_KINDS)))
"""Those with a length or a limit."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing a kind is measured by. `key`: of the policy."""

    key: str
    what: str
    unit: str
    learnt: Learnt

    @property
    def now(self) -> str:
        """From what on it is marked."""
        if not self.learnt.current:
            return "at once" if self.unit == "s" else "any"
        return self._worded(self.learnt.current)

    @property
    def then(self) -> str:
        """What is proposed; empty without a proposal."""
        return self._worded(self.learnt.proposal.at) if self.learnt.proposal is not None else ""

    @property
    def steps(self) -> Sequence[tuple[str, Effect]]:
        return [(self._worded(one.at), one) for one in self.learnt.steps]

    def _worded(self, value: float) -> str:
        return with_unit(f"{value:g}", self.unit)

    @property
    def proposed(self) -> str:
        """The proposal as a form posts it, `key:value`; empty without one."""
        found = self.learnt.proposal
        return f"{self.key}:{found.at}" if found is not None else ""


@dataclass(frozen=True, slots=True)
class KindLesson:
    """One kind of the site's profile."""

    kind: IncidentKind
    title: str
    level: str
    """Empty when the profile has it off."""
    measures: tuple[Measure, ...]
    """None of them when it is off: what is not marked is not judged."""

    @property
    def proposed(self) -> tuple[str, ...]:
        return tuple(one.proposed for one in self.measures if one.proposed)


def lessons(
    values: Mapping[str, Value], *, from_at: datetime, to_at: datetime, units: Collection[UUID] | None = None
) -> list[KindLesson]:
    """values: those of the site's profile. units: only exams of these; None for every exam.

    Only decisions about incidents of the level that the profile has count: other levels ask for other values.
    """
    rules = agreed_rules(policy_of(resolve([Layer(Origin.SITE, values)]))).rules
    judged = judged_between(from_at, to_at, kinds=KINDS)
    if units is not None:
        mine = attempts_in(units)
        judged = [one for one in judged if one.attempt_id in mine]
    return [_lesson(kind, rules.get(kind), judged) for kind in KINDS]


def below(units: Sequence[UnitRow], unit_id: UUID) -> list[UUID]:
    """The unit and everything under it, from the tree in order; empty when there is no such unit."""
    found: list[UUID] = []
    depth: int | None = None
    for unit in units:
        if depth is not None and unit.depth <= depth:
            break
        if unit.id == unit_id:
            depth = unit.depth
        if depth is not None:
            found.append(unit.id)
    return found


def _lesson(kind: IncidentKind, rule: Rule | None, judged: Sequence[Judged]) -> KindLesson:
    if rule is None:
        return KindLesson(kind, SHOWN[kind].title, "", ())
    level = rule.level.value
    decisions = [one.decision for one in judged if one.kind is kind and one.level == level]
    return KindLesson(kind, SHOWN[kind].title, level, tuple(_measures(kind, rule, decisions)))


def _measures(kind: IncidentKind, rule: Rule, decisions: Sequence[Decision]) -> Iterator[Measure]:
    if kind in LENGTH_KINDS:
        yield Measure(f"shortest_s.{kind.value}", "length", "s", learnt_length(decisions, rule))
    for limit in limits_of(kind):
        about = LIMITED[limit]
        yield Measure(f"limit.{limit.value}", about.what, about.unit, learnt_limit(decisions, rule, limit))
