"""The live door's short way answers as the long one does."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from examhall.base.errors import BadInput
from examhall.site.asgi import refuse
from examhall.site.short_way import ShortWay


async def _say(request: Request) -> Response:
    return PlainTextResponse(f"said {(await request.body()).decode()}")


async def _name(request: Request) -> Response:
    return PlainTextResponse(f"{request.path_params['track']} {request.path_params['seq']}")


async def _wrong(request: Request) -> Response:
    raise BadInput("Not like this.", fields={"body": "wrong"})


ROUTES = [
    Route("/say", _say, methods=["POST"]),
    Route("/media/{track}/{seq}", _name, methods=["PUT"]),
    Route("/wrong", _wrong, methods=["POST"]),
]


@pytest.fixture(params=["short", "usual"])
def client(request: pytest.FixtureRequest) -> TestClient:
    usual = Starlette(routes=[Mount("/live/v1", routes=ROUTES)], exception_handlers={BadInput: refuse})
    short = ShortWay(usual, prefix="/live/v1", routes=ROUTES, refuse=refuse)
    return TestClient(short if request.param == "short" else usual)


def test_both_ways_lead_to_the_endpoint(client: TestClient) -> None:
    """design.md §3: the live door is slim; its answers do not depend on how a request came in."""
    assert client.post("/live/v1/say", content="yes").text == "said yes"
    assert client.put("/live/v1/media/webcam/7").text == "webcam 7"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/live/v1/say", 405),
        ("PUT", "/live/v1/media/webcam/7/8", 404),
        ("POST", "/live/v1/none", 404),
        ("POST", "/elsewhere", 404),
    ],
)
def test_what_is_no_endpoint_is_refused(client: TestClient, method: str, path: str, status: int) -> None:
    """house rules: every endpoint refuses bad input."""
    assert client.request(method, path).status_code == status


def test_errors_are_told_in_the_one_form(client: TestClient) -> None:
    """house.md: one body for every error, with code, message and fields."""
    answer = client.post("/live/v1/wrong")
    assert (answer.status_code, answer.json()["fields"]) == (400, {"body": "wrong"})
