"""`kill -9` of the candidate's browser, and the same browser opened again. Lane: browser; about a minute."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserType, Error, expect
from tests.journeys.browsing import SOON_MS, Seat, filmed, kept_profile
from tests.journeys.cable import Cable
from tests.journeys.conftest import Hall

UNSENT = "() => document.querySelector('exam-app').session.media.backlog.segments > 2"
STORED = "() => document.querySelector('.efoot').innerText.includes('being sent')"


def kill_browser(profile: Path) -> None:
    """Every process of the browser that uses this profile, and of no other."""
    mark = f"--user-data-dir={profile}"
    ours = [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or [])]
    assert ours, "the browser runs"
    for process in ours:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(ours, timeout=10)


@contextmanager
def sitting_down(
    chromium: BrowserType, profile: Path, clips: tuple[Path, Path], hall: Hall, url: str
) -> Iterator[Seat]:
    context = kept_profile(chromium, profile, filmed(*clips))
    try:
        yield Seat(context.pages[0], url, hall.cast.sittings["crashed"])
    finally:
        with suppress(Error):  # the story has killed it
            context.close()


@pytest.mark.timeout(480)
def test_what_a_killed_browser_had_not_sent_arrives_when_it_is_opened_again(
    hall: Hall, chromium: BrowserType, clips: tuple[Path, Path], tmp_path: Path
) -> None:
    """R-4.24, product.md §2.5: answers and segments wait in the browser's own store and arrive after a crash."""
    profile = tmp_path / "profile"
    with Cable(hall.place.port) as cable:
        with sitting_down(chromium, profile, clips, hall, cable.url) as before:
            before.sit_down()
            before.go_to(5)
            before.write("Sent. ")
            before.all_saved()
            address = before.page.url
            cable.pull()
            before.write("Not sent.")
            before.page.wait_for_function(STORED, timeout=SOON_MS)
            before.page.wait_for_function(UNSENT, timeout=SOON_MS)
            at_kill = hall.held("crashed")
            kill_browser(profile)
        cable.put_back()
        (profile / "SingletonLock").unlink(missing_ok=True)
        with sitting_down(chromium, profile, clips, hall, cable.url) as after:
            after.come_back_to(address)
            after.all_saved()
            after.go_to(5)
            expect(after.page.locator(".qtext textarea")).to_have_value("Sent. Not sent.")
            after.hand_in()
    held = hall.settled("crashed")
    assert at_kill.answers[5] == "Sent. "
    assert held.answers[5] == "Sent. Not sent."
    first = held.segments["webcam"][1]
    assert len(first) > len(at_kill.segments["webcam"][1]), "what had not been sent arrived"
    assert sorted(first) == list(range(1, len(first) + 1))
    assert sorted(held.segments["webcam"]) == [1, 2], "a new recorder took a new epoch"
    causes = {cause for holes in held.gaps.values() for _, _, cause in holes}
    assert causes <= {"client_crash", "offline"}
    assert "client_crash" in causes
