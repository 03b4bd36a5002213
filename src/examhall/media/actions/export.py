"""One playable file out of a recording, by stream copy: nothing is encoded again, holes stay as time.

Leaves to the caller where the file goes and who may have it (`access.recording_for`).
"""

import heapq
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from examhall.base.action import action
from examhall.base.errors import BadInput, NotFound
from examhall.base.words import EntryKind, Track
from examhall.exam.access.attempt import attempt_ref
from examhall.journal.actions import append
from examhall.media.models import Reel, Segment
from examhall.media.store.place import reels
from examhall.media.store.reel import ReelKey
from examhall.people.rules.actor import SYSTEM, Actor

SUFFIXES = {".mkv": "matroska", ".mp4": "mp4"}


@dataclass(frozen=True, slots=True)
class Exported:
    """What the file holds: bytes, and seconds from its first to its last picture or sound."""

    size_bytes: int
    length_s: float


class _Ordered(io.RawIOBase):
    """One reel as a file read from front to back, its fragments in order of time rather than of arrival."""

    def __init__(self, key: ReelKey, places: Sequence[tuple[int, int]]) -> None:
        self._key, self._places, self._left = key, iter(places), b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            place = next(self._places, None)
            self._left = reels().read(self._key, *place) if place else b""
        count = len(self._left) if size < 0 else size
        part, self._left = self._left[:count], self._left[count:]
        return part


def export_media(attempt_id: UUID, path: Path, *, by: Actor = SYSTEM) -> Exported:
    """Write webcam, sound and screen of an attempt into `path` (.mkv or .mp4) and journal it.

    A recorder that started again with another picture size becomes a track of its own, as a file's track has one size.
    Raises BadInput for another suffix, NotFound when nothing was recorded.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BadInput("Name the file .mkv or .mp4.", fields={"path": ".mkv or .mp4"})
    sources = list(_open_all(attempt_id))
    if not any(places for _, places, _ in sources):
        raise NotFound("Nothing was recorded in this attempt.")
    partial = path.with_name(path.name + ".part")
    options = {"movflags": "faststart"} if path.suffix.lower() == ".mp4" else {}
    with av.open(str(partial), "w", format=SUFFIXES[path.suffix.lower()], options=options) as out:
        length_s = _copy(sources, out)
    partial.replace(path)
    _note(attempt_id, path.suffix, by=by)
    return Exported(path.stat().st_size, length_s)


_Source = tuple[Track, list[tuple[int, int]], InputContainer]


def _open_all(attempt_id: UUID) -> Iterator[_Source]:
    """Every reel that holds fragments, opened for reading."""
    kept = Reel.objects.filter(attempt_id=attempt_id, fragments__gt=0)
    for reel in kept.order_by("-track", "media_epoch"):  # the camera before the screen: a player shows the first
        found = Segment.objects.filter(reel=reel).order_by("t_ms", "seq")
        pieces = list(found.values_list("seq", "offset_bytes", "length_bytes"))
        places = [(at, n) for seq, at, n in pieces if seq == 0] + [(at, n) for seq, at, n in pieces if seq > 0]
        key = ReelKey(attempt_id, Track(reel.track), reel.media_epoch)
        yield key.track, places, av.open(_Ordered(key, places), "r", format="mp4")


def _copy(sources: Sequence[_Source], out: OutputContainer) -> float:
    """Copy all packets in order of time; returns the seconds between the first and the last."""
    outlets: dict[tuple[object, ...], Stream] = {}
    pairs: dict[int, Stream] = {}
    for track, _, source in sources:
        for stream in source.streams:
            shape = (track, stream.type, bytes(stream.codec_context.extradata or b""))
            if shape not in outlets:
                outlets[shape] = out.add_stream_from_template(stream)
                outlets[shape].metadata["title"] = track.value
            pairs[id(stream)] = outlets[shape]
    last: dict[int, float] = {}
    first_s = end_s = None
    for time_s, _, packet in heapq.merge(*(_packets(n, source) for n, (_, _, source) in enumerate(sources))):
        outlet = pairs[id(packet.stream)]
        if time_s <= last.get(outlet.index, -1.0):
            continue  # two page loads recorded the same moment; a file's track has each moment once
        last[outlet.index] = time_s
        first_s, end_s = time_s if first_s is None else first_s, time_s
        packet.stream = outlet
        out.mux(packet)
    return 0.0 if first_s is None or end_s is None else end_s - first_s


def _packets(number: int, source: InputContainer) -> "Iterator[tuple[float, tuple[int, int], Packet[Stream]]]":
    """The packets with their times in seconds; the middle part keeps equal times apart."""
    for count, packet in enumerate(source.demux()):
        if packet.dts is not None and packet.time_base is not None:
            yield float(packet.dts * packet.time_base), (number, count), packet


@action
def _note(attempt_id: UUID, suffix: str, *, by: Actor) -> None:
    ref = attempt_ref(attempt_id)
    extra = {"attempt": str(attempt_id), "what": "media", "format": suffix.lstrip(".")}
    append(ref.schedule_stream, EntryKind.EVIDENCE_EXPORTED, by=by, extra=extra)
