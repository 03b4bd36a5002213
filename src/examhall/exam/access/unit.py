"""Which units a person's permissions reach."""

from collections.abc import Collection
from uuid import UUID

from examhall.base.words import Permission
from examhall.people.reads.people import UnitRow, units
from examhall.people.rules.actor import Actor


def units_where(actor: Actor, permissions: Collection[Permission]) -> list[UnitRow]:
    """The units on which `actor` holds any of `permissions`, by a grant there or above (S1); in tree order."""
    granted = {grant.unit for grant in actor.grants if not grant.permissions.isdisjoint(permissions)}
    reached: list[UnitRow] = []
    covered_from: int | None = None
    for unit in units() if granted else ():
        if covered_from is not None and unit.depth <= covered_from:
            covered_from = None
        if covered_from is None and unit.id in granted:
            covered_from = unit.depth
        if covered_from is not None:
            reached.append(unit)
    return reached


def held_on(actor: Actor, unit_path: Collection[UUID]) -> frozenset[Permission]:
    """Every permission `actor` holds on the unit whose path from the root is `unit_path`."""
    return frozenset().union(*(grant.permissions for grant in actor.grants if grant.unit in unit_path))
