"""Running many simulated candidates in one process."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import structlog

from examhall.site.simulate.browser import Browser, Refused
from examhall.site.simulate.candidate import Candidate
from examhall.site.simulate.footage import Footage, camera, filmed, screen
from examhall.site.simulate.screenplay import SCREENPLAYS

log = structlog.get_logger(__name__)

RETURN_AFTER_S = 5.0
STAGGER_S = 0.4  # candidates do not all sign in at the same instant


def cast(url: str, logins: Sequence[tuple[str, str]], video: Path | None = None) -> list[Candidate]:
    """Candidates for `logins` (login, password); with `video` all are filmed by it, otherwise each is drawn."""
    shared = filmed(video) if video else None
    page = screen("Simulated exam page")
    films: dict[int, Footage] = {}
    people = []
    for number, (login, password) in enumerate(logins):
        place = number % len(SCREENPLAYS)
        if place not in films:
            films[place] = shared or camera(SCREENPLAYS[place], place)
        both = {"webcam": films[place], "screen": page}
        people.append(Candidate(Browser(url), login, password, SCREENPLAYS[place], both))
    return people


async def play(people: Sequence[Candidate], *, for_s: float | None = None, every_s: float = STAGGER_S) -> None:
    """Let all sit, one coming every `every_s`; each comes back after a fault until its attempt is over.

    for_s: no longer than this in all.
    """
    sitting = [asyncio.create_task(_sit(one, number * every_s)) for number, one in enumerate(people)]
    try:
        async with asyncio.timeout(for_s):
            await asyncio.gather(*sitting)
    except TimeoutError:
        pass  # the time asked for is over
    finally:
        for task in sitting:
            task.cancel()
        await asyncio.gather(*sitting, return_exceptions=True)
        for one in people:
            await one.browser.close()


async def _sit(one: Candidate, after_s: float) -> None:
    await asyncio.sleep(after_s)
    while True:
        try:
            await one.sit()
            return
        except (Refused, httpx.TransportError) as fault:
            log.warning("simulated candidate comes back", login_pii=one.login, fault=str(fault)[:300])
            await asyncio.sleep(RETURN_AFTER_S)
