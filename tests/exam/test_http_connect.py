"""Connecting a player over the session, and what the token it gets opens."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from examhall.base.answer import iso_ms
from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.exam.access.token import verify
from examhall.people.models import User
from examhall.people.rules.actor import Actor
from tests.exam.sitting import Exam, Sitting, entered, exam, known, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2, shuffle=True)


def signed_in(person: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=known(person)), backend="django.contrib.auth.backends.ModelBackend")
    return client


def connect(client: Client, sitting: Sitting, **body: Any) -> Any:  # noqa: ANN401 - Django's test response
    sent = json.dumps({"client_id": "tab-1", **body})
    path = f"/exam/attempts/{sitting.attempt}/connect"
    return client.post(path, sent, content_type="application/json", headers={"accept": "application/json"})


def test_a_player_gets_all_it_needs_to_go_on(of: Exam, clock: SetClock) -> None:
    """Live wire v1 connect: token, times, questions, the answers that count, next media epochs, required tracks."""
    sitting = started(of)
    sitting.save(sitting.answer("one", question=2), sitting.answer("two", question=2))
    reply = connect(signed_in(sitting.by), sitting)
    body = reply.json()
    assert reply.status_code == 200
    assert (body["epoch"], body["state"]) == (sitting.epoch + 1, "in_progress")
    assert body["deadline_at"] == iso_ms(sitting.ends_at)
    assert [q["item_id"] for q in body["questions"]] == sitting.items
    assert [q["number"] for q in body["questions"]] == [1, 2, 3]
    assert [(a["item_id"], a["client_seq"], a["response"]) for a in body["answers"]] == [(sitting.items[1], 2, "two")]
    assert (body["last_client_seq"], body["next_media_epoch"]) == (2, {"webcam": 2, "screen": 2})
    assert body["required_tracks"] == ["webcam", "screen"]
    assert body["policy"]["conn"]["heartbeat_s"] == 5
    assert "detect" not in body["policy"]
    claims = verify(body["token"])
    assert (claims.attempt, claims.user, claims.epoch) == (sitting.attempt, sitting.by.user_id, body["epoch"])


def test_a_page_opened_again_goes_on_with_the_budget_the_credit_and_what_is_hidden(of: Exam, clock: SetClock) -> None:
    """product.md §5.3, §2.5 A3b: a reload gives no new budget; Live wire v1 connect."""
    sitting = started(of)
    assert connect(signed_in(sitting.by), sitting).json()["hold"] == {
        "full_screen_spent_s": 0,
        "credit_left_s": 300,
        "breaches": [],
    }
    sitting.epoch += 1
    sitting.beat()
    left_at = clock.now()
    sitting.tell(EntryKind.LEFT_FULL_SCREEN)
    clock.forward(s=18)
    sitting.tell(EntryKind.RETURNED_FULL_SCREEN)
    held_at = left_at + timedelta(seconds=15)
    assert connect(signed_in(sitting.by), sitting).json()["hold"] == {
        "full_screen_spent_s": 18,
        "credit_left_s": 300,
        "breaches": [
            {
                "cause": "full_screen",
                "what": "",
                "broken_at": iso_ms(left_at),
                "held_at": iso_ms(held_at),
                "restored": True,
            }
        ],
    }


def test_the_second_window_is_asked(of: Exam) -> None:
    """Live wire v1: 409 held_elsewhere when another client is live and takeover is false."""
    sitting = started(of)
    client = signed_in(sitting.by)
    refused = connect(client, sitting, client_id="tab-2")
    taken = connect(client, sitting, client_id="tab-2", takeover=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "held_elsewhere")
    assert (taken.status_code, taken.json()["epoch"]) == (200, sitting.epoch + 1)


def test_nobody_connects_to_anothers_attempt(of: Exam) -> None:
    """product.md §3.1: absent and not yours look the same, for a candidate and for an invigilator."""
    sitting = entered(of)
    for person in (of.candidates[1], of.invigilator):
        refused = connect(signed_in(person), sitting, takeover=True)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert sitting.row.lease.epoch == sitting.epoch


def test_a_stranger_and_a_forged_request_are_refused(of: Exam) -> None:
    """design.md §10: session and CSRF."""
    sitting = entered(of)
    assert connect(Client(), sitting).status_code == 401
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(User.objects.get(id=known(sitting.by)), backend="django.contrib.auth.backends.ModelBackend")
    assert connect(forged, sitting).status_code == 403


@pytest.mark.parametrize("body", [{"client_id": ""}, {"client_id": "x" * 65}, {"speed": 2}, {"takeover": "yes"}])
def test_a_connect_of_another_shape_is_refused(of: Exam, body: dict[str, Any]) -> None:
    """Bad input: 400, and the lease stays where it is."""
    sitting = entered(of)
    assert connect(signed_in(sitting.by), sitting, **body).status_code == 400
    assert sitting.row.lease.epoch == sitting.epoch


def test_a_return_after_the_window_is_told_that_it_is_stopped(of: Exam, clock: SetClock) -> None:
    """R-0.38: when the client returns it shows "Stopped: connection lost"."""
    sitting = started(of)
    clock.forward(s=121)
    body = connect(signed_in(sitting.by), sitting).json()
    assert body["state"] == State.STOPPED
