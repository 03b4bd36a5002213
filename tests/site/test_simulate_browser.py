"""What a simulated candidate's browser asks for again, and when it gives up."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from examhall.site.simulate import browser as browsers
from examhall.site.simulate.browser import PAGE_TRIES, Browser, Refused

Answer = httpx.Response | httpx.TransportError


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsers, "TRIES_WAIT_S", (0.0,))


def before(answers: Sequence[Answer]) -> tuple[Browser, list[httpx.Request]]:
    """A browser before a site that gives `answers`, the last of them for ever; and what it was asked."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        given = answers[min(len(asked), len(answers)) - 1]
        if isinstance(given, httpx.TransportError):
            raise given
        return given

    one = Browser("http://site.test")
    one.client = httpx.AsyncClient(base_url=one.url, transport=httpx.MockTransport(answer))
    return one, asked


def test_a_page_is_asked_for_without_a_token_that_is_not_there_yet() -> None:
    """Issue: `Bearer ` with nothing behind it cannot be sent at all, and was tried again for ever."""
    one, asked = before([httpx.Response(200, content=b"<item/>")])
    assert asyncio.run(one.get_page("/items/a.xml")) == b"<item/>"
    assert "authorization" not in asked[0].headers


def test_a_page_that_never_comes_is_given_up_with_what_the_site_said() -> None:
    """Issue: a site that answers 500 held the candidate for ever, without a word."""
    one, asked = before([httpx.Response(500, text="Something went wrong on our side")])
    with pytest.raises(Refused, match=r"/items/a\.xml: 500 Something went wrong on our side"):
        asyncio.run(one.get_page("/items/a.xml"))
    assert len(asked) == PAGE_TRIES


def test_a_page_of_a_site_that_is_away_is_given_up_with_the_reason() -> None:
    """Bad input: nothing answers at all."""
    one, asked = before([httpx.ConnectError("connection refused")])
    with pytest.raises(httpx.ConnectError, match="connection refused"):
        asyncio.run(one.get_page("/items/a.xml"))
    assert len(asked) == PAGE_TRIES


def test_what_was_recorded_is_sent_until_it_is_taken() -> None:
    """capture.md: a restart of the server longer than a page's patience costs nothing that was recorded."""
    away: list[Answer] = [httpx.ConnectError("connection refused")] * PAGE_TRIES
    one, asked = before([*away, httpx.Response(503), httpx.Response(200, json={"state": "in_progress"})])
    one.token = "t1"
    assert asyncio.run(one.post_live("/live/v1/heartbeat", {})) == {"state": "in_progress"}
    assert (len(asked), one.resent) == (PAGE_TRIES + 2, PAGE_TRIES + 1)
    assert {request.headers["authorization"] for request in asked} == {"Bearer t1"}


def test_what_cannot_be_sent_is_not_tried_again() -> None:
    """Bad input: a fault of our own stays one."""
    one, asked = before([httpx.LocalProtocolError("Illegal header value")])
    with pytest.raises(httpx.LocalProtocolError):
        asyncio.run(one.post_live("/live/v1/heartbeat", {}))
    assert len(asked) == 1
