"""Setting up the installation, its units, accounts, passwords and memberships."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from examhall.base.action import action, step
from examhall.base.errors import BadInput, Conflict, NotFound
from examhall.base.words import EntryKind, StreamKind
from examhall.base.zones import known_zones
from examhall.journal.actions import append, open_stream
from examhall.people.models import Membership, Role, Site, Unit, User
from examhall.people.rules.account import check_account, check_unit
from examhall.people.rules.actor import SYSTEM, Actor
from examhall.people.rules.roles import ROLES, known_roles


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


@action
def open_unit(code: str, *, name: str, parent: UUID, zone: str = "", by: Actor = SYSTEM) -> UUID:
    """Add a unit that is not there yet, below `parent`; without `zone` it keeps its parent's.

    Raises BadInput naming every field that is wrong, Conflict when the code is taken.
    """
    above: Unit = Unit.objects.with_tree_fields().get(id=parent)
    zone = zone or above.zone
    check_unit(code=code, name=name, zone_known=zone in known_zones(), depth=above.tree_depth)
    if Unit.objects.filter(code__iexact=code).exists():
        raise Conflict(f"There is a unit {code} already. Choose another code.", fields={"code": "taken"})
    unit = add_unit_step(name.strip(), code=code, parent=parent, zone=zone)
    told = {"unit": str(unit), "code": code, "name": name.strip(), "parent": above.code, "zone": zone}
    append(_site_stream(), EntryKind.UNIT_ADDED, by=by, extra=told)
    return unit


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
def open_account(
    login: str, *, name: str, email: str = "", roles: Iterable[str] = (), unit: UUID, by: Actor = SYSTEM
) -> UUID:
    """Add an account that is not there yet, with `roles` on `unit`. It has no password so far.

    Raises BadInput naming every field that is wrong, Conflict when the login is taken.
    """
    check_account(login=login, name=name, email=email)
    if User.objects.filter(username__iexact=login).exists():
        raise Conflict(
            f"There is an account {login} already. Choose another login, or change this one with `examhall account "
            "role` or `examhall account password`.",
            fields={"login": "taken"},
        )
    user_id = add_person_step(login, name=name, email=email)
    _note(user_id, "account added", by=by, login=login)
    _grant(user_id, unit=unit, roles=roles, by=by)
    return user_id


def set_password(user_id: UUID, *, password: str, by: Actor = SYSTEM) -> None:
    """Raises BadInput with what the validators of the settings say against it, NotFound without such an account.

    A hash is slow by design, so it is made before the transaction: on SQLite nobody else can write during one.
    """
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise NotFound("There is no such account.")
    try:
        validate_password(password, user)
    except ValidationError as refused:
        reasons = " ".join(refused.messages)
        raise BadInput(f"password: {reasons} Choose another one.", fields={"password": reasons}) from refused
    _keep_hash(user_id, hashed=make_password(password), by=by)


@action
def _keep_hash(user_id: UUID, *, hashed: str, by: Actor) -> None:
    User.objects.filter(id=user_id).update(password=hashed)
    _note(user_id, "password set", by=by)


@action
def grant_roles(
    user_id: UUID, *, unit: UUID, roles: Iterable[str], until: datetime | None = None, by: Actor = SYSTEM
) -> None:
    """Give `roles` (names) on `unit`; repeating is harmless, and sets `until` anew. Raises BadInput."""
    _grant(user_id, unit=unit, roles=roles, until=until, by=by)


@action
def take_roles(user_id: UUID, *, unit: UUID, roles: Iterable[str], by: Actor = SYSTEM) -> None:
    """Take `roles` on `unit` away. Raises Conflict when one was not held there."""
    for role in known_roles(roles):
        gone, _ = Membership.objects.filter(user_id=user_id, unit_id=unit, role__name=role).delete()
        if not gone:
            raise Conflict(f"This account does not have the role {role} on this unit.", fields={"role": "not held"})
        _note(user_id, "role taken", by=by, role=role, unit=str(unit))


@action
def set_theme(user_id: UUID, *, theme: str) -> None:
    """Keep a person's choice of light, dark or (empty) the system's."""
    if theme not in {"", "light", "dark"}:
        raise BadInput("The theme is light, dark or empty.", fields={"theme": "light, dark or empty"})
    User.objects.filter(id=user_id).update(theme=theme)


def _grant(user_id: UUID, *, unit: UUID, roles: Iterable[str], until: datetime | None = None, by: Actor) -> None:
    for role in known_roles(roles):
        _, made = Membership.objects.update_or_create(
            user_id=user_id, unit_id=unit, role=Role.objects.get(name=role), defaults={"valid_until": until}
        )
        if made or until is not None:
            ends = until.isoformat() if until else ""
            _note(user_id, "role given", by=by, role=role, unit=str(unit), until=ends)


def _note(user_id: UUID, what: str, *, by: Actor, **told: Any) -> None:  # noqa: ANN401 - plain JSON values
    """Write it into the site's journal."""
    append(_site_stream(), EntryKind.ACCOUNT_CHANGED, by=by, extra={"what": what, "account": str(user_id), **told})


def _site_stream() -> UUID:
    stream: UUID = Site.objects.values_list("stream_id", flat=True).get(id=1)
    return stream
