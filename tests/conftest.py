"""Fixtures every wing's tests share. The clock stands still unless a test moves it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from hypothesis import settings as hypothesis_settings

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.exam.actions.proctoring import activate_proctoring
from examhall.people.actions.people import set_up
from examhall.people.rules.actor import SYSTEM

hypothesis_settings.register_profile("untimed", deadline=None)  # a slow machine breaks no rule
hypothesis_settings.load_profile("untimed")

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A test's own database need not survive a power cut; what must is tested on real servers, by killing them."""
    options: Any = settings.DATABASES["default"].get("OPTIONS", {})
    if "init_command" in options:
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(scope="session", autouse=True)
def nothing_after_a_flush() -> None:
    """Django's own rights and model names are read by nobody here, and would be written anew after every test that
    really commits: a third of its time."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture
def clock() -> Iterator[SetClock]:
    """A clock that stands at 2026-11-23 09:00 UTC until it is moved."""
    standing = SetClock(START)
    before = clocks.use(standing)
    yield standing
    clocks.use(before)


@pytest.fixture
def root(db: None) -> UUID:
    """The root unit of a fresh installation, proctoring activated."""
    made = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    return made
