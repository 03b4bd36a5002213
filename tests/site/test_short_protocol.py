"""Live requests on a real connection: answered on the short way, or uvicorn's, and never differently."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from examhall.base.arrived import Arrived
from examhall.base.errors import BadInput
from examhall.site.asgi import refuse
from examhall.site.short_protocol import MAX_BYTES, ShortProtocol
from examhall.site.short_way import ShortWay

_begun, _held = threading.Event(), threading.Event()


async def _say(request: Request) -> Response:
    way = "short" if isinstance(request, Arrived) else "usual"
    host = request.client.host if request.client else ""
    return PlainTextResponse(f"{way} {len(await request.body())} {host} {request.headers.get('x-word', '')}")


async def _wrong(request: Request) -> Response:
    raise BadInput("Not like this.")


async def _broken(request: Request) -> Response:
    raise KeyError("planted")


async def _slow(request: Request) -> Response:
    _begun.set()
    await asyncio.to_thread(_held.wait, 10)
    return PlainTextResponse("slow")


ROUTES = [Route(f"/{verb.__name__[1:]}", verb, methods=["POST"]) for verb in (_say, _wrong, _broken, _slow)]


@contextmanager
def running(*, keep_alive_s: int = 30) -> Iterator[tuple[int, uvicorn.Server]]:
    usual = Starlette(routes=[Mount("/live/v1", routes=ROUTES)], exception_handlers={BadInput: refuse})
    app = ShortWay(usual, prefix="/live/v1", routes=ROUTES, refuse=refuse)
    config = uvicorn.Config(
        app, http=ShortProtocol, loop="uvloop", lifespan="off", log_level="critical", timeout_keep_alive=keep_alive_s
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1], server
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as (port, _):
        yield port


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        yield line


def post(path: str, body: bytes = b"yes", *headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}", "Host: here", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(line: socket.socket) -> tuple[int, bytes, bytes]:
    """Status, head and body of the next answer."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += line.recv(1)
    head = got.lower()
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    body = b""
    while len(body) < length:
        body += line.recv(length - len(body))
    return int(got[9:12]), head, body


def asked(line: socket.socket, request: bytes) -> tuple[int, bytes]:
    line.sendall(request)
    status, _, body = answer(line)
    return status, body


CHUNKED = b"POST /live/v1/say HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "said"),
    [
        (post("/live/v1/say"), "short 3 127.0.0.1 "),
        (post("/live/v1/say", b"x" * MAX_BYTES), f"short {MAX_BYTES} 127.0.0.1 "),
        (post("/live/v1/say", b"x" * (MAX_BYTES + 1)), f"usual {MAX_BYTES + 1} 127.0.0.1 "),
        (post("/live/v1/say", b"yes", "X-Word: one", "X-Word: two"), "short 3 127.0.0.1 one"),
        (post("/live/v1/say", b"yes", "X-Forwarded-For: 192.0.2.7"), "short 3 192.0.2.7 "),
        (
            post("/live/v1/say", b"yes", "X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 127.0.0.1"),
            "short 3 192.0.2.7 ",
        ),
        (post("/live/v1/say", b""), "usual 0 127.0.0.1 "),
        (post("/live/v1/s%61y"), "usual 3 127.0.0.1 "),
        (CHUNKED, "usual 3 127.0.0.1 "),
    ],
)
def test_a_live_request_is_answered_whichever_way_it_goes(line: socket.socket, request_bytes: bytes, said: str) -> None:
    """design.md §3: what is plain goes the short way; everything else is answered all the same."""
    assert asked(line, request_bytes) == (200, said.encode())
    assert asked(line, post("/live/v1/say")) == (200, b"short 3 127.0.0.1 ")


@pytest.mark.parametrize(
    ("path", "status"), [("/live/v1/wrong", 400), ("/live/v1/broken", 500), ("/live/v1/none", 404)]
)
def test_what_fails_is_told_and_the_connection_goes_on(line: socket.socket, path: str, status: int) -> None:
    """house rules: one fault costs no other request anything."""
    assert asked(line, post(path))[0] == status
    assert asked(line, post("/live/v1/say"))[0] == 200


def test_a_body_in_pieces_is_put_together(line: socket.socket) -> None:
    """R-2.12: a segment arrives as it was sent, however the network cuts it."""
    request = post("/live/v1/say", b"x" * 200_000)
    for at in range(0, len(request), 70_000):
        line.sendall(request[at : at + 70_000])
    assert answer(line)[2] == b"short 200000 127.0.0.1 "


def test_requests_sent_ahead_are_answered_in_order(line: socket.socket) -> None:
    """RFC 9112 §9.3.2: answers stand in the order of the requests."""
    _held.clear()
    line.sendall(post("/live/v1/slow") + post("/live/v1/say") + post("/live/v1/say", b"four"))
    _held.set()
    assert [answer(line)[2][:8] for _ in range(3)] == [b"slow", b"usual 3 ", b"usual 4 "]
    assert asked(line, post("/live/v1/say")) == (200, b"short 3 127.0.0.1 ")


@pytest.mark.parametrize(
    "request_bytes", [post("/live/v1/say", b"yes", "Connection: close"), post("/live/v1/say", version="1.0")]
)
def test_a_client_that_wants_no_more_is_let_go(line: socket.socket, request_bytes: bytes) -> None:
    """RFC 9112 §9.6: a connection to be closed is closed after the answer."""
    assert asked(line, request_bytes)[0] == 200
    assert line.recv(1) == b""


def test_one_that_hangs_up_disturbs_nobody(port: int, line: socket.socket) -> None:
    """design.md §1: a caller who has gone costs the others nothing."""
    _held.clear()
    with socket.create_connection(("127.0.0.1", port)) as gone:
        gone.sendall(post("/live/v1/slow"))
    _held.set()
    assert asked(line, post("/live/v1/say"))[0] == 200


def test_a_connection_on_which_nothing_comes_is_closed() -> None:
    """design.md §10: idle connections are not kept for ever. Takes a second: uvicorn counts whole ones."""
    with running(keep_alive_s=1) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        assert asked(line, post("/live/v1/say"))[0] == 200
        assert line.recv(1) == b""


def test_a_server_that_stops_answers_what_it_has_begun() -> None:
    """design.md §1: acknowledged means committed, also at the end; the client learns that it must come anew."""
    _held.clear()
    _begun.clear()
    with running() as (port, server), socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(post("/live/v1/slow"))
        assert _begun.wait(10)
        server.should_exit = True
        while server.servers and server.servers[0].is_serving():
            threading.Event().wait(0.01)
        _held.set()
        status, head, body = answer(line)
        assert (status, body) == (200, b"slow")
        assert b"connection: close" in head
        assert line.recv(1) == b""
