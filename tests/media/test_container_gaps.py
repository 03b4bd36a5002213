"""Every millisecond is media or lies in exactly one gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import GapCause
from examhall.media.container.gaps import JOIN_MS, PRECEDENCE, Claim, Gap, Stretch, covered, find_gaps

times_ms = st.integers(0, 60_000)
stretches = st.lists(st.tuples(times_ms, st.integers(0, 9_000)).map(lambda p: Stretch(p[0], p[0] + p[1])), max_size=25)
claims = st.lists(
    st.builds(
        lambda start, length, cause: Claim(start, start + length, cause), times_ms, times_ms, st.sampled_from(GapCause)
    ),
    max_size=8,
)


@given(segments=stretches, claimed=claims, start=times_ms, length=times_ms)
def test_recorded_time_that_is_neither_media_nor_a_gap_is_zero(
    segments: list[Stretch], claimed: list[Claim], start: int, length: int
) -> None:
    """design.md §5, product.md E12: every millisecond of the span is in exactly one media stretch or one gap."""
    span = Stretch(start, start + length)
    parts = [(s.from_ms, s.to_ms) for s in covered(segments, span)]
    parts += [(gap.from_ms, gap.to_ms) for gap in find_gaps(span, segments, claimed)]
    edges = [span.from_ms, *[edge for part in sorted(parts) for edge in part], span.to_ms]
    assert edges[::2] == edges[1::2]


@given(segments=stretches, claimed=claims)
def test_a_gap_never_lies_over_a_segment(segments: list[Stretch], claimed: list[Claim]) -> None:
    """product.md §2.2: a gap row is an uncovered interval."""
    gaps = find_gaps(Stretch(0, 70_000), segments, claimed)
    assert not [1 for gap in gaps for s in segments if min(gap.to_ms, s.to_ms) > max(gap.from_ms, s.from_ms)]


@given(segments=stretches, claimed=claims)
def test_a_gaps_cause_is_the_strongest_claim_that_covers_it(segments: list[Stretch], claimed: list[Claim]) -> None:
    """product.md §2.2: each gap has one cause."""
    gaps = find_gaps(Stretch(0, 70_000), segments, claimed)
    for gap in gaps:
        speaking = [c.cause for c in claimed if c.from_ms <= gap.from_ms and gap.to_ms <= c.to_ms]
        assert PRECEDENCE.index(gap.cause) <= min(map(PRECEDENCE.index, speaking), default=len(PRECEDENCE))


@pytest.mark.parametrize(
    ("claimed", "gaps"),
    [
        ([], [Gap(4_000, 9_000, GapCause.UNKNOWN)]),
        ([Claim(0, 20_000, GapCause.OFFLINE)], [Gap(4_000, 9_000, GapCause.OFFLINE)]),
        (
            [Claim(3_000, 6_000, GapCause.OFFLINE), Claim(5_000, 7_000, GapCause.PAUSED)],
            [
                Gap(4_000, 5_000, GapCause.OFFLINE),
                Gap(5_000, 7_000, GapCause.PAUSED),
                Gap(7_000, 9_000, GapCause.UNKNOWN),
            ],
        ),
        (
            [Claim(4_000, 5_000, GapCause.OFFLINE), Claim(5_000, 9_000, GapCause.OFFLINE)],
            [Gap(4_000, 9_000, GapCause.OFFLINE)],
        ),
    ],
    ids=["nobody speaks", "one claim over all", "a pause inside an outage", "neighbours of one cause are one gap"],
)
def test_a_hole_is_cut_where_claims_begin_and_end(claimed: list[Claim], gaps: list[Gap]) -> None:
    """product.md §8.6: gap rows carry the cause."""
    assert find_gaps(Stretch(0, 12_000), [Stretch(0, 4_000), Stretch(9_000, 12_000)], claimed) == gaps


def test_fragments_an_encoder_cut_a_little_apart_leave_no_gap() -> None:
    """capture.md §2.2: fragment intervals of 992 to 1009 ms are one recording."""
    segments = [Stretch(n * 1009, n * 1009 + 1000) for n in range(10)]
    assert find_gaps(Stretch(0, 9 * 1009 + 1000 + JOIN_MS), segments) == []


def test_every_cause_has_its_place_in_the_order() -> None:
    """product.md §2.2: no cause is forgotten."""
    assert set(PRECEDENCE) == set(GapCause)
