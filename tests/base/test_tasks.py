"""Coroutines that live and end together."""

import asyncio

import pytest

from examhall.base.tasks import until_one_ends


async def ends(fault: Exception | None = None) -> None:
    if fault is not None:
        raise fault


async def lasts(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("ended")


def test_when_one_ends_the_other_does_not_run_on() -> None:
    """Issue 2, live view: a socket that is gone leaves nothing running."""
    ended: list[str] = []
    asyncio.run(until_one_ends(lasts(ended), ends()))
    assert ended == ["ended"]


def test_whoever_is_cancelled_takes_them_all_along() -> None:
    """Issue 2, live view: a server that stops leaves nothing running."""
    ended: list[str] = []

    async def stopped() -> None:
        both = asyncio.create_task(until_one_ends(lasts(ended), lasts(ended)))
        await asyncio.sleep(0)  # let it begin
        await asyncio.sleep(0)
        both.cancel()
        with pytest.raises(asyncio.CancelledError):
            await both

    asyncio.run(stopped())
    assert ended == ["ended", "ended"]


def test_a_fault_is_raised_unless_it_is_a_way_to_go() -> None:
    """Issue 2: no fault is swallowed by the connection's end."""
    ended: list[str] = []
    asyncio.run(until_one_ends(lasts(ended), ends(EOFError()), expected=(EOFError,)))
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(until_one_ends(lasts(ended), ends(ValueError("broken")), expected=(EOFError,)))
    assert ended == ["ended", "ended"]
