"""Writes HLS playlists over reels: byte ranges of what is stored, no second copy, no transcoding.

Playlist time is attempt time: the first entry begins at zero, and what was not recorded stands there as EXT-X-GAP
entries, so that webcam and screen run in step by their `currentTime` alone. Leaves addresses and rights to `http`.
Source: RFC 8216 and its second edition (EXT-X-GAP); design.md §5; capture.md §5.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from examhall.media.container.gaps import JOIN_MS

ENTRY_MS = 10_000  # whole groups of pictures are gathered up to this: 1,080 entries for three hours
TARGET_S = 12  # announced longest entry; a longer one raises it
HOLD_BACK_MS = 120_000
"""While a recording runs, its playlist may only grow at the end. A fragment that is missing but may still arrive from
the candidate's backlog therefore holds the playlist back for this long, the length of the reconnect window."""


@dataclass(frozen=True, slots=True)
class Row:
    """One stored fragment."""

    epoch: int
    seq: int
    t_ms: int
    d_ms: int
    offset: int
    length: int
    key: bool

    @property
    def end_ms(self) -> int:
        return self.t_ms + self.d_ms


@dataclass(frozen=True, slots=True)
class Head:
    """The init segment of one media epoch, at the beginning of its reel."""

    epoch: int
    codecs: str
    length: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the playlist: fragments lying one after the other in a reel, or a gap (`epoch` None)."""

    epoch: int | None
    start_ms: int
    end_ms: int
    offset: int = 0
    length: int = 0
    breaks: bool = False
    """The decoder starts afresh here: another epoch, or the first entry after a hole."""


def entries(rows: Iterable[Row], *, running: bool = False, group_ms: int = ENTRY_MS) -> list[Entry]:
    """The whole time line from zero to the last stored end, without a hole and without an overlap.

    rows: in any order. running: leave out what may still change (an open group of pictures, anything behind a fragment
    that may still come), so that the next playlist only adds lines.
    """
    ordered = sorted(rows, key=lambda row: (row.t_ms, row.epoch, row.seq))
    if running:
        ordered = _settled(ordered)
    groups = list(_groups(ordered, group_ms))
    if running and groups:
        groups.pop()
    return list(_on_a_line(groups))


def write(
    lines: Sequence[Entry],
    heads: Mapping[int, Head],
    *,
    began_at: datetime,
    address: Callable[[int], str],
    ended: bool,
) -> str:
    """The playlist's text. address: the reel's address by media epoch. ended: nothing will be added any more."""
    longest_s = max((-(-(line.end_ms - line.start_ms) // 1000) for line in lines), default=0)
    out = ["#EXTM3U", "#EXT-X-VERSION:8", f"#EXT-X-TARGETDURATION:{max(TARGET_S, longest_s)}"]
    out += ["#EXT-X-MEDIA-SEQUENCE:0", f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}"]
    mapped: int | None = None
    for line in lines:
        if line.breaks:
            out.append("#EXT-X-DISCONTINUITY")
        if line.epoch is not None and (line.breaks or mapped is None):
            mapped = line.epoch
            out.append(f'#EXT-X-MAP:URI="{address(mapped)}",BYTERANGE="{heads[mapped].length}@0"')
        out += _entry_lines(line, began_at, address)
    return "\n".join([*out, *(["#EXT-X-ENDLIST"] if ended else []), ""])


def _entry_lines(line: Entry, began_at: datetime, address: Callable[[int], str]) -> list[str]:
    moment = (began_at + timedelta(milliseconds=line.start_ms)).isoformat(timespec="milliseconds")
    length_ms = line.end_ms - line.start_ms
    out = [f"#EXT-X-PROGRAM-DATE-TIME:{moment}", f"#EXTINF:{length_ms // 1000}.{length_ms % 1000:03d},"]
    if line.epoch is None:
        return [*out, "#EXT-X-GAP", "gap.mp4"]
    return [*out, f"#EXT-X-BYTERANGE:{line.length}@{line.offset}", address(line.epoch)]


def _settled(ordered: Sequence[Row]) -> list[Row]:
    """Rows before the first hole that is young enough to be filled from the candidate's backlog yet."""
    newest_ms = max((row.end_ms for row in ordered), default=0)
    end_ms = None
    for index, row in enumerate(ordered):
        hole = row.seq != 1 if end_ms is None else row.t_ms - end_ms > JOIN_MS
        if hole and newest_ms - row.t_ms < HOLD_BACK_MS:
            return list(ordered[:index])
        end_ms = max(end_ms or 0, row.end_ms)
    return list(ordered)


def _groups(ordered: Sequence[Row], group_ms: int) -> Iterator[list[Row]]:
    """Neighbours of one epoch that also lie one after the other in the reel, cut before a key fragment.

    A group of pictures whose parts arrived out of order cannot be one byte range; its parts become entries each.
    """
    group: list[Row] = []
    for row in ordered:
        if group and not _goes_on(group, row, group_ms):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _goes_on(group: Sequence[Row], row: Row, group_ms: int) -> bool:
    last = group[-1]
    together = row.epoch == last.epoch and row.seq == last.seq + 1 and row.offset == last.offset + last.length
    touching = abs(row.t_ms - last.end_ms) <= JOIN_MS
    return together and touching and not (row.key and row.end_ms - group[0].t_ms > group_ms)


def _on_a_line(groups: Sequence[list[Row]]) -> Iterator[Entry]:
    """Give each group its place: from its own beginning to its neighbour's, unless a hole lies between them."""
    at_ms, epoch = 0, None
    for index, group in enumerate(groups):
        first, last = group[0], group[-1]
        end_ms = _end_of(last, groups[index + 1][0] if index + 1 < len(groups) else None)
        if end_ms <= first.t_ms:  # two page loads recorded the same moment: the later one plays
            continue
        hole = first.t_ms > at_ms
        if hole:
            yield from _gap_entries(at_ms, first.t_ms)
        breaks = epoch is not None and (hole or first.epoch != epoch)
        yield Entry(first.epoch, first.t_ms, end_ms, first.offset, last.offset + last.length - first.offset, breaks)
        at_ms, epoch = end_ms, first.epoch


def _end_of(last: Row, following: Row | None) -> int:
    """The end of what `last` shows: the next beginning when that is near or earlier, so nothing adds up to a drift."""
    if following is not None and following.t_ms - last.end_ms <= JOIN_MS:
        return following.t_ms
    return last.end_ms


def _gap_entries(from_ms: int, to_ms: int) -> Iterator[Entry]:
    whole = Entry(None, from_ms, to_ms)
    for start in range(from_ms, to_ms, ENTRY_MS):
        yield replace(whole, start_ms=start, end_ms=min(start + ENTRY_MS, to_ms))
