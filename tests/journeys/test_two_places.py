"""The same exam in two tabs and in two browsers: one goes on, the other can only read. Lane: browser; about 60 s."""

import pytest
from playwright.sync_api import Browser, expect
from tests.journeys.browsing import no_barriers
from tests.journeys.conftest import Hall, Seats, desk_of

ASKED = "This exam is open elsewhere. Continue here?"
DEAF = """() => {
  const { session } = document.querySelector("exam-app");
  session.socket.close();
  clearTimeout(session.beat);
}"""
"""The first browser is not told that it lost, as on a bad line; what it writes then comes late."""
LATE = "Written where the exam no longer is."


@pytest.mark.timeout(300)
def test_of_two_browsers_one_goes_on_and_the_other_only_reads(hall: Hall, browser: Browser, seat: Seats) -> None:
    """R-4.21, product.md §8.3: the question first, one winner; the loser's late words are kept and never counted."""
    first, second = seat("two-tabs"), seat("two-tabs")
    first.sit_down()
    first.choose("Oslo")
    first.all_saved()
    first.go_to(5)
    address = first.page.url
    second.sign_in_to(address)
    expect(second.page.get_by_role("heading", name=ASKED)).to_be_visible()
    no_barriers(second.page)
    first.page.evaluate(DEAF)
    second.page.get_by_role("button", name="Continue here").click()
    second.resume()
    first.write(LATE)
    expect(first.page.get_by_role("heading", name="Continued elsewhere")).to_be_visible()
    no_barriers(first.page)
    expect(second.page.get_by_text("1 of 5 answered")).to_be_visible()
    second.go_to(5)
    second.write("Written here.")
    second.all_saved()

    held = hall.held("two-tabs")
    assert held.answers[5] == "Written here."
    orphans = [revision for revision in held.revisions if not revision.counting]
    assert orphans
    assert {revision.refusal for revision in orphans} == {"stale_lease"}
    assert LATE.startswith(orphans[0].response)
    assert held.of("client_taken_over")
    assert held.of("stale_write")
    told_to_staff(hall, browser, held.attempt)

    # a second tab of the winner's own browser asks before it touches anything
    tab = second.page.context.new_page()
    tab.goto(address)
    expect(tab.get_by_role("heading", name=ASKED)).to_be_visible()
    expect(second.page.locator(".efoot")).to_contain_text("Connected")
    tab.get_by_role("button", name="Continue here").click()
    expect(second.page.get_by_role("heading", name="Continued elsewhere")).to_be_visible()


def told_to_staff(hall: Hall, browser: Browser, attempt: str) -> None:
    log = f"/invigilation/{hall.cast.sittings['two-tabs'].schedule}/log/{attempt}/"
    with desk_of(browser, hall, hall.cast.invigilator, log) as page:
        expect(page.locator("tbody tr", has_text="Late write").first).to_be_visible()
        expect(page.locator("tbody tr", has_text="Continued elsewhere")).to_have_count(1)
