"""The writer of fragmented MP4: what it writes is played by an independent reader, and moves cheaply in time."""

import io

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examhall.base.errors import BadInput
from examhall.media.container.boxes import parse_fragment, parse_init, times
from examhall.media.container.encode import WEBCAM, Encoder
from examhall.media.container.mux import avcc_of, shift, units_of, with_lengths
from tests.media import clips


def test_init_and_fragments_one_after_the_other_are_a_playable_file() -> None:
    """design.md §5: a reel is a valid MP4 by itself."""
    content = b"".join(made.content for made in clips.webcam(6, 12_345))
    with av.open(io.BytesIO(content), "r") as file:
        pictures = [frame.time for frame in file.decode(video=0)]
    with av.open(io.BytesIO(content), "r") as file:
        sounds = [frame.samples for frame in file.decode(audio=0)]
    assert pictures == pytest.approx([12.345 + n / 10 for n in range(60)], abs=0.002)
    assert sum(sounds) == pytest.approx(6 * 48_000, abs=960)


def test_a_fragment_is_playable_with_its_init_alone() -> None:
    """capture.md §1: the webcam's fragment is one group of pictures and stands for itself."""
    init, *fragments = clips.webcam()
    with av.open(io.BytesIO(init.content + fragments[3].content), "r") as file:
        assert len(list(file.decode(video=0))) == 10


@settings(max_examples=20)
@given(add_s=st.integers(0, 100_000))
def test_shifting_moves_every_track_by_the_same_time_and_changes_nothing_else(add_s: int) -> None:
    """capture.md §7: load runs republish real fragments with rewritten times."""
    init, made, *_ = clips.webcam()
    head = parse_init(init.content)
    before = parse_fragment(made.content, head)
    scales = {track_id: track.timescale for track_id, track in head.tracks.items()}
    moved = shift(made.content, before, add_s, scales)
    after = parse_fragment(moved, head)
    assert len(moved) == len(made.content)
    assert times(after, head).t_ms == times(before, head).t_ms + add_s * 1000
    assert [run.base_time - add_s * scales[run.track_id] for run in after.runs] == [r.base_time for r in before.runs]
    assert moved[moved.index(b"mdat") :] == made.content[made.content.index(b"mdat") :]


def test_the_codec_string_is_the_one_browsers_ask_for() -> None:
    """capture.md §2.1: the codec string goes into the init row."""
    assert Encoder(WEBCAM).codecs.startswith("avc1.42")
    assert Encoder(WEBCAM).codecs.endswith(",opus")


def test_start_codes_of_both_lengths_are_split_off_and_parameter_sets_left_out() -> None:
    """ISO/IEC 14496-15: samples carry lengths, parameter sets stand in the init segment."""
    stream = b"\0\0\0\1\x67\x42\0\x1e" + b"\0\0\1\x68\xce" + b"\0\0\1\x65\xaa\xbb"
    assert units_of(stream) == [b"\x67\x42\0\x1e", b"\x68\xce", b"\x65\xaa\xbb"]
    assert with_lengths(stream) == b"\0\0\0\3\x65\xaa\xbb"


def test_an_encoder_without_parameter_sets_is_refused() -> None:
    """issue 2, bad input: no init segment is made up."""
    with pytest.raises(BadInput, match="global header"):
        avcc_of(b"\0\0\1\x65\xaa")
