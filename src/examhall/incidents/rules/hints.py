"""A hint to the candidate comes first: what a picture too dark hides in the minute after it is kept and not marked.

product.md §8.7. Only the client can tell the candidate at once, and only its word opens a grace; how dark the picture
was is what the detectors measured. What is covered, black or seen by enough light is never excused.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from examhall.base.words import Suppression
from examhall.incidents.rules.signal import DARK, Signal

DARK_HINT = "too_dark"
"""`hint` of an entry `hint_shown`; with `grace` it promised the minute."""
GRACE_S = 60.0
AGAIN_AFTER_S = 900.0
"""From one grace to the next: a dark room is excused once, not for as long as it stays dark."""

Span = tuple[float, float]


def graces(told_s: Iterable[float]) -> list[Span]:
    """Minutes in which the dark excuses, from the moments at which the promise of one reached the server."""
    out: list[Span] = []
    for at_s in sorted(told_s):
        if not out or at_s - out[-1][0] >= AGAIN_AFTER_S:
            out.append((at_s, at_s + GRACE_S))
    return out


def excused(signals: Iterable[Signal], minutes: Sequence[Span]) -> list[Signal]:
    """The signals, cut at the minutes; what the dark hid inside them is suppressed, and recorded as that.

    No level is asked, so a stricter one still covers no less.
    """
    return [piece for signal in signals for piece in _parted(signal, minutes)]


def _parted(signal: Signal, minutes: Sequence[Span]) -> Iterator[Signal]:
    from_s = signal.start_s
    touching = minutes if signal.note == DARK and signal.suppressed is None else ()
    for start_s, end_s in touching:
        if end_s <= from_s or start_s >= signal.end_s:
            continue
        if from_s < start_s:
            yield replace(signal, start_s=from_s, end_s=start_s)
        until_s = min(end_s, signal.end_s)
        yield replace(signal, start_s=max(from_s, start_s), end_s=until_s, suppressed=Suppression.HINT_GRACE)
        from_s = until_s
    if from_s < signal.end_s or from_s == signal.start_s:
        yield replace(signal, start_s=from_s)
