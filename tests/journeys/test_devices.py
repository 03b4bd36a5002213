"""Devices that are refused, missing or the wrong ones: the check says how to mend it, and mends without a reload.

Lane: browser; about 40 s for two browsers of its own.
"""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserType, Page, expect
from tests.journeys.browsing import DEVICES, PLAIN, VIEW, Seat, launched, no_barriers
from tests.journeys.conftest import Hall

STAYED = "() => { globalThis.stayed = true; }"
UNPLUGGED = """() => {
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  const list = mediaDevices.enumerateDevices.bind(mediaDevices);
  globalThis.microphone = false;
  mediaDevices.getUserMedia = (wish) =>
    wish.audio && !globalThis.microphone
      ? Promise.reject(new DOMException("Requested device not found", "NotFoundError"))
      : ask(wish);
  mediaDevices.enumerateDevices = async () =>
    (await list()).filter(({ kind }) => globalThis.microphone || kind !== "audioinput");
}"""
"""The browser has no way to pull out its pretended microphone; this is what a page sees when there is none."""
OWN_TAB = """() => {
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getDisplayMedia.bind(mediaDevices);
  mediaDevices.getDisplayMedia = (wish) => ask({ ...wish, preferCurrentTab: true, selfBrowserSurface: "include" });
}"""
"""A candidate who picks the tab in the browser's question; the browser then really gives a tab."""


@pytest.mark.timeout(180)
def test_a_refused_camera_and_a_shared_tab_are_explained_and_tried_again_in_place(
    hall: Hall, chromium: BrowserType, clips: tuple[Path, Path]
) -> None:
    """R-0.19, R-0.25, product.md C3: what is refused, how to mend it on this system, and again without a reload."""
    pretended = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={clips[1]}")
    browser = launched(chromium, (*PLAIN, *pretended, "--auto-accept-this-tab-capture"))
    try:
        page = browser.new_context(viewport=VIEW).new_page()
        page.add_init_script(f"({OWN_TAB})()")
        page.context.grant_permissions([], origin=hall.url)  # none: whatever is asked for is refused
        Seat(page, hall.url, hall.cast.sittings["devices"]).enter()
        page.evaluate(STAYED)
        line = page.locator("#ck-camera")
        expect(line).to_contain_text("To fix")
        expect(line).to_contain_text("not allowed")
        expect(line).to_contain_text("How to fix on Linux")
        expect(page.locator(".cfoot")).to_contain_text("to continue")
        no_barriers(page)
        page.context.grant_permissions(["camera", "microphone"], origin=hall.url)
        line.get_by_role("button", name="Check again").click()
        expect(line).to_contain_text("Passed")
        page.wait_for_function("() => document.querySelector('.cam video')?.videoWidth > 0")
        wrong_surface(page)
        assert page.evaluate("() => globalThis.stayed")
    finally:
        browser.close()


@pytest.mark.timeout(180)
def test_a_missing_microphone_is_named_and_found_when_it_is_plugged_in(hall: Hall, chromium: BrowserType) -> None:
    """R-0.19: no microphone: nothing else is in the way, and plugging one in is enough."""
    browser = launched(chromium, DEVICES)
    try:
        page = browser.new_context(viewport=VIEW).new_page()
        page.add_init_script(f"({UNPLUGGED})()")
        seat = Seat(page, hall.url, hall.cast.sittings["devices"])
        seat.enter()
        page.evaluate(STAYED)
        no_microphone(page)
        page.get_by_role("button", name="Share my screen").click()
        expect(page.locator("#ck-screen")).to_contain_text("You chose the entire screen.")
        expect(seat.way).to_have_attribute("aria-disabled", "false")
        assert page.evaluate("() => globalThis.stayed")
    finally:
        browser.close()
    checks = hall.held("devices").of("device_check")
    assert checks == [], "nothing counts as checked before the candidate goes on"


def no_microphone(page: Page) -> None:
    fault = page.get_by_text("No microphone was found.").first
    expect(fault).to_be_visible()
    expect(page.locator(".cks")).to_contain_text("Plug the device in")
    no_barriers(page)
    page.evaluate("() => { globalThis.microphone = true; }")
    page.locator("#ck-camera").get_by_role("button", name="Check again").click()
    expect(page.locator("#ck-microphone")).to_contain_text("Passed")


def wrong_surface(page: Page) -> None:
    line = page.locator("#ck-screen")
    line.get_by_role("button", name="Share my screen").click()
    expect(line).to_contain_text("Only a window or tab is shared")
    expect(line).to_contain_text("choose Entire screen")
    no_barriers(page)
    expect(line.get_by_role("button", name="Share my screen")).to_be_enabled()
    expect(page.locator(".cfoot .btn.primary")).to_have_attribute("aria-disabled", "true")
