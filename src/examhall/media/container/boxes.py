"""Reads fragmented MP4 as candidates send it: one init segment, then fragments of one `moof` and one `mdat`.

Nothing in the bytes is believed: every length is checked against what is really there, counts are bounded before they
are used, and whatever does not fit is a BadInput whose sentence says what was expected. Source: ISO/IEC 14496-12
(boxes), 14496-15 (H.264), the Opus-in-ISOBMFF mapping; capture.md §1.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from examhall.base.errors import BadInput

MAX_INIT_BYTES = 64 * 1024  # ours are below 1 KB; a browser's own muxer stays below 4 KB
MAX_BOXES = 256  # per level; a fragment of ours holds 2 on top and 3 per track inside
MAX_TRACKS = 4
MAX_SAMPLES = 20_000  # per run: 4 minutes of Opus at 20 ms is 12,000

_HEADER = struct.Struct(">I4s")
_U32 = struct.Struct(">I")
_HEADER_BYTES = 8
_LARGE_HEADER_BYTES = 16
_NOT_SYNC = 0x0001_0000  # sample_is_non_sync_sample, ISO/IEC 14496-12 §8.8.3.1

_TFHD_BASE_OFFSET, _TFHD_DESCRIPTION = 0x1, 0x2
_TFHD_DURATION, _TFHD_SIZE, _TFHD_FLAGS = 0x8, 0x10, 0x20
_TFHD_OVERRIDES = _TFHD_DURATION | _TFHD_SIZE | _TFHD_FLAGS
_TRUN_OFFSET, _TRUN_FIRST_FLAGS = 0x1, 0x4
_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_COMPOSITION = 0x100, 0x200, 0x400, 0x800


class Medium(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"


class Box(NamedTuple):
    """One box: `kind` is its four letters; `body` to `end` are positions of its content in the whole buffer."""

    kind: bytes
    start: int
    body: int
    end: int


_box: Callable[[tuple[bytes, int, int, int]], Box] = partial(tuple.__new__, Box)


@dataclass(frozen=True, slots=True)
class TrackHead:
    """What the init segment says about one track."""

    track_id: int
    medium: Medium
    codec: str
    """Four letters of the sample entry: avc1, Opus, vp09 …"""
    timescale: int
    """Units per second of every time of this track."""
    default_duration: int = 0
    default_size: int = 0
    default_flags: int = 0


@dataclass(frozen=True, slots=True)
class Init:
    tracks: Mapping[int, TrackHead]
    """By track id; at least one."""

    def head(self, medium: Medium) -> TrackHead | None:
        return next((head for head in self.tracks.values() if head.medium is medium), None)


@dataclass(frozen=True, slots=True)
class Run:
    """The samples of one track in one fragment; times in units of the track's timescale."""

    track_id: int
    base_time: int
    duration: int
    samples: int
    key: bool
    """True when the first sample can be decoded by itself."""
    tfdt_at: int
    """Position of the base time in the fragment, for rewriting."""
    tfdt_wide: bool
    """64-bit base time (else 32-bit)."""


@dataclass(frozen=True, slots=True)
class Fragment:
    number: int
    runs: tuple[Run, ...]

    def run_of(self, head: TrackHead | None) -> Run | None:
        return next((run for run in self.runs if head is not None and run.track_id == head.track_id), None)


@dataclass(frozen=True, slots=True)
class Times:
    """Where a fragment lies on its attempt's time line."""

    t_ms: int
    d_ms: int
    key: bool


def parse_init(content: bytes) -> Init:
    """Read an init segment (`ftyp` then `moov`). Raises BadInput when it is none or describes no track."""
    if len(content) > MAX_INIT_BYTES:
        raise BadInput(f"the init segment is larger than {MAX_INIT_BYTES} bytes; send only ftyp and moov")
    top = boxes(content, 0, len(content))
    if [box.kind for box in top] != [b"ftyp", b"moov"]:
        raise BadInput("an init segment is one ftyp box and one moov box, in this order")
    moov = top[1]
    defaults = _defaults(content, moov)
    heads = [_track_head(content, trak, defaults) for trak in _all(content, moov, b"trak")]
    if not heads or len(heads) > MAX_TRACKS:
        raise BadInput(f"an init segment describes 1 to {MAX_TRACKS} tracks, this one {len(heads)}")
    tracks = {head.track_id: head for head in heads}
    if len(tracks) != len(heads):
        raise BadInput("two tracks of the init segment have the same id")
    return Init(tracks)


def parse_fragment(content: bytes, init: Init) -> Fragment:
    """Read one fragment (`moof` and `mdat`) and check that every sample it announces lies inside its `mdat`.

    Raises BadInput when anything is cut off, overlaps its parent, or names a track the init segment does not.
    """
    top = [box for box in boxes(content, 0, len(content)) if box.kind != b"styp"]
    if [box.kind for box in top] != [b"moof", b"mdat"]:
        raise BadInput("a fragment is one moof box and one mdat box, in this order")
    moof, mdat = top
    number = _u32(content, _one(content, moof, b"mfhd"), 4)
    reader = _FragmentReader(content, init, moof, mdat)
    runs = tuple(reader.run(traf) for traf in _all(content, moof, b"traf"))
    if not runs:
        raise BadInput("the fragment holds no track")
    if len({run.track_id for run in runs}) != len(runs):
        raise BadInput("a track stands twice in the fragment; send one traf per track")
    return Fragment(number, runs)


def times(fragment: Fragment, init: Init) -> Times:
    """Where the fragment lies, by its video track (by its first track if it has no video)."""
    run = fragment.run_of(init.head(Medium.VIDEO)) or fragment.runs[0]
    timescale = init.tracks[run.track_id].timescale
    start_ms = rounded_ms(run.base_time, timescale)
    return Times(start_ms, rounded_ms(run.base_time + run.duration, timescale) - start_ms, run.key)


def rounded_ms(units: int, timescale: int) -> int:
    """Whole milliseconds, rounded half up; ends are rounded rather than lengths, so neighbours never drift apart."""
    return (units * 2000 + timescale) // (2 * timescale)


def boxes(content: bytes, start: int, end: int) -> list[Box]:
    """The boxes lying between two positions. Raises BadInput when one does not fit or there are too many."""
    found: list[Box] = []
    at = start
    while at < end:
        if len(found) == MAX_BOXES:
            raise BadInput(f"more than {MAX_BOXES} boxes in a row")
        if at + _HEADER_BYTES <= end:  # the usual box, without a call: this is most of what a segment costs
            size, kind = _HEADER.unpack_from(content, at)
            if _HEADER_BYTES <= size <= end - at:
                found.append(_box((kind, at, at + _HEADER_BYTES, at + size)))
                at += size
                continue
        box = _box_at(content, at, end)
        found.append(box)
        at = box.end
    return found


def _box_at(content: bytes, at: int, end: int) -> Box:
    body = at + _HEADER_BYTES
    if body > end:
        raise BadInput(f"the bytes end in the middle of a box header at {at}")
    size, kind = _HEADER.unpack_from(content, at)
    if size == 1:
        body = at + _LARGE_HEADER_BYTES
        if body > end:
            raise BadInput(f"the bytes end in the middle of a box header at {at}")
        size = int.from_bytes(content[at + _HEADER_BYTES : body], "big")
    if at + size < body or at + size > end:
        raise BadInput(f"the box at {at} announces {size} bytes, which do not fit where it lies")
    return Box(kind, at, body, at + size)


def _all(content: bytes, parent: Box, kind: bytes) -> list[Box]:
    return [box for box in boxes(content, parent.body, parent.end) if box.kind == kind]


def _one(content: bytes, parent: Box, *path: bytes) -> Box:
    box = parent
    for kind in path:
        box = _only(boxes(content, box.body, box.end), box, kind)
    return box


def _only(inside: list[Box], parent: Box, kind: bytes) -> Box:
    found = [box for box in inside if box.kind == kind]
    if len(found) != 1:
        raise BadInput(f"{_name(parent.kind)} holds {len(found)} boxes {_name(kind)}; exactly 1 is needed")
    return found[0]


def _name(kind: bytes) -> str:
    return "".join(chr(c) if 32 < c < 127 else "?" for c in kind)


def _u32(content: bytes, box: Box, offset: int) -> int:
    if box.body + offset + 4 > box.end:
        raise BadInput(f"the box {_name(box.kind)} is too short")
    value: int = _U32.unpack_from(content, box.body + offset)[0]
    return value


def _u64(content: bytes, box: Box, offset: int) -> int:
    return _u32(content, box, offset) << 32 | _u32(content, box, offset + 4)


def _defaults(content: bytes, moov: Box) -> dict[int, tuple[int, int, int]]:
    """Duration, size and flags by track id, from `mvex`; without it the file could not be fragmented."""
    mvex = _one(content, moov, b"mvex")
    return {
        _u32(content, trex, 4): (_u32(content, trex, 12), _u32(content, trex, 16), _u32(content, trex, 20))
        for trex in _all(content, mvex, b"trex")
    }


def _track_head(content: bytes, trak: Box, defaults: Mapping[int, tuple[int, int, int]]) -> TrackHead:
    tkhd = _one(content, trak, b"tkhd")
    track_id = _u32(content, tkhd, 20 if _u32(content, tkhd, 0) >> 24 else 12)
    mdia = _one(content, trak, b"mdia")
    mdhd = _one(content, mdia, b"mdhd")
    timescale = _u32(content, mdhd, 20 if _u32(content, mdhd, 0) >> 24 else 12)
    if not 1 <= timescale <= 10_000_000:
        raise BadInput("the timescale of a track is between 1 and 10,000,000 per second")
    kind = _u32(content, _one(content, mdia, b"hdlr"), 8).to_bytes(4, "big")
    medium = {b"vide": Medium.VIDEO, b"soun": Medium.AUDIO}.get(kind)
    if medium is None:
        raise BadInput("a track is neither video nor sound")
    stsd = _one(content, mdia, b"minf", b"stbl", b"stsd")
    if _u32(content, stsd, 4) != 1:
        raise BadInput("a track has exactly one codec; start a new media epoch to change it")
    entry = _box_at(content, stsd.body + 8, stsd.end)
    if track_id not in defaults:
        raise BadInput(f"track {track_id} has no trex box, so it cannot be fragmented")
    return TrackHead(track_id, medium, _name(entry.kind), timescale, *defaults[track_id])


@dataclass(slots=True)
class _FragmentReader:
    """Reads the trafs of one fragment; `at` is where implicit data of the next run begins."""

    content: bytes
    init: Init
    moof: Box
    mdat: Box
    _at: int = field(init=False)

    def __post_init__(self) -> None:
        self._at = self.mdat.body

    def run(self, traf: Box) -> Run:
        inside = boxes(self.content, traf.body, traf.end)
        head, base_at = self._track(_only(inside, traf, b"tfhd"))
        tfdt = _only(inside, traf, b"tfdt")
        wide = bool(_u32(self.content, tfdt, 0) >> 24)
        base_time = _u64(self.content, tfdt, 4) if wide else _u32(self.content, tfdt, 4)
        if base_time > head.timescale * 366 * 86_400:
            raise BadInput("the fragment's base time lies more than a year after the attempt's start")
        truns = [box for box in inside if box.kind == b"trun"]
        if not truns:
            raise BadInput(f"track {head.track_id} has no samples in the fragment; leave its traf out")
        duration, samples, key = 0, 0, False
        for index, trun in enumerate(truns):
            part = self._trun(trun, head, base_at)
            key = part[2] if index == 0 else key
            duration, samples = duration + part[0], samples + part[1]
        return Run(head.track_id, base_time, duration, samples, key, tfdt.body + 4, wide)

    def _track(self, tfhd: Box) -> tuple[TrackHead, int]:
        """The track's head with this fragment's defaults put in, and the position data offsets count from."""
        flags = _u32(self.content, tfhd, 0) & 0xFFFFFF
        track_id = _u32(self.content, tfhd, 4)
        if track_id not in self.init.tracks:
            raise BadInput(f"track {track_id} of the fragment is not in its init segment")
        if flags & _TFHD_BASE_OFFSET:
            raise BadInput("data offsets are counted from the moof box (default-base-is-moof)")
        head, at = self.init.tracks[track_id], 8 + (4 if flags & _TFHD_DESCRIPTION else 0)
        values = [head.default_duration, head.default_size, head.default_flags]
        for index, flag in enumerate((_TFHD_DURATION, _TFHD_SIZE, _TFHD_FLAGS)):
            if flags & flag:
                values[index] = _u32(self.content, tfhd, at)
                at += 4
        if flags & _TFHD_OVERRIDES:
            head = TrackHead(head.track_id, head.medium, head.codec, head.timescale, *values)
        return head, self.moof.start

    def _trun(self, trun: Box, head: TrackHead, base_at: int) -> tuple[int, int, bool]:
        """Duration in units, number of samples, whether the first is a key sample; checks where the data lies."""
        flags = _u32(self.content, trun, 0) & 0xFFFFFF
        count = _u32(self.content, trun, 4)
        if not 1 <= count <= MAX_SAMPLES:
            raise BadInput(f"a run has 1 to {MAX_SAMPLES} samples, this one {count}")
        at, start, first_flags = 8, self._at, head.default_flags
        if flags & _TRUN_OFFSET:
            offset = _u32(self.content, trun, at)
            start = base_at + (offset - (1 << 32) if offset >> 31 else offset)
            at += 4
        if flags & _TRUN_FIRST_FLAGS:
            first_flags = _u32(self.content, trun, at)
            at += 4
        columns = _columns(self.content, trun, at, flags, count)
        sizes = columns.get(_TRUN_SIZE)
        end = start + (sum(sizes) if sizes else count * head.default_size)
        if start < self.mdat.body or end > self.mdat.end or end <= start:
            raise BadInput("samples of the fragment do not lie inside its mdat box")
        self._at = end
        durations = columns.get(_TRUN_DURATION)
        own_flags = columns.get(_TRUN_FLAGS)
        if own_flags and not flags & _TRUN_FIRST_FLAGS:
            first_flags = own_flags[0]
        return sum(durations) if durations else count * head.default_duration, count, not first_flags & _NOT_SYNC


def _columns(content: bytes, trun: Box, at: int, flags: int, count: int) -> dict[int, tuple[int, ...]]:
    """The per-sample columns of a run by their flag."""
    present = [flag for flag in (_TRUN_DURATION, _TRUN_SIZE, _TRUN_FLAGS, _TRUN_COMPOSITION) if flags & flag]
    width = len(present)
    if trun.body + at + 4 * width * count > trun.end:
        raise BadInput("the table of samples is cut off")
    table = struct.unpack_from(f">{width * count}I", content, trun.body + at)
    return {flag: table[index::width] for index, flag in enumerate(present)}
