"""A real server stays open to everybody while slow clients hang on it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from tests.fixtures.place import Place

SLOW = 20
HEAD = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nlogin=a"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("place"), worker=False)
    place.open()
    yield place
    place.close()


def test_health_and_sign_in_answer_while_slow_posts_hang(place: Place) -> None:
    """Audit 5: more slow bodies than threads; takes some seconds, because a real server starts."""
    with ExitStack() as hanging:
        for _ in range(SLOW):
            slow = hanging.enter_context(socket.create_connection(("127.0.0.1", place.port)))
            slow.sendall(HEAD)
        assert httpx.get(f"{place.url}/healthz", timeout=15).status_code == 200
        assert httpx.get(f"{place.url}/accounts/login/", timeout=15).status_code == 200


def test_a_body_in_small_pieces_arrives_whole(place: Place) -> None:
    """Audit 5: slow is not refused, only hanging is; also when the length is not told beforehand."""
    page = httpx.get(f"{place.url}/accounts/login/", timeout=30)
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    body = f"csrfmiddlewaretoken={token}&login=nobody&password=wrong".encode()
    pieces = (body[at : at + 7] for at in range(0, len(body), 7))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={page.cookies['csrftoken']}"}
    answer = httpx.post(f"{place.url}/accounts/login/", content=pieces, headers=headers, timeout=30)
    assert (answer.status_code, "do not go together" in answer.text) == (200, True)
