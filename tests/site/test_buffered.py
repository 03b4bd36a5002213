"""Slow connections wait in front of the door's threads, and give up their place in the end."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import Message, Receive, Scope, Send

from examhall.site.buffered import Buffered, Limits

HASTY = Limits(body_bytes=8, all_bodies_bytes=12, patience_s=0.05, least_bytes_per_s=1_000, waiting_bytes=10)
SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}


def parts(*bodies: bytes, whole: bool = True) -> Receive:
    """What a client sends; without `whole` it stops in the middle and stays connected."""
    messages = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    messages += [{"type": "http.request", "body": b"", "more_body": False}] if whole else []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        return await asyncio.Future[Message]()

    return receive


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


async def answer(app: Buffered, receive: Receive) -> tuple[int, bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(SCOPE, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def said(bodies: Sequence[bytes], *, whole: bool = True) -> tuple[int, bytes]:
    return asyncio.run(answer(Buffered(echo, HASTY), parts(*bodies, whole=whole)))


def test_the_application_sees_the_whole_body_at_once() -> None:
    """Audit 5: a thread is taken only once all is there."""
    assert said([b"one", b"two"]) == (200, b"onetwo")


def test_a_body_that_stops_coming_is_refused_in_words() -> None:
    """Audit 5: a connection that sends a byte now and then ends after its deadline."""
    status, text = said([b"one"], whole=False)
    assert (status, b"did not arrive in time" in text) == (408, True)


def test_a_body_that_is_too_large_is_refused_with_the_remedy() -> None:
    """house.md §6: an error names the remedy."""
    status, text = said([b"12345", b"6789"])
    assert (status, b"Split the file" in text) == (413, True)


def test_many_bodies_together_cannot_take_all_memory() -> None:
    """Audit 5: what is being uploaded has a bound, and a place is given back."""

    async def all_of_them() -> list[tuple[int, bytes]]:
        app = Buffered(echo, HASTY)
        first = [asyncio.create_task(answer(app, parts(b"123456", whole=False))) for _ in range(2)]
        await asyncio.sleep(0)
        third = await answer(app, parts(b"7"))
        await asyncio.gather(*first)
        return [third, await answer(app, parts(b"7"))]

    full, after = asyncio.run(all_of_them())
    assert (full[0], b"Try again" in full[1]) == (503, True)
    assert after == (200, b"7")


def test_a_client_that_leaves_costs_nothing_more() -> None:
    """Audit 5: nothing is served to somebody who is gone."""
    called: list[Scope] = []

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope)

    async def never(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(Buffered(app, HASTY)(SCOPE, gone, never))
    assert called == []


@pytest.mark.parametrize("bodies", [[b"12345"], [b"12345"] * 6])
def test_the_application_does_not_wait_for_a_reader_who_never_reads(bodies: list[bytes]) -> None:
    """Audit 5: the thread is free although nobody takes the response; beyond the bound it is dropped in time."""
    finished: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for body in bodies:
            await send({"type": "http.response.body", "body": body, "more_body": True})
        finished.append(True)

    async def stuck(message: Message) -> None:
        await asyncio.Future[None]()

    asyncio.run(Buffered(app, HASTY)(SCOPE, parts(b""), stuck))
    assert finished == [True]
