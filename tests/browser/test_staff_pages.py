"""Staff pages in a real Chromium: the profile and its unsaved changes, questions put in order and looked at, results.

Lane: browser; about 25 s. A site of its own without a worker; axe looks at each page in both themes and two widths.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.browser.staff_site import Staff
from tests.fixtures.place import CLIENT, Place, build_client

AXE = CLIENT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RUN = 'tags => axe.run({runOnly: tags, resultTypes: ["violations"]})'
PATIENT_MS = 30_000


@dataclass(frozen=True, slots=True)
class Hall:
    """A served site, its data, and a browser."""

    url: str
    staff: Staff
    browser: Browser

    def page(self, login: str, address: str) -> Page:
        page = self.browser.new_context(base_url=self.url, reduced_motion="reduce").new_page()
        page.set_default_timeout(PATIENT_MS)
        page.goto(f"/accounts/login/?next={address}")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", self.staff.password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    build_client()
    place = Place(tmp_path_factory.mktemp("staff"), worker=False)
    staff = msgspec.json.decode(place.program("tests.browser.staff_site").encode(), type=Staff)
    place.open()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            yield Hall(place.url, staff, browser)
            browser.close()
    finally:
        place.close()


def faults_of(page: Page) -> list[str]:
    """What axe finds in both themes at 1440 and 390 px, and whether the page scrolls sideways."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    faults = []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{width} px: scrolls sideways")
        for dark in (False, True):
            page.emulate_media(color_scheme="dark" if dark else "light")
            found = page.evaluate(AXE_RUN, TAGS)["violations"]
            faults += [f"{width} px, dark={dark}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in found]
    page.set_viewport_size({"width": 1440, "height": 900})
    return faults


def test_unsaved_changes_of_the_profile_are_never_lost_silently(hall: Hall) -> None:
    """R-0.8: leaving offers Stay, Discard and Save; each does what it says."""
    page = hall.page("admin", "/admin/proctoring/")
    assert faults_of(page) == []
    microphone = page.get_by_label("Record the microphone")
    microphone.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status").filter(has_text="1 change")).to_be_visible()
    leave = page.get_by_role("dialog", name="Save your changes first?")
    page.get_by_role("link", name="Schedules").click()
    expect(leave).to_contain_text("1 setting")
    leave.get_by_role("button", name="Stay").click()
    expect(microphone).not_to_be_checked()
    page.get_by_role("link", name="Schedules").click()
    leave.get_by_role("button", name="Save").click()
    page.wait_for_url("**/schedules/")
    page.goto("/admin/proctoring/")
    expect(microphone).not_to_be_checked()
    microphone.check()
    page.get_by_role("link", name="Schedules").click()
    leave.get_by_role("button", name="Discard").click()
    page.wait_for_url("**/schedules/")
    page.goto("/admin/proctoring/")
    expect(microphone).not_to_be_checked()
    page.context.close()


def test_help_of_an_option_opens_by_keyboard(hall: Hall) -> None:
    """R-0.7: by mouse or keyboard."""
    page = hall.page("admin", "/admin/proctoring/")
    page.locator("#lockdown summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Outside of full screen the questions are covered.")).to_be_visible()
    page.context.close()


def test_a_question_goes_down_twice_by_keyboard_alone(hall: Hall) -> None:
    """issue 2 §6: the focus stays on the button, so the next press moves it on."""
    page = hall.page("author-pha-202", f"/assessments/{hall.staff.draft}/")
    assert faults_of(page) == []
    page.get_by_role("button", name="Move question 1, Capital, down").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move question 2, Capital, down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move question 3, Capital, down")).to_be_focused()
    page.context.close()


def test_the_preview_draws_the_question_as_the_player_does(hall: Hall) -> None:
    """issue 2 §6: the same elements, answered by keyboard; nothing is sent."""
    page = hall.page("author-pha-202", f"/assessments/{hall.staff.draft}/")
    page.get_by_role("link", name=re.compile("Capital")).click()
    choices = page.get_by_role("radio")
    expect(choices).to_have_count(2)
    choices.first.focus()
    page.keyboard.press("ArrowDown")
    expect(choices.nth(1)).to_be_checked()
    assert faults_of(page) == []
    page.context.close()


def test_results_and_one_result(hall: Hall) -> None:
    """product.md §4: the pages are clean, and a row opens by Enter."""
    page = hall.page("marker", f"/results/{hall.staff.schedule}/")
    assert faults_of(page) == []
    page.get_by_role("row").filter(has_text="Amara Okonkwo").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{hall.staff.attempt}/")
    expect(page.get_by_text("not answered")).to_be_visible()
    assert faults_of(page) == []
    page.context.close()
