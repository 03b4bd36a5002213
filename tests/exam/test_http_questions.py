"""The order of questions, and the look at one, for authors."""

from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from examhall.base.clock import SetClock
from examhall.base.errors import Conflict
from examhall.base.words import EntryKind
from examhall.exam.actions.assessment import Options, create_assessment, make_live, move_question
from examhall.exam.actions.items import create_item, import_package
from examhall.exam.models import VersionItem
from examhall.exam.reads.assessment import assessment_page
from examhall.journal.reads import tail
from examhall.people.reads.people import site_stream
from tests.exam import build_content as build
from tests.exam import qti_samples as samples
from tests.exam.build_content import Faculty
from tests.exam.test_http_content import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


@pytest.fixture
def draft(at: Faculty) -> UUID:
    """Four questions: Capital, Salt, Answer, Why."""
    made = create_assessment(at.unit, code="A", title="A", options=Options(), by=at.author)
    for question in build.QUESTIONS:
        create_item(made, form=question, by=at.author)
    return made


@pytest.fixture
def web(at: Faculty) -> Client:
    return browser(at.author)


def titles(at: Faculty, draft: UUID) -> list[str]:
    return [question.title for question in assessment_page(at.author, draft).questions]


def ids(at: Faculty, draft: UUID) -> list[UUID]:
    return [question.id for question in assessment_page(at.author, draft).questions]


def test_a_question_is_moved_up_and_the_focus_stays_on_its_button(at: Faculty, draft: UUID, web: Client) -> None:
    """issue 2 §6, look/README §5: by keyboard alone; the change is kept in the site's journal."""
    salt, answer = ids(at, draft)[1:3]
    moved = web.post(f"/assessments/{draft}/questions/{answer}/move?up", {"number": "2"}, follow=True)
    assert titles(at, draft) == ["Capital", "Answer", "Salt", "Why"]
    page = moved.content.decode()
    assert "Moved to place 2." in page
    focused = page[: page.index("data-focus-first")].rsplit("<button", 1)[1]
    assert 'aria-label="Move question 2, Answer, up"' in focused
    line = tail(site_stream(), kinds={EntryKind.ASSESSMENT_CHANGED})[-1]
    assert (line.actor_id, line.extra["what"], line.extra["number"]) == (at.author.user_id, "question moved", 2)
    web.post(f"/assessments/{draft}/questions/{salt}/move", {"number": "4"})
    assert titles(at, draft) == ["Capital", "Answer", "Why", "Salt"]


def test_at_the_end_the_focus_goes_to_the_button_that_still_acts(at: Faculty, draft: UUID, web: Client) -> None:
    """look/README §4: what cannot act says why."""
    first = ids(at, draft)[1]
    page = web.post(f"/assessments/{draft}/questions/{first}/move?up", {"number": "1"}, follow=True).content.decode()
    focused = page[: page.index("data-focus-first")].rsplit("<button", 1)[1]
    assert 'aria-label="Move question 1, Salt, down"' in focused
    assert 'aria-label="Question 1 is the first"' in page


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=6))
def test_any_moves_keep_each_question_once_in_its_own_place(
    at: Faculty, draft: UUID, moves: list[tuple[int, int]]
) -> None:
    """An order is an order: as a list would do it."""
    model = ids(at, draft)
    for which, number in moves:
        one = model[which]
        move_question(draft, item_version_id=one, number=number, by=at.author)
        model.remove(one)
        model.insert(number - 1, one)
        assert ids(at, draft) == model
    places = VersionItem.objects.filter(version__assessment_id=draft).values_list("position", flat=True)
    assert sorted(places) == [1, 2, 3, 4]


@pytest.mark.parametrize("number", ["0", "5", "-1", "x", ""])
def test_a_place_that_does_not_exist_is_refused(at: Faculty, draft: UUID, web: Client, number: str) -> None:
    """issue 2, bad input: the field and the remedy; nothing moves."""
    one = ids(at, draft)[0]
    json = {"accept": "application/json"}
    refused = web.post(f"/assessments/{draft}/questions/{one}/move", {"number": number}, headers=json)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["number"])
    assert titles(at, draft) == ["Capital", "Salt", "Answer", "Why"]


def test_who_may_not_move(at: Faculty, draft: UUID, web: Client) -> None:
    """product.md §3.3: authors; a live version never changes."""
    one = ids(at, draft)[0]
    address = f"/assessments/{draft}/questions/{one}/move"
    assert browser(at.scheduler).post(address, {"number": "2"}).status_code == 403
    assert browser(at.stranger).post(address, {"number": "2"}).status_code == 404
    assert web.post(f"/assessments/{draft}/questions/{uuid4()}/move", {"number": "2"}).status_code == 404
    make_live(draft, by=at.author)
    with pytest.raises(Conflict):
        move_question(draft, item_version_id=one, number=2, by=at.author)
    assert f"{one}/move" not in web.get(f"/assessments/{draft}/").content.decode()


def test_an_author_sees_a_question_as_candidates_do(at: Faculty, draft: UUID, web: Client) -> None:
    """issue 2 §6: the preview is drawn from the very XML candidates get; no key is in it."""
    salt = ids(at, draft)[1]
    page = web.get(f"/assessments/{draft}/questions/{salt}/").content.decode()
    assert [word for word in ("Question 2 of 4", "Short text", "Previous", "Next") if word not in page] == []
    assert f'data-question="/assessments/{draft}/questions/{salt}.xml"' in page
    sent = web.get(f"/assessments/{draft}/questions/{salt}.xml")
    assert etree.fromstring(sent.content).get("identifier") == str(salt)
    assert b"zqsodiumchloride7" not in sent.content
    assert f"/assessments/{draft}/questions/{salt}/" in web.get(f"/assessments/{draft}/").content.decode()


def test_what_needs_review_says_why_instead(at: Faculty, draft: UUID, web: Client) -> None:
    """issue 2, bad input: imported as "needs review", never dropped."""
    unknown = samples.item("", "<qti-order-interaction response-identifier='R'/>")
    import_package(draft, content=samples.package({"a.xml": unknown}), by=at.author)
    last = assessment_page(at.author, draft).questions[-1]
    page = web.get(f"/assessments/{draft}/questions/{last.id}/").content.decode()
    assert "This question cannot be shown yet" in page
    assert web.get(f"/assessments/{draft}/questions/{last.id}.xml").status_code == 404


def test_who_may_not_look_at_a_question(at: Faculty, draft: UUID) -> None:
    """product.md §3.3: content is the authors'; a scheduler sees the assessment, not its questions."""
    one = ids(at, draft)[0]
    for end in ("/", ".xml"):
        address = f"/assessments/{draft}/questions/{one}{end}"
        assert browser(at.scheduler).get(address).status_code == 403
        assert browser(at.stranger).get(address).status_code == 404
        assert browser(at.author).get(f"/assessments/{draft}/questions/{uuid4()}{end}").status_code == 404
    assert "/questions/" not in browser(at.scheduler).get(f"/assessments/{draft}/").content.decode()
