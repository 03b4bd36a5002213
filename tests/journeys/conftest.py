"""One site and one browser program for the stories of this folder. Lane: browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserType, Page, sync_playwright
from tests.fixtures.place import Place, build_client
from tests.journeys import film
from tests.journeys.browsing import VIEW, Seat, filmed, launched
from tests.journeys.cast import Cast, Held

from examhall.site.simulate.screenplay import SCREENPLAYS

STORIES = ("happy", "camera", "cut-60", "cut-150", "two-tabs", "desk", "devices", "crashed", "keyboard")


class Hall:
    """A site with its people, and what it holds of each story."""

    def __init__(self, place: Place, stories: tuple[str, ...]) -> None:
        self.place = place
        self.cast = msgspec.json.decode(place.program("tests.journeys.sittings", *stories), type=Cast)

    @property
    def url(self) -> str:
        return self.place.url

    def held(self, story: str) -> Held:
        registration = self.cast.sittings[story].registration
        return msgspec.json.decode(self.place.program("tests.journeys.facts", registration), type=Held)


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
    calm = film.camera(folder / "calm.mjpeg", SCREENPLAYS[0], length_s=8)
    return calm, film.microphone(folder / "typing.wav")


@pytest.fixture(scope="package")
def browser(chromium: BrowserType, clips: tuple[Path, Path]) -> Iterator[Browser]:
    """With a calm candidate before its camera."""
    opened = launched(chromium, filmed(*clips))
    yield opened
    opened.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Pages, each in a profile of its own, all closed at the end."""
    contexts = []

    def opened() -> Page:
        contexts.append(browser.new_context(viewport=VIEW))  # type: ignore[arg-type]
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def seat(hall: Hall, new_page: Callable[[], Page]) -> Callable[[str], Seat]:
    """The candidate of a story, before a page of their own."""
    return lambda story: Seat(new_page(), hall.url, hall.cast.sittings[story])
