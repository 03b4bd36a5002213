"""What a candidate says about the session: written down by a person, kept, and shown beside the status."""

from uuid import UUID

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.reads import entries_after
from examhall.people.actions.people import add_person
from examhall.review.reads.statement import statements_of
from examhall.review.rules.statement import STATEMENT_MAX
from tests.fixtures.sitting import Exam, leave, open_exam, reviewer, seat
from tests.review.test_http_review import signed_in

pytestmark = pytest.mark.django_db

SAID = "My sister came in to ask for the key.\nShe left at once."


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def attempt(exam: Exam, clock: SetClock) -> AttemptRef:
    sitting = seat(exam)
    clock.forward(s=60)
    return leave(sitting)


@pytest.fixture
def henrik(root: UUID, client: Client) -> Client:
    return signed_in(client, reviewer(root).user_id)


def url(attempt: AttemptRef) -> str:
    return f"/review/sessions/{attempt.id}/case/"


def kept(attempt: AttemptRef) -> list[str]:
    return [one.text for one in statements_of(attempt.id)]


def test_what_the_candidate_said_is_kept_with_name_and_time_and_stands_beside_the_status(
    henrik: Client, attempt: AttemptRef, exam: Exam
) -> None:
    """R-2.28: stored with the session, shown beside the status; the suggestion itself does not move."""
    before = henrik.get(f"/review/sessions/{attempt.id}/session.json").json()["score"]
    assert henrik.post(url(attempt), {"text": f"  {SAID} "}).status_code == 302

    (one,) = statements_of(attempt.id)
    assert (one.text, one.by_name) == (SAID, "Henrik Aalto")
    case = henrik.get(url(attempt)).content.decode()
    assert "My sister came in to ask for the key." in case
    assert "Written down by Henrik Aalto" in case
    for address in (f"/review/sessions/{attempt.id}/", f"/review/schedules/{exam.schedule}/"):
        assert "The candidate has explained it" in henrik.get(address).content.decode()
    assert henrik.get(f"/review/sessions/{attempt.id}/session.json").json()["score"] == before


def test_the_log_tells_that_something_was_said_and_not_what(henrik: Client, attempt: AttemptRef) -> None:
    """R-2.28, product.md §9: no words of people in the log."""
    henrik.post(url(attempt), {"text": SAID})
    (line,) = entries_after(attempt.stream, 0, kinds={EntryKind.STATEMENT_RECORDED})
    assert line.actor_name == "Henrik Aalto"
    assert "sister" not in str(line.extra)


def test_a_second_explanation_is_added_and_the_same_form_twice_is_one(henrik: Client, attempt: AttemptRef) -> None:
    """R-2.28: nothing that was said is changed; a double click adds nothing."""
    for text in (SAID, SAID, "She has written to confirm it."):
        henrik.post(url(attempt), {"text": text})
    assert kept(attempt) == ["She has written to confirm it.", SAID]
    assert len(entries_after(attempt.stream, 0, kinds={EntryKind.STATEMENT_RECORDED})) == 2


@pytest.mark.parametrize("text", ["", "  \n ", "a" * (STATEMENT_MAX + 1), "a\x00b"])
def test_nothing_too_much_and_control_characters_are_refused_beside_the_field(
    henrik: Client, attempt: AttemptRef, text: str
) -> None:
    """R-2.28: bad input; what was typed stands in the form again."""
    answer = henrik.post(url(attempt), {"text": text})
    page = answer.content.decode()
    assert (answer.status_code, kept(attempt)) == (400, [])
    assert 'aria-invalid="true"' in page
    assert text.strip()[:100].replace("\x00", "") in page


def test_who_may_not_review_neither_reads_nor_writes(client: Client, attempt: AttemptRef) -> None:
    """product.md §3.2: the candidate, and somebody else."""
    for person in (attempt.candidate, add_person("nobody", name="Nobody")):
        stranger = signed_in(client, person)
        answers = stranger.get(url(attempt)), stranger.post(url(attempt), {"text": SAID})
        assert [answer.status_code for answer in answers] == [404, 404]
    assert kept(attempt) == []


def test_before_anybody_said_anything_the_page_says_what_it_is_for(henrik: Client, attempt: AttemptRef) -> None:
    """R-2.28: the empty state; no mark beside the status."""
    page = henrik.get(url(attempt)).content.decode()
    assert "Nothing written down" in page
    assert "The candidate has explained it" not in page
