"""`examhall account`: how a fresh installation gets its first people."""

import io
import re

import pytest
from django.test import Client

from examhall.base.settings import settings
from examhall.base.words import EntryKind, Permission
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, add_unit
from examhall.people.reads.password import without_password
from examhall.people.reads.people import account, root_unit, site_stream, unit_path
from examhall.site.cli.main import main

pytestmark = pytest.mark.django_db

NORA = ("account", "add", "nora", "--name", "Nora Lindgren", "--role", "Site administrator")
PASSWORD = "violets grow in october"


def typed(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line))


def signs_in(login: str, password: str) -> bool:
    answer = Client().post("/accounts/login/", {"login": login, "password": password})
    return answer.status_code == 302


def test_after_migrate_the_first_person_is_added_given_a_password_and_signs_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R-0.40: from an empty database to a person who may do something."""
    assert main(["migrate"]) == 0
    assert "examhall account add" in capsys.readouterr().out
    assert main(list(NORA)) == 0
    assert not signs_in("nora", PASSWORD)
    typed(monkeypatch, f"{PASSWORD}\n")
    assert main(["account", "password", "nora"]) == 0
    assert signs_in("nora", PASSWORD)
    assert actor_for_user(account("nora").id).may(Permission.USERS_MANAGE, unit_path(root_unit()))
    assert main(["migrate"]) == 0
    assert "account add" not in capsys.readouterr().out.rpartition("can sign in")[2]


def test_each_change_of_an_account_stands_in_the_sites_journal(root: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """product.md §9: an act of staff leaves an entry with who did it."""
    main(list(NORA))
    typed(monkeypatch, PASSWORD)
    main(["account", "password", "nora"])
    main(["account", "role", "nora", "Author"])
    main(["account", "role", "nora", "Author", "--take"])
    lines = tail(site_stream(), kinds=[EntryKind.ACCOUNT_CHANGED])
    told = ["account added", "role given", "password set", "role given", "role taken"]
    assert [line.extra["what"] for line in lines] == told
    assert all("command line" in line.actor_name for line in lines)
    assert PASSWORD not in str(lines)


def test_a_role_holds_on_the_unit_named_and_can_be_taken_again(root: object) -> None:
    """product.md §3.1 S1: a role is given for a unit and all below it."""
    faculty = add_unit("Faculty of Medicine", code="MED", parent=root_unit())
    main(["account", "add", "ada", "--name", "Ada"])
    assert main(["account", "role", "ada", "Author", "--unit", "MED"]) == 0
    ada = account("ada").id
    assert actor_for_user(ada).may(Permission.ASSESSMENT_AUTHOR, unit_path(faculty))
    assert not actor_for_user(ada).may(Permission.ASSESSMENT_AUTHOR, unit_path(root_unit()))
    assert main(["account", "role", "ada", "Author", "--unit", "MED", "--take"]) == 0
    assert not actor_for_user(ada).grants


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "no ra", "--name", "Nora"], "login: use letters"),
        (["add", "nora", "--name", " "], "name: give"),
        (["add", "nora", "--name", "Nora", "--email", "nora"], "email: give an address"),
        (["add", "nora", "--name", "Nora", "--role", "King"], "role: there is no role King. Choose of: Site admin"),
        (["add", "nora", "--name", "Nora", "--unit", "XYZ"], "unit: there is no unit XYZ. Choose of: SITE"),
        (["add", "ADA", "--name", "Ada"], "already. Choose another login"),
        (["role", "nobody", "Author"], "login: there is no account nobody"),
        (["role", "ada", "Author", "--take"], "does not have the role Author"),
        (["password", "nobody"], "login: there is no account nobody"),
        (["link", "nobody"], "login: there is no account nobody"),
    ],
)
def test_bad_input_names_the_field_and_the_remedy(
    root: object, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    """house.md §6: an error says what to mend, and nothing is written."""
    add_person("ada", name="Ada")
    before = tail(site_stream())
    assert main(["account", *words]) == 2
    assert told in capsys.readouterr().err
    assert tail(site_stream()) == before


@pytest.mark.parametrize(
    ("password", "told"),
    [("", "too short"), ("short", "too short"), ("1234567890", "too common"), ("nora-lindgren", "too similar")],
)
def test_a_weak_password_is_refused_with_the_reason(
    root: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], password: str, told: str
) -> None:
    """Issue 2 §2: Django's validators judge passwords from the command line too."""
    main([*NORA, "--email", "nora-lindgren@example.org"])
    typed(monkeypatch, f"{password}\n")
    assert main(["account", "password", "nora"]) == 2
    said = capsys.readouterr().err
    assert "password: " in said
    assert told in said
    assert [person.login for person in without_password()] == ["nora"]


def test_a_printed_link_leads_to_the_first_password_and_works_once(
    root: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """product.md §2.2: without a mail server an administrator hands out links."""
    add_person("amara", name="Amara Okonkwo")
    assert main(["account", "link"]) == 0
    login, _, link = capsys.readouterr().out.strip().partition("\t")
    assert (login, link.startswith(settings().public_url)) == ("amara", True)
    web = Client()
    form = web.get(link.removeprefix(settings().public_url), follow=True).redirect_chain[-1][0]
    web.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert signs_in("amara", PASSWORD)
    again = Client().get(link.removeprefix(settings().public_url), follow=True).content.decode()
    assert "This link no longer works" in again
    assert main(["account", "link"]) == 0
    assert capsys.readouterr().out == ""


def test_the_list_says_who_there_is(root: object, capsys: pytest.CaptureFixture[str]) -> None:
    """product.md §2.2: accounts with what they may do where."""
    main(list(NORA))
    add_person("amara", name="Amara Okonkwo")
    capsys.readouterr()
    assert main(["account", "list"]) == 0
    lines = capsys.readouterr().out
    assert re.search(r"nora\tNora Lindgren\t\tSite administrator \(SITE\)\tno password yet", lines)
    assert re.search(r"amara\tAmara Okonkwo\t\tcandidate\tno password yet", lines)


def test_before_migrate_the_command_says_what_to_do(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """house.md §6: the remedy is named."""
    assert main(list(NORA)) == 2
    assert "run `examhall migrate`" in capsys.readouterr().err
