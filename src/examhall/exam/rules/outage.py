"""When silence is ours: the liveness ledger, the fleet rule and the time given back (product.md §8.1, P4)."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from examhall.exam.rules.timing import ZERO, Span, covered, merged

LEDGER_EVERY = timedelta(seconds=5)
OUTAGE_AFTER = timedelta(seconds=10)  # two missed rows: one may be a slow disk, two are an outage

FLEET_WITHIN = timedelta(seconds=30)
SCHEDULE_SHARE, SCHEDULE_LEAST = 0.20, 5
SITE_SHARE, SITE_LEAST = 0.10, 20


def ledger_gap(*, last_row_at: datetime | None, now: datetime) -> Span | None:
    """The outage one process notices when it writes its next row; None when it has been there all along."""
    if last_row_at is None or now - last_row_at <= OUTAGE_AFTER:
        return None
    return Span(last_row_at, now)


def ledger_outages(rows: Mapping[str, Sequence[datetime]], *, now: datetime) -> dict[str, list[Span]]:
    """Every gap per process, the open one up to `now` included. rows: sorted times of each process's rows."""
    found: dict[str, list[Span]] = {}
    for process, times in rows.items():
        ends = [*times[1:], now]
        gaps = (ledger_gap(last_row_at=since, now=until) for since, until in zip(times, ends, strict=True))
        found[process] = [gap for gap in gaps if gap is not None]
    return found


@dataclass(frozen=True, slots=True)
class Loss:
    """One active client's lost heartbeat."""

    attempt: str
    schedule: str
    at: datetime


def presumed_common(losses: Iterable[Loss], *, active: Mapping[str, int]) -> list[Loss]:
    """The losses presumed to have one common cause (the fleet rule, b).

    active: number of clients sitting per schedule, those just lost included.
    Returns the losses in time order; empty when no burst is large enough.
    """
    ordered = sorted(losses, key=lambda loss: loss.at)
    common: set[str] = set()
    times = [loss.at for loss in ordered]
    for first, at in enumerate(times):
        common |= _common_in(ordered[first : bisect_right(times, at + FLEET_WITHIN)], active)
    return [loss for loss in ordered if loss.attempt in common]


def _common_in(burst: Sequence[Loss], active: Mapping[str, int]) -> set[str]:
    if _many(len(burst), sum(active.values()), SITE_SHARE, SITE_LEAST):
        return {loss.attempt for loss in burst}
    found: set[str] = set()
    for schedule in {loss.schedule for loss in burst}:
        mine = {loss.attempt for loss in burst if loss.schedule == schedule}
        if _many(len(mine), active.get(schedule, 0), SCHEDULE_SHARE, SCHEDULE_LEAST):
            found |= mine
    return found


def _many(lost: int, active: int, share: float, least: int) -> bool:
    return lost >= least and lost >= share * active


def credit(outages: Sequence[Span], *, sitting: Span, pauses: Sequence[Span] = ()) -> timedelta:
    """`outage_credit`: the outages inside the attempt, without the time a pause gives back already.

    sitting: from the start, or the last reopening, to the end, or the stop, or now.
    """
    total = ZERO
    for outage in merged(outages):
        inside = outage.cut(sitting)
        total += inside.length - covered(pauses, inside=inside)
    return total
