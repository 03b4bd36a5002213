"""The live door's socket: what it pushes, and what closes it."""

from uuid import UUID

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from examhall.exam.actions.intervention import pause, send_message, stop
from examhall.exam.actions.lease import take
from examhall.exam.reads.attempt import messages
from tests.exam.door import token
from tests.exam.sitting import CLIENT, Exam, Sitting

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_socket_pushes_state_messages_and_the_takeover(live: TestClient, of: Exam, sitting: Sitting) -> None:
    """product.md §10.1, R-1.5, R-1.12: commands reach the candidate; facts are re-read after a wake-up."""
    with live.websocket_connect("/live/v1/candidate") as socket:
        socket.send_json({"token": token(sitting)})
        assert socket.receive_json()["state"] == "in_progress"
        pause(sitting.attempt, by=of.invigilator, reason="water")
        pushed = socket.receive_json()
        assert (pushed["type"], pushed["state"], pushed["reason"]) == ("state", "paused", "water")
        send_message(sitting.attempt, by=of.invigilator, body="hello")
        pushed = socket.receive_json()
        assert (pushed["type"], pushed["body"], pushed["from"]) == ("message", "hello", of.invigilator.name)
        take(sitting.attempt, by=sitting.by, client_id="tab-2", takeover=True)
        assert socket.receive_json() == {"type": "taken_over"}
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 4409


def test_a_client_that_connects_anew_is_asked_for_its_new_token_and_not_told_of_a_takeover(
    live: TestClient, sitting: Sitting
) -> None:
    """R-0.38, product.md §2.5: on return the same client holds the attempt again, under the next epoch."""
    with live.websocket_connect("/live/v1/candidate") as socket:
        socket.send_json({"token": token(sitting)})
        assert socket.receive_json()["state"] == "in_progress"
        again = take(sitting.attempt, by=sitting.by, client_id=CLIENT).epoch
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4410
    with live.websocket_connect("/live/v1/candidate") as socket:
        socket.send_json({"token": token(sitting, epoch=again)})
        assert socket.receive_json()["state"] == "in_progress"


def test_the_socket_says_who_stopped_the_exam(live: TestClient, of: Exam, sitting: Sitting) -> None:
    """R-0.38, product.md §2.5 A9: from an invigilator's stop the candidate cannot come back by themselves."""
    stop(sitting.attempt, by=of.invigilator, reason="a phone")
    with live.websocket_connect("/live/v1/candidate") as socket:
        socket.send_json({"token": token(sitting)})
        pushed = socket.receive_json()
    assert (pushed["state"], pushed["reason"], pushed["end_reason"]) == ("stopped", "a phone", "invigilator")


@pytest.mark.parametrize("hello", ['{"token": "forged"}', "not json", '{"token": "x", "more": 1}'])
def test_a_socket_without_a_good_token_is_closed(live: TestClient, root: UUID, hello: str) -> None:
    """Live wire v1: forged → nothing is told."""
    with live.websocket_connect("/live/v1/candidate") as socket:
        socket.send_text(hello)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4401


def test_a_socket_takes_nothing_but_read_messages(live: TestClient, of: Exam, sitting: Sitting) -> None:
    """R-1.6: a read message is noted. Bad input: anything else closes the socket."""
    message = send_message(sitting.attempt, by=of.invigilator, body="hello")
    with live.websocket_connect("/live/v1/candidate") as socket:
        socket.send_json({"token": token(sitting)})
        assert [socket.receive_json()["type"] for _ in range(2)] == ["state", "message"]
        socket.send_json({"type": "message_read", "id": str(message)})
        socket.send_json({"type": "grant_time", "minutes": 60})
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4400
    assert messages(sitting.attempt)[0].read_at is not None
