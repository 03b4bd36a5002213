"""Accounts for every millisecond of a recording: it is media, or it lies in exactly one gap with a cause.

Leaves to `actions` where spans, segments, pauses and claims come from. Source: product.md §2.2 (Gap), design.md §5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from examhall.base.words import GapCause

JOIN_MS = 250
"""Neighbouring fragments this close count as touching: the last picture stays until the next one, and no encoder cuts
to the millisecond (measured: 992 to 1009 ms for one second, capture.md §2.2)."""


class Stretch(NamedTuple):
    """Milliseconds since the attempt was entered; `to_ms` is just past the end."""

    from_ms: int
    to_ms: int


class Claim(NamedTuple):
    """Somebody's word for why nothing was recorded: the client's manifest, a pause, the server's outage ledger."""

    from_ms: int
    to_ms: int
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Gap:
    from_ms: int
    to_ms: int
    cause: GapCause


PRECEDENCE = (
    GapCause.PAUSED,
    GapCause.SERVER_OUTAGE,
    GapCause.PERMISSION_REVOKED,
    GapCause.DEVICE_LOST,
    GapCause.STORAGE_FULL,
    GapCause.CLIENT_CRASH,
    GapCause.PENDING_UPLOAD,
    GapCause.OFFLINE,
    GapCause.UNKNOWN,
)
"""Which cause is written where claims overlap: what staff or the server know comes before what the client says, and a
stated cause before a guess."""


def covered(segments: Iterable[Stretch], span: Stretch) -> list[Stretch]:
    """The parts of `span` that are media: disjoint, in order, joined where they lie within JOIN_MS."""
    joined: list[Stretch] = []
    for start, end in sorted(segments):
        if end <= span.from_ms or start >= span.to_ms or end <= start:
            continue
        start, end = max(start, span.from_ms), min(end, span.to_ms)
        if joined and start - joined[-1].to_ms <= JOIN_MS:
            joined[-1] = Stretch(joined[-1].from_ms, max(joined[-1].to_ms, end))
        else:
            joined.append(Stretch(start, end))
    return _to_the_edges(joined, span)


def uncovered(segments: Iterable[Stretch], span: Stretch) -> list[Stretch]:
    """The parts of `span` without media: disjoint and in order."""
    holes, at = [], span.from_ms
    for start, end in covered(segments, span):
        if start > at:
            holes.append(Stretch(at, start))
        at = end
    if at < span.to_ms:
        holes.append(Stretch(at, span.to_ms))
    return holes


def find_gaps(span: Stretch, segments: Iterable[Stretch], claims: Sequence[Claim] = ()) -> list[Gap]:
    """Every uncovered millisecond of `span` in exactly one gap; disjoint, in order, neighbours differ in cause.

    segments: in any order, may overlap or reach over the span. claims: likewise; where none speaks: UNKNOWN.
    """
    gaps: list[Gap] = []
    for hole in uncovered(segments, span):
        for piece in _pieces(hole, claims):
            if gaps and gaps[-1].to_ms == piece.from_ms and gaps[-1].cause is piece.cause:
                gaps[-1] = Gap(gaps[-1].from_ms, piece.to_ms, piece.cause)
            else:
                gaps.append(piece)
    return gaps


def _to_the_edges(joined: list[Stretch], span: Stretch) -> list[Stretch]:
    """The first and last media stretch reach the span's edges when they lie within JOIN_MS of them."""
    if joined and joined[0].from_ms - span.from_ms <= JOIN_MS:
        joined[0] = Stretch(span.from_ms, joined[0].to_ms)
    if joined and span.to_ms - joined[-1].to_ms <= JOIN_MS:
        joined[-1] = Stretch(joined[-1].from_ms, span.to_ms)
    return joined


def _pieces(hole: Stretch, claims: Sequence[Claim]) -> list[Gap]:
    """Cut a hole wherever a claim begins or ends, each piece with the strongest cause that covers it."""
    touching = [claim for claim in claims if claim.from_ms < hole.to_ms and claim.to_ms > hole.from_ms]
    cuts = {hole.from_ms, hole.to_ms}
    for claim in touching:
        cuts |= {at for at in (claim.from_ms, claim.to_ms) if hole.from_ms < at < hole.to_ms}
    edges = sorted(cuts)
    return [Gap(start, end, _cause(start, touching)) for start, end in pairwise(edges)]


def _cause(at_ms: int, claims: Sequence[Claim]) -> GapCause:
    speaking = [claim.cause for claim in claims if claim.from_ms <= at_ms < claim.to_ms]
    return min(speaking, key=PRECEDENCE.index, default=GapCause.UNKNOWN)
