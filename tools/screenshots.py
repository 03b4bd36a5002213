"""Pictures of every page, taken from the demonstration: light and dark, 1440 and 390 px, into docs/screenshots.

Starts a demonstration of its own in a folder that is thrown away, waits until its simulated candidates have given
something to see, signs in as each role and walks through the pages. `--only WORD` takes those whose name holds WORD.
"""

import argparse
import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

REPO = Path(__file__).parent.parent
sys.path[:0] = [str(REPO), str(REPO / "src")]

from tests.journeys import film
from tests.journeys.browsing import DARKENED, LIT_AGAIN

from examhall.site.simulate.screenplay import SCREENPLAYS

TARGET = REPO / "docs" / "screenshots"
THEMES = ("light", "dark")
WIDTHS = {1440: 950, 390: 844}
READY_WITHIN_S = 120.0
ALIVE_WITHIN_S = 240.0
COLOURS = 128
PATIENT_MS = 60_000
SESSION = "tbody tr:has(.count) a[href^='/review/sessions/'], a[href^='/review/sessions/']"
FAKE_DEVICES = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
NAMED = """for (const kind of [MediaDeviceInfo, MediaStreamTrack]) {
  const { get } = Object.getOwnPropertyDescriptor(kind.prototype, "label");
  Object.defineProperty(kind.prototype, "label", {
    get() { return get.call(this).replace(/^.*\\.mjpeg/, "Drawn film as camera"); },
  });
}"""
"""A pretended camera bears the path of its film, which is no business of a picture."""
UNPLUGGED = """() => {
  const [camera] = document.querySelector("exam-app").session.media.camera.getVideoTracks();
  camera.stop();
  camera.dispatchEvent(new Event("ended"));
}"""
ENOUGH_TRIES = 20
BACK = re.compile("Return to full screen|I have read")
STEADY = "*, *::before, *::after { animation: none !important; caret-color: transparent !important; }"


class Account(msgspec.Struct):
    role: str
    login: str
    password: str
    start_url: str


class Demo(msgspec.Struct):
    url: str
    accounts: list[Account]
    schedule: str

    def account(self, role: str) -> Account:
        return next(one for one in self.accounts if one.role == role)


@contextlib.contextmanager
def demonstration(folder: Path) -> Iterator[Demo]:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EXAMHALL_")}
    environ |= {"EXAMHALL_VAR_DIR": str(folder), "PYTHONPATH": str(REPO / "src")}
    models = Path(os.environ.get("EXAMHALL_MODELS_DIR", REPO / "var" / "models"))
    if models.is_dir():
        environ["EXAMHALL_MODELS_DIR"] = str(models)
    command = [sys.executable, "-m", "examhall.site.cli", "demo", "--port", str(port)]
    with (folder / "output").open("wb") as output:
        running = subprocess.Popen(command, env=environ, cwd=REPO, stdout=output, stderr=output)
    try:
        yield _known(folder, running)
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(timeout=30)
        except subprocess.TimeoutExpired:
            running.kill()


def _known(folder: Path, running: "subprocess.Popen[bytes]") -> Demo:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and running.poll() is None:
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError, httpx.TransportError):
            demo = msgspec.json.decode((folder / "demo-accounts.json").read_bytes(), type=Demo)
            if httpx.get(f"{demo.url}/healthz", timeout=2).status_code == 200:
                return demo
        time.sleep(0.3)
    raise SystemExit((folder / "output").read_text(encoding="utf-8"))


@dataclass(slots=True)
class Camera:
    """Takes pages of one browser, each in both themes and both widths."""

    browser: Browser
    demo: Demo
    only: str

    def signed_in(self, role: str) -> BrowserContext:
        account = self.demo.account(role)
        context = self.browser.new_context(viewport={"width": 1440, "height": WIDTHS[1440]}, base_url=self.demo.url)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", account.login)
        page.fill("input[name=password]", account.password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "/accounts/login" not in address, timeout=PATIENT_MS)
        page.close()
        return context

    def wanted(self, name: str) -> bool:
        return self.only in name

    def go(
        self, context: BrowserContext, name: str, address: str, ready: Callable[[Page], object] | None = None
    ) -> None:
        """Open `address` anew for each theme and width, so that what a page decides when it opens is right."""
        if not self.wanted(name):
            return
        for theme in THEMES:
            for width, height in WIDTHS.items():
                page = context.new_page()
                page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                page.set_viewport_size({"width": width, "height": height})
                page.goto(address)
                if ready is not None:
                    ready(page)
                self.take(page, name, theme, width)
                page.close()

    def here(self, page: Page, name: str) -> None:
        """The page as it stands: an exam is not opened four times."""
        if not self.wanted(name):
            return
        for theme in THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(600)
                self.take(page, name, theme, width)
        page.set_viewport_size({"width": 1440, "height": WIDTHS[1440]})

    def take(self, page: Page, name: str, theme: str, width: int) -> None:
        page.wait_for_load_state("load")
        page.evaluate("() => document.fonts.ready")
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        full = page.evaluate("() => Math.min(document.documentElement.scrollHeight, 2400)")
        height = max(full, WIDTHS[width])
        page.set_viewport_size({"width": width, "height": height})  # so that what sticks to the edge stands at the edge
        shot = page.screenshot(animations="disabled", style=STEADY)
        kept = few_colours(shot)
        (TARGET / f"{name}-{theme}-{width}.png").write_bytes(kept)
        print(f"{name}-{theme}-{width}: {len(kept) // 1024} KiB{f', {wide} px too wide' if wide > 0 else ''}")


def few_colours(png: bytes) -> bytes:
    """The same picture with a palette: a third of the size, and no difference to be seen."""
    out = io.BytesIO()
    flat = Image.open(io.BytesIO(png)).convert("RGB")
    flat.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def moving(page: Page) -> None:
    """Both live pictures play."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('video[data-track]')].every((one) => one.readyState >= 2)",
        timeout=PATIENT_MS,
    )
    page.wait_for_timeout(1_500)


def loaded(page: Page) -> None:
    """Both recordings show a picture."""
    shown("[role=slider]")(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((one) => one.readyState >= 2)", timeout=PATIENT_MS
    )
    page.wait_for_timeout(1_000)


def shown(selector: str) -> Callable[[Page], object]:
    return lambda page: expect(page.locator(selector).first).to_be_visible(timeout=PATIENT_MS)


def staff_pages(camera: Camera) -> None:
    author = camera.signed_in("author")
    camera.go(author, "assessments", "/assessments/")
    camera.go(author, "assessment", first(author, "/assessments/", "main a[href^='/assessments/']:not([href$=new])"))
    camera.go(author, "assessment-new", "/assessments/new")
    page = first(author, "/assessments/", "main a[href^='/assessments/']:not([href$=new])")
    camera.go(author, "question-preview", first(author, page, "main a[href*='/questions/']"), shown(".qtext p"))
    drafting_pages(camera, author)
    administrator = camera.signed_in("administrator")
    camera.go(administrator, "profile", "/admin/proctoring/")
    camera.go(administrator, "detectors", "/admin/detectors/")
    camera.go(administrator, "fairness", "/admin/fairness/")
    camera.go(administrator, "leniency", "/admin/proctoring/leniency/")
    camera.go(camera.signed_in("marker"), "results", f"/results/{camera.demo.schedule}/")
    scheduler = camera.signed_in("scheduler")
    camera.go(scheduler, "schedules", "/schedules/")
    camera.go(scheduler, "schedule", f"/schedules/{camera.demo.schedule}/")
    arranging = first(scheduler, f"/schedules/{camera.demo.schedule}/", "a[href$=accommodations]")
    camera.go(scheduler, "accommodations", arranging)
    camera.go(scheduler, "schedule-new", "/schedules/new")
    camera.go(scheduler, "schedule-edit", f"/schedules/{camera.demo.schedule}/edit")


def drafting_pages(camera: Camera, author: BrowserContext) -> None:
    """A version that is still a draft, and the form of each kind of question."""
    page = author.new_page()
    page.goto(first(author, "/assessments/", "main a[href^='/assessments/']:not([href$=new])"))
    page.get_by_role("button", name="Draw up version").click()
    forms = page.locator("a[href*='/questions/new/']")
    expect(forms.first).to_be_visible()
    camera.go(author, "assessment-draft", page.url)
    for form in [one.get_attribute("href") or "" for one in forms.all()]:
        camera.go(author, f"question-{form.rstrip('/').rsplit('/', 1)[-1]}", form)


def first(context: BrowserContext, address: str, selector: str) -> str:
    """Where the first link of a page leads."""
    page = context.new_page()
    page.goto(address)
    found = page.locator(selector).first.get_attribute("href", timeout=PATIENT_MS)
    page.close()
    if found is None:
        raise SystemExit(f"{address} has no link {selector}")
    return found


def desk_pages(camera: Camera) -> None:
    desk = camera.signed_in("invigilator")
    dashboard = f"/invigilation/{camera.demo.schedule}/"
    alive(desk, dashboard)
    camera.go(desk, "invigilation", "/invigilation/")
    camera.go(desk, "dashboard", dashboard, shown("[data-rows] tbody tr"))
    busiest = first(desk, dashboard, "tr:has(.count) a.cam, a.cam")
    camera.go(desk, "live-candidate", busiest, moving)
    log = first(desk, dashboard, f"a[href^='{dashboard}log/']")
    camera.go(desk, "candidate-log", log)


def alive(context: BrowserContext, dashboard: str) -> None:
    """Wait until the simulated candidates have given the detectors something."""
    page = context.new_page()
    page.goto(dashboard)
    expect(page.locator("[data-rows] tbody .count").first).to_be_visible(timeout=ALIVE_WITHIN_S * 1000)
    page.close()


def review_pages(camera: Camera) -> None:
    reviewer = camera.signed_in("reviewer")
    sessions = f"/review/schedules/{camera.demo.schedule}/"
    camera.go(reviewer, "review", "/review/")
    camera.go(reviewer, "review-sessions", sessions)
    session = first(
        reviewer, sessions, "tbody tr:has(.count) a[href^='/review/sessions/'], a[href^='/review/sessions/']"
    )
    camera.go(reviewer, "review-session", session, loaded)
    for tab in ("incidents", "online", "case", "details"):
        camera.go(reviewer, f"review-{tab}", f"{session}{tab}/")
    twice = another_set(reviewer, f"{sessions}sets/") if camera.wanted("review-sets") else ""
    camera.go(reviewer, "review-sets", twice or f"{session}sets/")
    camera.go(reviewer, "review-exam-sets", f"{sessions}sets/")


def another_set(context: BrowserContext, address: str) -> str:
    """Have the sessions that have ended analysed again; where one shows both sets, empty when none has ended."""
    page = context.new_page()
    page.goto(address)
    why = page.get_by_label("Why analyse again?")
    if not why.is_visible():
        return ""
    why.fill("A lenient look for comparison")
    page.get_by_label("Levels").select_option("lenient")
    page.get_by_role("button", name="again").click()
    page.locator("tbody tr:has-text('Set 1') a").first.click()
    expect(page.get_by_role("heading", name="instead of")).to_be_visible(timeout=ALIVE_WITHIN_S * 1000)
    there = page.url
    page.close()
    return there


def candidate_pages(camera: Camera) -> None:
    context = camera.signed_in("candidate")
    context.add_init_script(NAMED)
    camera.go(context, "my-exams", "/exams/")
    expect_page = first(context, "/exams/", "a[href^='/exams/']")
    camera.go(context, "what-to-expect", expect_page)
    page = context.new_page()
    page.goto(expect_page)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#ck-microphone")).to_contain_text("Passed", timeout=PATIENT_MS)
    camera.here(page, "system-check")
    page.get_by_role("button", name="Share my screen").click()
    way = page.locator(".cfoot .btn.primary")
    expect(way).to_have_attribute("aria-disabled", "false", timeout=PATIENT_MS)
    way.click()
    expect(page.get_by_role("button", name="Take picture 1")).to_be_visible()
    camera.here(page, "system-check-pictures")
    for number in range(1, 5):
        way.click()
        expect(page.get_by_role("status")).to_contain_text(f"Picture {number} of 4 taken", timeout=PATIENT_MS)
    camera.here(page, "system-check-pictures-taken")
    way.click()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    camera.here(page, "agreement")
    page.get_by_role("checkbox").check()
    page.get_by_label("Your name").fill("Amara Okonkwo")
    page.get_by_role("button", name="Accept").click()
    begin = page.get_by_role("button", name="Start assessment")
    expect(begin).to_have_attribute("aria-disabled", "false", timeout=PATIENT_MS)
    camera.here(page, "ready-to-start")
    begin.click()
    expect(page.locator(".qtext")).not_to_be_empty(timeout=PATIENT_MS)
    exam_pages(camera, page)


def exam_pages(camera: Camera, page: Page) -> None:
    page.locator(".qtext [role=radio]").first.click()
    full_screen_pages(camera, page)
    camera.here(page, "exam-player")
    page.evaluate(DARKENED)
    expect(page.locator(".darkhint")).to_contain_text("We cannot see your face well.", timeout=PATIENT_MS)
    camera.here(page, "exam-dark-hint")
    page.evaluate(LIT_AGAIN)
    with going_on(page):
        page.evaluate(UNPLUGGED)
        covered(page, "Your camera was lost")
        camera.here(page, "exam-device-lost")
        page.get_by_role("button", name="Use my camera again").click()
    with going_on(page):
        page.context.set_offline(True)
        covered(page, "Reconnecting you")
        camera.here(page, "exam-reconnect")
        page.context.set_offline(False)
    intervened_pages(camera, page)
    elsewhere_pages(camera, page).locator(".efoot").get_by_role("button", name="Hand in").first.click()
    page = page.context.pages[-1]
    camera.here(page, "hand-in")
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_text("All uploaded.")).to_be_visible(timeout=PATIENT_MS)
    camera.here(page, "receipt")


def covered(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=PATIENT_MS)


@contextlib.contextmanager
def going_on(page: Page) -> Iterator[None]:
    """Something covers the exam; afterwards everything that asks for a press gets it."""
    yield
    ask = page.get_by_role("button", name=BACK).first
    until = time.monotonic() + PATIENT_MS / 1000
    while not page.locator(".savedline, .qtext").first.is_visible() or ask.is_visible():
        if time.monotonic() > until:
            raise SystemExit(f"the exam did not go on: {page.locator('main').inner_text()[:300]}")
        if ask.is_visible():
            ask.click()
        page.wait_for_timeout(300)


def full_screen_pages(camera: Camera, page: Page) -> None:
    with going_on(page):
        page.evaluate("() => document.exitFullscreen?.().catch(() => undefined)")
        covered(page, "Return to full screen")
        camera.here(page, "exam-full-screen")
        expect(page.locator(".alertd")).to_contain_text("is used up", timeout=PATIENT_MS)
        page.get_by_role("button", name="Return to full screen").click()
        covered(page, "The exam was hidden")
        camera.here(page, "exam-hidden")


def intervened_pages(camera: Camera, page: Page) -> None:
    """What the candidate sees of an invigilator, until they are let in again."""
    desk = camera.signed_in("invigilator")
    live = desk.new_page()
    live.goto(first(desk, f"/invigilation/{camera.demo.schedule}/", "tr:has-text('Amara') a.cam"))
    with going_on(page):
        act(live, "Message", "Please move your desk lamp a little to the left.")
        covered(page, "Message from")
        camera.here(page, "exam-message")
    act(live, "Pause", "The fire alarm is being tested")
    covered(page, "Your exam is paused")
    camera.here(page, "exam-paused")
    with going_on(page):
        act(live, "Resume", "The test is over")
        expect(page.get_by_role("heading", name="Your exam is paused")).to_be_hidden(timeout=PATIENT_MS)
    act(live, "Stop", "Another person answered from the candidate's seat")
    covered(page, "Your exam was stopped")
    camera.here(page, "exam-stopped")
    with going_on(page):
        act(live, "Reopen", "It was the candidate's sister, who has left")
        expect(page.get_by_role("heading", name="Your exam was stopped")).to_be_hidden(timeout=PATIENT_MS)
    desk.close()


def act(live: Page, name: str, words: str) -> None:
    live.locator("[data-slot=acts]").get_by_role("button", name=name).click(timeout=PATIENT_MS)
    dialog = live.get_by_role("dialog")
    dialog.locator("textarea").fill(words)
    for sure in dialog.locator("[data-sure]").all():
        sure.check()
    dialog.locator("[data-send]").click()
    expect(dialog).to_be_hidden(timeout=PATIENT_MS)


def elsewhere_pages(camera: Camera, page: Page) -> Page:
    """A second tab takes the exam over; returns it."""
    tab = page.context.new_page()
    tab.goto(page.url)
    here = tab.get_by_role("button", name="Continue here")
    expect(here).to_be_visible(timeout=PATIENT_MS)
    camera.here(tab, "exam-open-elsewhere")
    here.click()
    covered(page, "Continued elsewhere")
    camera.here(page, "exam-elsewhere")
    tab.get_by_role("button", name="Share and go on").click(timeout=PATIENT_MS)
    with going_on(tab):
        expect(tab.locator(".qtext")).not_to_be_empty(timeout=PATIENT_MS)
    return tab


def open_pages(camera: Camera) -> None:
    nobody = camera.browser.new_context(base_url=camera.demo.url)
    camera.go(nobody, "sign-in", "/accounts/login/")
    camera.go(nobody, "forgot-password", "/accounts/password/reset/")
    camera.go(nobody, "not-found", "/nowhere/")


def locked_page(camera: Camera) -> None:
    """Ten wrong passwords of one name; the last part, though other names of this address can still come in."""
    page = camera.browser.new_context(base_url=camera.demo.url).new_page()
    page.goto("/accounts/login/")
    for _ in range(ENOUGH_TRIES):
        if not page.locator("input[name=password]").count():
            break
        page.fill("input[name=login]", "nobody@example.org")
        page.fill("input[name=password]", "wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_load_state("load")
    expect(page.get_by_role("heading", name="Too many tries")).to_be_visible()
    camera.here(page, "locked-out")


PARTS = {
    "open": open_pages,
    "staff": staff_pages,
    "candidate": candidate_pages,
    "desk": desk_pages,
    "review": review_pages,
    "locked": locked_page,
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="", help="only pages whose name holds this")
    asked.add_argument("--part", action="append", choices=[*PARTS], help="only these parts of the site")
    options = asked.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="examhall-pictures-") as folder,
        demonstration(Path(folder)) as demo,
        sync_playwright() as playwright,
    ):
        calm = film.camera(Path(folder) / "calm.mjpeg", SCREENPLAYS[0], length_s=8)
        devices = (*FAKE_DEVICES, f"--use-file-for-fake-video-capture={calm}")
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("EXAMHALL_CHROMIUM", "/usr/bin/chromium"),
            headless=False,
            args=["--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required", *devices],
        )
        for part in options.part or PARTS:
            PARTS[part](Camera(browser, demo, options.only))
        browser.close()


if __name__ == "__main__":
    main()
