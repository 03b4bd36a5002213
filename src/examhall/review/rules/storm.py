"""A session with so many marks that a list of them hides what happened: one line for each kind (product.md §8.7)."""

from collections.abc import Sequence

from examhall.incidents.rules.cluster import CAP_WINDOW_MS

MOST_PER_HOUR = 60
BARS, BAR_PX = 96, 12


def is_storm(starts_ms: Sequence[int]) -> bool:
    """Whether more than MOST_PER_HOUR began within one hour. starts_ms: sorted."""
    pairs = zip(starts_ms, starts_ms[MOST_PER_HOUR:], strict=False)
    return any(last_ms - first_ms < CAP_WINDOW_MS for first_ms, last_ms in pairs)


def bars(starts_ms: Sequence[int], *, to_ms: int) -> list[int]:
    """The height of each of BARS equal parts of a session of `to_ms`, by how many began in it; BAR_PX for the most."""
    counts = [0] * BARS
    for at_ms in starts_ms:
        counts[min(BARS - 1, at_ms * BARS // max(1, to_ms))] += 1
    most = max(counts)
    return [-(-number * BAR_PX // most) if most else 0 for number in counts]
