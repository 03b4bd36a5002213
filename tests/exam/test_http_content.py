"""Pages of authors, schedulers and candidates, and every byte a candidate is sent."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import etree

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, InteractionKind, ScheduleMode
from examhall.exam.actions.assessment import Options, create_assessment, edit_assessment, make_live
from examhall.exam.actions.attempt import enter
from examhall.exam.actions.items import create_item, import_package
from examhall.exam.actions.profile import save_site_profile
from examhall.exam.actions.registration import add_candidates
from examhall.exam.actions.schedule import activate, cancel_schedule, create_schedule
from examhall.exam.models import ItemKey, Registration, Schedule, VersionItem
from examhall.exam.reads.assessment import assessment_page
from examhall.exam.reads.schedule import schedule_page
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.models import User
from examhall.people.rules.actor import Actor
from tests.exam import build_content as build
from tests.exam import qti_samples as samples
from tests.exam.build_content import Faculty

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


def browser(actor: Actor) -> Client:
    client = Client()
    assert actor.user_id is not None
    client.force_login(User.objects.get(id=actor.user_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_author_creates_an_assessment_adds_questions_and_makes_it_live(at: Faculty) -> None:
    """issue 2 §6: create an assessment from a form for the five kinds or a QTI package."""
    web = browser(at.author)
    made = web.post(
        "/assessments/new",
        {"unit": str(at.unit), "code": "PHA-202", "title": "Pharmacology", "duration_min": 90, "attempts_allowed": 1},
    )
    page = made.headers["Location"]
    forms = {
        "single_choice": {"title": "A", "prompt": "?", "points": "1", "choice-1": "x", "choice-2": "y", "right": "1"},
        "multiple_choice": {
            "title": "B",
            "prompt": "?",
            "points": "1",
            "choice-1": "x",
            "choice-2": "y",
            "right-2": "2",
        },
        "short_text": {"title": "C", "prompt": "?", "points": "1", "answers": "x\ny"},
        "number": {"title": "D", "prompt": "?", "points": "1", "number": "3,5", "tolerance": "0.1"},
        "essay": {"title": "E", "prompt": "?", "points": "1", "lines": "8"},
    }
    for kind, fields in forms.items():
        assert web.get(f"{page}questions/new/{kind}").status_code == 200
        assert web.post(f"{page}questions/new/{kind}", fields).status_code == 302
    package = samples.package({"imsmanifest.xml": samples.manifest("a.xml"), "a.xml": samples.choice(["A"], ["B"])})
    assert web.post(f"{page}package", {"package": upload("q.zip", package)}).status_code == 302
    assert web.post(f"{page}live").status_code == 302
    shown = assessment_page(at.author, UUID(page.split("/")[2]))
    assert [question.kind.value for question in shown.questions] == [*forms, "single_choice"]
    assert shown.live
    assert "Version 1, live" in web.get(page).content.decode()
    assert "Pharmacology" in web.get("/assessments/").content.decode()


def test_481_minutes_show_the_error_at_the_field(at: Faculty) -> None:
    """R-0.26: an error at the field."""
    assessment = create_assessment(at.unit, code="A", title="A", options=Options(), by=at.author)
    fields = {"title": "A", "duration_min": 481, "attempts_allowed": 1, "use_proctoring": "on"}
    refused = browser(at.author).post(f"/assessments/{assessment}/", fields)
    assert refused.status_code == 400
    error = re.search(r'id="id_duration_min_error".*?<span>(.*?)</span>', refused.content.decode(), re.DOTALL)
    assert error is not None
    assert "480" in error[1]
    assert browser(at.author).post(f"/assessments/{assessment}/", {**fields, "duration_min": 480}).status_code == 302


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (samples.package({"../x.xml": b"x"}), "outside of itself"),
        (b"<!DOCTYPE x><qti-assessment-item/>", "document type"),
        (b"", "empty"),
    ],
)
def test_a_refused_package_is_told_at_its_field(at: Faculty, content: bytes, said: str) -> None:
    """issue 2, Bad input: the refusal stands on the page."""
    assessment = create_assessment(at.unit, code="A", title="A", options=Options(), by=at.author)
    refused = browser(at.author).post(f"/assessments/{assessment}/package", {"package": upload("q.zip", content)})
    assert (refused.status_code, said in refused.content.decode()) == (400, True)


def test_an_incomplete_question_keeps_what_was_typed(at: Faculty) -> None:
    """product.md §4: nothing typed is lost."""
    assessment = create_assessment(at.unit, code="A", title="A", options=Options(), by=at.author)
    fields = {"title": "", "prompt": "Which one is it?", "points": "1", "choice-1": "The first", "choice-2": "Second"}
    refused = browser(at.author).post(f"/assessments/{assessment}/questions/new/single_choice", fields)
    page = refused.content.decode()
    assert refused.status_code == 400
    assert "Fill this in." in page
    assert "Which one is it?" in page
    assert 'value="The first"' in page


def test_a_scheduler_plans_imports_candidates_assigns_and_schedules(at: Faculty) -> None:
    """issue 2 §6: schedule it, add candidates by CSV, assign invigilators, activate."""
    assessment = build.live_assessment(at)
    web = browser(at.scheduler)
    fields = {
        "assessment": str(assessment),
        "title": "Pharmacology II, written exam",
        "zone": "Europe/Warsaw",
        "opens_at": "2026-11-23T11:00",
        "deadline": "2026-11-23T13:00",
        "mode": "live",
        "leniency": "strict",
    }
    page = web.post("/schedules/new", fields).headers["Location"]
    schedule = UUID(page.split("/")[2])
    assert schedule_page(at.scheduler, schedule).opens_at == clocks.now() + timedelta(hours=1)
    refused = web.post(f"{page}activate")
    assert (refused.status_code, "Assign at least one invigilator" in refused.content.decode()) == (409, True)
    assert web.post(f"{page}invigilators", {"login": "ines"}).status_code == 302
    assert web.post(f"{page}candidates", {"file": upload("c.csv", build.candidates_csv())}).status_code == 302
    assert web.post(f"{page}activate").status_code == 302
    shown = web.get(page).content.decode()
    assert [
        word for word in ("Candidate 3", "Ines Carvalho", "Frozen", "Set for this schedule") if word not in shown
    ] == []
    assert "Pharmacology II" in web.get("/schedules/").content.decode()


def test_rows_to_mend_are_listed_and_nobody_is_added(at: Faculty) -> None:
    """issue 2 §6: CSV with per-row errors."""
    schedule = build.drafted_schedule(at)
    web = browser(at.scheduler)
    refused = web.post(
        f"/schedules/{schedule}/candidates", {"file": upload("c.csv", b"name,login,email\nAna,ana,nope\n,bo,\n")}
    )
    page = refused.content.decode()
    assert (refused.status_code, "2 rows need a change" in page, "is no e-mail address" in page) == (400, True, True)
    checked = web.post(
        f"/schedules/{schedule}/candidates", {"file": upload("c.csv", build.candidates_csv()), "check": "1"}
    )
    assert "The list is in order" in checked.content.decode()
    image = web.post(f"/schedules/{schedule}/candidates", {"file": upload("c.png", b"\x89PNG\r\n\x1a\n\x00")})
    assert (image.status_code, "CSV UTF-8" in image.content.decode()) == (400, True)
    assert Registration.objects.count() == 0


def test_newer_settings_are_shown_with_the_difference(at: Faculty) -> None:
    """R-0.10: badge "newer settings exist (version n)"."""
    save_site_profile({"conn.reconnect_window_s": 120}, by=at.admin)
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    assert "Newer settings exist" not in browser(at.scheduler).get(f"/schedules/{schedule}/").content.decode()
    save_site_profile({"conn.reconnect_window_s": 180}, by=at.admin)
    page = browser(at.scheduler).get(f"/schedules/{schedule}/").content.decode()
    assert "Newer settings exist (version 2)" in page
    assert "Reconnect window: 180 s" in page


def test_the_path_from_schedule_to_unschedule_to_schedule(at: Faculty) -> None:
    """R-0.12: open schedule → Edit schedule settings → Unschedule → Schedule."""
    schedule = build.drafted_schedule(at)
    activate(schedule, by=at.scheduler)
    web = browser(at.scheduler)
    assert f"/schedules/{schedule}/edit" in web.get(f"/schedules/{schedule}/").content.decode()
    assert f"/schedules/{schedule}/unschedule" in web.get(f"/schedules/{schedule}/edit").content.decode()
    assert web.post(f"/schedules/{schedule}/unschedule", {"reason": ""}).status_code == 400
    assert web.post(f"/schedules/{schedule}/unschedule", {"reason": "new settings"}).status_code == 302
    assert web.get(f"/schedules/{schedule}/edit").status_code == 200
    assert web.post(f"/schedules/{schedule}/activate").status_code == 302


def test_unschedule_is_refused_with_names_once_somebody_has_begun(at: Faculty, clock: SetClock) -> None:
    """R-0.12: disabled with the reason and the remedies."""
    attempt = _attempt(at, clock)
    schedule = Registration.objects.get(attempts=attempt).schedule_id
    page = browser(at.scheduler).get(f"/schedules/{schedule}/edit").content.decode()
    refused = browser(at.scheduler).post(f"/schedules/{schedule}/unschedule", {"reason": "x"})
    assert "Candidate 1" in page
    assert "aria-disabled" in page
    assert refused.status_code == 409


def test_a_candidate_is_withdrawn_with_a_reason_from_the_schedule(at: Faculty) -> None:
    """product.md §2.4: any pre-start → withdrawn; scheduler; audit and reason."""
    schedule = build.drafted_schedule(at)
    add_candidates(schedule, content=build.candidates_csv(2), by=at.scheduler)
    one = Registration.objects.get(schedule_id=schedule, candidate__username="c1")
    address = f"/schedules/{schedule}/candidates/{one.id}/withdraw"
    web = browser(at.scheduler)
    assert f'data-dialog-action="{address}"' in web.get(f"/schedules/{schedule}/").content.decode()
    assert web.post(address, {"reason": " "}).status_code == 400
    assert browser(at.stranger).post(address, {"reason": "x"}).status_code == 404
    shown = web.post(address, {"reason": "ill"}, follow=True).content.decode()
    assert ("Withdrawn. This person" in shown, address in shown, "Candidate 1" in shown) == (True, False, False)
    line = tail(Schedule.objects.get(id=schedule).stream_id, limit=1)[0]
    assert (line.kind, line.extra["reason"]) == (EntryKind.SCHEDULE_CHANGED, "ill")
    assert browser(_candidate()).get("/exams/").content.decode().count('href="/exams/') == 0


def test_who_has_begun_has_no_button_and_cannot_be_withdrawn(at: Faculty, clock: SetClock) -> None:
    """product.md §2.3: remove candidates who have not started."""
    _attempt(at, clock)
    begun = Registration.objects.get(candidate__username="c1")
    page = f"/schedules/{begun.schedule_id}/"
    address = f"{page}candidates/{begun.id}/withdraw"
    web = browser(at.scheduler)
    shown = web.get(page).content.decode()
    assert (address in shown, shown.count("data-dialog-action")) == (False, 1)
    refused = web.post(address, {"reason": "ill"})
    assert (refused.status_code, "has begun the exam" in refused.content.decode()) == (409, True)
    assert "data-dialog-action" not in browser(at.invigilator).get(page).content.decode()


PAGES = ["", "/edit", "/activate", "/unschedule", "/cancel", "/candidates", "/invigilators"]


@pytest.mark.parametrize("end", PAGES)
def test_a_schedule_that_is_not_yours_looks_like_none(at: Faculty, end: str) -> None:
    """R-0.28: by permission, never by knowledge of the address; 404 alike for absent and forbidden."""
    schedule = build.drafted_schedule(at)
    web = browser(at.stranger)
    method = web.get if end in {"", "/edit"} else web.post
    data = {"file": upload("c.csv", build.candidates_csv()), "login": "ines", "reason": "x"}
    slash = end or "/"
    forbidden = method(f"/schedules/{schedule}{slash}", data if method == web.post else None)
    absent = method(f"/schedules/{uuid4()}{slash}", data if method == web.post else None)
    assert (forbidden.status_code, absent.status_code) == (404, 404)
    assert _plain(forbidden.content) == _plain(absent.content)


@pytest.mark.parametrize("address", ["/assessments/", "/assessments/new", "/schedules/", "/schedules/new", "/exams/"])
def test_nobody_signed_in_is_sent_to_sign_in(at: Faculty, address: str) -> None:
    """R-0.28: by nobody logged in: login, then the same page."""
    sent = Client().get(address)
    assert (sent.status_code, sent.headers["Location"].startswith("/accounts/login/?next=")) == (302, True)


def test_a_person_without_the_permission_may_not_create(at: Faculty) -> None:
    """product.md §3.1, S7: absence is deny."""
    assert browser(at.invigilator).get("/assessments/new").status_code == 404
    assert browser(at.author).get("/schedules/new").status_code == 404


def test_the_dashboard_of_a_candidate_shows_which_exam_is_proctored(at: Faculty, clock: SetClock) -> None:
    """R-0.16: only the proctored one has the camera icon with "Remotely proctored"; Start in the window only."""
    proctored = build.drafted_schedule(at)
    plain = create_assessment(at.unit, code="OPEN", title="Open", options=Options(), by=at.author)
    create_item(plain, form=build.QUESTIONS[0], by=at.author)
    make_live(plain, by=at.author)
    other = create_schedule(plain, plan=build.plan(mode=ScheduleMode.NONE), by=at.scheduler)
    for schedule in (proctored, other):
        add_candidates(schedule, content=build.candidates_csv(1), by=at.scheduler)
        activate(schedule, by=at.scheduler)
    web = browser(_candidate())
    before = web.get("/exams/").content.decode()
    assert "Times in Europe/Warsaw, CET (UTC+0100)</p>" in before
    assert (before.count("Remotely proctored"), before.count("Opens on")) == (1, 2)
    assert web.get("/exams/").headers["Refresh"] == "3600"
    clock.forward(s=3600)
    now = web.get("/exams/").content.decode()
    assert (now.count('href="/exams/'), now.count("Opens on")) == (2, 0)
    cancel_schedule(other, reason="strike", by=at.scheduler)
    assert "Cancelled" in web.get("/exams/").content.decode()


def test_without_exams_the_dashboard_says_so(at: Faculty) -> None:
    """product.md §4.1, C1: empty: "No exams scheduled"."""
    assert "No exams scheduled" in browser(at.invigilator).get("/exams/").content.decode()


def test_a_question_is_sent_to_its_own_candidate_alone(at: Faculty, clock: SetClock) -> None:
    """issue 2 §10 (design): an item only in its form, only to the candidate of that attempt."""
    attempt = _attempt(at, clock)
    item = VersionItem.objects.order_by("position")[0].item_version_id
    stray = create_assessment(at.unit, code="Z", title="Z", options=Options(), by=at.author)
    foreign = create_item(stray, form=build.QUESTIONS[0], by=at.author)
    own = browser(_candidate()).get(f"/exam/attempts/{attempt}/items/{item}.xml")
    assert (own.status_code, own.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert etree.fromstring(own.content).get("identifier") == str(item)
    assert browser(_candidate()).get(f"/exam/attempts/{attempt}/items/{foreign}.xml").status_code == 404
    for somebody in (_candidate("c2"), at.scheduler, at.author, at.stranger):
        assert browser(somebody).get(f"/exam/attempts/{attempt}/items/{item}.xml").status_code == 404


def test_no_byte_sent_to_a_candidate_holds_a_key(at: Faculty, clock: SetClock) -> None:
    """issue 2 §3: no key string of any item occurs in any byte sent to a candidate."""
    attempt = _attempt(at, clock, extra=samples.package({"a.xml": SECRET_CHOICE, "b.xml": SECRET_TEXT}))
    web = browser(_candidate())
    sent = [web.get("/exams/").content]
    answer = web.post(
        f"/exam/attempts/{attempt}/connect",
        msgspec.json.encode({"client_id": "a", "takeover": False}),
        content_type="application/json",
    )
    questions = msgspec.json.decode(answer.content)["questions"]
    sent += [answer.content]
    sent += [web.get(f"/exam/attempts/{attempt}/items/{question['item_id']}.xml").content for question in questions]
    registration = Registration.objects.get(candidate__username="c1").id
    for page in (f"/exams/{registration}/", f"/exam/{attempt}/", "/exams/"):
        shown = web.get(page)
        assert shown.status_code == 200
        sent += [shown.content]
    secrets = _secrets()
    assert (len(questions), len(secrets) >= 12) == (6, True)
    assert [secret for secret in secrets for body in sent if secret.encode() in body] == []


SECRET_CHOICE = samples.choice(["zqrightchoice7"], ["zqwrongchoice7"]).replace(
    b"</qti-assessment-item>",
    b'<qti-modal-feedback outcome-identifier="F" identifier="zqident7" show-hide="show">zqfeedback7'
    b"</qti-modal-feedback>"
    b"</qti-assessment-item>",
)
SECRET_TEXT = samples.text_entry(
    "zqrighttext7", attributes='pattern-mask="zqmask7" placeholder-text="zqhint7"'
).replace(b'identifier="item-1"', b'identifier="item-2"')


def _secrets() -> list[str]:
    """Every key value of every item, and each marked token of the sources. Choices' new identifiers are no secret."""
    found: set[str] = set()
    for key in ItemKey.objects.select_related("version"):
        found |= set(re.findall(r"zq[a-z]+7", key.source_xml))
        if key.version.kind in {InteractionKind.SHORT_TEXT, InteractionKind.NUMBER}:
            found |= {*key.content["correct"], *(entry["value"] for entry in key.content["mapped"])}
            found.add(key.content["tolerance"]["below"])
    return sorted(
        found - {"0"} | {"qti-correct-response", "qti-mapping", "map-key", "response-processing", "mapped-value"}
    )


def _attempt(at: Faculty, clock: SetClock, *, extra: bytes | None = None) -> UUID:
    assessment = create_assessment(at.unit, code="S", title="S", options=Options(), by=at.author)
    for question in build.QUESTIONS:
        create_item(assessment, form=question, by=at.author)
    if extra:
        import_package(assessment, content=extra, by=at.author)
    edit_assessment(assessment, title="S", options=Options(use_proctoring=True), by=at.author)
    make_live(assessment, by=at.author)
    schedule = create_schedule(assessment, plan=build.plan(), by=at.scheduler)
    add_candidates(schedule, content=build.candidates_csv(2), by=at.scheduler)
    activate(schedule, by=at.scheduler)
    clock.forward(s=3600)
    registration = Registration.objects.get(schedule_id=schedule, candidate__username="c1")
    return enter(registration.id, by=_candidate())


def _candidate(login: str = "c1") -> Actor:
    return actor_for_user(User.objects.get(username=login).id)


def _plain(page: bytes) -> bytes:
    """A page without what differs from one answer to the next: tokens and addresses."""
    return re.sub(rb'[0-9a-f]{8}-[0-9a-f-]{27}|value="[A-Za-z0-9]{64}"|content="[A-Za-z0-9]{64}"', b"", page)
