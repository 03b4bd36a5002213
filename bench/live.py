"""Live view, glass to glass, in a real Chromium: a painted clock through capture, server, desk socket and player.

The page paints the time as 48 blocks into a canvas whose stream goes through the real capture pipeline; what the
player shows is read back by requestVideoFrameCallback (capture.md §7). Camera hardware and a network are not in it.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, Route, sync_playwright

from bench.place import serving
from bench.seats import room
from bench.setup import migrated
from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.exam.access.attempt import attempt_ref

CLIENT = Path(__file__).parents[1] / "client"
CHROMIUM = os.environ.get("EXAMHALL_CHROMIUM", "/usr/bin/chromium")
PAGES = "/bench-pages"
SETTLE_S, RUN_S = 8, 25
FEWEST = 60  # pictures: 4 s of them
DOCUMENT = (
    f'<!doctype html><title>Bench</title><video id="webcam"></video>'
    f'<script type="module" src="{PAGES}/test/pages/latency.js"></script>'
)


def run() -> dict[str, float]:
    """Milliseconds from painting to showing. Raises RuntimeError when no pictures come."""
    taken = room(1)
    with tempfile.TemporaryDirectory() as build, serving(migrated()) as place:
        _build(Path(build))
        ref = attempt_ref(taken.seats[0].attempt)
        given = {
            "attempt": str(ref.id),
            "token": taken.seats[0].token,
            "viewer_token": taken.viewer_token,
            "entered_at": iso_ms(ref.entered_at),
            "server_now": iso_ms(clock.now()),
            "worker_url": f"{PAGES}/src/capture/worker.js",
        }
        shown_ms = _watched(place.url, Path(build), given)
    found = np.percentile(shown_ms, [50, 95])
    print(
        f"live: glass to glass p50 {found[0]:.0f} ms, p95 {found[1]:.0f} ms over {len(shown_ms)} pictures,"
        f" load average {os.getloadavg()[0]:.1f}"
    )
    return {"live.latency_ms_p50": round(float(found[0])), "live.latency_ms_p95": round(float(found[1]))}


def _build(out: Path) -> None:
    entries = ["src/capture/worker.ts", "test/pages/latency.ts"]
    command = ["node_modules/.bin/esbuild", *entries, "--bundle", "--format=esm", "--outbase=.", f"--outdir={out}"]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True, timeout=120)


def _watched(url: str, build: Path, given: dict[str, str]) -> list[float]:
    def answer(route: Route) -> None:
        """Our own pages, from the server's origin, so that its interfaces are open to them."""
        path = route.request.url.removeprefix(f"{url}{PAGES}/")
        if path == "":
            route.fulfill(body=DOCUMENT, content_type="text/html")
        else:
            route.fulfill(body=(build / path).read_text(encoding="utf-8"), content_type="text/javascript")

    options = ["--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    # A page given by the test's driver does not count as coming from this machine; the server's own pages do.
    options.append("--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=False, args=options)
        try:
            context = browser.new_context()
            context.route(f"{url}{PAGES}/**", answer)
            page = context.new_page()
            page.goto(f"{url}{PAGES}/")
            page.wait_for_function("() => globalThis.bench !== undefined")
            page.evaluate("given => bench.begin(given)", given)
            return _latencies(page)
        finally:
            browser.close()


def _latencies(page: Page) -> list[float]:
    until = time.monotonic() + 60
    while page.evaluate("() => bench.latencies.length") == 0:
        if time.monotonic() > until:
            raise RuntimeError(f"no picture came: {page.evaluate('() => [bench.faults, bench.unread]')}")
        page.wait_for_timeout(200)
    page.wait_for_timeout(SETTLE_S * 1000)
    before = page.evaluate("() => bench.latencies.length")
    page.wait_for_timeout(RUN_S * 1000)
    found: list[float] = page.evaluate("from => bench.latencies.slice(from)", before)
    if len(found) < FEWEST:
        raise RuntimeError(f"only {len(found)} pictures were read: {page.evaluate('() => bench.faults')}")
    return found
