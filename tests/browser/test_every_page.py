"""Every page of the installation in one real browser: axe finds nothing, and none scrolls sideways. Lane: browser."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.fixtures.place import CLIENT, Place, build_client

AXE = (CLIENT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async tags => {
    document.getAnimations().forEach(one => one.finish());  // a colour on its way to the other theme is no colour
    return (await axe.run({runOnly: tags, resultTypes: ["violations"]})).violations
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""
WIDTHS_PX = (390, 1440, 1920)
LOOKED_AT: tuple[tuple[int, Literal["light", "dark"]], ...] = ((390, "dark"), (1440, "light"))
"""axe: every rule at both widths and in both themes; colours do not depend on the width, nor places on the theme."""
Enter = Callable[[Page, str, str], None]
PASSWORD = "violets grow in october"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    build_client()
    place = Place(tmp_path_factory.mktemp("every-page"), worker=False)
    place.open()
    yield place
    place.close()


@pytest.fixture(scope="module")
def pages(place: Place) -> dict[str, list[str]]:
    """Who sees which addresses; "" for nobody signed in."""
    return msgspec.json.decode(place.program("tests.browser.every_page_content"), type=dict[str, list[str]])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield opened
        opened.close()


def sign_in(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.fill("#id_login", login)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: "login" not in address)


def stay_outside(page: Page, url: str, login: str) -> None:
    """Nobody is signed in."""


def faults(page: Page) -> list[str]:
    """What is wrong with the open page, in every width and both themes."""
    found: list[str] = []
    page.evaluate(AXE)
    for width_px in WIDTHS_PX:
        page.set_viewport_size({"width": width_px, "height": 900})
        wide_px = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{width_px} px: {wide_px} px wide"] if wide_px > width_px else []
    for width_px, theme in LOOKED_AT:
        page.set_viewport_size({"width": width_px, "height": 900})
        page.emulate_media(color_scheme=theme)
        found += [f"{width_px} px, {theme}: {rule}" for rule in page.evaluate(RUN, TAGS)]
    return found


@pytest.mark.parametrize(
    ("login", "enter"),
    [("", stay_outside), *((login, sign_in) for login in ("nora", "ada", "amara", "zeynep"))],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, place: Place, pages: dict[str, list[str]], login: str, enter: Enter
) -> None:
    """Issue 2 §6: WCAG 2.2 AA in both themes, 390 to 1920 px, on every page. Long, because it opens them all."""
    page = browser.new_page(reduced_motion="reduce")
    page.set_default_timeout(60_000)
    enter(page, place.url, login)
    wrong: dict[str, list[str]] = {}
    for address in pages[login]:
        answer = page.goto(f"{place.url}{address}", wait_until="load")
        status = answer.status if answer is not None else 0
        found = faults(page) + ([f"answered {status}"] if status not in {200, 404} else [])
        wrong |= {address: found} if found else {}
    page.close()
    assert not wrong, msgspec.json.format(msgspec.json.encode(wrong)).decode()
