"""The doors that declare an attempt void and take that back."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.exam.actions.attempt import hand_in
from examhall.journal.reads import tail
from examhall.people.actions.people import add_person, grant_roles
from tests.exam.sitting import Exam, Sitting, exam, known, started
from tests.invigilation.desk import browser, log_viewer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    made = exam(root, invigilated=True)
    grant_roles(known(made.invigilator), unit=root, roles=["Log viewer"])
    return made


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)


@pytest.fixture
def office(root: UUID) -> Client:
    """Somebody with the role of product.md §3.3, *Void attempts*."""
    person = add_person("marek", name="Marek Dvořák")
    grant_roles(person, unit=root, roles=["Void attempts"])
    return browser(person)


def log(of: Exam, sitting: Sitting) -> str:
    return f"/invigilation/{of.schedule.id}/log/{sitting.attempt}/"


def text(answer: object) -> str:
    return getattr(answer, "content", b"").decode()


def test_an_invigilator_voids_while_it_is_open_and_another_person_takes_it_back(
    of: Exam, sitting: Sitting, office: Client
) -> None:
    """R-4.26, A12, A13: actor, role and reason stand in the log; the reversal needs a second person."""
    desk, path = browser(of.invigilator), log(of, sitting)
    assert "Void this attempt?" in text(desk.get(path))
    assert "Voided. Answers" in text(desk.post(f"{path}void", {"reason": "wrong person"}, follow=True))
    line = sitting.line(EntryKind.VOIDED)
    assert (sitting.state, line.extra["reason"], line.actor_role) == (State.VOIDED, "wrong person", "staff")
    assert "Take the void back?" not in text(desk.get(path))
    assert desk.post(f"{path}reverse-void", {"reason": "mistake"}).status_code == 403
    assert "Take the void back?" in text(office.get(path))
    assert "counts again" in text(office.post(f"{path}reverse-void", {"reason": "mistake"}, follow=True))
    assert (sitting.state, sitting.line(EntryKind.VOID_REVERSED).extra["reason"]) == (State.TIMED_OUT, "mistake")


def test_who_voided_it_cannot_take_it_back(of: Exam, sitting: Sitting, office: Client) -> None:
    """product.md §2.5 A13: a second person."""
    path = log(of, sitting)
    office.post(f"{path}void", {"reason": "wrong person"})
    assert "Somebody else" in text(office.post(f"{path}reverse-void", {"reason": "mistake"}, follow=True))
    assert sitting.state is State.VOIDED


@pytest.mark.parametrize(("act", "told"), [("void", "Say why this attempt is void"), ("reverse-void", "Say why")])
def test_a_reason_is_asked_for(of: Exam, sitting: Sitting, office: Client, act: str, told: str) -> None:
    """A12: reason."""
    assert told in text(office.post(f"{log(of, sitting)}{act}", {"reason": " "}, follow=True))
    assert sitting.state is State.IN_PROGRESS


def test_once_the_exam_has_closed_only_the_permission_helps(
    of: Exam, sitting: Sitting, office: Client, clock: SetClock
) -> None:
    """product.md §3.3: invigilators void while open."""
    hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    clock.set(of.schedule.deadline + timedelta(seconds=1))
    desk, path = browser(of.invigilator), log(of, sitting)
    assert "Void this attempt?" not in text(desk.get(path))
    assert desk.post(f"{path}void", {"reason": "wrong person"}).status_code == 403
    assert office.post(f"{path}void", {"reason": "wrong person"}).status_code == 302
    assert sitting.state is State.VOIDED


def test_others_are_refused_and_that_is_noted(root: UUID, of: Exam, sitting: Sitting) -> None:
    """R-4.6: View user logs gives no other power; own candidates and strangers see no such attempt."""
    path = log(of, sitting)
    viewer = browser(log_viewer(root, "vera"))
    assert "Void this attempt?" not in text(viewer.get(path))
    assert viewer.post(f"{path}void", {"reason": "x"}).status_code == 403
    refused = tail(of.schedule.stream_id, kinds=[EntryKind.ACCESS_REFUSED])
    assert [line.extra["act"] for line in refused] == ["void"]
    assert browser(sitting.by).post(f"{path}void", {"reason": "x"}).status_code == 404
    assert browser(add_person("stranger", name="Sam")).post(f"{path}void", {"reason": "x"}).status_code == 404
    assert browser(of.invigilator).get(f"{path}void").status_code == 405
    assert sitting.state is State.IN_PROGRESS
