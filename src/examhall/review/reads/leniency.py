"""Leniency from decisions: each kind with its length now, what was decided about it, and what that speaks for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import IncidentKind
from examhall.exam.reads.reviewed import attempts_in
from examhall.exam.rules.lengths import LENGTH_KINDS
from examhall.exam.rules.policy import Layer, Origin, Value, policy_of, resolve
from examhall.incidents.reads.leniency import Judged, judged_between
from examhall.incidents.rules.agreed import agreed_rules
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.leniency import Learnt, learnt
from examhall.incidents.rules.levels import Rule
from examhall.people.reads.people import UnitRow


@dataclass(frozen=True, slots=True)
class KindLesson:
    """One kind of the site's profile."""

    kind: IncidentKind
    title: str
    level: str
    """Empty when the profile has it off."""
    learnt: Learnt | None
    """None when it is off: what is not marked is not judged."""

    @property
    def proposed(self) -> str:
        """The proposal as a form posts it, `kind:seconds`; empty without one."""
        found = self.learnt.proposal if self.learnt is not None else None
        return f"{self.kind.value}:{found.shortest_s}" if found is not None else ""


def lessons(
    values: Mapping[str, Value], *, from_at: datetime, to_at: datetime, units: Collection[UUID] | None = None
) -> list[KindLesson]:
    """values: those of the site's profile. units: only exams of these; None for every exam.

    Only decisions about incidents of the level that the profile has count: other levels ask for other values.
    """
    rules = agreed_rules(policy_of(resolve([Layer(Origin.SITE, values)]))).rules
    judged = judged_between(from_at, to_at, kinds=LENGTH_KINDS)
    if units is not None:
        mine = attempts_in(units)
        judged = [one for one in judged if one.attempt_id in mine]
    return [_lesson(kind, rules.get(kind), judged) for kind in LENGTH_KINDS]


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
        return KindLesson(kind, SHOWN[kind].title, "", None)
    level = rule.level.value
    decisions = [one.decision for one in judged if one.kind is kind and one.level == level]
    return KindLesson(kind, SHOWN[kind].title, level, learnt(decisions, current_s=rule.min_s))
