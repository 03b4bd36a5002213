"""People and units as values."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from examhall.base.errors import NotFound
from examhall.people.models import Site, Unit, User


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    login: str
    name: str
    email: str
    student_id: str
    zone: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    id: UUID
    name: str
    code: str
    zone: str
    depth: int


def person(user_id: UUID) -> Person:
    found = people([user_id])
    if not found:
        raise NotFound("There is no such person.")
    return found[user_id]


def people(user_ids: Collection[UUID]) -> dict[UUID, Person]:
    return {u.id: _person(u) for u in User.objects.filter(id__in=user_ids)}


def people_by_login(logins: Collection[str]) -> dict[str, Person]:
    return {u.username: _person(u) for u in User.objects.filter(username__in=logins)}


def people_by_student_id(student_ids: Collection[str]) -> dict[str, Person]:
    return {u.student_id: _person(u) for u in User.objects.filter(student_id__in=student_ids) if u.student_id}


def search_staff(text: str, *, limit: int = 20) -> list[Person]:
    """Active people with a membership whose name or login contains `text`."""
    found = User.objects.filter(is_active=True, memberships__isnull=False, name__icontains=text).distinct()
    return [_person(u) for u in found.order_by("name")[:limit]]


def unit_path(unit_id: UUID) -> tuple[UUID, ...]:
    """Ids from the root down to `unit_id`, both included. Raises NotFound when there is no such unit."""
    unit = Unit.objects.with_tree_fields().filter(id=unit_id).first()
    if unit is None:
        raise NotFound("There is no such unit.")
    return (*(u.id for u in unit.ancestors()), unit.id)


def units() -> list[UnitRow]:
    """The whole tree in order, with depths for indentation."""
    return [UnitRow(u.id, u.name, u.code, u.zone, u.tree_depth) for u in Unit.objects.with_tree_fields()]


def site_stream() -> UUID:
    """The journal of the installation. Raises NotFound before `examhall migrate` has made it."""
    site = Site.objects.filter(id=1).first()
    if site is None:
        raise NotFound("The installation is not set up yet: run `examhall migrate`.")
    return site.stream_id


def root_unit() -> UUID:
    return Site.objects.get(id=1).root_id


def _person(u: User) -> Person:
    return Person(u.id, u.username, u.name, u.email, u.student_id or "", u.zone)
