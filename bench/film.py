"""Fragments for the load: one second of camera with sound (40 KB) and two seconds of screen (about 12 KB)."""

import numpy as np

from bench.load import Reel
from examhall.media.container.boxes import parse_fragment, parse_init
from examhall.media.container.encode import SCREEN, WEBCAM, Encoder
from examhall.media.container.mux import AUDIO_TRACK, VIDEO_TRACK, Sample, Samples, build_fragment

VIDEO_SAMPLES, VIDEO_BYTES = 15, 2_480
AUDIO_SAMPLES, AUDIO_BYTES = 50, 60


def reels() -> list[Reel]:
    """Webcam and screen, with the heads of the real encoders."""
    webcam = Encoder(WEBCAM)
    screen = Encoder(SCREEN)
    page = np.full((1080, 1920, 3), 240, np.uint8)
    page[100:900:40, 200:1500] = 60
    shown = [piece for _ in range(10) for piece in screen.add(page)]
    return [
        _reel("webcam", webcam, fragment(1), 1000),
        _reel("screen", screen, shown[0].content, 2000),
    ]


def fragment(number: int) -> bytes:
    """Second `number` of picture and sound, 40 KB of incompressible bytes."""
    noise = np.random.default_rng(number).bytes(VIDEO_BYTES)
    video = [Sample(noise, 6_000, n == 0) for n in range(VIDEO_SAMPLES)]
    audio = [Sample(noise[:AUDIO_BYTES], 960) for _ in range(AUDIO_SAMPLES)]
    at = number - 1
    return build_fragment(number, [Samples(VIDEO_TRACK, at * 90_000, video), Samples(AUDIO_TRACK, at * 48_000, audio)])


def _reel(track: str, encoder: Encoder, content: bytes, length_ms: int) -> Reel:
    init = encoder.init().content
    heads = parse_init(init)
    clocks = tuple(
        (run.tfdt_at, run.tfdt_wide, run.base_time, heads.tracks[run.track_id].timescale)
        for run in parse_fragment(content, heads).runs
    )
    return Reel(track, encoder.codecs, init, content, length_ms, clocks)
