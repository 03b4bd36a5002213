"""What the tests of the whole installation share: our own settings for one test, and a mail server."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings
from tests.fixtures.post_office import PostOffice, open_post_office

from examhall.base.settings import settings as our_settings

Given = Callable[..., None]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Passwords in these tests need not withstand anybody."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[Given]:
    """Sets our own settings for one test."""

    def use(**ours: object) -> None:
        for name, value in ours.items():
            monkeypatch.setenv(f"EXAMHALL_{name.upper()}", str(value))
        our_settings.cache_clear()

    yield use
    monkeypatch.undo()
    our_settings.cache_clear()


@pytest.fixture
def office(settings: Settings, given: Given) -> Iterator[PostOffice]:
    """The mail server that the settings name."""
    with open_post_office() as office:
        given(smtp_host="127.0.0.1", smtp_port=office.port, mail_from="exams@example.org")
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", office.port, False
        yield office
