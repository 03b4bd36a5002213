"""The posts that act on attempts: what they take, what they refuse, who may."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind, Permission
from examhall.exam.models import Attempt, InvigilatorAssignment
from examhall.exam.reads.attempt import messages
from examhall.journal.reads import tail
from tests.exam.sitting import Exam, Sitting, exam, started
from tests.invigilation.desk import browser, holder, log_viewer, posted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=3, policy={"live.allow_interrupt": True, "live.allow_stop": True}, invigilated=True)


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)


@pytest.fixture
def page(of: Exam) -> Client:
    return browser(of.invigilator)


def act(sitting: Sitting, name: str) -> str:
    return f"/invigilation/attempts/{sitting.attempt}/{name}"


def test_an_invigilator_pauses_resumes_and_stops_with_reasons(sitting: Sitting, page: Client, clock: SetClock) -> None:
    """R-1.6, R-4.22: each tool changes the exam and stands in the log with name and reason."""
    assert posted(page, act(sitting, "pause"), reason="fire alarm").status_code == 200
    assert sitting.state is State.PAUSED
    line = sitting.line(EntryKind.EXAM_PAUSED)
    assert (line.actor_name, line.extra["reason"]) == (page_name(sitting), "fire alarm")
    clock.forward(s=10)
    resumed = posted(page, act(sitting, "resume"), reason="false alarm").json()
    assert sitting.line(EntryKind.EXAM_RESUMED).extra["reason"] == "false alarm"
    assert (sitting.state, resumed["effective_s"]) == (State.IN_PROGRESS, 10.0)
    assert posted(page, act(sitting, "stop"), reason="left the room").status_code == 200
    assert Attempt.objects.get(id=sitting.attempt).state == State.STOPPED
    assert posted(page, act(sitting, "reopen"), reason="came back").status_code == 200
    assert Attempt.objects.get(id=sitting.attempt).state == State.IN_PROGRESS


def page_name(sitting: Sitting) -> str:
    """The invigilator's name, as the assignment has it."""
    schedule = sitting.row.registration.schedule_id
    return InvigilatorAssignment.objects.select_related("user").get(schedule=schedule).user.get_full_name()


def test_an_assigned_invigilator_without_any_role_is_staff_in_the_log_and_in_the_menu(
    sitting: Sitting, page: Client
) -> None:
    """R-4.3, S3: rights come from the assignment; who watches is no candidate in the log."""
    posted(page, act(sitting, "pause"), reason="fire alarm")
    assert sitting.line(EntryKind.EXAM_PAUSED).actor_role == "staff"
    assert page.get("/").headers["Location"] == "/invigilation/"


def test_extra_time_says_what_it_really_gives_before_and_after(of: Exam, sitting: Sitting, page: Client) -> None:
    """product.md T3: no grant pushes past the final deadline, and the dialog says so first."""
    query = f"?minutes=300&attempt={sitting.attempt}"
    shown = page.get(f"/invigilation/{of.schedule.id}/effective{query}").json()
    assert [one["effective_min"] for one in shown["attempts"]] == [120.0]
    given = posted(page, act(sitting, "time"), minutes=300, reason="noise").json()
    assert given["effective_s"] == 7200.0


@pytest.mark.parametrize("minutes", ["", "ten", "0", "481", "-5", "9999999999999"])
def test_what_no_grant_could_be_is_not_reckoned(of: Exam, sitting: Sitting, page: Client, minutes: str) -> None:
    """product.md T3: each endpoint refuses bad input, with the field."""
    query = f"?minutes={minutes}&attempt={sitting.attempt}"
    answer = page.get(f"/invigilation/{of.schedule.id}/effective{query}", headers={"accept": "application/json"})
    assert answer.status_code == 400


def test_a_message_reaches_the_candidate(sitting: Sitting, page: Client) -> None:
    """R-1.6: a message; the form's own encoding is taken too."""
    assert posted(page, act(sitting, "message"), body="Ten minutes left").status_code == 200
    assert page.post(act(sitting, "message"), {"body": "Five minutes left"}).status_code == 200
    assert [message.body for message in messages(sitting.attempt)] == ["Ten minutes left", "Five minutes left"]


def test_an_act_on_an_offline_candidate_is_pending(sitting: Sitting, page: Client, clock: SetClock) -> None:
    """R-1.12: in force in server time at once, and the invigilator sees that it waits."""
    clock.forward(s=20)
    answer = posted(page, act(sitting, "pause"), reason="network").json()
    assert (answer["pending"], sitting.state) == (True, State.PAUSED)


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("pause", {"reason": "  "}, "reason"),
        ("time", {"minutes": 0, "reason": "x"}, "minutes"),
        ("time", {"minutes": 481, "reason": "x"}, "minutes"),
        ("reopen", {"minutes": 9999999999999, "reason": "x"}, "minutes"),
        ("time", {"minutes": 10}, "reason"),
        ("time", {"minutes": "ten", "reason": "x"}, "minutes"),
        ("message", {"body": ""}, "body"),
        ("message", {"body": "x" * 1001}, "body"),
        ("stop", {}, "reason"),
        ("resume", {}, "reason"),
        ("pause", {"reason": "a\0b"}, "reason"),
        ("pause", {"reason": "x" * 501}, "reason"),
        ("pause", {"reason": "x", "until": "tomorrow"}, "until"),
    ],
)
def test_bad_input_is_refused_at_its_field(
    sitting: Sitting, page: Client, name: str, body: dict[str, object], field: str
) -> None:
    """Bad input: 400 naming the field, and nothing happened."""
    refused = posted(page, act(sitting, name), **body)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert sitting.state is State.IN_PROGRESS
    assert messages(sitting.attempt) == []


def test_an_act_the_state_forbids_says_so(sitting: Sitting, page: Client) -> None:
    """product.md §2.5: what is not in the table cannot happen."""
    refused = posted(page, act(sitting, "resume"), reason="x")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert posted(page, act(sitting, "applaud")).status_code == 404


def test_many_are_acted_on_each_by_itself(of: Exam, sitting: Sitting, page: Client) -> None:
    """R-1.11: bulk actions; one that cannot be done does not keep the others."""
    other = started(of, who=1)
    posted(page, act(other, "stop"), reason="x")
    stranger = str(uuid4())
    body = {"attempts": [str(sitting.attempt), str(other.attempt), stranger], "reason": "fire alarm"}
    answer = posted(page, f"/invigilation/{of.schedule.id}/bulk/pause", **body).json()
    assert [one["attempt"] for one in answer["done"]] == [str(sitting.attempt)]
    assert [(one["attempt"], one["code"]) for one in answer["refused"]] == [
        (str(other.attempt), "illegal_move"),
        (stranger, "not_found"),
    ]
    assert (sitting.state, other.state) == (State.PAUSED, State.STOPPED)


@pytest.mark.parametrize("body", [{"attempts": []}, {"attempts": ["x"]}, {}])
def test_a_bulk_post_of_another_shape_is_refused(of: Exam, page: Client, body: dict[str, object]) -> None:
    """Bad input: 400."""
    assert posted(page, f"/invigilation/{of.schedule.id}/bulk/pause", reason="x", **body).status_code == 400


def test_a_log_viewer_acts_on_nobody_and_the_try_is_kept(root: UUID, of: Exam, sitting: Sitting) -> None:
    """R-4.6: 403 and an audit event; with the log itself beside it."""
    viewer = log_viewer(root, "viewer")
    page = browser(viewer)
    assert page.get(f"/invigilation/{of.schedule.id}/log/{sitting.attempt}/").status_code == 200
    refused = posted(page, act(sitting, "pause"), reason="x")
    assert (refused.status_code, refused.json()["code"], sitting.state) == (403, "not_allowed", State.IN_PROGRESS)
    kept = [row for row in tail(of.schedule.stream_id) if row.kind is EntryKind.ACCESS_REFUSED]
    assert [(row.actor_id, row.extra["attempt"], row.extra["act"]) for row in kept] == [
        (viewer, str(sitting.attempt), "intervene")
    ]
    body = {"attempts": [str(sitting.attempt)], "reason": "x"}
    assert posted(page, f"/invigilation/{of.schedule.id}/bulk/pause", **body).status_code == 403
    assert len([row for row in tail(of.schedule.stream_id) if row.kind is EntryKind.ACCESS_REFUSED]) == 2


@pytest.mark.parametrize("name", ["pause", "time", "stop"])
def test_the_candidate_and_strangers_find_nothing(root: UUID, of: Exam, sitting: Sitting, name: str) -> None:
    """product.md §3.1 S6, S7: absent and not yours look the same."""
    for person in (sitting.by.user_id, of.candidates[1].user_id, holder(root, Permission.ASSESSMENT_AUTHOR)):
        assert person is not None
        assert posted(browser(person), act(sitting, name), reason="x", minutes=5).status_code == 404
    assert sitting.state is State.IN_PROGRESS


def test_a_removed_assignment_ends_the_right_at_the_next_request(of: Exam, sitting: Sitting, page: Client) -> None:
    """R-4.3: assignment removed, then no access."""
    InvigilatorAssignment.objects.all().delete()
    assert posted(page, act(sitting, "pause"), reason="x").status_code == 404
    assert page.get(f"/invigilation/{of.schedule.id}/").status_code == 404


def test_a_post_without_the_csrf_token_does_nothing(of: Exam, sitting: Sitting) -> None:
    """design.md §10: every post is guarded."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser(of.invigilator).cookies
    assert strict.post(act(sitting, "pause"), {"reason": "x"}).status_code == 403
    assert sitting.state is State.IN_PROGRESS
