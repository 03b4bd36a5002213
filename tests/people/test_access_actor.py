"""Rights come from memberships and reach down the tree."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from examhall.base.clock import SetClock
from examhall.base.errors import NotAllowed, NotSignedIn
from examhall.base.words import Permission
from examhall.people.access import actor_for_user, required
from examhall.people.actions.people import add_person, add_unit, grant_roles
from examhall.people.reads.people import unit_path, units

pytestmark = pytest.mark.django_db


@pytest.fixture
def faculty(root: UUID) -> UUID:
    return add_unit("Faculty of Medicine", code="MED", parent=root)


@pytest.fixture
def department(faculty: UUID) -> UUID:
    return add_unit("Pharmacology", code="PHA", parent=faculty)


def test_a_role_reaches_its_unit_and_everything_below(root: UUID, faculty: UUID, department: UUID) -> None:
    """R-4.5: logs of faculty A and its departments open."""
    ada = add_person("ada", name="Ada")
    grant_roles(ada, unit=faculty, roles=["Log viewer"])
    actor = actor_for_user(ada)
    assert actor.may(Permission.LOGS_VIEW, unit_path(department))
    assert not actor.may(Permission.LOGS_VIEW, unit_path(root))
    assert not actor.may(Permission.INVIGILATE_ACT, unit_path(faculty))


def test_what_is_not_granted_is_refused_with_the_permission_named(root: UUID) -> None:
    """R-4.6: a log viewer has no invigilator powers."""
    ada = add_person("ada", name="Ada")
    grant_roles(ada, unit=root, roles=["Log viewer"])
    with pytest.raises(NotAllowed, match=r"invigilate\.act"):
        required(actor_for_user(ada), Permission.INVIGILATE_ACT, unit_path(root))


def test_a_membership_ends_with_its_time(root: UUID, clock: SetClock) -> None:
    """product.md §2.2: a membership is valid from and until."""
    ada = add_person("ada", name="Ada")
    grant_roles(ada, unit=root, roles=["Author"], until=clock.now() + timedelta(hours=1))
    assert actor_for_user(ada).grants
    clock.forward(s=3600)
    assert not actor_for_user(ada).grants


def test_nobody_acts_for_a_closed_account(root: UUID) -> None:
    """R-0.28: access is by permission."""
    ada = add_person("ada", name="Ada")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_user SET is_active = %s", [False])
    with pytest.raises(NotSignedIn):
        actor_for_user(ada)


def test_an_administrator_has_no_standing_access_to_recordings(root: UUID) -> None:
    """product.md §3.3 note 1: break glass is needed."""
    ada = add_person("ada", name="Ada")
    grant_roles(ada, unit=root, roles=["Site administrator"])
    assert not actor_for_user(ada).may(Permission.RECORDING_VIEW, unit_path(root))


def test_the_tree_is_listed_in_order(root: UUID, department: UUID) -> None:
    """product.md §2.2: units form a tree."""
    assert [(u.code, u.depth) for u in units()] == [("SITE", 0), ("MED", 1), ("PHA", 2)]
