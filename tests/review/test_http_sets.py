"""Analyses of a session and of an exam through their door: who may ask, what is shown, what is refused."""

from uuid import UUID

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import Leniency, ReanalysisState
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.actions.schedule import assign_invigilator, assign_reviewer
from examhall.incidents.actions.analysis import let_go
from examhall.incidents.actions.reanalysis import analyse_again
from examhall.incidents.detectors.camera import CARD
from examhall.incidents.detectors.pipeline import Pipeline
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.reanalysis import SetRow, sets_of
from examhall.people.actions.people import add_person
from examhall.people.rules.actor import Actor
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.sitting import Exam, leave, open_exam, reviewer, seat
from tests.review.test_http_review import signed_in

pytestmark = pytest.mark.django_db

COVERED = [True] * 2 + [False] * 12 + [True] * 3
WHY = "The camera detector was replaced."


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def recording(clock: SetClock) -> MemoryRecording:
    kept = MemoryRecording()
    kept.arrive(fragments(COVERED), at=clock.now())
    return kept


@pytest.fixture
def attempt(exam: Exam, recording: MemoryRecording, clock: SetClock) -> AttemptRef:
    """Amara's session, ended and analysed: the camera was covered for 12 s."""
    sitting = seat(exam)
    clock.forward(s=len(COVERED) + 5)
    ended = leave(sitting)
    step_on(ended, recording, Pipeline({}))
    return ended


@pytest.fixture
def senior(root: UUID) -> Actor:
    return reviewer(root)


@pytest.fixture
def henrik(senior: Actor, client: Client) -> Client:
    return signed_in(client, senior.user_id)


def url(attempt: AttemptRef, rest: str = "") -> str:
    return f"/review/sessions/{attempt.id}/sets/{rest}"


def of_exam(exam: Exam) -> str:
    return f"/review/schedules/{exam.schedule}/sets/"


def sets(attempt: AttemptRef) -> list[SetRow]:
    return sets_of([attempt.id])[attempt.id]


def made(attempt: AttemptRef, recording: MemoryRecording, by: Actor, leniency: Leniency | None = None) -> None:
    number = analyse_again(attempt, by=by, reason=WHY, leniency=leniency)
    while analysis_of(attempt.id, number=number).finished_at is None:
        step_on(attempt, recording, Pipeline({}), number=number)


def test_a_session_with_one_set_offers_another(henrik: Client, attempt: AttemptRef) -> None:
    """Issue 3, re-analysis: the page before anybody has asked."""
    page = henrik.get(url(attempt)).content.decode()
    assert "Original set" in page
    assert "Why analyse again?" in page
    assert "instead of" not in page


def test_the_difference_is_told_in_one_line(
    henrik: Client, attempt: AttemptRef, recording: MemoryRecording, senior: Actor
) -> None:
    """Issue 3, re-analysis: "31 instead of 112"; what only one set has, and with which versions."""
    made(attempt, recording, senior, Leniency.LENIENT)
    page = henrik.get(url(attempt)).content.decode()
    assert "0 instead of 1" in page
    assert "Only in the original set" in page
    assert "at most 2 s apart" in page
    assert CARD.mark in page
    assert all(one.versions["rules"][0] in page for one in sets(attempt))
    assert "Make Set 1 current" in page


def test_asking_queues_the_work_and_shows_how_far_it_is(henrik: Client, attempt: AttemptRef) -> None:
    """Issue 3, re-analysis: in the background, with progress."""
    answer = henrik.post(url(attempt), {"reason": WHY, "levels": ""}, follow=True)
    assert "Set 1 is being made" in answer.content.decode()
    assert analysis_of(attempt.id, number=1).outstanding
    assert "0 %" in henrik.get(url(attempt, "progress")).content.decode()


def test_the_page_reloads_when_the_set_is_there(
    henrik: Client, attempt: AttemptRef, recording: MemoryRecording, senior: Actor
) -> None:
    """Issue 3, re-analysis: progress ends with the difference."""
    made(attempt, recording, senior)
    assert henrik.get(url(attempt, "progress")).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("said", [{}, {"reason": " "}, {"reason": "x" * 501}, {"reason": WHY, "levels": "draconian"}])
def test_asking_without_a_reason_or_with_unknown_levels_is_refused(
    henrik: Client, exam: Exam, attempt: AttemptRef, said: dict[str, str]
) -> None:
    """Issue 3, re-analysis: bad input beside the accepted one, for a session and for an exam."""
    assert [henrik.post(address, said).status_code for address in (url(attempt), of_exam(exam))] == [400, 400]
    assert len(sets(attempt)) == 1


def test_a_second_set_waits_for_the_decision_about_the_first(henrik: Client, attempt: AttemptRef) -> None:
    """Issue 3, re-analysis: one outstanding for each attempt."""
    henrik.post(url(attempt), {"reason": WHY})
    answer = henrik.post(url(attempt), {"reason": WHY})
    assert (answer.status_code, "Set 1 waits already" in answer.content.decode()) == (409, True)


def test_a_set_is_made_current_by_a_person_with_a_reason(
    henrik: Client, attempt: AttemptRef, recording: MemoryRecording, senior: Actor
) -> None:
    """Issue 3, re-analysis: never by itself."""
    made(attempt, recording, senior)
    assert [one.current for one in sets(attempt)] == [True, False]
    assert henrik.post(url(attempt, "1/adopt"), {"reason": ""}).status_code == 400
    henrik.post(url(attempt, "1/adopt"), {"reason": "The new camera detector is right."})
    assert [one.current for one in sets(attempt)] == [False, True]
    assert "The new camera detector is right." in henrik.get(url(attempt)).content.decode()


def test_a_set_by_stricter_levels_offers_no_way_to_count(
    henrik: Client, attempt: AttemptRef, recording: MemoryRecording, senior: Actor
) -> None:
    """P5: what was agreed is what runs."""
    made(attempt, recording, senior, Leniency.STRICT)
    page = henrik.get(url(attempt)).content.decode()
    assert "stricter levels than were agreed" in page
    assert "Make Set 1 current" not in page
    henrik.post(url(attempt, "1/adopt"), {"reason": WHY})
    assert [one.current for one in sets(attempt)] == [True, False]


def test_a_failed_set_says_why_and_is_tried_again(henrik: Client, attempt: AttemptRef, senior: Actor) -> None:
    """Issue 3, re-analysis: failure named."""
    analyse_again(attempt, by=senior, reason=WHY)
    queued_at = analysis_of(attempt.id, number=1).queued_at
    let_go(attempt.id, queued_at=queued_at, fault="NotFound: the reel is gone", number=1)
    assert "NotFound: the reel is gone" in henrik.get(url(attempt)).content.decode()
    henrik.post(url(attempt, "1/again"))
    assert sets(attempt)[1].asked is not None
    assert [one.asked.state for one in sets(attempt) if one.asked] == [ReanalysisState.COMPUTING]


def test_a_set_is_discarded_with_a_reason(henrik: Client, attempt: AttemptRef, senior: Actor) -> None:
    """Issue 3, re-analysis: or discards it."""
    analyse_again(attempt, by=senior, reason=WHY)
    henrik.post(url(attempt, "1/discard"), {"reason": "Asked by mistake."})
    page = henrik.get(url(attempt)).content.decode()
    assert "Asked by mistake." in page
    assert "Why analyse again?" in page


def test_the_list_of_an_exam_shows_each_session_and_asks_for_all(
    henrik: Client, exam: Exam, attempt: AttemptRef
) -> None:
    """Issue 3, re-analysis: or all of a schedule."""
    running = seat(exam, login="bilal", name="Bilal Rahman")
    assert "1 session can be analysed again now" in henrik.get(of_exam(exam)).content.decode()
    answer = henrik.post(of_exam(exam), {"reason": WHY, "levels": "lenient"}, follow=True).content.decode()
    assert "1 session is being analysed again." in answer
    assert f"Not asked for: 1. {running.code}" in answer
    assert [one.leniency for one in sets(attempt)] == [None, Leniency.LENIENT]


def test_an_exam_without_sessions_says_so(henrik: Client, exam: Exam) -> None:
    """product.md §4: empty."""
    page = henrik.get(of_exam(exam)).content.decode()
    assert "No sessions yet" in page
    assert "A session can be analysed again when it has ended" in page


def test_a_reviewer_of_the_exam_may_ask_and_an_invigilator_may_only_look(
    client: Client, exam: Exam, attempt: AttemptRef
) -> None:
    """product.md §3.3: review is for reviewers; who watches judges live."""
    rosa, ivo = add_person("rosa", name="Rosa Marini"), add_person("ivo", name="Ivo Horvat")
    assign_reviewer(exam.schedule, user_id=rosa, by=exam.author)
    assign_invigilator(exam.schedule, user_id=ivo, by=exam.author)
    watching = signed_in(Client(), ivo)
    assert "Asking for another set" in watching.get(url(attempt)).content.decode()
    assert "Asking for another set" in watching.get(of_exam(exam)).content.decode()
    for address in (url(attempt), of_exam(exam), url(attempt, "0/adopt")):
        assert watching.post(address, {"reason": WHY}).status_code == 404
    assert len(sets(attempt)) == 1
    assert signed_in(client, rosa).post(url(attempt), {"reason": WHY}).status_code == 302
    assert len(sets(attempt)) == 2


def test_nobody_else_sees_or_asks(client: Client, exam: Exam, attempt: AttemptRef) -> None:
    """product.md §3: what is not yours looks as if it were not there, the candidate included."""
    stranger = add_person("stranger", name="Sam Stranger")
    for user_id in (stranger, attempt.candidate):
        here = signed_in(Client(), user_id)
        assert [
            here.get(address).status_code for address in (url(attempt), of_exam(exam), url(attempt, "progress"))
        ] == [404] * 3
        assert [here.post(address, {"reason": WHY}).status_code for address in (url(attempt), of_exam(exam))] == [
            404
        ] * 2


@pytest.mark.parametrize(
    ("method", "rest", "status"),
    [
        ("get", "?set=x", 400),
        ("get", "?set=²", 400),
        ("get", "?set=99", 200),
        ("post", "1/crown", 404),
        ("post", "5/adopt", 404),
        ("get", "1/adopt", 405),
    ],
)
def test_addresses_that_lead_nowhere_say_so(
    henrik: Client, attempt: AttemptRef, method: str, rest: str, status: int
) -> None:
    """Issue 3: each endpoint refuses bad input."""
    assert (
        getattr(henrik, method)(url(attempt, rest), {"reason": WHY} if method == "post" else {}).status_code == status
    )
