"""A candidate's whole path in a real Chromium on a real site: check, agreement, start, five kinds, hand-in.

Lane: browser; about 2 min, most of it for starting a site and browsers and for confirming a real recording; the
story of the holds waits out the 15 s of full screen and the 20 s of a lost device.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from tests.browser.site import Site, opened_site
from tests.fixtures.place import CLIENT
from tests.journeys.browsing import DARKENED, LIT_AGAIN

AXE = CLIENT / "node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FAKE_DEVICES = [
    "--headless=new",
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
CONFIRM_MS = 30_000  # a busy machine encodes and stores the first screen fragment late


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened_site(tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture
def context(tmp_path: Path) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path="/usr/bin/chromium",
            headless=False,
            args=FAKE_DEVICES,
            viewport={"width": 1280, "height": 800},
        )
        yield launched
        launched.close()


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/accounts/login/?next=/exams/{site.account.registration}/")
    page.fill("input[name=login]", site.account.login)
    page.fill("input[name=password]", site.account.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What to expect")).to_be_visible()


def no_violations(page: Page) -> None:
    """axe-core finds nothing; put in over the debugger, because the page's policy lets no foreign script run."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found = session.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run(document, {{runOnly: {AXE_TAGS}}}).then(r => r.violations.map(v => v.id + ': ' + "
            "v.nodes.map(n => n.html.slice(0, 150)).join(' | ')))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    assert found["result"]["value"] == []


def check_computer(page: Page) -> None:
    expect(page.get_by_role("heading", name="check your computer")).to_be_visible()
    expect(page.locator("#ck-camera")).to_contain_text("Passed")
    page.get_by_role("button", name="Share my screen").click()
    expect(page.locator("#ck-screen")).to_contain_text("You chose the entire screen.")
    expect(page.locator(".cfoot .btn.primary")).to_have_attribute("aria-disabled", "false", timeout=25_000)
    no_violations(page)
    page.locator(".cfoot .btn.primary").click()
    without = page.get_by_role("button", name="Go on without")
    expect(without).to_be_visible()
    no_violations(page)
    without.click()


def agree(page: Page) -> None:
    accept = page.get_by_role("button", name="Accept")
    expect(accept).to_have_attribute("aria-disabled", "true")
    page.get_by_role("checkbox").check()
    page.get_by_label("Your name").fill("Amara Okonkwo")
    no_violations(page)
    accept.click()


def go_to(page: Page, number: int) -> None:
    page.locator(".qs .q").nth(number - 1).click()
    expect(page.get_by_role("heading", name=f"Question {number} of 5")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator(".savedline")).to_contain_text("Saved", timeout=10_000)


def answer_all(page: Page) -> None:
    page.get_by_role("radio", name="Oslo").click()
    saved(page)
    no_violations(page)
    page.keyboard.press("Alt+ArrowRight")
    page.get_by_role("checkbox", name="Two").click()
    page.get_by_role("checkbox", name="Five").click()
    saved(page)
    go_to(page, 3)
    page.locator(".qtext input").fill("NaCl")
    saved(page)
    go_to(page, 4)
    page.locator(".qtext input").fill("42")
    saved(page)
    go_to(page, 5)
    page.locator(".qtext textarea").fill("Because it was so.")
    saved(page)


def told_of_the_dark(page: Page, site: Site) -> None:
    """R-2.19: a line at the foot that covers nothing, is written to the log, and goes when there is light."""
    page.evaluate(DARKENED)
    hint = page.locator(".darkhint")
    expect(hint).to_contain_text("We cannot see your face well.")
    expect(hint).to_contain_text("For the next minute nothing is marked because of it.")
    no_violations(page)
    shown, question = hint.bounding_box(), page.locator(".qmain").bounding_box()
    assert shown is not None
    assert question is not None
    assert question["y"] + question["height"] <= shown["y"]
    page.evaluate(LIT_AGAIN)
    expect(hint).to_be_empty()
    hints = [extra for kind, extra in site.lines_until("hint_shown") if kind == "hint_shown"]
    assert [(extra["hint"], extra["grace"]) for extra in hints] == [("too_dark", True)]


STANDS = """() => {
  const { door, taken_over, media } = document.querySelector("exam-app").session;
  return [door.epoch, taken_over, media.recording];
}"""


def reconnect(page: Page) -> None:
    """As after a refused token: the same page connects again, under the next epoch, and goes on."""
    page.evaluate("() => document.querySelector('exam-app').session.connect(false)")
    page.locator(".qtext textarea").fill("Because it was so, and is.")
    saved(page)
    expect(page.locator(".efoot")).to_contain_text("Connected")
    assert page.evaluate(STANDS) == [2, False, True]


LEAVE_AN_ANSWER = """(attempt) => new Promise((done, fault) => {
  const opening = indexedDB.open("examhall-journal");
  opening.onerror = () => fault(opening.error);
  opening.onsuccess = () => {
    const store = opening.result.transaction("records", "readwrite").objectStore("records");
    const body = {
      item_id: "01890000-0000-7000-8000-000000000000", question_number: 1, client_seq: 9999,
      client_at: new Date().toISOString(), mono_ms: 1, response: "left behind",
    };
    const put = store.put({ attempt, client_seq: 9999, what: "answer", body });
    put.onsuccess = () => { opening.result.close(); done(); };
  };
})"""


def finish_sending(page: Page) -> None:
    """An answer was left on this computer: the receipt and the list of exams offer to send it, and then no more."""
    attempt = page.url.split("/")[-2]
    offer = page.get_by_role("link", name="Finish sending")
    expect(offer).to_be_hidden()
    page.evaluate(LEAVE_AN_ANSWER, attempt)
    page.get_by_role("link", name="Back to my exams").click()
    expect(offer).to_be_visible()
    no_violations(page)
    page.go_back()
    page.reload()
    expect(offer).to_be_visible()
    no_violations(page)
    offer.click()
    expect(page.get_by_text("All uploaded.")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Done").click()
    expect(page.locator(".receipt .number")).to_be_visible()
    expect(offer).to_be_hidden()


@pytest.mark.timeout(300)
def test_a_candidate_goes_from_the_check_to_the_receipt(site: Site, context: BrowserContext) -> None:
    """R-0.19, R-0.21, R-0.24, R-0.42: check, agreement, start with recording confirmed, five kinds, hand-in, upload."""
    page = context.pages[0]
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    sign_in(page, site)
    page.get_by_role("button", name="Continue").click()
    check_computer(page)
    agree(page)
    start = page.get_by_role("button", name="Start assessment")
    expect(start).to_have_attribute("aria-disabled", "false", timeout=CONFIRM_MS)
    no_violations(page)
    start.click()
    expect(page.get_by_role("timer")).to_contain_text("59:")
    answer_all(page)
    told_of_the_dark(page, site)
    reconnect(page)

    # a crash: the page comes again, nothing is lost, and only the devices are asked for
    page.reload()
    page.get_by_role("button", name="Share and go on").click()
    page.get_by_role("button", name="Return to full screen").click()
    expect(page.get_by_text("5 of 5 answered")).to_be_visible()
    go_to(page, 1)
    expect(page.get_by_role("radio", name="Oslo")).to_have_attribute("aria-checked", "true")
    go_to(page, 5)
    page.locator(".efoot").get_by_role("button", name="Hand in").click()
    no_violations(page)
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_role("heading", name="Your exam is handed in")).to_be_visible()
    expect(page.get_by_text("5 of 5 questions answered")).to_be_visible()
    number = page.locator(".receipt .number").inner_text()
    expect(page.get_by_text("All uploaded.")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Done").click()
    expect(page.locator(".receipt .number")).to_have_text(number)
    finish_sending(page)
    assert faults == []
    assert "0 broken; 0 segments altered" in site.place.run("verify")


@pytest.mark.timeout(300)
def test_what_a_rule_hides_comes_back_when_it_is_mended_and_acknowledged(site: Site, context: BrowserContext) -> None:
    """product.md C8 (c), (d), §2.5 A3b, §5.3, §8.6: full screen over its budget, and a camera that is lost for 20 s."""
    page = context.pages[0]
    sign_in(page, site)
    page.get_by_role("button", name="Continue").click()
    check_computer(page)
    agree(page)
    start = page.get_by_role("button", name="Start assessment")
    expect(start).to_have_attribute("aria-disabled", "false", timeout=CONFIRM_MS)
    start.click()
    expect(page.get_by_role("timer")).to_contain_text("59:")
    out_of_full_screen(page)
    without_a_camera(page)
    lines = site.lines_until("extra_time_granted")
    ends = [extra for kind, extra in lines if kind == "hold_ended"]
    assert [(extra["cause"], extra.get("what", "")) for extra in ends] == [("full_screen", ""), ("device", "webcam")]
    assert lines[-1][1]["kind"] == "hold"
    assert lines[-1][1]["effective_s"] == ends[1]["held_s"]


def out_of_full_screen(page: Page) -> None:
    page.evaluate("() => document.exitFullscreen()")
    back = page.get_by_role("button", name="Return to full screen")
    expect(back).to_be_focused()
    no_violations(page)
    expect(page.get_by_role("alertdialog")).to_contain_text("The time allowed outside is used up", timeout=30_000)
    back.click()
    expect(page.get_by_role("heading", name="The exam was hidden")).to_be_visible()
    no_violations(page)
    page.get_by_role("button", name="I have read this, go on").click()
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def without_a_camera(page: Page) -> None:
    """The pretended camera cannot be unplugged; the page hears what the browser says when one is."""
    page.evaluate(
        "() => document.querySelector('exam-camera').stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    expect(page.locator(".qcard")).to_contain_text("Your camera was lost.")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    no_violations(page)
    expect(page.get_by_role("heading", name="Your camera was lost")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alertdialog")).to_contain_text("Up to 4 minutes")
    no_violations(page)
    page.get_by_role("button", name="Use my camera again").click()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(page.locator(".ebar")).to_contain_text("Recording camera, sound, screen", timeout=CONFIRM_MS)
