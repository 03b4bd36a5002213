"""Setting up the installation, its units, accounts and memberships."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password

from examhall.base.action import action, step
from examhall.base.errors import BadInput
from examhall.base.words import StreamKind
from examhall.journal.actions import open_stream
from examhall.people.models import Membership, Role, Site, Unit, User
from examhall.people.rules.roles import ROLES


@action
def set_up(*, name: str = "Examhall", code: str = "SITE", zone: str = "UTC") -> UUID:
    """Make the root unit, the site row with its journal and the default roles; may run again. Returns the root."""
    for role, permissions in ROLES.items():
        Role.objects.update_or_create(name=role, defaults={"permissions": sorted(p.value for p in permissions)})
    site = Site.objects.filter(id=1).first()
    if site is not None:
        return site.root_id
    root: Unit = Unit.objects.create(name=name, code=code, zone=zone)
    Site.objects.create(id=1, name=name, root=root, stream_id=open_stream(StreamKind.SITE))
    return root.id


@step
def add_unit_step(name: str, *, code: str, parent: UUID, zone: str = "UTC") -> UUID:
    unit: Unit
    unit, _ = Unit.objects.get_or_create(code=code, defaults={"name": name, "parent_id": parent, "zone": zone})
    return unit.id


add_unit = action(add_unit_step)


@step
def add_person_step(
    login: str,
    *,
    name: str,
    email: str = "",
    student_id: str | None = None,
    password: str | None = None,
    zone: str = "",
) -> UUID:
    """Add an account, or return the one with this login. Without `password` it can only sign in after a reset."""
    if not login:
        raise BadInput("An account needs a login.", fields={"login": "give one"})
    user, _ = User.objects.get_or_create(
        username=login,
        defaults={
            "name": name,
            "email": email,
            "student_id": student_id or None,
            "password": make_password(password),
            "zone": zone,
        },
    )
    return user.id


add_person = action(add_person_step)


@action
def set_password(user_id: UUID, *, password: str) -> None:
    User.objects.filter(id=user_id).update(password=make_password(password))


@action
def grant_roles(user_id: UUID, *, unit: UUID, roles: Iterable[str], until: datetime | None = None) -> None:
    """Give `roles` (names) on `unit`; repeating is harmless, and sets `until` anew."""
    for role in roles:
        Membership.objects.update_or_create(
            user_id=user_id, unit_id=unit, role=Role.objects.get(name=role), defaults={"valid_until": until}
        )


@action
def set_theme(user_id: UUID, *, theme: str) -> None:
    """Keep a person's choice of light, dark or (empty) the system's."""
    if theme not in {"", "light", "dark"}:
        raise BadInput("The theme is light, dark or empty.", fields={"theme": "light, dark or empty"})
    User.objects.filter(id=user_id).update(theme=theme)
