"""Live view and replay in a real Chromium, of media that another page of the same browser records.

Lane: browser. The recording is made once for the module; the receiver stands in for relay and playlists only.
"""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.media_receiver import Receiver

CLIENT = Path(__file__).parents[2] / "client"
FAKE_DEVICES = [
    "--headless=new",
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
PORT = 8223
ENTERED_BEFORE_S = 3


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    out = tmp_path_factory.mktemp("build")
    entries = ["src/capture/worker.ts", "test/pages/recording.ts", "test/pages/watching.ts"]
    command = ["node_modules/.bin/esbuild", *entries, "--bundle", "--format=esm", "--outbase=.", f"--outdir={out}"]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True, timeout=60)
    started = Receiver(build=out, port=PORT, entered_before=timedelta(seconds=ENTERED_BEFORE_S))
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=False, args=FAKE_DEVICES)
        yield launched
        launched.close()


def open_page(browser: Browser, receiver: Receiver, script: str, attempt: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{receiver.url}/page/test/pages/{script}.js?attempt={attempt}")
    page.wait_for_function("() => globalThis.bench !== undefined")
    return page


def test_the_live_view_joins_late_and_stays_close(browser: Browser, receiver: Receiver) -> None:
    """R-1.3: a watcher who comes late sees the running picture, a little more than one fragment behind."""
    attempt = uuid4().hex
    recording = open_page(browser, receiver, "recording", attempt)
    recording.evaluate("() => bench.start(false)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 3, "three webcam fragments")
    watching = open_page(browser, receiver, "watching", attempt)
    watching.evaluate("() => bench.watch()")
    watching.wait_for_function("() => document.getElementById('webcam').currentTime > 0")
    joined = watching.evaluate("() => document.getElementById('webcam').currentTime")
    assert joined > ENTERED_BEFORE_S + 1
    watching.wait_for_function("at => document.getElementById('webcam').currentTime > at + 3", arg=joined)
    assert 0 < watching.evaluate("() => bench.live.behindS()") < 2.5
    assert watching.evaluate("() => bench.faults") == []

    recording.evaluate("() => bench.camera.getAudioTracks()[0].stop()")
    receiver.wait_for(lambda: (attempt, "webcam", 1, 2) in receiver.kept, "an epoch without sound")
    watching.wait_for_function(
        "from => document.getElementById('webcam').currentTime > from",
        arg=receiver.kept[attempt, "webcam", 1, 1].t_ms / 1000 + 0.5,
    )
    assert watching.evaluate("() => bench.faults") == []
    recording.context.close()
    watching.context.close()


@pytest.fixture(scope="module")
def recorded(browser: Browser, receiver: Receiver) -> str:
    """An attempt whose webcam has a hole of some seconds while the screen goes on."""
    attempt = uuid4().hex
    page = open_page(browser, receiver, "recording", attempt)
    page.evaluate("() => bench.start(true)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 4, "four webcam fragments")
    page.evaluate("() => bench.pipeline.stop('webcam')")
    page.wait_for_function("() => bench.ended.includes('webcam')")
    made = len(receiver.fragments(attempt, "screen"))
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "screen")) >= made + 2, "two more screen fragments")
    page.evaluate("() => bench.pipeline.record('webcam', bench.camera, 'device_lost')")
    receiver.wait_for(lambda: (attempt, "webcam", 1, 4) in receiver.kept, "the webcam's return")
    page.evaluate("() => ['webcam', 'screen'].forEach(track => bench.pipeline.stop(track))")
    page.wait_for_function("() => bench.ended.length === 3 && bench.backlog === 0")
    page.context.close()
    return attempt


@pytest.fixture
def player(browser: Browser, receiver: Receiver, recorded: str) -> Iterator[Page]:
    page = open_page(browser, receiver, "watching", recorded)
    rows = receiver.fragments(recorded, "webcam")
    end_ms = max(row.t_ms + row.d_ms for row in rows if row.media_epoch == 0)
    back_ms = min(row.t_ms for row in rows if row.media_epoch == 1)
    gap = {"track": "webcam", "from_ms": end_ms, "to_ms": back_ms, "cause": "device_lost"}
    page.evaluate("gap => bench.replay([gap])", gap)
    page.wait_for_function("() => bench.player.durationMs > 0")
    yield page
    page.context.close()


def test_both_sides_play_in_step_on_the_time_of_the_attempt(player: Page, receiver: Receiver, recorded: str) -> None:
    """R-1.13: webcam and screen play in step, from where the recording began."""
    assert player.evaluate("() => bench.player.positionMs") >= ENTERED_BEFORE_S * 1000
    player.evaluate("() => bench.player.play()")
    player.wait_for_function(f"() => bench.steps.some(([at]) => at > {ENTERED_BEFORE_S * 1000 + 3000})")
    settled_ms = ENTERED_BEFORE_S * 1000 + 1500
    steps = player.evaluate("from => bench.steps.filter(([at]) => at > from)", settled_ms)
    assert steps
    assert max(abs(webcam - screen) for _at, webcam, screen, _paused in steps) < 250
    assert player.evaluate("() => bench.skipped") == []
    assert player.evaluate("() => bench.faults") == []


def test_a_paused_player_shows_where_the_recording_began(player: Page) -> None:
    """R-2.10: the page opens on pictures, also when nothing was recorded in the attempt's first seconds."""
    player.wait_for_function(
        "s => ['webcam', 'screen'].map((id) => document.getElementById(id))"
        ".every((video) => video.readyState >= 2 && video.currentTime >= s)",
        arg=ENTERED_BEFORE_S,
    )
    assert player.evaluate("() => bench.player.playing") is False


def test_a_hole_of_one_side_is_announced_and_the_other_goes_on(player: Page, receiver: Receiver, recorded: str) -> None:
    """product.md R3 page: a missing stretch shows its cause and playback continues, in step again behind it."""
    back_ms = min(row.t_ms for row in receiver.fragments(recorded, "webcam") if row.media_epoch == 1)
    player.evaluate("at => { bench.player.seek(at); bench.player.play(); }", back_ms - 1500)
    player.wait_for_function("at => bench.steps.some(([now]) => now > at + 2000)", arg=back_ms)
    assert ["webcam", "device_lost"] in player.evaluate("() => bench.holes")
    inside = player.evaluate("at => bench.steps.filter(([now]) => now > at - 1200 && now < at - 300)", back_ms)
    assert inside
    assert all(paused for _at, _webcam, _screen, paused in inside)
    behind = player.evaluate("at => bench.steps.filter(([now]) => now > at + 1500)", back_ms)
    assert max(abs(webcam - screen) for _at, webcam, screen, _paused in behind) < 250
    assert player.evaluate("() => bench.faults") == []
