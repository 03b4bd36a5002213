"""The desk's socket: who may open it, what it tells, what it refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from examhall.base.clock import SetClock
from examhall.base.words import Track
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.actions.intervention import pause
from examhall.exam.models import InvigilatorAssignment
from examhall.invigilation.access.token import sign
from examhall.invigilation.live import desk as desk_door
from examhall.invigilation.live.routes import ROUTES
from examhall.journal.reads import last_numbers_of
from examhall.media.container.segment import Kind
from examhall.media.live.relay import MediaFrame, relay
from tests.exam.sitting import Exam, Sitting, exam, started
from tests.invigilation.desk import browser, log_viewer

pytestmark = pytest.mark.django_db(transaction=True)

Json = dict[str, Any]


@pytest.fixture
def live() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[Mount("/live/v1", routes=ROUTES)])) as client:
        yield client


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2, policy={"live.allow_interrupt": True})


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)


def token(of: Exam, user: UUID | None = None, schedule: UUID | None = None) -> str:
    viewer = user or of.invigilator.user_id
    assert viewer is not None
    return sign(user=viewer, schedule=schedule or of.schedule.id)


def said(socket: WebSocketTestSession, kind: str) -> Json:
    """The next message of a kind; signs of life are passed over."""
    for _ in range(50):
        message: Json = socket.receive_json()
        if message["type"] == kind and message.get("entries") != []:
            return message
    raise AssertionError(f"no {kind} in fifty messages")


@contextmanager
def opened(live: TestClient, *messages: Json) -> Iterator[WebSocketTestSession]:
    """An open socket that has said `messages`; at the end the server closes it, so nothing of it runs on."""
    with live.websocket_connect("/live/v1/desk") as socket:
        for message in messages:
            socket.send_json(message)
        yield socket
        socket.send_json({"type": "sing"})
        while socket.receive()["type"] != "websocket.close":
            pass


def closed_with(live: TestClient, *messages: str | Json) -> int:
    with live.websocket_connect("/live/v1/desk") as socket:
        for message in messages:
            socket.send_text(message) if isinstance(message, str) else socket.send_json(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            for _ in range(20):
                socket.receive_json()
    return int(closed.value.code)


def test_the_page_gets_a_token_that_opens_the_socket(live: TestClient, of: Exam, sitting: Sitting) -> None:
    """Live wire v1: the page fetches a viewer token; the socket hints at what changed."""
    given = browser(of.invigilator).post(f"/invigilation/{of.schedule.id}/token").json()["token"]
    with opened(live, {"token": given}) as socket:
        socket.send_json({"type": "feed", "schedule": str(of.schedule.id), "after": 0})
        assert socket.receive_json() == {"type": "entries", "entries": []}
        pause(sitting.attempt, by=of.invigilator, reason="x")
        assert said(socket, "changed")["attempt"] == str(sitting.attempt)


def test_one_attempt_is_followed_line_by_line(live: TestClient, of: Exam, sitting: Sitting) -> None:
    """R-4.32: log lines behind the page's last number, none twice."""
    stream = attempt_ref(sitting.attempt).stream
    last = last_numbers_of([stream])[stream]
    with opened(live, {"token": token(of)}) as socket:
        feed = {"type": "feed", "schedule": str(of.schedule.id), "after": last - 1, "attempt": str(sitting.attempt)}
        socket.send_json(feed)
        assert [line["number"] for line in said(socket, "entries")["entries"]] == [last]
        pause(sitting.attempt, by=of.invigilator, reason="fire alarm")
        [line] = said(socket, "entries")["entries"]
        assert (line["number"], line["label"]) == (last + 1, "Exam paused")
        assert line["detail"] == f"fire alarm · {of.invigilator.name}"


def frame(attempt: UUID, seq: int, *, key: bool = True) -> MediaFrame:
    kind = Kind.FRAGMENT if seq else Kind.INIT
    return MediaFrame(attempt, Track.WEBCAM, 1, seq, kind, seq * 1000, 1000, key, bytes([seq]) * 10, "avc1.42E01E")


def test_live_pictures_come_as_header_and_bytes(live: TestClient, of: Exam, sitting: Sitting) -> None:
    """R-1.3: init, then each fragment once, each header directly followed by the stored bytes."""
    with opened(live, {"token": token(of)}) as socket:
        socket.send_json({"type": "watch", "attempts": [{"attempt": str(sitting.attempt), "track": "webcam"}]})
        socket.send_json({"type": "feed", "schedule": str(of.schedule.id), "after": 0})
        socket.receive_json()  # the feed runs, so the watch before it does too
        assert live.portal is not None
        for seq in (0, 1, 1, 2):
            live.portal.call(relay.publish, frame(sitting.attempt, seq))
        seen = []
        for _ in range(3):
            header = said(socket, "media")
            seen.append((header["seq"], header["kind"], header["key"], socket.receive_bytes()))
    assert seen == [
        (0, "init", True, bytes(10)),
        (1, "fragment", True, b"\x01" * 10),
        (2, "fragment", True, b"\x02" * 10),
    ]


def test_a_forged_or_expired_token_opens_nothing(live: TestClient, of: Exam, clock: SetClock) -> None:
    """Live wire v1: forged or expired → 4401 and no word more."""
    old = token(of)
    clock.forward(s=901)
    assert closed_with(live, {"token": old}) == 4401
    assert closed_with(live, {"token": token(of) + "x"}) == 4401
    assert closed_with(live, "not json") == 4401
    assert closed_with(live, {"token": token(of), "more": 1}) == 4401


def test_a_token_does_not_outlive_the_assignment(live: TestClient, of: Exam) -> None:
    """R-4.3: removed from the schedule, then no access."""
    given = token(of)
    InvigilatorAssignment.objects.all().delete()
    assert closed_with(live, {"token": given}) == 4403


def test_an_open_socket_closes_when_the_assignment_goes(
    live: TestClient, of: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-4.3: within a minute; the interval is shortened here."""
    monkeypatch.setattr(desk_door, "RIGHTS_EVERY", desk_door.RIGHTS_EVERY * 0)
    with live.websocket_connect("/live/v1/desk") as socket:
        socket.send_json({"token": token(of)})
        InvigilatorAssignment.objects.all().delete()
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4403


def test_what_is_not_of_this_exam_closes_the_socket(live: TestClient, root: UUID, of: Exam, sitting: Sitting) -> None:
    """Bad input: another exam, an attempt of another exam, an unknown field, too many pictures."""
    other = started(exam(root))
    hello = {"token": token(of)}
    stranger = {"attempt": str(other.attempt), "track": "webcam"}
    assert closed_with(live, hello, {"type": "feed", "schedule": str(uuid4()), "after": 0}) == 4400
    assert closed_with(live, hello, {"type": "watch", "attempts": [stranger]}) == 4403
    assert closed_with(live, hello, {"type": "watch", "attempts": [], "speed": 2}) == 4400
    many = [{"attempt": str(sitting.attempt), "track": "screen"}] * 73
    assert closed_with(live, hello, {"type": "watch", "attempts": many}) == 4400
    assert closed_with(live, hello, {"type": "sing"}) == 4400


def test_a_log_viewer_gets_lines_and_no_pictures(live: TestClient, root: UUID, of: Exam, sitting: Sitting) -> None:
    """R-4.6, product.md §3.3: no live media for those who view logs."""
    viewer = token(of, log_viewer(root, "viewer-3"))
    watched = {"type": "watch", "attempts": [{"attempt": str(sitting.attempt), "track": "webcam"}]}
    assert closed_with(live, {"token": viewer}, watched) == 4403
    with opened(live, {"token": viewer}) as socket:
        feed = {"type": "feed", "schedule": str(of.schedule.id), "after": 0, "attempt": str(sitting.attempt)}
        socket.send_json(feed)
        assert said(socket, "entries")["entries"][0]["number"] == 1


def test_a_renewed_token_of_another_page_is_refused(live: TestClient, root: UUID, of: Exam) -> None:
    """Live wire v1: a token is bound to user and schedule."""
    assert closed_with(live, {"token": token(of)}, {"token": token(of, log_viewer(root, "viewer-4"))}) == 4401
