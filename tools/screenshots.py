"""Pictures of every page, taken from the demonstration: light and dark, 1440 and 390 px, into docs/screenshots.

Starts a demonstration of its own in a folder that is thrown away, waits until its simulated candidates have given
something to see, signs in as each role and walks through the pages. `--only WORD` takes those whose name holds WORD.
"""

import argparse
import contextlib
import io
import os
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
    administrator = camera.signed_in("administrator")
    camera.go(administrator, "profile", "/admin/proctoring/")
    camera.go(administrator, "leniency", "/admin/proctoring/leniency/")
    camera.go(camera.signed_in("marker"), "results", f"/results/{camera.demo.schedule}/")
    scheduler = camera.signed_in("scheduler")
    camera.go(scheduler, "schedules", "/schedules/")
    camera.go(scheduler, "schedule", f"/schedules/{camera.demo.schedule}/")
    camera.go(scheduler, "schedule-new", "/schedules/new")
    camera.go(scheduler, "schedule-edit", f"/schedules/{camera.demo.schedule}/edit")


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
    for tab in ("incidents", "online", "details"):
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
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    camera.here(page, "agreement")
    page.get_by_role("checkbox").check()
    page.get_by_label("Your name").fill("Amara Okonkwo")
    page.get_by_role("button", name="Accept").click()
    begin = page.get_by_role("button", name="Start assessment")
    expect(begin).to_have_attribute("aria-disabled", "false", timeout=PATIENT_MS)
    camera.here(page, "ready-to-start")
    begin.click()
    exam_pages(camera, page)


def exam_pages(camera: Camera, page: Page) -> None:
    expect(page.locator(".qtext")).not_to_be_empty(timeout=PATIENT_MS)
    page.locator(".qtext [role=radio]").first.click()
    page.evaluate("() => document.exitFullscreen?.().catch(() => undefined)")
    back = page.get_by_role("button", name="Return to full screen")
    expect(page.locator(".alertd:visible, .savedline:visible").first).to_be_visible(timeout=PATIENT_MS)
    read = page.get_by_role("button", name="I have read this, go on")
    if back.is_visible():
        camera.here(page, "exam-full-screen")
        back.click()
        camera.here(page, "exam-hidden")
        read.click()
    camera.here(page, "exam-player")
    page.context.set_offline(True)
    expect(page.get_by_role("heading", name="Reconnecting you")).to_be_visible(timeout=PATIENT_MS)
    camera.here(page, "exam-reconnect")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Reconnecting you")).to_be_hidden(timeout=PATIENT_MS)
    for button in (back, read):
        if button.is_visible():
            button.click()
    page.locator(".efoot").get_by_role("button", name="Hand in").first.click()
    camera.here(page, "hand-in")
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_text("All uploaded.")).to_be_visible(timeout=PATIENT_MS)
    camera.here(page, "receipt")


def open_pages(camera: Camera) -> None:
    nobody = camera.browser.new_context(base_url=camera.demo.url)
    camera.go(nobody, "sign-in", "/accounts/login/")
    camera.go(nobody, "forgot-password", "/accounts/password/reset/")
    camera.go(nobody, "not-found", "/nowhere/")


PARTS = {
    "open": open_pages,
    "staff": staff_pages,
    "candidate": candidate_pages,
    "desk": desk_pages,
    "review": review_pages,
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
