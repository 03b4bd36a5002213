"""Accepting a kept answer from the candidate log."""

from uuid import UUID, uuid4

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.actions.intervention import stop
from examhall.exam.reads.acceptance import kept_answers
from tests.exam.sitting import Exam, Sitting, exam, started
from tests.invigilation.desk import JSON, browser, log_viewer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root)


@pytest.fixture
def sitting(of: Exam, clock: SetClock) -> Sitting:
    """Stopped, with one answer after the stop."""
    sitting = started(of)
    stop(sitting.attempt, by=of.invigilator, reason="talking")
    clock.forward(s=11)
    sitting.save(sitting.answer("secret words"))
    return sitting


def _log(of: Exam, sitting: Sitting) -> str:
    return f"/invigilation/{of.schedule.id}/log/{sitting.attempt}/"


def _address(sitting: Sitting) -> str:
    [kept] = kept_answers(attempt_ref(sitting.attempt))
    return f"/invigilation/attempts/{sitting.attempt}/answers/{kept.id}/accept"


def test_the_log_offers_what_can_be_accepted_and_then_says_it_was(of: Exam, sitting: Sitting) -> None:
    """product.md §8.2: visible to staff, can be accepted with reason; never what was written."""
    web = browser(of.invigilator)
    shown = web.get(_log(of, sitting)).content.decode()
    assert f'data-dialog-action="{_address(sitting)}"' in shown
    assert ("After the stop" in shown, "secret words" in shown) == (True, False)
    done = web.post(_address(sitting), {"reason": "The stop was a mistake."}, follow=True)
    page = done.content.decode()
    assert ("Accepted. This answer counts now." in page, "The stop was a mistake." in page) == (True, True)
    assert "data-dialog-action" not in page
    assert sitting.line(EntryKind.ANSWER_ACCEPTED).extra["reason"] == "The stop was a mistake."


def test_a_log_without_kept_answers_says_nothing_of_them(of: Exam, clock: SetClock) -> None:
    """R-4.1: the log is what happened."""
    assert "do not count" not in browser(of.invigilator).get(_log(of, started(of))).content.decode()


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_it_is_refused_at_the_field(sitting: Sitting, of: Exam, reason: str) -> None:
    """product.md §8.2: with reason."""
    refused = browser(of.invigilator).post(_address(sitting), {"reason": reason}, headers=JSON)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"reason"})


def test_a_second_time_and_an_unknown_one_are_refused(sitting: Sitting, of: Exam) -> None:
    """product.md §8.3: one revision per item."""
    web, address = browser(of.invigilator), _address(sitting)
    web.post(address, {"reason": "x"})
    again = web.post(address, {"reason": "x"}, headers=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "not_acceptable")
    unknown = f"/invigilation/attempts/{sitting.attempt}/answers/999999/accept"
    assert web.post(unknown, {"reason": "x"}, headers=JSON).status_code == 404
    assert web.post(address.replace(str(sitting.attempt), str(uuid4())), {"reason": "x"}).status_code == 404
    assert web.get(address).status_code == 405


def test_a_log_viewer_sees_them_and_may_not_accept(sitting: Sitting, of: Exam, root: UUID) -> None:
    """R-4.6: no invigilator powers; controls absent and API refuses, with an audit event."""
    web = browser(log_viewer(root, "vera"))
    shown = web.get(_log(of, sitting)).content.decode()
    assert ("Not decided" in shown, "data-dialog-action" in shown) == (True, False)
    assert web.post(_address(sitting), {"reason": "x"}, headers=JSON).status_code == 403
    assert EntryKind.ANSWER_ACCEPTED not in sitting.kinds()


def test_a_candidate_may_not_accept_their_own(sitting: Sitting) -> None:
    """product.md §3.1, S6."""
    assert browser(sitting.by).post(_address(sitting), {"reason": "x"}, headers=JSON).status_code == 404
