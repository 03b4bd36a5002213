"""A running exam, its staff in the browser, and the lines a candidate's client leaves."""

from typing import Any
from uuid import UUID

from django.test import Client

from examhall.base.action import action
from examhall.base.words import Permission
from examhall.journal.actions import append, append_many
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.models import Membership, Role, User
from examhall.people.rules.actor import Actor

JSON = {"accept": "application/json"}
appended = action(append)
appended_many = action(append_many)


def browser(person: Actor | UUID) -> Client:
    """A signed-in browser."""
    client = Client()
    user_id = person.user_id if isinstance(person, Actor) else person
    assert user_id is not None
    client.force_login(User.objects.get(id=user_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def holder(unit: UUID, *permissions: Permission) -> UUID:
    """Somebody with exactly these permissions on `unit`."""
    name = "-".join(sorted(permissions)) or "nothing"
    person = add_person(f"holder-{unit.hex[-6:]}-{len(name)}-{name[:8]}", name=f"Holder of {name}"[:200])
    role, _ = Role.objects.get_or_create(name=name, defaults={"permissions": list(permissions)})
    Membership.objects.get_or_create(user_id=person, unit_id=unit, role=role)
    return person


def log_viewer(unit: UUID, login: str) -> UUID:
    person = add_person(login, name=f"Log viewer {login}")
    grant_roles(person, unit=unit, roles=["Log viewer"])
    return person


def posted(client: Client, path: str, **body: Any) -> Any:  # noqa: ANN401 - Django's test response
    return client.post(path, body, content_type="application/json", headers=JSON)
