"""The pictures of the system check over HTTP: kept with consent, once, as they should be; not asked of everybody."""

import hashlib
import threading
from base64 import b64encode
from uuid import UUID

import cv2
import numpy as np
import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from examhall.base.clock import SetClock
from examhall.base.errors import Conflict
from examhall.base.settings import settings
from examhall.base.words import Accommodation, EntryKind, LookAt, Permission
from examhall.checkin.access.progress import checkin_for
from examhall.checkin.actions.looks import keep_looks
from examhall.checkin.models import SystemCheck
from examhall.checkin.rules.check import Result
from examhall.exam.actions.accommodation import set_accommodations
from examhall.exam.models import Attempt
from examhall.incidents.models import BaselinePicture
from examhall.incidents.picture_store import put_still
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from tests.checkin.test_http_checkin import attempt_of, browser, kinds, lines, posted, shown_hash
from tests.exam.sitting import Exam, exam
from tests.invigilation.desk import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def sat(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2)


def jpeg(grey: int = 90, *, size: tuple[int, int] = (640, 480)) -> bytes:
    done, content = cv2.imencode(".jpg", np.full((size[1], size[0], 3), grey, np.uint8))
    assert done
    return bytes(content)


def pictures(content: bytes = jpeg()) -> list[dict[str, str]]:
    return [{"look": look.value, "jpeg": b64encode(content).decode()} for look in LookAt]


def agreed(sat: Exam) -> tuple[Client, UUID]:
    """Checked and agreed, not begun."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    posted(client, "exam-check", attempt, lines(sat, attempt))
    body = {"accepted": True, "sha256": shown_hash(client, attempt), "typed_name": "Amara"}
    assert posted(client, "exam-agreement", attempt, body)[1]["to_do"] == []
    return client, attempt


def test_pictures_are_kept_with_their_hashes_in_the_log(sat: Exam) -> None:
    """Issue 3: a baseline from the system check; product.md §8.1: evidence with its journal line."""
    client, attempt = agreed(sat)
    assert posted(client, "exam-looks", attempt, {"looks": pictures()}) == (200, {"to_do": [], "passed": True})
    kept = BaselinePicture.objects.filter(attempt_id=attempt)
    assert {row.look for row in kept} == set(LookAt)
    assert all((settings().media_root / row.key).read_bytes() == jpeg() for row in kept)
    assert {str(attempt) in row.key for row in kept} == {True}
    line = tail(Attempt.objects.get(id=attempt).stream_id, limit=1)[0]
    assert (line.kind, line.extra) == (EntryKind.BASELINE_KEPT, {r.look: bytes(r.sha256).hex() for r in kept})


def test_their_time_is_that_of_the_check(sat: Exam, clock: SetClock) -> None:
    """Issue 3: an incident says which check it was measured against."""
    attempt = attempt_of(sat)
    clock.forward(s=60)
    client, _ = agreed(sat)
    clock.forward(s=30)
    posted(client, "exam-looks", attempt, {"looks": pictures()})
    entered_at, checked_at = Attempt.objects.get(id=attempt).entered_at, SystemCheck.objects.get().at
    assert (checked_at - entered_at).total_seconds() == 60
    assert set(BaselinePicture.objects.values_list("offset_ms", flat=True)) == {60_000}


def test_the_same_pictures_again_change_nothing_and_others_are_refused(sat: Exam) -> None:
    """Issue 2, bad input: an answer that got lost is asked for again; what one is compared with is not exchanged."""
    client, attempt = agreed(sat)
    posted(client, "exam-looks", attempt, {"looks": pictures()})
    assert posted(client, "exam-looks", attempt, {"looks": pictures()})[0] == 200
    assert posted(client, "exam-looks", attempt, {"looks": pictures(jpeg(200))})[0] == 409
    assert kinds(attempt).count(EntryKind.BASELINE_KEPT) == 1
    assert (settings().media_root / BaselinePicture.objects.earliest("id").key).read_bytes() == jpeg()


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_send_at_once_one_wins_as_a_whole(sat: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue: on PostgreSQL both wrote their files before one was refused, and hashes and pictures did not go together.

    Half a second goes by while the second tab is kept waiting, which cannot be seen from outside.
    """
    _, attempt = agreed(sat)
    by, wrote = sat.candidates[0], threading.Event()
    refused: list[Exception] = []

    def send(grey: int) -> None:
        keep_looks(checkin_for(by, attempt), pictures=[(look, jpeg(grey)) for look in LookAt], by=by)

    def second_tab() -> None:
        try:
            send(200)
        except (Conflict, DatabaseError) as told:
            refused.append(told)
        finally:
            connection.close()

    other = threading.Thread(target=second_tab)

    def put(key: str, content: bytes) -> None:
        put_still(key, content)
        if content == jpeg(200):
            wrote.set()
        elif not other.ident:
            other.start()
            wrote.wait(0.5)

    monkeypatch.setattr("examhall.incidents.actions.baseline.put_still", put)
    send(90)
    other.join()
    assert [type(told) for told in refused] == [Conflict]
    kept = BaselinePicture.objects.filter(attempt_id=attempt)
    on_disk = {row.look: (settings().media_root / row.key).read_bytes() for row in kept}
    assert on_disk == {look.value: jpeg(90) for look in LookAt}
    assert {bytes(row.sha256) for row in kept} == {hashlib.sha256(jpeg(90)).digest()}


@pytest.mark.parametrize(
    ("looks", "code", "field"),
    [
        ([], "bad_input", "looks"),
        (pictures()[:3], "bad_input", "looks"),
        (pictures()[::-1], "bad_input", "looks"),
        ([*pictures(), pictures()[0]], "bad_input", "looks"),
        ([*pictures()[:3], {"look": "up", "jpeg": ""}], "bad_input", "looks[3].look"),
        ([*pictures()[:3], {"look": "down", "jpeg": "no base64"}], "bad_input", "looks[3].jpeg"),
        (pictures(jpeg() + b"x" * 80_000), "bad_input", "looks[0].jpeg"),
        (pictures(jpeg(size=(320, 240))), "bad_input", "looks[0].jpeg"),
        (pictures(jpeg()[:-2]), "bad_input", "looks[0].jpeg"),
        (pictures(b"\x89PNG\r\n\x1a\n"), "bad_input", "looks[0].jpeg"),
        (pictures(b"\xff\xd8\xff\xd9"), "bad_input", "looks[0].jpeg"),
        ([pictures()[0] | {"name": "me"}], "unknown_field", "looks[0].name"),
    ],
)
def test_pictures_of_another_kind_are_refused_by_name(
    sat: Exam, looks: list[dict[str, str]], code: str, field: str
) -> None:
    """Issue 2, bad input: JPEG only, four, in order, of one size, each at most 80 kB."""
    client, attempt = agreed(sat)
    status, answer = posted(client, "exam-looks", attempt, {"looks": looks})
    assert (status, answer["code"], list(answer["fields"])) == (400, code, [field])  # type: ignore[call-overload]
    assert not BaselinePicture.objects.exists()


def test_a_flood_is_refused_before_it_is_read(sat: Exam) -> None:
    """Issue 2, bad input: the size of what may be sent is bounded."""
    client, attempt = agreed(sat)
    assert posted(client, "exam-looks", attempt, {"looks": ["x" * 700_000]})[0] == 413


def test_nothing_is_kept_without_consent(sat: Exam) -> None:
    """product.md §11.1: compared by consent; before the agreement nothing leaves the computer."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    posted(client, "exam-check", attempt, lines(sat, attempt))
    status, answer = posted(client, "exam-looks", attempt, {"looks": pictures()})
    assert (status, answer["fields"]) == (409, {"agreement": "do this step first"})
    assert not BaselinePicture.objects.exists()


def test_a_check_that_failed_since_has_no_pictures(sat: Exam) -> None:
    """R-0.14: the device changed."""
    client, attempt = agreed(sat)
    posted(client, "exam-check", attempt, lines(sat, attempt, camera=Result.FAIL))
    assert posted(client, "exam-looks", attempt, {"looks": pictures()})[0] == 409


def test_a_running_exam_takes_no_pictures_any_more(sat: Exam) -> None:
    """Issue 3: what somebody is compared with comes before the exam."""
    client, attempt = agreed(sat)
    Attempt.objects.filter(id=attempt).update(state="in_progress")
    assert posted(client, "exam-looks", attempt, {"looks": pictures()})[0] == 409


def test_the_page_asks_for_pictures_until_the_agreement_is_accepted(sat: Exam) -> None:
    """Issue 3: after a stop the check is repeated; what the candidate is compared with stays."""
    attempt = attempt_of(sat)
    client = browser(sat.candidates[0])
    asked = client.get(reverse("exam", args=[attempt])).context["start"]["looks"]
    assert asked == ["middle", "left", "right", "down"]
    agreed(sat)
    assert client.get(reverse("exam", args=[attempt])).context["start"]["looks"] == []


@pytest.mark.parametrize("word", [Accommodation.COVERED_FACE, Accommodation.FREE_HEAD])
def test_nobody_is_asked_whose_face_or_head_is_not_analysed(root: UUID, sat: Exam, word: Accommodation) -> None:
    """product.md §5.8: disabled detections; the pictures would serve nothing."""
    office = actor_for_user(holder(root, Permission.INVIGILATE_VIEW, Permission.ACCOMMODATION_MANAGE))
    set_accommodations(sat.registrations[0], words=[word], reason="Decision 14/2026", by=office)
    client, attempt = agreed(sat)
    assert client.get(reverse("exam", args=[attempt])).context["start"]["looks"] == []
    assert posted(client, "exam-looks", attempt, {"looks": pictures()})[0] == 409
    assert "Four pictures" not in client.get(reverse("exam-expect", args=[sat.registrations[0]])).content.decode()
