"""What is not looked for, while an exam runs: an emergency switch, and an accommodation. Lane: browser; a minute each.

Both with the right click, which needs no camera and no model.
"""

from playwright.sync_api import Browser, Page, expect
from tests.journeys.browsing import Seat, no_barriers
from tests.journeys.conftest import Hall, Seats, desk_of

MARK = "Right click"
REASON = "Marks touch screens by mistake"


def right_click_twice(seat: Seat) -> None:
    """Often enough for a mark: two within a minute."""
    for _ in range(2):
        seat.page.locator(".qtext").click(button="right")
        seat.page.keyboard.press("Escape")


def switch_off(page: Page) -> None:
    page.get_by_role("checkbox", name=MARK).check()
    page.get_by_role("radio", name="Off at once, in running exams too").check()
    page.get_by_label("Reason").fill(REASON)
    no_barriers(page)
    page.get_by_role("button", name="Switch").click()
    expect(page.get_by_role("row", name=MARK)).to_contain_text(f"by Nora Lindgren: {REASON}")


def test_an_emergency_switch_stops_the_marks_of_a_running_exam_and_every_page_says_so(
    hall: Hall, browser: Browser, seat: Seats
) -> None:
    """Issue 3, operation: switched off at once, running exams included, with reason, actor and journal entry."""
    sitting = hall.cast.sittings["switched"]
    candidate = seat("switched")
    candidate.sit_down()
    live = f"/invigilation/{sitting.schedule}/{hall.held('switched').attempt}/"
    with desk_of(browser, hall, hall.cast.invigilator, live) as desk:
        desk.evaluate("() => { globalThis.stayed = true; }")
        right_click_twice(candidate)
        expect(desk.locator("[data-incident]", has_text=MARK)).to_be_visible()
        with desk_of(browser, hall, hall.cast.administrator, "/admin/detectors/") as administration:
            switch_off(administration)
        expect(desk.locator("[data-slot=why]")).to_contain_text(f"by Nora Lindgren: {REASON}")
        expect(desk.locator("[data-slot=tail]")).to_contain_text("Detector switched")
        assert desk.evaluate("() => globalThis.stayed"), "the page was not loaded again"
        no_barriers(desk)
    right_click_twice(candidate)
    candidate.hand_in()
    held = hall.settled("switched")
    [marked] = [one for one in held.incidents if one.kind == "right_click"]
    [switched] = held.of("detector_switched")
    assert (switched.at - held.entered_at).total_seconds() * 1000 > marked.end_ms
    assert len(held.of("right_click")) == 4, "what the client reports stays in the log"
    with desk_of(browser, hall, hall.cast.reviewer, f"/review/sessions/{held.attempt}/") as page:
        expect(page.locator(".anote")).to_contain_text(f"by Nora Lindgren: {REASON}")


def test_an_accommodation_keeps_the_right_click_and_review_says_only_that_it_was_off(
    hall: Hall, browser: Browser, seat: Seats
) -> None:
    """R-0.36, product.md §5.8: the effect is told, never the reason; the silence is no good conduct."""
    sitting = hall.cast.sittings["arranged"]
    with desk_of(browser, hall, hall.cast.administrator, f"/schedules/{sitting.schedule}/") as office:
        office.get_by_role("link", name="Arrange").click()
        office.get_by_role("checkbox", name="Assistive technology").check()
        office.get_by_label("Decided by").fill("Disability office, 14/2026")
        no_barriers(office)
        office.get_by_role("button", name="Save").click()
        expect(office.get_by_role("row", name=sitting.candidate.name)).to_contain_text("Assistive technology allowed")
    candidate = seat("arranged")
    candidate.sit_down()
    candidate.page.evaluate(
        "() => addEventListener('contextmenu', (event) => { globalThis.kept = !event.defaultPrevented; })"
    )
    right_click_twice(candidate)
    assert candidate.page.evaluate("() => globalThis.kept"), "the menu is not withheld"
    candidate.hand_in()
    held = hall.settled("arranged")
    assert "right_click" not in {one.kind for one in held.incidents}
    assert len(held.of("right_click")) == 2
    with desk_of(browser, hall, hall.cast.reviewer, f"/review/sessions/{held.attempt}/incidents/") as page:
        expect(page.locator(".anote")).to_contain_text("Right click")
        expect(page.locator(".anote")).to_contain_text("Off by accommodation")
        expect(page.get_by_role("main")).not_to_contain_text("14/2026")
        no_barriers(page)
