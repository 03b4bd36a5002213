"""The candidate's path over HTTP: what to expect, check, agreement, receipt; each refusal beside its acceptance."""

from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from examhall.base.action import action
from examhall.base.clock import SetClock
from examhall.base.errors import ExamhallError
from examhall.base.words import AttemptState, EndReason, EntryKind, Track
from examhall.checkin.access.progress import checkin_for
from examhall.checkin.models import Agreement, SystemCheck
from examhall.checkin.rules.check import Result, lines_of
from examhall.exam.actions.attempt import enter, hand_in, note_track_step, start
from examhall.exam.actions.intervention import stop
from examhall.exam.actions.lease import take
from examhall.exam.models import Attempt
from examhall.journal.reads import tail
from examhall.people.models import User
from examhall.people.rules.actor import Actor
from tests.exam.sitting import Exam, exam, known

pytestmark = pytest.mark.django_db
noted_track = action(note_track_step)


@pytest.fixture
def sat(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2)


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=known(actor)), backend="django.contrib.auth.backends.ModelBackend")
    return client


def attempt_of(sat: Exam) -> UUID:
    """Enter as the entry page does."""
    answer = browser(sat.candidates[0]).post(reverse("exam-expect", args=[sat.registrations[0]]))
    assert answer.status_code == 302
    return Attempt.objects.get(registration_id=sat.registrations[0]).id


def posted(client: Client, name: str, attempt: UUID, body: object) -> tuple[int, dict[str, object]]:
    answer = client.post(
        reverse(name, args=[attempt]), msgspec.json.encode(body).decode(), content_type="application/json"
    )
    return answer.status_code, answer.json()


def lines(sat: Exam, attempt: UUID, **results: Result) -> dict[str, object]:
    policy = checkin_for(sat.candidates[0], attempt).policy
    return {
        "lines": [
            {"line": line.value, "result": results.get(line.value, Result.PASS).value, "measured": "m", "needed": "n"}
            for line in lines_of(policy)
        ]
    }


def shown_hash(client: Client, attempt: UUID) -> str:
    return str(client.get(reverse("exam", args=[attempt])).context["start"]["agreement"]["sha256"])


def kinds(attempt: UUID) -> list[EntryKind]:
    return [line.kind for line in tail(Attempt.objects.get(id=attempt).stream_id, limit=50)]


def test_what_to_expect_is_told_before_any_attempt_exists(sat: Exam) -> None:
    """R-0.18: before any device is touched, an information page tells what is recorded."""
    page = browser(sat.candidates[0]).get(reverse("exam-expect", args=[sat.registrations[0]]))
    assert "Your camera is recorded" in page.content.decode()
    assert not Attempt.objects.exists()


def test_going_on_opens_the_attempt_with_its_steps(sat: Exam) -> None:
    """product.md §2.5 A1: the attempt is entered when the candidate opens the entry in the window."""
    attempt = Attempt.objects.get(id=attempt_of(sat))
    assert (attempt.state, attempt.steps_left) == (AttemptState.ENTERING, ["check", "agreement"])
    assert kinds(attempt.id) == [EntryKind.PAGE_VISITED]


@pytest.mark.parametrize("hours", [-1, 4])
def test_nobody_enters_before_or_after_the_window(sat: Exam, clock: SetClock, hours: int) -> None:
    """R-4.1: an exam is entered in its window."""
    clock.set(clock.now() + timedelta(hours=hours))
    answer = browser(sat.candidates[0]).post(reverse("exam-expect", args=[sat.registrations[0]]))
    assert answer.status_code == 409
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("name", ["exam", "exam-receipt", "exam-agreement-text"])
def test_pages_of_another_candidate_do_not_exist(sat: Exam, name: str) -> None:
    """product.md §3.1 S4: own attempt only; absent and not allowed look the same."""
    attempt = attempt_of(sat)
    assert browser(sat.candidates[1]).get(reverse(name, args=[attempt])).status_code == 404
    assert browser(sat.candidates[0]).get(reverse(name, args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["exam-check", "exam-agreement", "exam-looks", "exam-probe", "exam-again"])
def test_nobody_acts_in_the_check_in_of_another(sat: Exam, name: str) -> None:
    """product.md §3.1 S4: own attempt only."""
    attempt = attempt_of(sat)
    assert posted(browser(sat.candidates[1]), name, attempt, {})[0] == 404


def test_a_check_that_passes_leaves_the_agreement_to_do(sat: Exam) -> None:
    """R-0.19: the result is stored with each line, and logged."""
    attempt = attempt_of(sat)
    status, body = posted(browser(sat.candidates[0]), "exam-check", attempt, lines(sat, attempt))
    assert (status, body) == (200, {"to_do": ["agreement"], "passed": True})
    stored = SystemCheck.objects.get(attempt_id=attempt)
    assert stored.passed
    assert {"line": "camera", "result": "pass", "measured": "m", "needed": "n"} in stored.lines
    assert kinds(attempt)[-1] is EntryKind.DEVICE_CHECK


def test_a_failed_check_takes_an_earlier_one_back(sat: Exam) -> None:
    """R-0.14: the last state of the machine counts."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    posted(client, "exam-check", attempt, lines(sat, attempt))
    status, body = posted(client, "exam-check", attempt, lines(sat, attempt, camera=Result.FAIL))
    assert (status, body) == (200, {"to_do": ["check", "agreement"], "passed": False})
    assert Attempt.objects.get(id=attempt).steps_left == ["check", "agreement"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lines": [{"line": "camera", "result": "pass"}], "more": 1}, "unknown_field"),
        ({"lines": []}, "bad_input"),
        ({"lines": [{"line": "nose", "result": "pass"}]}, "bad_input"),
        ({"lines": [{"line": "camera", "result": "splendid"}]}, "bad_input"),
        ({"lines": [{"line": "camera", "result": "pass", "measured": "x" * 201}]}, "bad_input"),
        ({"lines": [{"line": "camera", "result": "pass"}, {"line": "camera", "result": "fail"}]}, "bad_input"),
    ],
)
def test_a_report_of_another_shape_is_refused(sat: Exam, body: object, code: str) -> None:
    """Issue 2, bad input: unknown wire fields and values."""
    attempt = attempt_of(sat)
    status, answer = posted(browser(sat.candidates[0]), "exam-check", attempt, body)
    assert (status, answer["code"]) == (400, code)
    assert not SystemCheck.objects.exists()


def test_acceptance_keeps_hash_name_time_and_address(sat: Exam, clock: SetClock) -> None:
    """R-0.21: given accept, then text hash, version, time and IP are stored."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    sha256 = shown_hash(client, attempt)
    body = {"accepted": True, "sha256": sha256, "typed_name": " Amara  Okonkwo"}
    assert posted(client, "exam-agreement", attempt, body) == (200, {"to_do": ["check"], "passed": True})
    kept = Agreement.objects.get(attempt_id=attempt)
    assert (kept.accepted, kept.text_hash, kept.typed_name) == (True, sha256, "Amara Okonkwo")
    assert (kept.at, kept.ip) == (clock.now(), "127.0.0.1")
    assert kinds(attempt)[-1] is EntryKind.AGREEMENT_ACCEPTED


def test_the_text_to_keep_is_byte_for_byte_what_was_agreed(sat: Exam) -> None:
    """product.md §4.1 C5: download as text."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    text = client.get(reverse("exam-agreement-text", args=[attempt]))
    assert "attachment" in text.headers["Content-Disposition"]
    assert checkin_for(sat.candidates[0], attempt).attempt.id == attempt
    assert text.content.decode().startswith("Agreement for Statics")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"typed_name": "  "}, 400, "bad_input"),
        ({"typed_name": "-"}, 400, "bad_input"),
        ({"sha256": "0" * 64}, 409, "conflict"),
        ({"sha256": "short"}, 400, "bad_input"),
        ({"initials": "AO"}, 400, "unknown_field"),
    ],
)
def test_an_acceptance_without_name_or_of_another_text_is_refused(
    sat: Exam, changes: dict[str, object], status: int, code: str
) -> None:
    """R-0.21: explicit acceptance of the text that stands."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    body = {"accepted": True, "sha256": shown_hash(client, attempt), "typed_name": "Amara"} | changes
    got, answer = posted(client, "exam-agreement", attempt, body)
    assert (got, answer["code"]) == (status, code)
    assert not Agreement.objects.exists()


def test_declining_is_logged_and_can_be_taken_back(sat: Exam) -> None:
    """R-0.21: given decline, then the attempt does not start and the log has "agreement declined"."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    sha256 = shown_hash(client, attempt)
    declined = posted(client, "exam-agreement", attempt, {"accepted": False, "sha256": sha256})
    assert declined == (200, {"to_do": ["check", "agreement"], "passed": False})
    assert kinds(attempt)[-1] is EntryKind.AGREEMENT_DECLINED
    accepted = posted(client, "exam-agreement", attempt, {"accepted": True, "sha256": sha256, "typed_name": "A"})
    assert accepted[1]["passed"] is True


def test_start_is_refused_with_the_step_that_is_missing(sat: Exam) -> None:
    """product.md §2.5 A2: all required steps done; the refusal names them."""
    by = sat.candidates[0]
    attempt = attempt_of(sat)
    client = browser(by)
    epoch = take(attempt, by=by, client_id="tab").epoch
    for track in Track:
        noted_track(attempt, track=track, media_epoch=1, confirmed=True)
    with pytest.raises(ExamhallError) as refused:
        start(attempt, by=by, epoch=epoch)
    assert (refused.value.code, set(refused.value.fields)) == ("steps_missing", {"check", "agreement"})
    posted(client, "exam-check", attempt, lines(sat, attempt))
    body = {"accepted": True, "sha256": shown_hash(client, attempt), "typed_name": "Amara"}
    posted(client, "exam-agreement", attempt, body)
    start(attempt, by=by, epoch=epoch)
    assert Attempt.objects.get(id=attempt).state == AttemptState.IN_PROGRESS


def test_the_exam_page_says_what_is_to_do_and_carries_no_inline_script(sat: Exam) -> None:
    """R-0.17: reloading leads to the same step; the content security policy allows no inline script."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    posted(client, "exam-check", attempt, lines(sat, attempt))
    page = client.get(reverse("exam", args=[attempt]))
    assert page.context["start"]["to_do"] == ["agreement"]
    assert [step["step"] for step in page.context["start"]["flow"]] == ["expect", "check", "agreement", "start"]
    assert page.content.count(b"<script") == page.content.count(b'type="module"') + page.content.count(
        b'type="application/json"'
    )


def test_bytes_are_taken_for_the_test_of_the_connection_and_too_many_refused(sat: Exam) -> None:
    """R-0.19: network measured."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    address = reverse("exam-probe", args=[attempt])
    taken = client.post(address, b"x" * 1000, content_type="application/octet-stream")
    assert (taken.status_code, taken.json()["bytes"]) == (200, 1000)
    refused = client.post(
        address,
        b"x" * (2 * 1024 * 1024 + 1),
        content_type="application/octet-stream",
        headers={"accept": "application/json"},
    )
    assert refused.status_code == 413


def test_a_stopped_candidate_checks_in_again_when_the_policy_lets_them(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A9: check in again after a loss of the connection; the steps must be done."""
    sat = exam(root, candidates=1, policy={"lock.prevent_reentry": "off"})
    by = sat.candidates[0]
    attempt = attempt_of(sat)
    client = browser(by)
    assert posted(client, "exam-again", attempt, {})[1]["code"] == "conflict"
    posted(client, "exam-check", attempt, lines(sat, attempt))
    body = {"accepted": True, "sha256": shown_hash(client, attempt), "typed_name": "Amara"}
    posted(client, "exam-agreement", attempt, body)
    epoch = take(attempt, by=by, client_id="tab").epoch
    for track in Track:
        noted_track(attempt, track=track, media_epoch=1, confirmed=True)
    start(attempt, by=by, epoch=epoch)
    clock.forward(s=5)
    stop(attempt, by=sat.invigilator, reason="lost", cause=EndReason.CONNECTION_LOST)
    status, refusal = posted(client, "exam-again", attempt, {})
    assert (status, refusal["fields"]) == (409, {"check": "do this step first"})
    posted(client, "exam-check", attempt, lines(sat, attempt))
    assert posted(client, "exam-again", attempt, {})[0] == 200
    assert Attempt.objects.get(id=attempt).state == AttemptState.IN_PROGRESS


def test_a_candidate_stopped_by_a_person_is_not_let_in_by_themselves(sat: Exam) -> None:
    """product.md §2.5 A9: after an invigilator's stop only staff reopen."""
    by = sat.candidates[0]
    attempt = enter(sat.registrations[0], by=by)
    epoch = take(attempt, by=by, client_id="tab").epoch
    for track in Track:
        noted_track(attempt, track=track, media_epoch=1, confirmed=True)
    start(attempt, by=by, epoch=epoch)
    stop(attempt, by=sat.invigilator, reason="second person")
    client = browser(by)
    posted(client, "exam-check", attempt, lines(sat, attempt))
    body = {"accepted": True, "sha256": shown_hash(client, attempt), "typed_name": "Amara"}
    posted(client, "exam-agreement", attempt, body)
    assert posted(client, "exam-again", attempt, {})[0] in {403, 409}
    assert Attempt.objects.get(id=attempt).state == AttemptState.STOPPED


def test_the_receipt_stands_after_handing_in_and_not_before(sat: Exam) -> None:
    """product.md §4.1 C9: receipt with number, time and answers."""
    by = sat.candidates[0]
    attempt = enter(sat.registrations[0], by=by)
    client = browser(by)
    assert client.get(reverse("exam-receipt", args=[attempt])).status_code == 302
    epoch = take(attempt, by=by, client_id="tab").epoch
    for track in Track:
        noted_track(attempt, track=track, media_epoch=1, confirmed=True)
    start(attempt, by=by, epoch=epoch)
    receipt = hand_in(attempt, by=by, idempotency_key="k", epoch=epoch)
    page = client.get(reverse("exam-receipt", args=[attempt])).content.decode()
    assert receipt.number in page
    assert "0 of 3 questions answered" in page
    assert f'data-unsent="{attempt}"' in page
    exams = client.get(reverse("my-exams")).content.decode()
    assert f'data-unsent="{attempt}"' in exams
    assert f'<a href="/exam/{attempt}/receipt">' in exams, "where another try is left, too"
    log = tail(Attempt.objects.get(id=attempt).stream_id, limit=50)
    visited = [line.extra["page"] for line in log if line.kind is EntryKind.PAGE_VISITED]
    assert visited == ["entry", "receipt"], "R-4.21"
