"""How passwords are kept."""

from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django.fixtures import Settings

from examhall.people.actions.people import add_person, set_password
from examhall.people.models import User
from examhall.site.settings_django import PASSWORD_HASHERS

PASSWORD = "a long enough password"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hashers(settings: Settings, quick_passwords: None) -> None:
    """Those of the product, not the quick ones of this folder."""
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


def test_a_password_is_kept_as_argon2id(root: UUID) -> None:
    """design.md §10: memory-hard, with the setting that its class names."""
    person = add_person("amara", name="Amara")
    set_password(person, password=PASSWORD)
    kept = User.objects.get(pk=person)
    assert kept.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert (kept.check_password(PASSWORD), kept.check_password(PASSWORD + "!")) == (True, False)


def test_a_password_kept_by_an_earlier_version_signs_in_and_is_kept_anew(root: UUID) -> None:
    """design.md §10: nobody has to choose another password."""
    person = add_person("amara", name="Amara")
    User.objects.filter(pk=person).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert User.objects.get(pk=person).check_password(PASSWORD)
    assert User.objects.get(pk=person).password.startswith("argon2$")
