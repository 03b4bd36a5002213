"""People and units as values."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from examhall.base.errors import BadInput, NotFound
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
    return {u.id: person_of(u) for u in User.objects.filter(id__in=user_ids)}


def people_by_login(logins: Collection[str]) -> dict[str, Person]:
    return {u.username: person_of(u) for u in User.objects.filter(username__in=logins)}


def people_by_student_id(student_ids: Collection[str]) -> dict[str, Person]:
    return {u.student_id: person_of(u) for u in User.objects.filter(student_id__in=student_ids) if u.student_id}


def search_staff(text: str, *, limit: int = 20) -> list[Person]:
    """Active people with a membership whose name or login contains `text`."""
    found = User.objects.filter(is_active=True, memberships__isnull=False, name__icontains=text).distinct()
    return [person_of(u) for u in found.order_by("name")[:limit]]


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


def unit_by_code(code: str) -> UUID:
    """Raises BadInput naming the units there are."""
    unit: Unit | None = Unit.objects.filter(code=code).first()
    if unit is None:
        known = ", ".join(Unit.objects.order_by("code").values_list("code", flat=True))
        raise BadInput(f"unit: there is no unit {code}. Choose of: {known}.", fields={"unit": f"one of {known}"})
    return unit.id


def account(login: str) -> Person:
    """The account with this login or, when only one has it, e-mail address. Raises NotFound."""
    found = User.objects.filter(username__iexact=login).first()
    if found is None:
        by_email = list(User.objects.filter(email__iexact=login)[:2]) if login else []
        found = by_email[0] if len(by_email) == 1 else None
    if found is None:
        raise NotFound(f"login: there is no account {login}.", fields={"login": "the login of an account"})
    return person_of(found)


@dataclass(frozen=True, slots=True)
class AccountRow:
    login: str
    name: str
    email: str
    roles: tuple[str, ...]
    """Each with the code of its unit."""
    has_password: bool


def accounts() -> list[AccountRow]:
    """Every active account with what it may do where, by login."""
    found = User.objects.filter(is_active=True).prefetch_related("memberships__role", "memberships__unit")
    return [
        AccountRow(
            login=u.username,
            name=u.get_full_name(),
            email=u.email,
            roles=tuple(sorted(f"{m.role.name} ({m.unit.code})" for m in u.memberships.all())),
            has_password=u.has_usable_password(),
        )
        for u in found.order_by("username")
    ]


def person_of(u: User) -> Person:
    return Person(u.id, u.username, u.name, u.email, u.student_id or "", u.zone)
