"""Results: who sees them, what stands in them, what is taken along."""

import csv
import io
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.base.words import EntryKind
from examhall.base.writer import perform
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.access.form import form_of
from examhall.exam.actions.answers import SAVE_ANSWERS, Answer, SaveAnswers
from examhall.exam.actions.attempt import enter, hand_in, start
from examhall.exam.actions.lease import take
from examhall.exam.actions.registration import add_candidates
from examhall.exam.actions.schedule import activate, assign_invigilator, assign_reviewer, create_schedule
from examhall.exam.models import Attempt, ItemVersion, Registration, Schedule
from examhall.exam.reads.result import result_of
from examhall.exam.reads.results import result_list, results_schedule
from examhall.exam.rules.networks import SHARED_NETWORK
from examhall.exam.rules.qti.arrange import choice_texts
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.models import User
from examhall.people.rules.actor import Actor
from tests.exam import build_content as build
from tests.exam.build_content import Faculty
from tests.exam.test_http_content import browser
from tests.fixtures.sitting import NO_RECORDING

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


@pytest.fixture
def schedule(at: Faculty, clock: SetClock) -> UUID:
    """Three candidates; four questions of four kinds; open now."""
    assessment = build.live_assessment(at, profile=NO_RECORDING)
    made = create_schedule(assessment, plan=build.plan(), by=at.scheduler)
    add_candidates(made, content=build.candidates_csv(3), by=at.scheduler)
    activate(made, by=at.scheduler)
    clock.forward(s=3600)
    return made


def person(at: Faculty, login: str, *roles: str) -> Actor:
    user = add_person(login, name=login.capitalize())
    grant_roles(user, unit=at.unit, roles=roles)
    return actor_for_user(user)


@pytest.fixture
def marker(at: Faculty) -> Actor:
    return person(at, "marker", "Marker")


@pytest.fixture
def reviewer(at: Faculty, schedule: UUID) -> Actor:
    found = person(at, "henrik", "Reviewer")
    assert found.user_id
    assign_reviewer(schedule, user_id=found.user_id, by=at.scheduler)
    return found


def sit(schedule: UUID, login: str, *responses: object, ip: str = "", ends: bool = True) -> UUID:
    """The attempt of a candidate who answers the questions in order, and hands in unless told otherwise."""
    user = User.objects.get(username=login)
    by = actor_for_user(user.id, ip=ip)
    attempt = enter(Registration.objects.get(schedule_id=schedule, candidate=user).id, by=by)
    held = take(attempt, by=by, client_id="tab-1")
    start(attempt, by=by, epoch=held.epoch)
    ref = attempt_ref(attempt)
    answers = tuple(
        Answer(
            item_id=str(question.item_id),
            question_number=question.number,
            client_seq=question.number,
            client_at=clocks.now(),
            mono_ms=0,
            response_json=msgspec.json.encode(response).decode(),
        )
        for question, response in zip(form_of(ref.version, ref.form_seed).questions, responses, strict=False)
    )
    perform(SAVE_ANSWERS, [SaveAnswers(attempt=attempt, epoch=held.epoch, by=by, answers=answers)])
    if ends:
        hand_in(attempt, by=by)
    return attempt


def right_choice(schedule: UUID) -> str:
    version = Schedule.objects.get(id=schedule).version
    item = ItemVersion.objects.get(id=version.items.order_by("position")[0].item_version_id)
    return next(identifier for identifier, text in choice_texts(item.public_xml).items() if text == "One")


def all_right(schedule: UUID) -> list[object]:
    return [right_choice(schedule), "zqsodiumchloride7", "731946.25", "Because."]


def test_points_are_shown_beside_what_a_person_marks(at: Faculty, schedule: UUID, marker: Actor) -> None:
    """design.md §3: server-side scoring; an essay is not scored yet; nothing of proctoring stands there (R-2.3)."""
    sit(schedule, "c1", *all_right(schedule))
    sit(schedule, "c2", right_choice(schedule), "wrong", ends=False)
    page = browser(marker).get(f"/results/{schedule}/").content.decode()
    assert [
        word
        for word in ("4 of 4", '1 <span class="muted">question</span>', "not scored yet", "Not started")
        if word not in page
    ] == []
    assert '<b class="strong2">3</b> <span class="muted">of 4</span>' in page
    assert "does not change the grade" not in page


def test_a_marker_reads_the_answers_and_a_reviewer_only_the_points(
    schedule: UUID, marker: Actor, reviewer: Actor
) -> None:
    """product.md §3.3: marks are the marker's; P8: each look is kept with the person."""
    attempt = sit(schedule, "c1", *all_right(schedule))
    address = f"/results/{schedule}/{attempt}/"
    shown, seen = browser(marker).get(address).content.decode(), browser(reviewer).get(address).content.decode()
    assert [word for word in ("One", "zqsodiumchloride7", "Because.", "not scored yet") if word not in shown] == []
    assert "zqsodiumchloride7" not in seen
    assert "Because." not in seen
    assert "shown to markers" in seen
    stream = Schedule.objects.get(id=schedule).stream_id
    looks = [line for line in tail(stream) if line.kind is EntryKind.ANSWERS_VIEWED]
    assert [(line.actor_id, line.extra) for line in looks] == [
        (marker.user_id, {"attempt": str(attempt), "answers": True}),
        (reviewer.user_id, {"attempt": str(attempt), "answers": False}),
    ]


def test_who_may_not_see_results(at: Faculty, schedule: UUID, marker: Actor) -> None:
    """product.md §3.3: none for author, scheduler, invigilator, candidate; what is not yours looks absent."""
    attempt = sit(schedule, "c1", *all_right(schedule))
    assert at.invigilator.user_id
    assign_invigilator(schedule, user_id=at.invigilator.user_id, by=at.scheduler)
    own = actor_for_user(User.objects.get(username="c1").id)
    pages = [f"/results/{schedule}/", f"/results/{schedule}/results.csv", f"/results/{schedule}/{attempt}/"]
    for somebody in (at.author, at.scheduler, at.invigilator, at.stranger, own, person(at, "idle", "Reviewer")):
        assert [browser(somebody).get(page).status_code for page in pages] == [404] * 3
        assert str(schedule) not in browser(somebody).get("/results/").content.decode()
    assert [browser(marker).get(page).status_code for page in pages] == [200] * 3
    assert str(schedule) in browser(marker).get("/results/").content.decode()
    assert browser(marker).get(f"/results/{uuid4()}/").status_code == 404
    assert browser(marker).get(f"/results/{schedule}/{uuid4()}/").status_code == 404


def test_a_marker_who_sits_the_exam_sees_nothing_of_it(at: Faculty, schedule: UUID) -> None:
    """product.md §3.1, S6."""
    user = User.objects.get(username="c2")
    grant_roles(user.id, unit=at.unit, roles=["Marker"])
    assert browser(actor_for_user(user.id)).get(f"/results/{schedule}/").status_code == 404


def table(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))


def test_the_export_marks_a_shared_network(schedule: UUID, reviewer: Actor, marker: Actor, clock: SetClock) -> None:
    """R-4.30: both rows carry the indicator, the count and a pseudonymous partner; R-4.31: the export is kept."""
    first = sit(schedule, "c1", *all_right(schedule), ip="203.0.113.7", ends=False)
    second = sit(schedule, "c2", right_choice(schedule), ip="203.0.113.7", ends=False)
    sit(schedule, "c3", ip="203.0.113.9")
    clock.forward(s=5)
    hand_in(second, by=actor_for_user(User.objects.get(username="c2").id))
    rows = {row["number"]: row for row in table(browser(reviewer).get(f"/results/{schedule}/results.csv").content)}
    codes = dict(Attempt.objects.values_list("id", "code"))
    told = [(row["shared_network"], row["shared_network_with"], row["shared_network_note"]) for row in rows.values()]
    assert told == [("1", codes[second], SHARED_NETWORK), ("1", codes[first], SHARED_NETWORK), ("0", "", "")]
    assert [rows[number]["points"] for number in ("901", "902", "903")] == ["", "1.0", "0.0"]
    assert rows["902"]["state"] == "handed_in"
    assert not {"status", "determination", "incidents"} & set(rows["901"])
    assert "shared_network" not in table(browser(marker).get(f"/results/{schedule}/results.csv").content)[0]
    kept = [line for line in tail(Schedule.objects.get(id=schedule).stream_id) if "what" in line.extra]
    assert [(line.kind, line.extra["what"], line.extra["rows"]) for line in kept[-2:]] == [
        (EntryKind.EVIDENCE_EXPORTED, "results", 3)
    ] * 2


def test_the_search_finds_by_name_and_number_or_says_so(schedule: UUID, marker: Actor) -> None:
    """product.md §4: empty states say why and what to do."""
    web = browser(marker)
    assert web.get(f"/results/{schedule}/?q=902").content.decode().count("<tr><td>") == 1
    assert "No candidate matches" in web.get(f"/results/{schedule}/?q=zebra").content.decode()
    assert web.get(f"/results/{schedule}/?page=x").status_code == 200


def test_without_anything_to_see_the_list_says_how_it_fills(at: Faculty) -> None:
    """product.md §4: empty = one sentence why, and who can act."""
    assert "No results to see" in browser(at.invigilator).get("/results/").content.decode()


def test_more_attempts_cost_no_more_queries(schedule: UUID, marker: Actor) -> None:
    """A table is one read however long it is; the points are those of the single attempt."""
    seen = results_schedule(marker, schedule)
    one = sit(schedule, "c1", *all_right(schedule))
    result_list(seen)[:]
    with CaptureQueriesContext(connection) as few:
        result_list(seen)[:]
    for login in ("c2", "c3"):
        sit(schedule, login, right_choice(schedule))
    with CaptureQueriesContext(connection) as many:
        rows = result_list(seen)[:]
    assert len(many) == len(few)
    assert [row.result.points for row in rows if row.result] == [3, 1, 1]
    assert result_of(one).points == 3


def test_a_page_scores_only_the_rows_it_shows(schedule: UUID, marker: Actor) -> None:
    """design.md §9: a list of 1,000 costs what one page of it costs."""
    for login in ("c1", "c2", "c3"):
        sit(schedule, login)
    whole = result_list(results_schedule(marker, schedule))
    rows = whole[:]
    with CaptureQueriesContext(connection) as asked:
        part = whole[1:2]
    assert (len(whole), part, whole[1]) == (3, rows[1:2], rows[1])
    scored = " ".join(query["sql"].replace("-", "") for query in asked)
    assert [row.attempt.hex in scored for row in rows if row.attempt] == [False, True, False]


def test_a_later_window_is_no_shared_network(schedule: UUID, reviewer: Actor, clock: SetClock) -> None:
    """R-4.30: the attempts must overlap."""
    sit(schedule, "c1", ip="203.0.113.7")
    clock.forward(s=timedelta(minutes=5).total_seconds())
    sit(schedule, "c2", ip="203.0.113.7")
    rows = table(browser(reviewer).get(f"/results/{schedule}/results.csv").content)
    assert {row["shared_network"] for row in rows} == {"0"}
