"""One site and one browser program for the stories of this folder. Lane: browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright
from tests.fixtures.place import Place, build_client
from tests.journeys import film
from tests.journeys.browsing import DESK_VIEW, SOON_MS, VIEW, Seat, filmed, launched, sign_in
from tests.journeys.cast import Account, Cast, Held

from examhall.site.simulate.screenplay import SCREENPLAYS

expect.set_options(timeout=SOON_MS)

SETTLED_WITHIN_S = 90.0
STORIES = (
    "happy",
    "camera",
    "cut-60",
    "cut-150",
    "cut-end",
    "two-tabs",
    "desk",
    "devices",
    "crashed",
    "keyboard",
    "switched",
    "arranged",
)


class Hall:
    """A site with its people, and what it holds of each story."""

    def __init__(self, place: Place, stories: tuple[str, ...]) -> None:
        self.place = place
        self.cast = msgspec.json.decode(place.program("tests.journeys.sittings", *stories), type=Cast)

    @property
    def url(self) -> str:
        return self.place.url

    def held(self, story: str, *wait_s: float) -> Held:
        words = (self.cast.sittings[story].registration, *map(str, wait_s))
        return msgspec.json.decode(self.place.program("tests.journeys.facts", *words), type=Held)

    def settled(self, story: str) -> Held:
        """The same once the attempt is over and the worker is done with it; fails after SETTLED_WITHIN_S."""
        held = self.held(story, SETTLED_WITHIN_S)
        assert held.session == "review_ready", f"still {held.session}: {self.place.log()}"
        return held


@pytest.fixture(scope="package")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    build_client()
    place = Place(tmp_path_factory.mktemp("hall"))
    opened = Hall(place, STORIES)
    place.open()
    yield opened
    place.close()


@pytest.fixture(scope="package")
def chromium() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="package")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A calm candidate, and the sound of typing."""
    folder = tmp_path_factory.mktemp("clips")
    calm = film.plain_camera(folder / "calm.y4m", SCREENPLAYS[0], length_s=8)
    return calm, film.microphone(folder / "typing.wav")


@pytest.fixture(scope="package")
def browser(chromium: BrowserType, clips: tuple[Path, Path]) -> Iterator[Browser]:
    """With a calm candidate before its camera."""
    opened = launched(chromium, filmed(*clips))
    yield opened
    opened.close()


class Seats(Protocol):
    """Seats the candidate of a story, at the site itself or at the address of a cable to it."""

    def __call__(self, story: str, url: str = "") -> Seat: ...


@contextmanager
def seats(browser: Browser, hall: Hall) -> Iterator[Seats]:
    """The candidate of a story before a page in a profile of their own; all are closed at the end."""
    contexts: list[BrowserContext] = []

    def seat(story: str, url: str = "") -> Seat:
        contexts.append(browser.new_context(viewport=VIEW))
        return Seat(contexts[-1].new_page(), url or hall.url, hall.cast.sittings[story])

    try:
        yield seat
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def seat(browser: Browser, hall: Hall) -> Iterator[Seats]:
    with seats(browser, hall) as made:
        yield made


@pytest.fixture(scope="module")
def module_seat(browser: Browser, hall: Hall) -> Iterator[Seats]:
    with seats(browser, hall) as made:
        yield made


@contextmanager
def desk_of(browser: Browser, hall: Hall, account: Account, to: str) -> Iterator[Page]:
    """A page of a member of staff, signed in."""
    context = browser.new_context(viewport=DESK_VIEW)
    page = context.new_page()
    sign_in(page, hall.url, account, to=to)
    try:
        yield page
    finally:
        context.close()
