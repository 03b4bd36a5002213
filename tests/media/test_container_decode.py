"""Pictures and sound out of encoded media made here."""

import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from examhall.base.errors import BadInput
from examhall.media.container.decode import FRAME_SIZE, SAMPLE_RATE, Decoded, tracks, windows
from examhall.media.container.encode import Shape, encode_all

FPS = 10


def media(
    *,
    picture_s: float = 0,
    sound_s: float = 0,
    size: tuple[int, int] = (320, 240),
    form: str = "matroska",
    codec: str = "libx264",
    pixels_as: str = "yuv420p",
    hole_s: float = 0,
) -> bytes:
    """A clip whose left half is white, with a 440 Hz tone; for `hole_s` after half of the sound there is none."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        video = container.add_stream(codec, rate=FPS) if picture_s else None
        audio = container.add_stream("libopus", rate=48_000) if sound_s else None
        if isinstance(video, VideoStream):
            video.width, video.height, video.pix_fmt = *size, pixels_as
            pixels = np.zeros((size[1], size[0], 3), np.uint8)
            pixels[:, : size[0] // 2] = 255
            for n in range(int(picture_s * FPS)):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = n, Fraction(1, FPS)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
        if audio is not None:
            tone = np.sin(2 * np.pi * 440 * np.arange(int(sound_s * 48_000)) / 48_000) * 0.5
            for place in range(0, len(tone), 960):
                block = tone[place : place + 960].astype(np.float32)[None]
                sound = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
                later = int(hole_s * 48_000) if place >= len(tone) // 2 else 0
                sound.sample_rate, sound.pts, sound.time_base = 48_000, place + later, Fraction(1, 48_000)
                container.mux(audio.encode(sound))
            container.mux(audio.encode(None))
    return out.getvalue()


def all_of(raw: bytes, *, offset_s: float = 0.0) -> tuple[list[float], list[Decoded]]:
    found = list(windows(raw, offset_s=offset_s))
    return [at for window in found for at in window.times_s], found


def test_two_frames_a_second_and_sound_at_16_khz_come_out() -> None:
    """product.md §5.6: face 2 frames/s, motion 2 frames/s."""
    times, found = all_of(media(picture_s=9, sound_s=9))
    assert times == [n / 2 for n in range(18)]
    assert {frame.shape for window in found for frame in window.frames} == {(FRAME_SIZE[1], FRAME_SIZE[0], 3)}
    assert sum(len(window.sound) for window in found) == pytest.approx(9 * SAMPLE_RATE, rel=0.02)


def test_sound_windows_join_without_gap_or_overlap() -> None:
    """Issue 2 §5: segments and whole files through the same code."""
    _, found = all_of(media(picture_s=9, sound_s=9))
    ends = [window.sound_start_s + len(window.sound) / SAMPLE_RATE for window in found]
    assert [window.sound_start_s for window in found[1:]] == pytest.approx(ends[:-1])


def test_a_recording_with_a_key_picture_a_second_is_decoded_more_cheaply_to_the_same_pictures() -> None:
    """Issue 2 §5: leaving the edges of blocks unsmoothed changes no picture by more than encoding does."""
    rough = np.random.default_rng(5).integers(30, 220, (12, 16, 3), dtype=np.uint8)
    scene = np.asarray(cv2.resize(rough, FRAME_SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)
    moving = [np.roll(scene, 3 * at, axis=1) for at in range(45)]
    raw = b"".join(made.content for made in encode_all(moving, shape=Shape(sound=False)))
    plain, keyed = ([f for w in windows(raw, keyed=one) for f in w.frames] for one in (False, True))
    off = [float(np.abs(a.astype(np.int16) - b).mean()) for a, b in zip(plain, keyed, strict=True)]
    assert 0 < max(off) < 3
    assert off[-1] < 2 * max(off[:2])


def test_a_segment_keeps_its_place_in_the_session() -> None:
    """Time zero: each offset counts from when the attempt was entered."""
    times, found = all_of(media(picture_s=2, sound_s=2), offset_s=600.0)
    assert times == [600.0, 600.5, 601.0, 601.5]
    assert found[0].sound_start_s == pytest.approx(600.0, abs=0.05)


def test_a_clip_without_sound_yields_pictures_only() -> None:
    """Issue 2, bad input: an audio-less clip goes on without that track."""
    times, found = all_of(media(picture_s=2))
    assert (len(times), sum(len(window.sound) for window in found)) == (4, 0)


def test_a_clip_without_picture_yields_sound_only() -> None:
    """Issue 2, bad input: a video-less clip goes on without that track."""
    raw = media(sound_s=2)
    assert tracks(raw).picture is False
    times, found = all_of(raw)
    assert (times, sum(len(window.sound) for window in found) > SAMPLE_RATE) == ([], True)


@pytest.mark.parametrize("raw", [b"", b"no media at all" * 50, bytes(4096)])
def test_bytes_that_are_no_recording_are_refused_with_a_remedy(raw: bytes) -> None:
    """Issue 2, bad input: a clear error."""
    with pytest.raises(BadInput) as refused:
        list(windows(raw))
    assert "file" in refused.value.fields


def test_a_recording_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    """Issue 2, faults: the browser crashed; what arrived counts."""
    raw = media(picture_s=8)
    times, _ = all_of(raw[: len(raw) * 6 // 10])
    assert 2 <= len(times) < 16


def test_broken_bytes_in_the_middle_do_not_end_the_reading() -> None:
    """Issue 2, bad input: corrupt input continues where it can."""
    raw = bytearray(media(picture_s=8))
    middle = len(raw) // 2
    raw[middle : middle + 64] = bytes(64)
    times, _ = all_of(bytes(raw))
    assert times[0] == 0.0


def test_another_shape_is_fitted_in_and_padded() -> None:
    """detection.md §5: the picture stays upright and undistorted."""
    _, found = all_of(media(picture_s=1, size=(320, 120)))
    frame = found[0].frames[0]
    assert (frame[60, 320].max(), frame[240, 100].min() > 200) == (0, True)


def test_a_picture_thinner_than_a_pixel_when_fitted_in_is_read_all_the_same() -> None:
    """Issue 3, bad input: no shape of a picture stops an analysis."""
    times, _ = all_of(media(picture_s=1, size=(2, 2000), codec="ffv1", pixels_as="bgr0"))
    assert times == [0.0, 0.5]


@pytest.mark.parametrize("hole_s", [3, 90, 3_000_000])
def test_a_hole_in_the_sound_is_left_out_and_is_no_silence(hole_s: float) -> None:
    """Issue 3, bad input: clock holes; a microphone that was not recorded was not silent (R-2.23)."""
    _, found = all_of(media(sound_s=8, hole_s=hole_s))
    heard = [window for window in found if len(window.sound)]
    assert sum(len(window.sound) for window in heard) == pytest.approx(8 * SAMPLE_RATE, rel=0.02)
    ends_s = heard[-1].sound_start_s + len(heard[-1].sound) / SAMPLE_RATE
    assert ends_s == pytest.approx(8 + hole_s, abs=0.1)


def test_media_type_mp4_is_read_as_well() -> None:
    """capture.md §1: fragments are MP4."""
    times, _ = all_of(media(picture_s=2, form="mp4"))
    assert len(times) == 4


def test_pictures_that_are_not_sampled_are_left_out_without_harm_to_those_that_are() -> None:
    """Issue 3: the cost of the analysis; frames behind the last sampled one of a second are not decoded."""
    levels = [20 + 10 * n for n in range(20)]
    made = encode_all([np.full((480, 640, 3), level, np.uint8) for level in levels], shape=Shape(fps=10, sound=False))
    _, found = all_of(b"".join(part.content for part in made))
    seen = [float(frame.mean()) for window in found for frame in window.frames]
    assert seen == pytest.approx([levels[at] for at in (0, 5, 10, 15)], abs=3)
