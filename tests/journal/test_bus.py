"""Wake-ups reach listeners of this process and, by a datagram, of the serving one."""

import asyncio
from pathlib import Path

from examhall.journal.bus import Bus


def test_a_listener_is_woken_with_the_subject() -> None:
    """design.md §3: the bus only wakes."""

    async def story() -> set[str]:
        bus = Bus()
        async with bus.listen("stream:1", "stream:2") as wakeups:
            bus.wake("stream:1", "1")
            bus.wake("stream:3", "3")
            return await wakeups.wait(5)

    assert asyncio.run(story()) == {"1"}


def test_waiting_ends_without_news() -> None:
    """design.md §3: a lost wake-up loses nothing, since pages look again by themselves."""

    async def story() -> set[str]:
        bus = Bus()
        async with bus.listen("stream:1") as wakeups:
            return await wakeups.wait(0.01)

    assert asyncio.run(story()) == set()


def test_another_process_wakes_the_serving_one(tmp_path: Path) -> None:
    """design.md §3: the embedded default needs no broker."""

    async def story() -> set[str]:
        serving, worker = Bus(), Bus()
        serving.receive(tmp_path / "wake.sock")
        worker.tell(tmp_path / "wake.sock")
        async with serving.listen("stream:1") as wakeups:
            worker.wake("stream:1", "1")
            woken = await wakeups.wait(5)
        serving.close()
        return woken

    assert asyncio.run(story()) == {"1"}


def test_waking_a_server_that_is_not_there_is_harmless(tmp_path: Path) -> None:
    """design.md §3: losing a wake-up loses nothing."""
    bus = Bus()
    bus.tell(tmp_path / "nobody.sock")
    bus.wake("stream:1", "1")
