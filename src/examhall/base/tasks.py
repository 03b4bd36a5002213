"""Coroutines of one connection that live and end together."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_one_ends(*running: Coroutine[Any, Any, Any], expected: tuple[type[Exception], ...] = ()) -> None:
    """Run all until one ends, or this is cancelled; then none is left running.

    Raises the first fault among them that is not `expected` (ways in which the other side goes away).
    """
    tasks = [asyncio.create_task(one) for one in running]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, Exception) and not isinstance(fault, expected):
            raise fault
