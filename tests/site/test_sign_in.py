"""What of signing in and out stands in the site's journal, and who is slowed down."""

from uuid import UUID

import pytest
from django.test import Client

from examhall.base.words import EntryKind
from examhall.journal.reads import EntryRow, tail
from examhall.people.actions.people import add_person, set_password
from examhall.people.reads.people import site_stream

PASSWORD = "violets grow in october"
KINDS = (EntryKind.SIGNED_IN, EntryKind.SIGNED_OUT, EntryKind.SIGN_IN_FAILED)


@pytest.fixture
def amara(root: UUID) -> UUID:
    user = add_person("amara", name="Amara Okonkwo", email="amara@example.org")
    set_password(user, password=PASSWORD)
    return user


def sign_in(login: str, password: str, *, ip: str = "10.0.0.7") -> Client:
    web = Client(REMOTE_ADDR=ip)
    web.post("/accounts/login/", {"login": login, "password": password})
    return web


def noted() -> list[EntryRow]:
    return tail(site_stream(), kinds=KINDS)


def test_who_came_and_left_is_noted_with_the_address(amara: UUID) -> None:
    """product.md §9: signing in and out are entries of the site's journal."""
    sign_in("amara", PASSWORD).post("/accounts/logout/")
    assert [(line.kind, line.actor_id, line.actor_role, line.ip) for line in noted()] == [
        (EntryKind.SIGNED_IN, amara, "candidate", "10.0.0.7"),
        (EntryKind.SIGNED_OUT, amara, "candidate", "10.0.0.7"),
    ]


@pytest.mark.parametrize("login", ["amara", "AMARA@example.org"])
def test_a_refused_sign_in_is_noted_with_the_account_that_was_tried(amara: UUID, login: str) -> None:
    """product.md §9: somebody who tries another's account leaves a trace."""
    sign_in(login, "wrong")
    [line] = noted()
    assert (line.kind, line.extra["account"], line.ip) == (EntryKind.SIGN_IN_FAILED, str(amara), "10.0.0.7")


def test_what_is_no_account_is_not_kept(amara: UUID) -> None:
    """design.md §10: a password typed into the wrong field must not stand in a journal."""
    sign_in(PASSWORD, "")
    sign_in(PASSWORD, "amara")
    assert [line.extra for line in noted()] == [{"login": ""}]
    assert PASSWORD not in str(noted())


def test_a_new_password_keeps_the_session_and_is_noted(amara: UUID) -> None:
    """product.md §9: who changes a password is known, the password is not."""
    web = sign_in("amara", PASSWORD)
    new = "october grows in violets"
    web.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert web.get("/exams/").status_code == 200
    last = tail(site_stream(), kinds=[EntryKind.ACCOUNT_CHANGED])[-1]
    assert (last.extra["what"], last.actor_id, last.ip) == ("password set", amara, "10.0.0.7")


def test_a_whole_campus_signs_in_from_one_address_within_a_minute(amara: UUID) -> None:
    """R-0.28: a limit by address alone would shut out a class that arrives together."""
    sent = {"login": "amara", "password": PASSWORD}
    answers = [Client(REMOTE_ADDR="10.0.0.7").post("/accounts/login/", sent).status_code for _ in range(40)]
    assert set(answers) == {302}


def test_guessing_is_stopped_there_and_the_person_still_comes_in_from_elsewhere(amara: UUID) -> None:
    """design.md §10: nobody can lock a candidate out by typing wrong passwords."""
    for _ in range(12):
        sign_in("amara", "wrong", ip="10.6.6.6")
    refused = Client(REMOTE_ADDR="10.6.6.6").post("/accounts/login/", {"login": "amara", "password": PASSWORD})
    assert refused.status_code == 429
    assert sign_in("amara", PASSWORD).get("/exams/").status_code == 200
