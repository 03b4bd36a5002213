"""Makes real fragments from pictures and sound, as a candidate's browser does: H.264 and Opus through PyAV.

Serves `examhall simulate`, load runs and tests. It keeps the browser's habits: one init per start, fragments of fixed
length, key frames counted by time, sound and picture in one fragment.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from numpy.typing import NDArray

from examhall.media.container.boxes import rounded_ms
from examhall.media.container.mux import (
    AUDIO_TRACK,
    OPUS_TIMESCALE,
    VIDEO_TIMESCALE,
    VIDEO_TRACK,
    AudioHead,
    Sample,
    Samples,
    VideoHead,
    avcc_of,
    build_fragment,
    build_init,
    codecs_of,
    with_lengths,
)

_OPUS_FRAME = 960  # 20 ms at 48 kHz
_GLOBAL_HEADER = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: parameter sets go to the init segment


@dataclass(frozen=True, slots=True)
class Shape:
    """What is recorded and how; the defaults are the webcam's (capture.md §1)."""

    width_px: int = 640
    height_px: int = 480
    fps: int = 15
    kbit_s: int = 200
    fragment_s: int = 1
    key_every_s: int = 1
    sound: bool = True


WEBCAM = Shape()
SCREEN = Shape(1920, 1080, fps=5, kbit_s=150, fragment_s=2, key_every_s=10, sound=False)


@dataclass(frozen=True, slots=True)
class Made:
    """One thing to send: `number` 0 is the init segment, fragments count from 1."""

    number: int
    content: bytes
    t_ms: int
    d_ms: int
    key: bool


@dataclass(slots=True)
class Encoder:
    """Turns pictures and sound into an init segment and fragments.

    Feed one picture per 1/fps second and the sound that belongs to it; a fragment comes out as soon as it is full.
    """

    shape: Shape = WEBCAM
    start_ms: int = 0
    """Where on the attempt's time line the first picture lies."""
    _pictures: int = 0
    _number: int = 0
    _heard: int = 0
    _video: VideoCodecContext = field(init=False)
    _audio: AudioCodecContext | None = field(init=False, default=None)
    _video_samples: list[Sample] = field(init=False, default_factory=list)
    _audio_samples: list[Sample] = field(init=False, default_factory=list)
    _sound_left: NDArray[np.int16] = field(init=False)
    _video_time: int = field(init=False)
    _audio_time: int = field(init=False)

    def __post_init__(self) -> None:
        self._video = _video_context(self.shape)
        self._audio = _audio_context() if self.shape.sound else None
        self._sound_left = np.zeros(0, np.int16)
        self._video_time = self.start_ms * VIDEO_TIMESCALE // 1000
        self._audio_time = self.start_ms * OPUS_TIMESCALE // 1000

    @property
    def heads(self) -> tuple[VideoHead, AudioHead | None]:
        avcc = avcc_of(cast(bytes, self._video.extradata))
        video = VideoHead(self.shape.width_px, self.shape.height_px, avcc)
        return video, _audio_head(self._audio) if self._audio else None

    @property
    def codecs(self) -> str:
        return codecs_of(*self.heads)

    def init(self) -> Made:
        return Made(0, build_init(*self.heads), self.start_ms, 0, False)

    def add(self, picture: NDArray[np.uint8], sound: NDArray[np.int16] | None = None) -> Iterator[Made]:
        """picture: uint8 [h, w, 3] RGB. sound: int16 [n], mono, 48 kHz. Yields what became full."""
        frame = av.VideoFrame.from_ndarray(_planes(picture), format="yuv420p")
        frame.pts = self._pictures
        key = self._pictures % (self.shape.fps * self.shape.key_every_s) == 0
        frame.pict_type = PictureType.I if key else PictureType.NONE
        for packet in self._video.encode(frame):
            content = with_lengths(bytes(packet))
            self._video_samples.append(Sample(content, VIDEO_TIMESCALE // self.shape.fps, packet.is_keyframe))
        if sound is not None and self._audio is not None:
            self._hear(self._audio, sound)
        self._pictures += 1
        if self._pictures % (self.shape.fps * self.shape.fragment_s) == 0:
            yield self._cut()

    def finish(self) -> Iterator[Made]:
        """What is still inside, as a last, shorter fragment."""
        if self._video_samples:
            yield self._cut()

    def _hear(self, audio: AudioCodecContext, sound: NDArray[np.int16]) -> None:
        waiting = np.concatenate((self._sound_left, sound))
        whole = len(waiting) - len(waiting) % _OPUS_FRAME
        self._sound_left = waiting[whole:]
        for at in range(0, whole, _OPUS_FRAME):
            frame = av.AudioFrame.from_ndarray(waiting[at : at + _OPUS_FRAME][None, :], format="s16", layout="mono")
            frame.sample_rate, frame.pts = OPUS_TIMESCALE, self._heard
            self._heard += _OPUS_FRAME
            self._audio_samples += [Sample(bytes(packet), _OPUS_FRAME) for packet in audio.encode(frame)]

    def _cut(self) -> Made:
        self._number += 1
        runs = [Samples(VIDEO_TRACK, self._video_time, self._video_samples)]
        if self._audio_samples:
            runs.append(Samples(AUDIO_TRACK, self._audio_time, self._audio_samples))
        start, length = self._video_time, sum(sample.duration for sample in self._video_samples)
        t_ms = rounded_ms(start, VIDEO_TIMESCALE)
        d_ms = rounded_ms(start + length, VIDEO_TIMESCALE) - t_ms
        made = Made(self._number, build_fragment(self._number, runs), t_ms, d_ms, self._video_samples[0].key)
        self._video_time += length
        self._audio_time += sum(sample.duration for sample in self._audio_samples)
        self._video_samples, self._audio_samples = [], []
        return made


def encode_all(
    pictures: Sequence[NDArray[np.uint8]],
    sound: NDArray[np.int16] | None = None,
    *,
    shape: Shape = WEBCAM,
    start_ms: int = 0,
) -> list[Made]:
    """Init segment and fragments of a whole clip held in memory; shapes as in `Encoder.add`."""
    encoder = Encoder(shape, start_ms)
    step = OPUS_TIMESCALE // shape.fps
    made = [encoder.init()]
    for index, picture in enumerate(pictures):
        made += encoder.add(picture, None if sound is None else sound[index * step : (index + 1) * step])
    return made + list(encoder.finish())


def _planes(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Planar 4:2:0 of an even number of rows and columns: OpenCV converts it four times cheaper than the scaler."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)


def _video_context(shape: Shape) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = shape.width_px, shape.height_px, "yuv420p"
    context.time_base, context.framerate = Fraction(1, shape.fps), Fraction(shape.fps, 1)
    context.bit_rate, context.gop_size = shape.kbit_s * 1000, shape.fps * shape.key_every_s
    context.flags |= _GLOBAL_HEADER
    options = {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "forced-idr": "1"}
    context.options = {**options, "x264-params": "scenecut=0:annexb=1", "threads": "1"}
    context.open()
    return context


def _audio_context() -> AudioCodecContext:
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = OPUS_TIMESCALE, "mono", av.AudioFormat("s16")
    context.bit_rate, context.options = 24_000, {"frame_duration": "20", "application": "voip"}
    context.open()
    return context


def _audio_head(context: AudioCodecContext) -> AudioHead:
    """From the OpusHead packet (RFC 7845 §5.1) the encoder leaves as its header."""
    channels, pre_skip, rate_hz = struct.unpack_from("<xBHI", cast(bytes, context.extradata), 8)
    return AudioHead(channels, pre_skip, rate_hz)
