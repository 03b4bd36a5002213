"""The candidate's whole path without a mouse, and axe-core at every step of it. Lane: browser; about a minute."""

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.browsing import SOON_MS, UPLOADED_MS, no_barriers
from tests.journeys.conftest import Hall, Seats

MOST_STEPS = 60
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const words = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.title || at.name || "";
  return words.trim();
}"""
SHOWN = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
  return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
}"""


def tab_to(page: Page, words: str) -> None:
    """Tab on until what has the focus is called `words`; the focus can be seen there."""
    passed = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
        if words in passed[-1]:
            assert page.evaluate(SHOWN), f"{words}: the focus is not to be seen"
            return
    raise AssertionError(f"{words} is not reached by Tab, only {passed}")


def press(page: Page, words: str) -> None:
    tab_to(page, words)
    page.keyboard.press("Enter")


def sign_in_by_keyboard(page: Page, url: str, login: str, password: str, to: str) -> None:
    page.goto(f"{url}/accounts/login/?next={to}")
    no_barriers(page)
    page.locator("input[name=login]").focus()  # where the page puts it is for its own test
    page.keyboard.type(login)
    tab_to(page, "Password")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def take_pictures(page: Page) -> None:
    """The focus waits on what takes them, and in the end on what goes on."""
    for number in range(1, 5):
        expect(page.locator(":focus")).to_have_text(f"Take picture {number}")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(f"Picture {number} of 4 taken")
    no_barriers(page)
    page.keyboard.press("Enter")


def answer_by_keyboard(page: Page) -> None:
    tab_to(page, "Oslo")
    page.keyboard.press("Space")
    expect(page.locator(".savedline")).to_contain_text("Saved")
    page.keyboard.press("Alt+ArrowRight")
    tab_to(page, "Two")
    page.keyboard.press("Space")
    tab_to(page, "Five")
    page.keyboard.press("Space")
    for number, text in ((3, "NaCl"), (4, "42"), (5, "Typed.")):
        page.keyboard.press("Alt+ArrowRight")
        expect(page.get_by_role("heading", name=f"Question {number} of 5")).to_be_visible()
        tab_to(page, "Your answer")
        page.keyboard.type(text)
        no_barriers(page)
    expect(page.locator(".efoot")).not_to_contain_text("being sent")


@pytest.mark.timeout(480)
def test_an_exam_is_sat_without_a_mouse(hall: Hall, seat: Seats) -> None:
    """R-0.17, WCAG 2.1.1, 2.4.7: every step by keyboard with a visible focus; axe-core finds nothing on any page."""
    candidate = seat("keyboard")
    page, sitting, account = candidate.page, candidate.sitting, candidate.sitting.candidate
    sign_in_by_keyboard(page, hall.url, account.login, account.password, f"/exams/{sitting.registration}/")
    expect(page.get_by_role("heading", name="What to expect")).to_be_visible()
    no_barriers(page)
    press(page, "Continue")
    expect(page.locator("#ck-microphone")).to_contain_text("Passed")
    press(page, "Share my screen")
    expect(candidate.way).to_have_attribute("aria-disabled", "false")
    no_barriers(page)
    press(page, "Continue")
    take_pictures(page)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    tab_to(page, "I have read this")
    page.keyboard.press("Space")
    tab_to(page, "Your name")
    page.keyboard.type(account.name)
    no_barriers(page)
    press(page, "Accept")
    begin = page.get_by_role("button", name="Start assessment")
    expect(begin).to_have_attribute("aria-disabled", "false", timeout=2 * SOON_MS)
    no_barriers(page)
    press(page, "Start assessment")
    expect(page.locator(".qtext")).to_contain_text("Norway")
    no_barriers(page)
    answer_by_keyboard(page)
    press(page, "Hand in…")
    expect(page.get_by_role("dialog")).to_be_visible()
    no_barriers(page)
    press(page, "Hand in")
    expect(page.get_by_role("heading", name="Your exam is handed in")).to_be_visible()
    no_barriers(page)
    expect(page.get_by_text("All uploaded.")).to_be_visible(timeout=UPLOADED_MS)
    press(page, "Done")
    expect(page.locator(".receipt .number")).to_be_visible()
    no_barriers(page)
    held = hall.held("keyboard")
    assert (held.answers[3], held.answers[4], held.answers[5]) == ("NaCl", "42", "Typed.")
    assert (len(held.answers[2]), len(held.of("baseline_kept"))) == (2, 1)
