"""When an attempt ends: the deadline is a sum of recorded adjustments, cut by a hard end (product.md T2, T3, T4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ZERO = timedelta(0)

LATE_ANSWER_GRACE = timedelta(seconds=10)  # T4: an answer sent in the last second is still on its way


@dataclass(frozen=True, slots=True)
class Clockwork:
    """All that the deadline of one attempt follows from."""

    started_at: datetime
    allowed: timedelta
    """The assessment's duration plus the accommodation's extra time."""
    hard_end: datetime
    adjustments: tuple[timedelta, ...] = ()
    """Granted, paused and outage time as asked for, uncut, in any order."""


def deadline(clockwork: Clockwork) -> datetime:
    """T2: the instant at which the attempt times out. Never past the hard end, whatever was granted."""
    total = sum(clockwork.adjustments, clockwork.allowed)
    # Compare before adding: a huge grant must not run past datetime.max.
    if total >= clockwork.hard_end - clockwork.started_at:
        return clockwork.hard_end
    return clockwork.started_at + total


def accommodated(base: timedelta, *, percent: int = 0, minutes: int = 0) -> timedelta:
    """The base time with the accommodation's extra time, rounded up to whole minutes (product.md §5.8)."""
    extra = base * percent / 100 + timedelta(minutes=minutes)
    whole, rest = divmod(extra, timedelta(minutes=1))
    return base + timedelta(minutes=whole + (1 if rest else 0))


def effective(clockwork: Clockwork, amount: timedelta) -> timedelta:
    """What one more adjustment really gives: the deadline after it minus the deadline before (T3)."""
    return deadline(with_adjustment(clockwork, amount)) - deadline(clockwork)


def with_adjustment(clockwork: Clockwork, amount: timedelta) -> Clockwork:
    return Clockwork(
        started_at=clockwork.started_at,
        allowed=clockwork.allowed,
        hard_end=clockwork.hard_end,
        adjustments=(*clockwork.adjustments, amount),
    )


def grant_needed(clockwork: Clockwork, *, until: datetime) -> timedelta:
    """The grant that puts an uncut deadline exactly at `until`: how an ended attempt gets its minutes (A11b)."""
    return until - clockwork.started_at - sum(clockwork.adjustments, clockwork.allowed)


def time_out_due_at(*, deadline_at: datetime, hard_end: datetime, paused: bool) -> datetime:
    """A11: a paused attempt has no deadline but the hard end, because its clock stands still."""
    return hard_end if paused else deadline_at


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of server time; `until` is outside it."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return max(self.until - self.since, ZERO)

    def cut(self, other: "Span") -> "Span":
        """The part inside `other`; of no length when they do not meet."""
        since = max(self.since, other.since)
        return Span(since, max(since, min(self.until, other.until)))


def merged(spans: Sequence[Span]) -> list[Span]:
    """The same time without overlaps, sorted; empty spans are dropped."""
    out: list[Span] = []
    for span in sorted((s for s in spans if s.length > ZERO), key=lambda s: s.since):
        if out and span.since <= out[-1].until:
            out[-1] = Span(out[-1].since, max(out[-1].until, span.until))
        else:
            out.append(span)
    return out


def covered(spans: Sequence[Span], *, inside: Span) -> timedelta:
    """How much of `inside` the spans cover."""
    return sum((s.cut(inside).length for s in merged(spans)), ZERO)


def later_without(since: datetime, length: timedelta, *, skipping: Sequence[Span]) -> datetime:
    """The instant at which `length` has passed since `since`, not counting the time inside `skipping`."""
    at, left = since, length
    for span in merged(skipping):
        if span.until <= at:
            continue
        if at + left <= span.since:
            break
        left -= max(span.since - at, ZERO)
        at = span.until
    return at + left
