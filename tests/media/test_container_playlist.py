"""Playlists: exact time, honest gaps, byte ranges that an independent player can follow, and growth only at the end."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.media.container.encode import Made
from examhall.media.container.playlist import HOLD_BACK_MS, Entry, Head, Row, entries, write
from tests.media import clips

BEGAN = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def stored(made: tuple[Made, ...], epoch: int = 1) -> tuple[list[Row], bytes]:
    """The index rows and the reel of fragments stored in order."""
    reel, rows = made[0].content, []
    for piece in made[1:]:
        rows.append(Row(epoch, piece.number, piece.t_ms, piece.d_ms, len(reel), len(piece.content), piece.key))
        reel += piece.content
    return rows, reel


def rows_of(starts: list[int], *, epoch: int = 1, d_ms: int = 1_000, key_every: int = 1) -> list[Row]:
    return [Row(epoch, n + 1, t_ms, d_ms, 100 + 50 * n, 50, n % key_every == 0) for n, t_ms in enumerate(starts)]


def seconds(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"#EXTINF:([\d.]+),", text)]


def text_of(rows: list[Row], *, ended: bool = True) -> str:
    heads = {row.epoch: Head(row.epoch, "avc1.42E01E", 100) for row in rows}
    lines = entries(rows, running=not ended)
    return write(lines, heads, began_at=BEGAN, address=lambda epoch: f"webcam/{epoch}.mp4?v=x", ended=ended)


def test_the_byte_ranges_of_a_playlist_are_played_by_an_independent_player() -> None:
    """R-1.13: recordings are played back from the stored bytes themselves."""
    rows, reel = stored(clips.screen(20, 0))
    text = text_of(rows)
    ranges = [(int(n), int(at)) for n, at in re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", text)]
    head = reel[: rows[0].offset]
    pictures = []
    for length, offset in ranges:
        with av.open(io.BytesIO(head + reel[offset : offset + length]), "r") as file:
            pictures += [frame.time for frame in file.decode(video=0)]
    assert pictures == pytest.approx([n / 5 for n in range(100)], abs=0.002)


def test_a_screen_entry_is_a_whole_group_of_pictures() -> None:
    """capture.md §1: replay seeks to a key frame with one request."""
    rows, _ = stored(clips.screen(20, 0))
    lines = entries(rows)
    assert [(line.start_ms, line.end_ms) for line in lines] == [(0, 10_000), (10_000, 20_000)]


@given(jitter=st.lists(st.integers(-40, 40), min_size=3, max_size=400))
def test_entry_lengths_add_up_to_the_recording_without_drift(jitter: list[int]) -> None:
    """design.md §5: two players in step by currentTime for three hours."""
    rows = rows_of([n * 1_000 + shift + 40 for n, shift in enumerate(jitter)])
    text = text_of(rows)
    assert round(sum(seconds(text)) * 1000) == rows[-1].end_ms


def test_a_hole_stands_in_the_playlist_as_time_and_the_decoder_starts_afresh_behind_it() -> None:
    """product.md §R2: a missing segment shows as a gap and playback continues."""
    text = text_of(rows_of([0, 1_000, 26_000, 27_000]))
    assert seconds(text) == [2.0, 10.0, 10.0, 4.0, 2.0]
    assert text.count("#EXT-X-GAP") == 3
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.index("#EXT-X-DISCONTINUITY") > text.rindex("#EXT-X-GAP")


def test_a_new_media_epoch_brings_its_own_init_segment() -> None:
    """capture.md §5: discontinuity and a new map where the recorder started again."""
    text = text_of(rows_of([0, 1_000]) + rows_of([2_010, 3_010], epoch=2))
    maps = re.findall(r'#EXT-X-MAP:URI="webcam/(\d)\.mp4\?v=x",BYTERANGE="100@0"', text)
    assert maps == ["1", "2"]
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert seconds(text) == [2.01, 2.0]


def test_a_recording_that_begins_late_begins_with_a_gap() -> None:
    """COMMON time zero: playlist time is attempt time."""
    text = text_of(rows_of([4_250, 5_250]))
    assert seconds(text) == [4.25, 2.0]
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-05-04T09:00:04.250+00:00\n#EXTINF:2.000,\n#EXT-X-BYTERANGE:100@100" in text
    assert "#EXT-X-DISCONTINUITY" not in text


def test_fragments_that_arrived_out_of_order_become_entries_of_their_own() -> None:
    """issue 2: out-of-order segments; one byte range must be one piece of the reel."""
    first, second, third = rows_of([0, 1_000, 2_000])
    late = Row(1, 2, second.t_ms, second.d_ms, third.offset + 50, 50, True)
    early = Row(1, 3, third.t_ms, third.d_ms, second.offset, 50, True)
    assert [(e.start_ms, e.offset, e.length) for e in entries([early, late, first])] == [
        (0, 100, 50),
        (1_000, 250, 50),
        (2_000, 150, 50),
    ]


@given(starts=st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 3)), max_size=60))
def test_the_time_line_has_no_hole_and_no_overlap_whatever_was_stored(starts: list[tuple[int, int]]) -> None:
    """design.md §5: replay shows every moment once."""
    rows = [Row(epoch, n, t_ms, 1_000, 100 + n, 1, True) for n, (t_ms, epoch) in enumerate(starts, 1)]
    lines = entries(rows)
    assert [line.start_ms for line in lines[1:]] == [line.end_ms for line in lines[:-1]]
    assert all(line.end_ms > line.start_ms for line in lines)
    assert (lines[-1].end_ms if lines else 0) >= max((row.t_ms for row in rows), default=0)


@given(
    steps=st.lists(st.sampled_from([1_000, 1_000, 1_000, 30_000, 200_000]), min_size=1, max_size=60),
    late=st.integers(0, 59),
    delay=st.integers(0, 30),
)
def test_a_running_playlist_only_grows_at_its_end(steps: list[int], late: int, delay: int) -> None:
    """RFC 8216 §6.2.1: a line of an EVENT playlist never changes, also when a fragment comes late from the backlog."""
    rows = rows_of([sum(steps[:n]) for n in range(len(steps))], key_every=5)
    held = rows.pop(late % len(rows))
    soon = [row for row in rows if row.t_ms < held.t_ms + HOLD_BACK_MS]
    arrival = [*soon[: held.seq - 1 + delay], held, *soon[held.seq - 1 + delay :], *rows[len(soon) :]]
    shown: list[Entry] = []
    for count in range(len(arrival) + 1):
        grown = entries(arrival[:count], running=True)
        assert grown[: len(shown)] == shown
        shown = grown


def test_the_end_tag_stands_only_under_a_finished_recording() -> None:
    """R-0.27: playable while running, complete when closed."""
    rows = rows_of([n * 1_000 for n in range(30)])
    assert text_of(rows).endswith("#EXT-X-ENDLIST\n")
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in text_of(rows)
    running = text_of(rows, ended=False)
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in running
    assert "#EXT-X-ENDLIST" not in running
    assert sum(seconds(running)) == 20.0


def test_an_empty_recording_is_an_empty_playlist() -> None:
    """R-0.27: asking before the first segment is no fault."""
    assert text_of([]).startswith("#EXTM3U\n#EXT-X-VERSION:8\n#EXT-X-TARGETDURATION:12\n")


def test_a_whole_playlist_with_holes_and_a_new_epoch_is_played_from_end_to_end(tmp_path: Path) -> None:
    """R-1.13: an independent HLS player shows every stored picture at its own time."""
    first, reel_1 = stored(clips.webcam(24, 3_000))
    second, reel_2 = stored(clips.webcam(6, 60_000), epoch=2)
    (tmp_path / "1.mp4").write_bytes(reel_1)
    (tmp_path / "2.mp4").write_bytes(reel_2)
    rows = [*first[:10], *first[14:], *second]
    heads = {row.epoch: Head(row.epoch, "avc1", row.offset) for row in (first[0], second[0])}
    text = write(entries(rows), heads, began_at=BEGAN, address=lambda epoch: f"{epoch}.mp4", ended=True)
    (tmp_path / "all.m3u8").write_text(text, encoding="utf-8")
    with av.open(str(tmp_path / "all.m3u8"), "r", options={"allowed_extensions": "ALL"}) as file:
        shown = len(list(file.decode(video=0)))
    assert shown == 260
