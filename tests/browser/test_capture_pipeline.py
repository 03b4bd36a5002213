"""The recording path in a real Chromium with a fake camera, microphone and monitor: capture, mux, keep, upload.

Lane: browser. Needs Chromium and the client's node_modules; the receiver stands in for the server's half only.
"""

import io
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import av
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from tests.browser.media_receiver import Receiver

CLIENT = Path(__file__).parents[2] / "client"
CHROMIUM = "/usr/bin/chromium"
FAKE_DEVICES = [
    "--headless=new",
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
PORT = 8221


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("build")
    entries = ["src/capture/worker.ts", "test/pages/recording.ts"]
    command = ["node_modules/.bin/esbuild", *entries, "--bundle", "--format=esm", "--outbase=.", f"--outdir={out}"]
    subprocess.run(command, cwd=CLIENT, check=True, capture_output=True, timeout=60)
    return out


@pytest.fixture(scope="module")
def receiver(build: Path) -> Iterator[Receiver]:
    started = Receiver(build=build, port=PORT)
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=CHROMIUM, headless=False, args=FAKE_DEVICES)
    yield launched
    launched.close()


@pytest.fixture
def attempt() -> str:
    return uuid4().hex


@pytest.fixture
def page(browser: Browser, receiver: Receiver, attempt: str) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    open_bench(opened, receiver, attempt)
    yield opened
    receiver.down = False
    context.close()


def open_bench(page: Page, receiver: Receiver, attempt: str) -> None:
    page.goto(f"{receiver.url}/page/test/pages/recording.js?attempt={attempt}")
    page.wait_for_function("() => globalThis.bench !== undefined")


def wait_until_sent(page: Page, *tracks: str) -> None:
    """End the tracks and wait until the server has everything that was made."""
    page.evaluate("tracks => tracks.forEach(track => bench.pipeline.stop(track))", tracks)
    page.wait_for_function("tracks => tracks.every(track => bench.ended.includes(track))", arg=tracks)
    page.wait_for_function("() => bench.backlog === 0")


def made(page: Page) -> set[tuple[str, int, int]]:
    rows = page.evaluate("() => bench.kept.map(({track, media_epoch, seq}) => [track, media_epoch, seq])")
    return {(track, media_epoch, seq) for track, media_epoch, seq in rows}


def arrived(receiver: Receiver, attempt: str) -> set[tuple[str, int, int]]:
    return {name[1:] for name in list(receiver.kept) if name[0] == attempt}


def decoded(reel: bytes) -> tuple[list[tuple[float, bool]], list[float]]:
    """Decode a reel whole. Returns (time_s, keyframe) of each picture and time_s of each sound frame."""
    with av.open(io.BytesIO(reel), mode="r") as container:
        pictures = [
            (float(frame.pts * (frame.time_base or Fraction(0))), bool(frame.key_frame))
            for frame in container.decode(video=0)
            if frame.pts is not None
        ]
    with av.open(io.BytesIO(reel), mode="r") as container:
        sounds = (
            [
                float(frame.pts * (frame.time_base or Fraction(0)))
                for frame in container.decode(audio=0)
                if frame.pts is not None
            ]
            if container.streams.audio
            else []
        )
    return pictures, sounds


def test_webcam_with_sound_and_screen_arrive_and_decode(page: Page, receiver: Receiver, attempt: str) -> None:
    """R-1.13: webcam, microphone and screen reach the server as H.264 and Opus on the attempt's own time line."""
    page.evaluate("() => bench.start(true)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 5, "five webcam fragments")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "screen")) >= 2, "two screen fragments")
    assert page.evaluate("() => bench.level") > 0.05
    assert page.evaluate("() => bench.source_fps.webcam") > 5
    wait_until_sent(page, "webcam", "screen")

    assert receiver.epochs(attempt, "webcam") == [0]
    assert receiver.kept[attempt, "webcam", 0, 0].codecs == "avc1.42E01E,opus"
    assert receiver.kept[attempt, "screen", 0, 0].codecs == "avc1.640028"
    webcam = receiver.reel(attempt, "webcam", 0)
    with av.open(io.BytesIO(webcam), mode="r") as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "opus"]
    pictures, sounds = decoded(webcam)
    assert 3600 <= pictures[0][0] < 3660
    assert abs(sounds[0] - pictures[0][0]) < 1
    keys = [time_s for time_s, key in pictures if key]
    slots = [int(time_s) for time_s in keys[1:]]
    assert slots == list(range(slots[0], slots[0] + len(slots))), "one keyframe in each second of the attempt"
    assert all(row.key for row in receiver.fragments(attempt, "webcam"))

    screen, _ = decoded(receiver.reel(attempt, "screen", 0))
    assert 3600 <= screen[0][0] < 3660
    assert [row.key for row in receiver.fragments(attempt, "screen")].count(True) <= 2
    assert page.evaluate("() => bench.faults") == []


def test_a_network_cut_loses_and_doubles_nothing(page: Page, receiver: Receiver, attempt: str) -> None:
    """R-0.42: what was recorded without a network arrives afterwards, each fragment once."""
    page.evaluate("() => bench.start(true)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 2, "two webcam fragments")
    page.context.set_offline(True)
    page.wait_for_function("() => bench.backlog >= 11")
    page.context.set_offline(False)
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 11, "the return of the backlog")
    wait_until_sent(page, "webcam", "screen")

    assert arrived(receiver, attempt) == made(page)
    assert page.evaluate("() => bench.pipeline.manifest()") == {"held": 0, "lost": 0}
    pictures, _ = decoded(receiver.reel(attempt, "webcam", 0))
    times = [time_s for time_s, _key in pictures]
    assert times == sorted(set(times))
    assert max(later - sooner for sooner, later in pairwise(times)) < 1.2
    assert page.evaluate("() => bench.faults") == []


def test_a_reload_takes_a_new_epoch_and_brings_the_backlog(page: Page, receiver: Receiver, attempt: str) -> None:
    """product.md §8.9: what the closed page left behind is sent by the next one, under its own numbers."""
    page.evaluate("() => bench.start(false)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 2, "two webcam fragments")
    receiver.down = True
    page.wait_for_function("() => bench.backlog >= 4")
    before = made(page)
    page.reload()
    page.wait_for_function("() => globalThis.bench !== undefined")
    receiver.down = False
    page.evaluate("() => bench.start(false)")
    receiver.wait_for(lambda: len(receiver.epochs(attempt, "webcam")) == 2, "a second epoch")
    receiver.wait_for(lambda: before <= arrived(receiver, attempt), "the recovery of the backlog")
    wait_until_sent(page, "webcam")

    assert receiver.epochs(attempt, "webcam") == [0, 1]
    assert page.evaluate("() => bench.pipeline.manifest()") == {"held": 0, "lost": 0}
    first, second = (decoded(receiver.reel(attempt, "webcam", epoch))[0] for epoch in (0, 1))
    assert first[-1][0] < second[0][0]


def test_video_goes_on_when_the_microphone_ends(page: Page, receiver: Receiver, attempt: str) -> None:
    """product.md §8.6: losing the microphone starts an epoch without sound and costs no picture."""
    page.evaluate("() => bench.start(false)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 2, "two webcam fragments")
    page.evaluate("() => bench.camera.getAudioTracks()[0].stop()")
    receiver.wait_for(
        lambda: (attempt, "webcam", 1, 2) in receiver.kept, "the second fragment of an epoch without sound"
    )
    wait_until_sent(page, "webcam")

    assert "opus" not in (receiver.kept[attempt, "webcam", 1, 0].codecs or "opus")
    times = [time_s for epoch in (0, 1) for time_s, _key in decoded(receiver.reel(attempt, "webcam", epoch))[0]]
    assert max(later - sooner for sooner, later in pairwise(times)) < 1.2


def test_a_new_screen_size_starts_a_new_epoch(page: Page, receiver: Receiver, attempt: str) -> None:
    """capture.md §9: a change of resolution flushes, writes a new init and goes on."""
    page.evaluate("() => bench.start(false)")
    page.evaluate("() => bench.recordCanvas()")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "screen")) >= 1, "a screen fragment")
    page.evaluate("() => bench.resizeCanvas()")
    receiver.wait_for(lambda: (attempt, "screen", 1, 1) in receiver.kept, "a fragment of the new size")
    wait_until_sent(page, "screen", "webcam")

    sizes = []
    for epoch in (0, 1):
        with av.open(io.BytesIO(receiver.reel(attempt, "screen", epoch)), mode="r") as container:
            frame = next(container.decode(video=0))
            sizes.append((frame.width, frame.height))
    assert sizes == [(640, 360), (800, 450)]


def test_an_expired_token_is_renewed_without_loss(page: Page, receiver: Receiver, attempt: str) -> None:
    """design.md §10: a refused token is asked for anew, and the segment is sent again."""
    page.evaluate("() => bench.start(false)")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 1, "a webcam fragment")
    receiver.stale_tokens.update(f"{attempt}.{number}" for number in range(100))
    page.wait_for_function("() => bench.tokens_asked > 0")
    receiver.stale_tokens.clear()
    page.wait_for_function("() => bench.backlog > 0 || bench.stored.length > 3")
    wait_until_sent(page, "webcam")
    assert arrived(receiver, attempt) == made(page)


def test_without_h264_the_recording_falls_back_to_vp9(page: Page, receiver: Receiver, attempt: str) -> None:
    """capture.md §2.1: the fallback codec stands in the init row and decodes."""
    page.evaluate("() => bench.start(false, ['hvc1.1.6.L93.B0', 'vp09.00.40.08'])")
    receiver.wait_for(lambda: len(receiver.fragments(attempt, "webcam")) >= 2, "two webcam fragments")
    wait_until_sent(page, "webcam")
    assert receiver.kept[attempt, "webcam", 0, 0].codecs == "vp09.00.40.08,opus"
    pictures, _sounds = decoded(receiver.reel(attempt, "webcam", 0))
    assert sum(key for _time_s, key in pictures) == len(receiver.fragments(attempt, "webcam"))


def test_sharing_a_tab_instead_of_the_screen_is_refused(playwright: Playwright, receiver: Receiver) -> None:
    """product.md C3: only the whole screen counts; a tab is stopped again and named in the refusal."""
    args = ["--headless=new", "--no-sandbox", "--auto-accept-this-tab-capture"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=False, args=args)
    page = browser.new_context().new_page()
    open_bench(page, receiver, uuid4().hex)
    refusal = page.evaluate("() => bench.shareTab()")
    browser.close()
    assert refusal == "window_shared browser"
