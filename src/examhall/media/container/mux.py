"""Writes fragmented MP4 for H.264 and Opus: the init segment, fragments, and a cheap move along the time line.

The browser's own muxer does the same in TypeScript; this one serves `examhall simulate`, load runs and tests. Encoding
is left to whoever has frames (`container.encode`).
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from examhall.base.errors import BadInput
from examhall.media.container.boxes import Fragment

VIDEO_TRACK, AUDIO_TRACK = 1, 2
VIDEO_TIMESCALE = 90_000  # the usual clock of video: whole units for 15, 25, 30 fps and for milliseconds
OPUS_TIMESCALE = 48_000  # Opus always counts at 48 kHz (RFC 7845)

_SYNC_FLAGS = 0x0200_0000  # depends on no other sample
_PREDICTED_FLAGS = 0x0101_0000  # depends on others, is not a sync sample
_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TFHD_BASE_IS_MOOF = 0x02_0000
_TRUN_COLUMNS = 0x1 | 0x100 | 0x200 | 0x400  # data offset; duration, size and flags of each sample
_NAL_SPS, _NAL_PPS = 7, 8


@dataclass(frozen=True, slots=True)
class VideoHead:
    width_px: int
    height_px: int
    avcc: bytes
    """AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3)."""

    @property
    def codec(self) -> str:
        """As browsers name it, such as avc1.42E01E."""
        return f"avc1.{self.avcc[1:4].hex().upper()}"


@dataclass(frozen=True, slots=True)
class AudioHead:
    """Opus; `pre_skip` in samples at 48 kHz."""

    channels: int = 1
    pre_skip: int = 312
    rate_hz: int = 48_000


@dataclass(frozen=True, slots=True)
class Sample:
    content: bytes
    """H.264 with 4-byte lengths before each unit, or one Opus packet."""
    duration: int
    key: bool = True


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one track in one fragment, in decoding order; `base_time` in the track's units."""

    track_id: int
    base_time: int
    samples: Sequence[Sample]


def codecs_of(video: VideoHead, audio: AudioHead | None) -> str:
    """The value of the header `x-codecs`."""
    return video.codec + (",opus" if audio else "")


def build_init(video: VideoHead, audio: AudioHead | None = None) -> bytes:
    traks = _video_trak(video) + (_audio_trak(audio) if audio else b"")
    ids = [VIDEO_TRACK] + ([AUDIO_TRACK] if audio else [])
    trexes = b"".join(_full(b"trex", struct.pack(">5I", track_id, 1, 0, 0, 0)) for track_id in ids)
    mvhd = struct.pack(">4I", 0, 0, 1000, 0) + struct.pack(">IHHQ", 0x10000, 0x0100, 0, 0)
    mvhd += _UNITY_MATRIX + bytes(24) + struct.pack(">I", max(ids) + 1)
    moov = _box(b"moov", _full(b"mvhd", mvhd), traks, _box(b"mvex", trexes))
    return _box(b"ftyp", b"iso5", struct.pack(">I", 512), b"iso5iso6mp41") + moov


def build_fragment(number: int, runs: Sequence[Samples]) -> bytes:
    """One `moof` and one `mdat` holding `runs` one after the other."""
    sizes = [sum(len(sample.content) for sample in run.samples) for run in runs]
    head_bytes = len(_moof(number, runs, [0] * len(runs)))
    offsets, at = [], head_bytes + 8
    for size in sizes:
        offsets.append(at)
        at += size
    payload = b"".join(sample.content for run in runs for sample in run.samples)
    return _moof(number, runs, offsets) + _box(b"mdat", payload)


def shift(content: bytes, fragment: Fragment, add_s: float, timescales: dict[int, int]) -> bytes:
    """The same fragment `add_s` seconds later, at the cost of one copy.

    fragment: `parse_fragment(content)`; may be kept and used again, as the positions do not change.
    timescales: by track id.
    """
    moved = bytearray(content)
    for run in fragment.runs:
        base_time = run.base_time + round(add_s * timescales[run.track_id])
        struct.pack_into(">Q" if run.tfdt_wide else ">I", moved, run.tfdt_at, base_time)
    return bytes(moved)


def units_of(stream: bytes) -> list[bytes]:
    """Split H.264 with start codes (Annex B) into its units, without the codes."""
    units: list[bytes] = []
    at = stream.find(b"\0\0\1")
    while at >= 0:
        following = stream.find(b"\0\0\1", at + 3)
        unit = stream[at + 3 : following if following >= 0 else len(stream)]
        units.append(unit.rstrip(b"\0") if following >= 0 else unit)
        at = following
    return [unit for unit in units if unit]


def with_lengths(stream: bytes) -> bytes:
    """Annex B to 4-byte lengths; parameter sets are left out, as they stand in the init segment."""
    units = [unit for unit in units_of(stream) if unit[0] & 0x1F not in (_NAL_SPS, _NAL_PPS)]
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)


def avcc_of(extradata: bytes) -> bytes:
    """The decoder configuration from an encoder's parameter sets (Annex B)."""
    units = units_of(extradata)
    sps = [unit for unit in units if unit[0] & 0x1F == _NAL_SPS]
    pps = [unit for unit in units if unit[0] & 0x1F == _NAL_PPS]
    if not sps or not pps:
        raise BadInput("the encoder gave no parameter sets; encode H.264 with a global header")
    out = bytes([1, *sps[0][1:4], 0xFF, 0xE0 | len(sps)]) + _sized(sps)
    return out + bytes([len(pps)]) + _sized(pps)


def _sized(units: Iterable[bytes]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)


def _box(kind: bytes, *parts: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _moof(number: int, runs: Sequence[Samples], offsets: Sequence[int]) -> bytes:
    trafs = [_traf(run, offset) for run, offset in zip(runs, offsets, strict=True)]
    return _box(b"moof", _full(b"mfhd", struct.pack(">I", number)), *trafs)


def _traf(run: Samples, offset: int) -> bytes:
    rows = b"".join(
        struct.pack(">3I", s.duration, len(s.content), _SYNC_FLAGS if s.key else _PREDICTED_FLAGS) for s in run.samples
    )
    return _box(
        b"traf",
        _full(b"tfhd", struct.pack(">I", run.track_id), flags=_TFHD_BASE_IS_MOOF),
        _full(b"tfdt", struct.pack(">Q", run.base_time), version=1),
        _full(b"trun", struct.pack(">2I", len(run.samples), offset), rows, flags=_TRUN_COLUMNS),
    )


def _video_trak(video: VideoHead) -> bytes:
    entry = bytes(6) + struct.pack(">H", 1) + bytes(16) + struct.pack(">2H", video.width_px, video.height_px)
    entry += struct.pack(">3IH", 0x480000, 0x480000, 0, 1) + bytes(32) + struct.pack(">Hh", 0x18, -1)
    avc1 = _box(b"avc1", entry, _box(b"avcC", video.avcc))
    tkhd = _tkhd(VIDEO_TRACK, 0, video.width_px, video.height_px)
    vmhd = _full(b"vmhd", bytes(8), flags=1)
    return _trak(tkhd, VIDEO_TIMESCALE, b"vide", vmhd, avc1)


def _audio_trak(audio: AudioHead) -> bytes:
    entry = bytes(6) + struct.pack(">H", 1) + bytes(8)
    entry += struct.pack(">2HIHH", audio.channels, 16, 0, OPUS_TIMESCALE, 0)
    dops = struct.pack(">2BHIhB", 0, audio.channels, audio.pre_skip, audio.rate_hz, 0, 0)
    opus = _box(b"Opus", entry, _box(b"dOps", dops))
    return _trak(_tkhd(AUDIO_TRACK, 0x100, 0, 0), OPUS_TIMESCALE, b"soun", _full(b"smhd", bytes(4)), opus)


def _tkhd(track_id: int, volume: int, width_px: int, height_px: int) -> bytes:
    body = struct.pack(">5I", 0, 0, track_id, 0, 0) + bytes(8) + struct.pack(">4H", 0, 0, volume, 0)
    return _full(b"tkhd", body, _UNITY_MATRIX, struct.pack(">2I", width_px << 16, height_px << 16), flags=3)


def _trak(tkhd: bytes, timescale: int, kind: bytes, media_head: bytes, entry: bytes) -> bytes:
    mdhd = _full(b"mdhd", struct.pack(">4I2H", 0, 0, timescale, 0, 0x55C4, 0))
    hdlr = _full(b"hdlr", bytes(4), kind, bytes(12), b"examhall\0")
    dinf = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    empty = [_full(name, bytes(4)) for name in (b"stts", b"stsc", b"stco")]
    stbl = _box(b"stbl", _full(b"stsd", struct.pack(">I", 1), entry), *empty, _full(b"stsz", bytes(8)))
    return _box(b"trak", tkhd, _box(b"mdia", mdhd, hdlr, _box(b"minf", media_head, dinf, stbl)))
