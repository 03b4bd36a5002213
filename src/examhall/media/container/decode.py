"""Pictures and sound out of encoded media: a few upright frames per second, and 16 kHz mono sound.

Reads bytes or an open file; whether these come from a reel, a segment or a clip on disk is the caller's affair.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from examhall.base.errors import BadInput

FRAMES_PER_S = 2.0
"""product.md §5.6: face and motion are sampled twice a second."""
FRAME_SIZE = (640, 480)
"""Width and height handed on; another shape is fitted in and padded with black."""
SAMPLE_RATE = 16_000
"""What the voice model was trained on."""
WINDOW_S = 4.0
"""Length of the windows handed on."""
HOLD_S = 2.0
"""A picture stands until the next one, at most this long: a camera of one frame a second is seen without holes."""
SOUND_GAP_S = 0.2
"""A longer gap in the sound is filled with silence, so that what follows keeps its time …"""
SOUND_HOLE_S = 2.0
"""… and from here on left out: what was not recorded is no silence of a microphone."""
UNSMOOTHED = {"skip_loop_filter": "all"}
"""Takes two fifths off decoding H.264; what differs (41 to 51 dB) does not add up over one second."""

Pixels = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]


@dataclass(slots=True)
class Decoded:
    """One window of one clip. Either track may be empty in it."""

    start_s: float
    end_s: float
    times_s: list[float] = field(default_factory=list)
    """One per frame: its slot, a multiple of 1 / FRAMES_PER_S."""
    frames: list[Pixels] = field(default_factory=list)
    """uint8 [480, 640, 3], BGR, upright, top-left origin."""
    sound: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    """float32 [n], -1 to 1, 16 kHz mono, from `sound_start_s` on."""
    sound_start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tracks:
    """Which tracks the media has."""

    picture: bool
    sound: bool


def tracks(source: bytes | BinaryIO) -> Tracks:
    """Raises BadInput if the bytes are no media at all."""
    with _opened(source) as container:
        return Tracks(bool(container.streams.video), bool(container.streams.audio))


def windows(source: bytes | BinaryIO, *, offset_s: float = 0.0, keyed: bool = False) -> Iterator[Decoded]:
    """Decode from start to end, in windows of WINDOW_S; the last may be shorter.

    offset_s: added to all times (where in the session the media begins). keyed: a key picture comes every second, as
    the client records: the edges of blocks are then left unsmoothed, as what differs cannot add up. A clip without
    sound or without picture yields only the other. Raises BadInput if there is neither or nothing can be read; broken
    packets in between are skipped, as a browser does.
    """
    with _opened(source) as container:
        video = container.streams.video[0] if container.streams.video else None
        audio = container.streams.audio[0] if container.streams.audio else None
        wanted: list[VideoStream | AudioStream] = [stream for stream in (video, audio) if stream is not None]
        if not wanted:
            raise BadInput("The file has neither a picture nor a sound track.", fields={"file": "record it again"})
        if video is not None:
            video.thread_count = 1
            if keyed and video.codec_context is not None:
                video.codec_context.options = UNSMOOTHED
        cutter = _Cutter(offset_s)
        for packet in _needed(container, wanted, cutter):
            for frame in _frames(packet):
                yield from cutter.take(frame)
        yield from cutter.rest()


def grey_picture(source: bytes) -> Pixels:
    """The first picture that can be decoded: uint8 [h, w], grey, in its own size. Raises BadInput if there is none."""
    with _opened(source) as container:
        if not container.streams.video:
            raise BadInput("The file has no picture.", fields={"file": "record it again"})
        container.streams.video[0].thread_count = 1
        try:
            for frame in container.decode(video=0):
                return np.asarray(frame.to_ndarray(format="gray"), np.uint8)
        except FFmpegError as error:
            raise BadInput("The picture cannot be decoded.", fields={"file": "record it again"}) from error
    raise BadInput("Nothing in the file could be decoded.", fields={"file": "record it again"})


def _opened(source: bytes | BinaryIO) -> InputContainer:
    try:
        return av.open(io.BytesIO(source) if isinstance(source, bytes) else source, mode="r")
    except (FFmpegError, ValueError) as error:
        raise BadInput(
            "The file is not a recording that can be read.", fields={"file": "use WebM, MP4 or Matroska"}
        ) from error


def _needed(
    container: InputContainer, wanted: list[VideoStream | AudioStream], cutter: "_Cutter"
) -> Iterator["Packet[Stream]"]:
    """What has to be decoded; where the container itself breaks off, the media ends.

    Pictures between the last one that is sampled and the next key frame are left out: nothing that is shown builds
    on them. Only for pictures that come in the order in which they are shown, as browsers record them.
    """
    waiting: list[Packet[Stream]] = []
    packets = container.demux(wanted)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            return
        if packet is None:
            return
        if not isinstance(packet.stream, VideoStream) or _out_of_order(packet.stream):
            yield packet
            continue
        if packet.is_keyframe or not packet.size:
            waiting.clear()
        waiting.append(packet)
        if packet.pts is None or cutter.samples(float(packet.pts * packet.time_base)):
            yield from waiting
            waiting.clear()


def _out_of_order(video: VideoStream) -> bool:
    """Whether pictures may come in another order than they are shown; so also of a codec nobody here knows."""
    codec: VideoCodecContext | None = video.codec_context
    return codec is None or codec.has_b_frames


def _frames(packet: "Packet[Stream]") -> Iterator[VideoFrame | AudioFrame]:
    """A broken packet is skipped."""
    try:
        decoded = packet.decode()
    except FFmpegError:
        return
    yield from (frame for frame in decoded if isinstance(frame, VideoFrame | AudioFrame))


class _Cutter:
    """Puts frames into their slots and sound into windows. One per file; mutable, because decoding is a stream."""

    def __init__(self, offset_s: float) -> None:
        self._offset_s = offset_s
        self._window = Decoded(offset_s, offset_s)
        self._slot = 0
        self._shown: Pixels | None = None
        self._sound: list[Samples] = []
        self._waiting = AudioFifo()
        self._shape: tuple[str, str, int] | None = None
        self._waiting_s = 0.0
        self._sound_s = 0.0
        self._heard = 0
        self._sounded = False
        self._seen_s = 0.0
        self._resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        self.anything = False

    def samples(self, at_s: float) -> bool:
        """Whether the next picture of this time, or a later one, is handed on."""
        return at_s >= self._slot / FRAMES_PER_S - 1e-6

    def take(self, frame: VideoFrame | AudioFrame) -> Iterator[Decoded]:
        at_s = frame.time
        if at_s is None:
            return
        if isinstance(frame, AudioFrame) and self._sounded and at_s - self._heard_s() > SOUND_HOLE_S:
            yield self._cut()
            self._sound_s = at_s
        self._seen_s = max(self._seen_s, at_s)
        self.anything = True
        if isinstance(frame, VideoFrame):
            self._picture(frame, at_s)
        else:
            self._hear(frame, at_s)
        if self._seen_s + self._offset_s - self._window.start_s >= WINDOW_S:
            yield self._cut()

    def rest(self) -> Iterator[Decoded]:
        if not self.anything:
            raise BadInput("Nothing in the file could be decoded.", fields={"file": "record it again"})
        yield self._cut()

    def _picture(self, frame: VideoFrame, at_s: float) -> None:
        if not self.samples(at_s):
            return
        slot = max(self._slot, int(at_s * FRAMES_PER_S + 1e-6))
        if self._shown is not None and slot - self._slot < HOLD_S * FRAMES_PER_S:
            for held in range(self._slot, slot):
                self._put(held, self._shown)
        self._shown = upright(frame)
        self._put(slot, self._shown)
        self._slot = slot + 1

    def _put(self, slot: int, picture: Pixels) -> None:
        self._window.times_s.append(slot / FRAMES_PER_S + self._offset_s)
        self._window.frames.append(picture)

    def _hear(self, frame: AudioFrame, at_s: float) -> None:
        if not self._sounded:
            self._sounded, self._sound_s = True, at_s
        missing = round((at_s - self._heard_s()) * SAMPLE_RATE)
        if missing > SOUND_GAP_S * SAMPLE_RATE:
            self._resample()
            self._keep(np.zeros(missing, np.float32))
        shape = frame.format.name, frame.layout.name, frame.sample_rate
        if shape != self._shape:
            self._resample()
            self._waiting, self._shape = AudioFifo(), shape
        frame.pts = None  # gaps are filled above
        self._waiting.write(frame)
        self._waiting_s += frame.samples / frame.sample_rate

    def _heard_s(self) -> float:
        return self._sound_s + self._heard / SAMPLE_RATE + self._waiting_s

    def _resample(self) -> None:
        """All that waits at once: a call for each 20 ms would cost more than its work."""
        whole = self._waiting.read()
        self._waiting_s = 0.0
        if whole is None:
            return
        for piece in self._resampler.resample(whole):
            self._keep(np.asarray(piece.to_ndarray(), np.float32).reshape(-1))

    def _keep(self, piece: Samples) -> None:
        self._sound.append(piece)
        self._heard += len(piece)

    def _cut(self) -> Decoded:
        self._resample()
        done = self._window
        done.sound = np.concatenate(self._sound) if self._sound else done.sound
        done.sound_start_s = self._sound_s + self._offset_s
        self._sound_s += len(done.sound) / SAMPLE_RATE
        self._sound, self._heard = [], 0
        done.end_s = max(self._seen_s + self._offset_s, *(at + 1 / FRAMES_PER_S for at in done.times_s[-1:]), 0.0)
        self._window = Decoded(done.end_s, done.end_s)
        return done


def upright(frame: VideoFrame) -> Pixels:
    """The frame as BGR pixels of FRAME_SIZE, turned as its rotation mark says."""
    turned = _turned(frame)
    width, height = FRAME_SIZE
    if turned.shape[:2] == (height, width):
        return turned
    scale = min(width / turned.shape[1], height / turned.shape[0])
    size = max(1, round(turned.shape[1] * scale)), max(1, round(turned.shape[0] * scale))
    fitted = cv2.resize(turned, size, interpolation=cv2.INTER_AREA)
    out = np.zeros((height, width, 3), np.uint8)
    top, left = (height - fitted.shape[0]) // 2, (width - fitted.shape[1]) // 2
    out[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return out


def _turned(frame: VideoFrame) -> Pixels:
    pixels = _pixels(frame)
    quarter_turns = round(_rotation(frame) / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, quarter_turns)) if quarter_turns else pixels


def _pixels(frame: VideoFrame) -> Pixels:
    """What browsers record is planar 4:2:0: OpenCV converts it ten times cheaper than the general scaler."""
    if frame.format.name == "yuv420p" and frame.width % 2 == 0 and frame.height % 2 == 0:
        return np.asarray(cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2BGR_I420), np.uint8)
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _rotation(frame: VideoFrame) -> float:
    """Degrees counter-clockwise by which the picture has to be turned to stand upright."""
    return float(frame.rotation)
