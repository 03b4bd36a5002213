"""Reviewers are assigned to a schedule, and see what they are assigned to."""

from uuid import UUID, uuid4

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, Permission
from examhall.exam.actions.registration import add_candidate
from examhall.exam.actions.schedule import activate
from examhall.exam.models import Schedule
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.rules.actor import Actor
from tests.exam import build_content as build
from tests.exam.build_content import Faculty
from tests.exam.test_http_content import browser
from tests.fixtures.sitting import open_exam, seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


@pytest.fixture
def henrik(at: Faculty) -> Actor:
    """Staff with the role Reviewer, assigned to nothing yet."""
    user = add_person("henrik", name="Henrik Aalto")
    grant_roles(user, unit=at.unit, roles=["Reviewer"])
    return actor_for_user(user)


def kinds(schedule: UUID) -> list[EntryKind]:
    return [line.kind for line in tail(Schedule.objects.get(id=schedule).stream_id)]


def test_a_reviewer_sees_what_is_assigned_and_nothing_else(at: Faculty, henrik: Actor) -> None:
    """product.md §3.1 S3: assignment holds for that schedule only, and only while assigned."""
    schedule = build.drafted_schedule(at)
    desk, web = browser(at.scheduler), browser(henrik)
    assert "No exams to review" in web.get("/review/").content.decode()
    assert web.get(f"/review/schedules/{schedule}/").status_code == 404
    assert desk.post(f"/schedules/{schedule}/reviewers", {"login": "henrik"}).status_code == 302
    assert desk.post(f"/schedules/{schedule}/reviewers", {"login": "henrik"}).status_code == 302
    assert "Remove Henrik Aalto from reviewers" in desk.get(f"/schedules/{schedule}/").content.decode()
    assert f"/review/schedules/{schedule}/" in web.get("/review/").content.decode()
    assert web.get(f"/review/schedules/{schedule}/").status_code == 200
    assert kinds(schedule).count(EntryKind.REVIEWER_ASSIGNED) == 1
    assert desk.post(f"/schedules/{schedule}/reviewers/{henrik.user_id}/remove").status_code == 302
    assert web.get(f"/review/schedules/{schedule}/").status_code == 404
    line = tail(Schedule.objects.get(id=schedule).stream_id, limit=1)[0]
    assert (line.kind, line.extra["what"], line.actor_id) == (
        EntryKind.SCHEDULE_CHANGED,
        "reviewer removed",
        at.scheduler.user_id,
    )


def test_a_reviewer_sees_the_log_but_not_the_live_dashboard(root: UUID, clock: SetClock) -> None:
    """product.md §3.3: invigilation dashboard and live pictures: none for reviewers, senior ones too."""
    exam = open_exam(root)
    attempt = seat(exam)
    user, senior = add_person("henrik", name="Henrik Aalto"), add_person("salla", name="Salla Berg")
    grant_roles(user, unit=root, roles=["Reviewer"])
    grant_roles(senior, unit=root, roles=["Senior reviewer"])
    browser(exam.author).post(f"/schedules/{exam.schedule}/reviewers", {"login": "henrik"})
    desk = f"/invigilation/{exam.schedule}/"
    for person in (user, senior):
        web = browser(actor_for_user(person))
        assert "No exam to watch over" in web.get("/invigilation/").content.decode()
        assert [web.get(desk).status_code, web.get(f"{desk}rows").status_code] == [404, 404]
        assert web.post(f"{desk}token").status_code == 404
        assert web.get(f"{desk}{attempt.id}/").status_code == 403
        log = web.get(f"{desk}log/{attempt.id}/").content.decode()
        assert f'href="/review/schedules/{exam.schedule}/"' in log
        assert 'data-running="no"' in log
        session = web.get(f"/review/sessions/{attempt.id}/").content.decode()
        assert f'href="{desk}log/{attempt.id}/"' in session


def test_who_may_not_assign_reviewers(at: Faculty, henrik: Actor) -> None:
    """product.md §3.1, S7: 403 for somebody who sees the schedule, 404 for everybody else."""
    schedule = build.drafted_schedule(at)
    browser(at.scheduler).post(f"/schedules/{schedule}/invigilators", {"login": "ines"})
    address = f"/schedules/{schedule}/reviewers"
    refused = browser(at.invigilator).post(address, {"login": "henrik"})
    assert (refused.status_code, browser(at.invigilator).get(f"/schedules/{schedule}/").status_code) == (403, 200)
    assert browser(at.stranger).post(address, {"login": "henrik"}).status_code == 404
    assert browser(henrik).post(address, {"login": "henrik"}).status_code == 404
    assert browser(at.scheduler).post(f"/schedules/{uuid4()}/reviewers", {"login": "henrik"}).status_code == 404
    assert EntryKind.REVIEWER_ASSIGNED not in kinds(schedule)


@pytest.mark.parametrize("login", ["", "nobody-of-that-name"])
def test_an_unknown_person_is_refused_with_the_remedy(at: Faculty, login: str) -> None:
    """issue 2, bad input: the field and what to do."""
    schedule = build.drafted_schedule(at)
    refused = browser(at.scheduler).post(f"/schedules/{schedule}/reviewers", {"login": login})
    assert (refused.status_code, "Choose the reviewer from the list of people." in refused.content.decode()) == (
        400,
        True,
    )


def test_nobody_reviews_an_exam_they_sit(at: Faculty, henrik: Actor) -> None:
    """product.md §3.1, S6: enforced at assignment."""
    schedule = build.drafted_schedule(at)
    add_candidate(schedule, login="henrik", by=at.scheduler)
    activate(schedule, by=at.scheduler)
    refused = browser(at.scheduler).post(f"/schedules/{schedule}/reviewers", {"login": "henrik"})
    assert (refused.status_code, "is a candidate of this exam" in refused.content.decode()) == (409, True)


def test_the_role_alone_opens_nothing(henrik: Actor) -> None:
    """product.md §3.3: the column is "reviewer (assigned)"."""
    assert henrik.role == "staff"
    assert not any(henrik.may_anywhere(permission) for permission in Permission)
