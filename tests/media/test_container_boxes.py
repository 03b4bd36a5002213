"""The reader of fragmented MP4: right on real fragments, and a plain refusal on anything else."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.errors import BadInput
from examhall.media.container.boxes import Medium, Times, parse_fragment, parse_init, rounded_ms, times
from tests.media import clips


def test_an_init_segment_names_its_tracks_with_their_codecs_and_clocks() -> None:
    """R-1.13: webcam picture and sound travel in one recording."""
    init = parse_init(clips.webcam()[0].content)
    video, audio = init.head(Medium.VIDEO), init.head(Medium.AUDIO)
    assert video is not None
    assert audio is not None
    assert (video.codec, video.timescale, audio.codec, audio.timescale) == ("avc1", 90_000, "Opus", 48_000)


def test_a_fragment_tells_its_time_length_and_whether_it_starts_with_a_key_frame() -> None:
    """capture.md §1: the screen's fragments last 2 s and only each fifth starts with a key frame."""
    init, *fragments = clips.screen(20, 5_000)
    head = parse_init(init.content)
    found = [times(parse_fragment(made.content, head), head) for made in fragments]
    assert found == [Times(5_000 + 2_000 * n, 2_000, n % 5 == 0) for n in range(10)]


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "one ftyp box and one moov box"),
        (b"\0\0\0", "middle of a box header"),
        (b"<html>not a recording</html>", "do not fit"),
        (struct.pack(">I4s", 0, b"ftyp"), "do not fit"),
        (struct.pack(">I4sQ", 1, b"ftyp", 1 << 63), "do not fit"),
        (struct.pack(">I4s", 8, b"ftyp") * 300, "more than 256 boxes"),
        (struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 8, b"moov"), "exactly 1 is needed"),
        (bytes(70_000), "larger than"),
    ],
)
def test_what_is_no_init_segment_is_refused_with_the_reason(content: bytes, remedy: str) -> None:
    """issue 2, bad input: garbage bytes are refused with a sentence."""
    with pytest.raises(BadInput, match=remedy):
        parse_init(content)


@pytest.mark.parametrize(
    ("position", "value", "remedy"),
    [
        (b"trun", 0xFFFF_FFFF, "1 to 20000"),
        (b"tfhd", 77, "not in its init segment"),
        (b"tfdt", 1 << 31, "more than a year"),
    ],
)
def test_announced_numbers_are_not_believed(position: bytes, value: int, remedy: str) -> None:
    """issue 2, bad input: a length in the bytes is checked before it is used."""
    init, made, *_ = clips.webcam()
    content = bytearray(made.content)
    struct.pack_into(">I", content, content.index(position) + 8, value)
    with pytest.raises(BadInput, match=remedy):
        parse_fragment(bytes(content), parse_init(init.content))


def test_samples_outside_the_data_box_are_refused() -> None:
    """issue 2, bad input: a fragment cannot point at bytes it did not bring."""
    init, made, *_ = clips.webcam()
    content = bytearray(made.content)
    struct.pack_into(">I", content, content.index(b"trun") + 12, len(content) - 3)
    with pytest.raises(BadInput, match="inside its mdat"):
        parse_fragment(bytes(content), parse_init(init.content))


@given(cut=st.integers(0, 3_000))
def test_a_fragment_cut_anywhere_is_refused(cut: int) -> None:
    """issue 2, bad input: half a fragment is not stored as a whole one."""
    init, made, *_ = clips.webcam()
    with pytest.raises(BadInput):
        parse_fragment(made.content[: min(cut, len(made.content) - 1)], parse_init(init.content))


@given(content=st.binary(max_size=400), at=st.integers(0, 1_500))
def test_damaged_bytes_end_in_a_refusal_or_in_numbers_never_in_a_crash(content: bytes, at: int) -> None:
    """issue 2, bad input: the reader survives any bytes."""
    init, made, *_ = clips.webcam()
    damaged = made.content[:at] + content + made.content[at + len(content) :]
    head = parse_init(init.content)
    try:
        found = times(parse_fragment(damaged, head), head)
    except BadInput as refusal:
        assert refusal.message
    else:
        assert found.t_ms >= 0


@given(starts=st.lists(st.integers(1, 5_000), min_size=2, max_size=200))
def test_rounding_to_milliseconds_never_drifts(starts: list[int]) -> None:
    """design.md §5: lengths come from rounded ends, so a thousand fragments add up to the whole."""
    edges = [rounded_ms(sum(starts[:n]), 90_000) for n in range(len(starts) + 1)]
    lengths = [end - start for start, end in pairwise(edges)]
    assert sum(lengths) == rounded_ms(sum(starts), 90_000)
