"""An invigilator at a running exam in a real Chromium: dashboard, live pictures, a pause that arrives, the log.

Lane: browser; about 40 s. The site is the demonstration with one simulated candidate, built by the actions people use.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.fixtures.place import CLIENT, REPO, build_client, free_port

AXE = CLIENT / "node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
READY_WITHIN_S = 60.0
PATIENT_MS = 40_000  # a busy machine starts a candidate and analyses its pictures late


class Account(msgspec.Struct):
    role: str
    password: str


class Known(msgspec.Struct):
    """What the demonstration writes down, as far as this test needs it."""

    url: str
    schedule: str
    accounts: list[Account]


@dataclass(frozen=True, slots=True)
class Desk:
    url: str
    schedule: str
    password: str

    @property
    def dashboard(self) -> str:
        return f"{self.url}/invigilation/{self.schedule}/"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    build_client()
    folder = tmp_path_factory.mktemp("desk")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EXAMHALL_")}
    environ = {**kept, "EXAMHALL_VAR_DIR": str(folder), "PYTHONPATH": str(REPO / "src")}
    command = [sys.executable, "-m", "examhall.site.cli", "demo", "--port", str(free_port()), "--candidates", "1"]
    with (folder / "output").open("wb") as output:
        running = subprocess.Popen(command, env=environ, cwd=REPO, stdout=output, stderr=output)
    try:
        known = _known(folder / "demo-accounts.json", running)
        password = next(one.password for one in known.accounts if one.role == "invigilator")
        yield Desk(known.url, known.schedule, password)
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            running.kill()


def _known(file: Path, running: "subprocess.Popen[bytes]") -> Known:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        assert running.poll() is None, (file.parent / "output").read_text()
        try:
            known = msgspec.json.decode(file.read_bytes(), type=Known)
            if httpx.get(f"{known.url}/healthz", timeout=2).status_code == 200:
                return known
        except (httpx.TransportError, FileNotFoundError, msgspec.DecodeError):
            pass  # not there yet
        time.sleep(0.2)
    raise AssertionError(f"the demonstration was not ready within {READY_WITHIN_S} s")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            headless=False,
            args=["--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """The invigilator's page, signed in."""
    opened = browser.new_context(viewport={"width": 1440, "height": 950}).new_page()
    opened.goto(f"{desk.url}/accounts/login/?next=/invigilation/")
    opened.fill("input[name=login]", "invigilator")
    opened.fill("input[name=password]", desk.password)
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", name="Invigilation")).to_be_visible()
    yield opened
    opened.context.close()


def no_violations(page: Page) -> None:
    """axe-core finds nothing; put in over the debugger, because the page's policy lets no foreign script run."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    rules = f"axe.run(document, {{runOnly: {AXE_TAGS}}})"
    words = "r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    answer = session.send(
        "Runtime.evaluate", {"expression": f"{rules}.then({words})", "awaitPromise": True, "returnByValue": True}
    )
    assert answer["result"]["value"] == "[]"


def test_an_invigilator_watches_pauses_and_finds_it_in_the_log(page: Page, desk: Desk) -> None:
    """R-1.3, R-1.6, R-1.10, R-1.11, R-4.2: from the overview to a pause that reaches the candidate and is logged."""
    no_violations(page)
    page.get_by_role("link", name="Dashboard of").first.click()
    row = page.locator("tbody tr", has_text="In progress")
    expect(row).to_have_count(1, timeout=PATIENT_MS)
    expect(page.locator("[data-live-text]")).to_contain_text("Live,")
    no_violations(page)

    row.get_by_role("link", name="Camera of").click()
    for track in ("webcam", "screen"):
        expect(page.locator(f"video[data-track={track}]")).to_be_attached()  # the page that is left has none
        where = f"document.querySelector('video[data-track={track}]')"
        page.wait_for_function(f"() => {where}.readyState >= 2", timeout=PATIENT_MS)
        began = page.evaluate(f"{where}.currentTime")
        page.wait_for_function(f"at => {where}.currentTime > at + 1.5", arg=began, timeout=PATIENT_MS)
    expect(page.get_by_text("Live camera")).to_be_visible(timeout=PATIENT_MS)
    no_violations(page)

    page.keyboard.press("3")
    dialog = page.get_by_role("dialog", name="Pause the exam?")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(dialog.get_by_text("Say why")).to_be_visible()
    dialog.get_by_label("Reason").fill("Fire alarm in the building")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-slot=state]")).to_contain_text("Paused")
    expect(page.locator("[data-slot=tail]")).to_contain_text("Exam paused")
    no_violations(page)

    page.get_by_role("link", name="Candidate log").click()
    paused = page.locator("tbody tr", has_text="Exam paused")
    expect(paused).to_contain_text("Fire alarm in the building · Ines Carvalho")
    no_violations(page)
    page.get_by_role("button", name="Staff").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(desk.dashboard)
    expect(page.locator("tbody tr", has_text="Paused")).to_have_count(1)


def test_old_data_says_that_it_is_old(page: Page, desk: Desk) -> None:
    """product.md I2: "live connection lost, data from …, reconnecting", and back again without a reload."""
    page.goto(desk.dashboard)
    expect(page.locator("[data-live-text]")).to_contain_text("Live,")
    page.context.set_offline(True)
    page.evaluate("() => globalThis.dispatchEvent(new Event('offline'))")
    expect(page.get_by_text("Live connection lost,")).to_be_visible(timeout=20_000)
    page.context.set_offline(False)
    expect(page.get_by_text("Live connection lost,")).to_be_hidden(timeout=PATIENT_MS)
