"""What people do in a browser: signing in, the candidate's path step by step, and looking for barriers on the way."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, BrowserType, Locator, Page, ViewportSize, expect
from tests.fixtures.place import CLIENT
from tests.journeys.cast import Account, Sitting

CHROMIUM = os.environ.get("EXAMHALL_CHROMIUM", "/usr/bin/chromium")
AXE = CLIENT / "node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SOON_MS = 30_000
"""What must happen at once on a quiet machine; a busy one may take this long."""
UPLOADED_MS = 180_000
"""A recording that waited on the device goes up at the pace of a machine that records, stores and analyses at once."""
VIEW: ViewportSize = {"width": 1280, "height": 800}
DESK_VIEW: ViewportSize = {"width": 1440, "height": 950}
PLAIN = ("--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required")
DEVICES = (*PLAIN, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
"""A pretended camera, microphone and whole screen, and every permission granted."""

DARKENED = """() => {
  const context = OffscreenCanvasRenderingContext2D.prototype;
  window.inTheLight = context.drawImage;
  context.drawImage = function () {
    this.fillStyle = "#000";
    this.fillRect(0, 0, 32, 24);
    this.fillStyle = "#505050";
    this.fillRect(0, 0, 16, 24);
  };
}"""
"""What the page measures of the camera: half a picture, dimly lit."""
LIT_AGAIN = "() => (OffscreenCanvasRenderingContext2D.prototype.drawImage = window.inTheLight)"


def filmed(clip: Path, sound: Path) -> tuple[str, ...]:
    """The pretended camera and microphone play these files."""
    return (*DEVICES, f"--use-file-for-fake-video-capture={clip}", f"--use-file-for-fake-audio-capture={sound}")


def launched(chromium: BrowserType, arguments: Sequence[str]) -> Browser:
    return chromium.launch(executable_path=CHROMIUM, headless=False, args=list(arguments))


def kept_profile(chromium: BrowserType, folder: Path, arguments: Sequence[str]) -> BrowserContext:
    """A browser whose storage outlives it."""
    return chromium.launch_persistent_context(
        folder, executable_path=CHROMIUM, headless=False, args=list(arguments), viewport=VIEW
    )


def sign_in(page: Page, url: str, account: Account, *, to: str) -> None:
    page.goto(f"{url}/accounts/login/?next={to}")
    page.fill("input[name=login]", account.login)
    page.fill("input[name=password]", account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/accounts/login" not in address, timeout=SOON_MS)


def no_barriers(page: Page) -> None:
    """axe-core finds nothing; put in over the debugger, because the page's policy lets no foreign script run."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    expression = (
        f"axe.run(document, {{runOnly: {AXE_TAGS}}}).then(r => r.violations.map(v => v.id + ': ' + "
        "v.nodes.map(n => n.html.slice(0, 150)).join(' | ')))"
    )
    asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    found = session.send("Runtime.evaluate", asked)
    session.detach()
    assert found["result"]["value"] == [], f"{page.url}: {found['result']['value']}"


@dataclass(frozen=True, slots=True)
class Seat:
    """One candidate before one page."""

    page: Page
    url: str
    sitting: Sitting

    def enter(self) -> None:
        """Sign in and open the exam's document, where the system check begins."""
        sign_in(self.page, self.url, self.sitting.candidate, to=f"/exams/{self.sitting.registration}/")
        expect(self.page.get_by_role("heading", name="What to expect")).to_be_visible()
        self.page.get_by_role("button", name="Continue").click()
        expect(self.page.get_by_role("heading", name="check your computer")).to_be_visible()

    def sign_in_to(self, address: str) -> None:
        """Open the exam's document itself, as from a bookmark."""
        sign_in(self.page, self.url, self.sitting.candidate, to=address.removeprefix(self.url))

    def pass_check(self) -> None:
        self.page.get_by_role("button", name="Share my screen").click()
        expect(self.way).to_have_attribute("aria-disabled", "false")
        self.way.click()

    def leave_out_pictures(self) -> None:
        self.page.get_by_role("button", name="Go on without").click()

    def agree(self) -> None:
        self.page.get_by_role("checkbox").check()
        self.page.get_by_label("Your name").fill(self.sitting.candidate.name)
        self.page.get_by_role("button", name="Accept").click()

    def start(self, shows: str = "59:") -> None:
        begin = self.page.get_by_role("button", name="Start assessment")
        expect(begin).to_have_attribute("aria-disabled", "false", timeout=2 * SOON_MS)
        begin.click()
        expect(self.page.get_by_role("timer")).to_contain_text(shows)
        expect(self.page.locator(".qtext")).to_contain_text("Norway")

    def sit_down(self, shows: str = "59:") -> None:
        """From signing in to the first question."""
        self.enter()
        self.pass_check()
        self.leave_out_pictures()
        self.agree()
        self.start(shows)

    def come_back_to(self, address: str) -> None:
        """As a person does after a crash: sign in when the browser forgot it, and go on here when it asks."""
        self.page.goto(address)
        if "/accounts/login" in self.page.url:
            self.sign_in_to(address)
        here = self.page.get_by_role("button", name="Continue here")
        share = self.page.get_by_role("button", name="Share and go on")
        expect(here.or_(share)).to_be_visible(timeout=2 * SOON_MS)
        if here.is_visible():
            here.click()
        self.resume()

    def resume(self) -> None:
        """After the page came again: the devices are asked for, nothing else."""
        self.page.get_by_role("button", name="Share and go on").click()
        expect(self.page.locator(".qtext")).not_to_be_empty()

    @property
    def way(self) -> Locator:
        """The one filled button at the foot of a step."""
        return self.page.locator(".cfoot .btn.primary")

    def go_to(self, number: int) -> None:
        self.page.locator(".qs .q").nth(number - 1).click()
        expect(self.page.get_by_role("heading", name=f"Question {number} of 5")).to_be_visible()

    def choose(self, *names: str) -> None:
        for name in names:
            self.page.locator(".qtext").get_by_text(name, exact=True).click()

    def write(self, text: str) -> None:
        """As one types: each key is a change of its own."""
        field = self.page.locator(".qtext input, .qtext textarea")
        field.click()
        field.press_sequentially(text, delay=20)

    def saved(self) -> None:
        expect(self.page.locator(".savedline")).to_contain_text("Saved")

    def all_saved(self) -> None:
        """Nothing is on its way any more, whichever question is shown."""
        expect(self.page.locator(".efoot")).to_contain_text("saved")
        expect(self.page.locator(".efoot")).not_to_contain_text("being sent")

    def answer_all(self, essay: str = "Because it was so.") -> None:
        self.go_to(1)
        self.choose("Oslo")
        self.go_to(2)
        self.choose("Two", "Five")
        self.go_to(3)
        self.write("NaCl")
        self.go_to(4)
        self.write("42")
        self.go_to(5)
        self.write(essay)
        self.all_saved()

    def hand_in(self) -> str:
        """The receipt's number, once everything is uploaded."""
        self.page.locator(".efoot").get_by_role("button", name="Hand in").first.click()
        self.page.get_by_role("button", name="Hand in", exact=True).click()
        expect(self.page.get_by_role("heading", name="Your exam is handed in")).to_be_visible()
        expect(self.page.get_by_text("All uploaded.")).to_be_visible(timeout=UPLOADED_MS)
        return self.page.locator(".receipt .number").inner_text()
