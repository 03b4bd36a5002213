"""The reviewer's session page in a real Chromium, over a really recorded and analysed session.

Lane: browser. The site is started once for the module, with a session whose camera was covered from second 12 to 30 and
whose candidate left the page from second 34 to 41.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.fixtures.place import CLIENT, Place, build_client

from examhall.incidents.detectors.camera import CARD

AXE = CLIENT / "node_modules/axe-core/axe.min.js"
AXE_RUN = """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))
    .violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(' ')).join(', ')}`)"""


class Content(msgspec.Struct, frozen=True):
    """The reviewer's account, and the addresses of the session and of the list it stands in."""

    login: str
    password: str
    session: str
    sessions: str


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    content: Content


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    build_client()
    place = Place(tmp_path_factory.mktemp("review-site"), worker=False, models=False)
    content = msgspec.json.decode(place.program("tests.browser.review_site"), type=Content)
    place.open()
    yield Site(place.url, content)
    place.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def context(browser: Browser, site: Site) -> BrowserContext:
    """Henrik, signed in."""
    made = browser.new_context(viewport={"width": 1440, "height": 1086}, base_url=site.url)
    page = made.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", site.content.login)
    page.fill("input[name=password]", site.content.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    page.close()
    return made


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """The session page, both videos ready to play."""
    opened = context.new_page()
    opened.goto(site.content.session)
    opened.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((v) => v.readyState >= 2 && v.currentTime > 0)"
    )
    yield opened
    opened.close()


def at_s(page: Page) -> float:
    return float(page.locator("[role=slider]").get_attribute("aria-valuenow") or "nan")


def test_the_page_opens_five_seconds_before_the_first_incident(page: Page) -> None:
    """R-2.10, R-2.13: the timeline spans the session; the first incident is ready to be watched."""
    expect(page.locator("[data-panel] h2")).to_have_text("Possible: camera covered")
    assert at_s(page) == pytest.approx(7, abs=1.5)
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuemax", "45")


def test_n_and_p_go_from_incident_to_incident(page: Page) -> None:
    """R-2.13: keys N and P jump to the next and previous incident, five seconds before it."""
    page.keyboard.press("n")
    expect(page.locator("[data-panel] h2")).to_have_text("Left the exam page")
    assert at_s(page) == pytest.approx(29, abs=1)
    page.keyboard.press("p")
    expect(page.locator("[data-panel] h2")).to_have_text("Possible: camera covered")
    assert at_s(page) == pytest.approx(7, abs=1.5)


def test_inside_an_incident_both_pictures_carry_the_red_line_and_the_words(page: Page) -> None:
    """R-2.12: red line and name while playback is inside; exposed as text."""
    players = page.locator("[data-players]")
    expect(players).not_to_have_class("players inviol")
    page.keyboard.press("k")
    expect(players).to_have_class("players inviol", timeout=15_000)
    expect(page.locator(".plate.viol")).to_have_text("Possible: camera covered")
    page.keyboard.press("k")
    assert "Possible: camera covered" in (page.get_by_role("slider").get_attribute("aria-valuetext") or "")


def test_playback_leaves_an_incident_somebody_writes_about(page: Page) -> None:
    """Issue 3: a verdict and its note are about the incident they were written for."""
    page.keyboard.press("n")
    heading = page.locator("[data-panel] h2")
    expect(heading).to_have_text("Left the exam page")
    page.locator("[data-note]").fill("A telephone rang")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => [...document.querySelectorAll('video')].every((v) => v.currentTime > 29.4)")
    expect(heading).to_have_text("Left the exam page")
    expect(page.locator("[data-note]")).to_have_value("A telephone rang")


def test_both_pictures_play_in_step(page: Page) -> None:
    """design.md §5: two players in step."""
    page.keyboard.press("k")
    page.wait_for_timeout(3_000)
    times = page.evaluate("() => [...document.querySelectorAll('video')].map((v) => v.currentTime)")
    page.keyboard.press("k")
    assert times[0] > 7.5
    assert abs(times[0] - times[1]) < 0.2


def test_a_click_on_a_marked_area_seeks_five_seconds_before_it(page: Page) -> None:
    """R-2.13: the slider dropped on an area; elsewhere the place itself."""
    lane = page.get_by_role("slider")
    box = lane.bounding_box()
    assert box is not None
    lane.click(position={"x": box["width"] * 37 / 45, "y": 10})
    assert at_s(page) == pytest.approx(29, abs=1)
    lane.click(position={"x": box["width"] * 3 / 45, "y": 10})
    assert at_s(page) == pytest.approx(3, abs=1)


def test_the_slider_moves_by_keyboard_and_says_where_it_is(page: Page) -> None:
    """product.md V3: the timeline is a slider with a text value."""
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    assert at_s(page) == 0
    page.keyboard.press("PageUp")
    assert at_s(page) == pytest.approx(10, abs=1)


def test_the_same_stands_in_a_table(page: Page) -> None:
    """product.md V3: lanes have a table equivalent."""
    page.get_by_role("button", name="Show as a table").click()
    rows = page.get_by_role("region", name="Incidents, scrolls sideways").locator("tbody tr")
    assert [row.split("\t")[3] for row in rows.all_inner_texts()] == [
        "Possible: camera covered",
        "Left the exam page",
        "Copy, cut or paste",
    ]


def test_an_incident_is_explained(page: Page) -> None:
    """Issue 3: measured over time against what, the same in words and as a table, what is not shown, versions."""
    panel = page.locator("[data-panel]")
    expect(panel.get_by_role("img", name="Measured, certainty, from")).to_be_visible()
    expect(panel).to_contain_text("It was seen for 18.0 of the")
    panel.get_by_text("The plot as a table").click()
    expect(panel.locator("tbody tr")).to_have_count(3)
    expect(panel).to_contain_text("It does not show who covered the camera")
    panel.get_by_text("Known causes of error, client, versions").click()
    for words in (
        "It may be wrong when",
        "A plain browser (T0)",
        "Accommodation.",
        f"Detector camera, {CARD.version}, SHA-256",
    ):
        expect(panel).to_contain_text(words)


def test_the_log_draws_a_plot_when_its_evidence_is_opened(context: BrowserContext, site: Site) -> None:
    """Issue 3: also of what the browser reported."""
    opened = context.new_page()
    opened.goto(site.content.session + "incidents/")
    row = opened.locator("tbody tr.backing", has_text="Left the exam page")
    expect(row.locator("svg.xp")).to_have_count(0)
    row.get_by_text("Measured, not shown, versions").click()
    expect(row.locator("svg.xp path.xl")).to_be_visible()
    opened.close()


def test_evidence_is_read_on_a_phone_without_scrolling_sideways(context: BrowserContext, site: Site) -> None:
    """product.md §4: 320 px and wider; an opened incident makes no row that is empty for three screens."""
    opened = context.new_page()
    opened.set_viewport_size({"width": 390, "height": 844})
    opened.goto(site.content.session + "incidents/")
    evidence = opened.locator(".evid").first
    evidence.locator("summary").click()
    box = evidence.bounding_box()
    row = opened.locator("[data-rows] > tbody > tr").first.bounding_box()
    assert box is not None
    assert row is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
    assert row["height"] < 120
    opened.close()


def test_the_arrow_keys_pass_from_incident_to_incident(context: BrowserContext, site: Site) -> None:
    """product.md §4, keyboard: what backs an incident is no row to stop at, nor is one of its own small table."""
    opened = context.new_page()
    opened.goto(site.content.session + "incidents/")
    opened.locator("[data-rows] > tbody > tr").first.focus()
    opened.keyboard.press("ArrowDown")
    assert opened.evaluate("() => document.activeElement.sectionRowIndex") == 2
    expect(opened.locator(".backing[tabindex], .evid tr[tabindex]")).to_have_count(0)
    opened.close()


def test_an_incident_is_confirmed_and_then_dismissed_with_a_reason(page: Page) -> None:
    """R-1.7, R-2.5: C confirms, D asks why; the history stays."""
    page.keyboard.press("c")
    confirm = page.locator("[data-verdict=confirmed]")
    expect(confirm).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("d")
    page.locator("[data-reason]").select_option("technical")
    page.get_by_role("button", name="Dismiss", exact=True).click()
    expect(page.locator("[data-verdict=dismissed]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-verdict=dismissed]")).to_be_focused()
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.locator(".history li").last).to_contain_text("Henrik Aalto")
    drawn = page.locator(".stb").inner_html()
    page.reload()
    assert page.locator(".stb").inner_html() == drawn, "the script draws the status as the server does"


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_nothing_on_the_page_shuts_anybody_out(page: Page, width: int, theme: str) -> None:
    """WCAG 2.2 AA: axe finds nothing, and the page does not scroll sideways. Colours do not depend on the width."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")  # no colour midway
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(AXE_RUN) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("tab", ["", "online/", "incidents/", "details/"])
def test_nothing_on_the_other_pages_shuts_anybody_out(context: BrowserContext, site: Site, tab: str) -> None:
    """WCAG 2.2 AA: axe finds nothing on the list and the other tabs."""
    opened = context.new_page()
    opened.goto(site.content.session + tab if tab else site.content.sessions)
    opened.evaluate(AXE.read_text(encoding="utf-8"))
    found = opened.evaluate(AXE_RUN)
    opened.close()
    assert found == []


def test_the_pictures_of_online_violations_play_one_after_the_other(context: BrowserContext, site: Site) -> None:
    """R-2.14: Play shows each one's snapshots in order with time; operable by keyboard."""
    opened = context.new_page()
    opened.goto(site.content.session + "online/")
    words = opened.locator("[data-snapshots] [role=status]")
    expect(words).to_contain_text("1 of 8")
    opened.get_by_role("button", name="Play through the pictures").press("Enter")
    expect(words).to_contain_text("2 of 8", timeout=5_000)
    opened.get_by_role("button", name="Pause").press("Enter")
    opened.get_by_role("button", name="Next picture").press("Enter")
    expect(words).to_contain_text("3 of 8")
    expect(words).to_contain_text("Left the exam page")
    opened.close()
