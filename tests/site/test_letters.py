"""Letters with links: who gets one, through a real mail server, and what the pages say without one."""

from uuid import UUID

import pytest
from django.db.models import Q
from django.test import Client
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from pytest_django.fixtures import Settings
from tests.exam import build_content as build
from tests.exam.build_content import Faculty
from tests.exam.test_http_content import browser
from tests.fixtures.place import free_port
from tests.fixtures.post_office import PostOffice

from examhall.base.clock import SetClock, now
from examhall.base.queue import TRY_AGAIN_AFTER, Trouble, run_job, trouble
from examhall.base.settings import settings
from examhall.exam.actions.registration import Registered, add_candidates, invite_candidates
from examhall.people.actions.letter import LETTER
from examhall.people.actions.people import add_person, set_password
from examhall.people.reads.password import password_link
from examhall.people.reads.people import account
from examhall.site.doctor import examine

pytestmark = pytest.mark.django_db(transaction=True)

LIST = b"login,name,email\namara,Amara Okonkwo,amara@example.org\nsian,Si\xc3\xa2n Dafydd,\n"
PASSWORD = "violets grow in october"


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


def work() -> None:
    """Run what is due, as the worker does."""
    due = Q(run_after__lte=now()) | Q(run_after=get_date_max())
    for row in DBTaskResult.objects.filter(due, status=TaskResultStatus.READY):
        run_job.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        row.delete()


def listed(at: Faculty) -> tuple[UUID, Registered]:
    schedule = build.drafted_schedule(at)
    return schedule, add_candidates(schedule, content=LIST, by=at.scheduler)


def test_a_new_candidate_of_a_list_gets_a_link_and_signs_in_with_the_password_chosen_there(
    at: Faculty, office: PostOffice
) -> None:
    """product.md §2.4: invited; the letter goes out by the worker."""
    listed(at)
    work()
    [letter], [text] = office.letters, office.texts()
    assert (letter["To"], letter["From"]) == ("amara@example.org", "exams@example.org")
    assert "Your login: amara" in text
    [link] = [word for word in text.split() if word.startswith(f"{settings().public_url}/accounts/password/")]
    web = Client()
    form = web.get(link.removeprefix(settings().public_url), follow=True).redirect_chain[-1][0]
    web.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert Client().post("/accounts/login/", {"login": "amara", "password": PASSWORD}).status_code == 302


def test_who_has_an_account_already_or_no_address_gets_no_letter(at: Faculty, office: PostOffice) -> None:
    """product.md §2.4: a list can be added again without a second letter."""
    schedule, _ = listed(at)
    add_candidates(schedule, content=LIST, by=at.scheduler)
    work()
    assert [letter["To"] for letter in office.letters] == ["amara@example.org"]


def test_the_scheduler_sees_who_cannot_sign_in_yet_and_writes_to_them_again(at: Faculty, office: PostOffice) -> None:
    """product.md §4.4: the list shows what is missing and mends it."""
    schedule, _ = listed(at)
    web = browser(at.scheduler)
    page = web.get(f"/schedules/{schedule}/").content.decode()
    assert "2 candidates cannot sign in yet" in page
    assert "1 has no e-mail address" in page
    assert "1 invitation on the way" in web.post(f"/schedules/{schedule}/invite", follow=True).content.decode()
    for login in ("amara", "sian"):
        set_password(account(login).id, password=PASSWORD)
    assert "cannot sign in yet" not in web.get(f"/schedules/{schedule}/").content.decode()
    assert invite_candidates(schedule, by=at.scheduler) == 0


def test_without_a_mail_server_the_page_names_the_other_way(at: Faculty) -> None:
    """product.md §4.4: nobody waits for a letter that is never written."""
    schedule, _ = listed(at)
    web = browser(at.scheduler)
    assert "examhall account link" in web.get(f"/schedules/{schedule}/").content.decode()
    refused = web.post(f"/schedules/{schedule}/invite")
    assert (refused.status_code, "smtp_host" in refused.content.decode()) == (409, True)


def test_only_who_may_register_candidates_can_write_to_them(at: Faculty, office: PostOffice) -> None:
    """product.md §3.3: manage registrations."""
    schedule, _ = listed(at)
    assert browser(at.author).post(f"/schedules/{schedule}/invite").status_code in {403, 404}


def test_a_letter_waits_for_a_mail_server_that_is_down(
    at: Faculty, office: PostOffice, settings: Settings, clock: SetClock
) -> None:
    """product.md §4.5 S7: an hour without mail loses nothing, and the administrator sees it."""
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    listed(at)
    work()
    assert trouble(LETTER) == Trouble(waiting=1, given_up=0)
    assert "Letters could not be sent." in browser(at.admin).get("/admin/proctoring/").content.decode()
    [letters] = [finding for finding in examine() if finding.what == "letters"]
    assert (letters.found, letters.well) == ("1 tried again later, 0 given up in a week", False)
    settings.EMAIL_PORT = up
    work()
    assert office.letters == []
    clock.forward(s=TRY_AGAIN_AFTER[0].total_seconds())
    work()
    assert [letter["To"] for letter in office.letters] == ["amara@example.org"]
    assert trouble(LETTER) == Trouble(waiting=0, given_up=0)


def test_a_letter_that_nobody_takes_is_given_up_and_told(at: Faculty, office: PostOffice, settings: Settings) -> None:
    """product.md §4.5 S7: what failed for good stands among the failed jobs."""
    settings.EMAIL_PORT = free_port()
    listed(at)
    [row] = DBTaskResult.objects.all()
    name, arguments = row.args_kwargs["args"]
    with pytest.raises(OSError, match="refused"):
        run_job.call(name, arguments, tries=len(TRY_AGAIN_AFTER))
    DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=now())
    assert trouble(LETTER) == Trouble(waiting=0, given_up=1)
    assert "1 was given up" in browser(at.admin).get("/admin/proctoring/").content.decode()


def test_a_forgotten_password_is_answered_by_a_letter_to_the_address_we_know(root: UUID, office: PostOffice) -> None:
    """Issue 2 §2: sign-in by django-allauth, with a way back."""
    add_person("amara", name="Amara Okonkwo", email="amara@example.org")
    for email in ("AMARA@example.org", "nobody@example.org"):
        assert Client().post("/accounts/password/reset/", {"email": email}).status_code == 302
    work()
    assert [letter["To"] for letter in office.letters] == ["amara@example.org"]
    assert "asked for a new password" in office.texts()[0]


def test_without_a_mail_server_the_forgot_page_says_whom_to_ask(root: UUID) -> None:
    """look/README §7: no dead end."""
    add_person("amara", name="Amara Okonkwo", email="amara@example.org")
    page = Client().get("/accounts/password/reset/").content.decode()
    assert "This site sends no mail. Ask your exam office" in page
    assert 'name="email"' not in page
    assert Client().post("/accounts/password/reset/", {"email": "amara@example.org"}).status_code == 302


def test_a_link_gets_too_old(root: UUID, settings: Settings) -> None:
    """design.md §10: a link that lies about in a mailbox ends."""
    link = password_link(add_person("amara", name="Amara Okonkwo"))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "no longer works" in Client().get("/" + link.split("/", 3)[3], follow=True).content.decode()
