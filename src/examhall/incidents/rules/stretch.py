"""Stretches of time on the millisecond: joining signals, cutting quiet out, and the hysteresis that steadies samples.

Whole milliseconds make the outcome the same however the signals were cut into batches. Knows no kinds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import msgspec
from msgspec import structs

GRID_MS = 250
"""Hysteresis is decided on this absolute grid: finer than the 2 samples per second that feed it."""
OPEN_PERCENT = 60
"""product.md §5.6: a stretch opens when this much of the window is positive …"""
CLOSE_PERCENT = 30
"""… and closes when no more than this is."""


def in_ms(seconds: float) -> int:
    return round(seconds * 1000)


class Run(msgspec.Struct, frozen=True, array_like=True):
    """An unbroken positive stretch; `start_ms == end_ms` is an instant. Stored by the hundred, so without names."""

    start_ms: int
    end_ms: int
    value: float
    score: float
    second: float | None = None
    detector: str = ""
    note: str = ""
    times: int = 1
    """More than one: so many instants of one stretch, of which only first and last moment are still known."""

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Stretch:
    """A steadied stretch: where it began and ended, and when that could first be known."""

    start_ms: int
    end_ms: int
    opened_ms: int
    times: int = 1
    closed_ms: int | None = None
    """When hysteresis ended it; None while it has not, and of stretches that need none."""


def joined(runs: Iterable[Run]) -> list[Run]:
    """Runs that touch or overlap become one; instants stay apart, because they are counted. Sorted by start."""
    out: list[Run] = []
    for run in sorted(runs, key=lambda r: (r.start_ms, r.end_ms, r.note)):
        last = out[-1] if out else None
        if last is not None and run.length_ms and last.length_ms and run.start_ms <= last.end_ms:
            out[-1] = both(last, run)
        else:
            out.append(run)
    return out


def both(first: Run, second: Run) -> Run:
    """One run that reaches as far and measured as much as the two."""
    return structs.replace(
        first,
        end_ms=max(first.end_ms, second.end_ms),
        value=max(first.value, second.value),
        score=max(first.score, second.score),
        second=highest(first.second, second.second),
        note=first.note or second.note,
    )


def highest(first: float | None, second: float | None) -> float | None:
    """The higher of two measurements either of which may be absent."""
    known = [value for value in (first, second) if value is not None]
    return max(known) if known else None


def without(run: Run, holes: Sequence[tuple[int, int]]) -> list[Run]:
    """What is left of `run` outside `holes`; an instant in a hole is gone."""
    left = [run]
    for from_ms, to_ms in holes:
        left = [piece for whole in left for piece in _cut(whole, from_ms, to_ms)]
    return left


def _cut(run: Run, from_ms: int, to_ms: int) -> list[Run]:
    if not run.length_ms:
        return [] if from_ms <= run.start_ms <= to_ms else [run]
    if to_ms <= run.start_ms or from_ms >= run.end_ms:
        return [run]
    pieces = ((run.start_ms, min(run.end_ms, from_ms)), (max(run.start_ms, to_ms), run.end_ms))
    return [structs.replace(run, start_ms=start, end_ms=end) for start, end in pieces if end > start]


def steadied(runs: Sequence[Run], *, window_ms: int, until_ms: int, since_ms: int = 0) -> list[Stretch]:
    """Apply hysteresis over a trailing window; a stretch begins at the first and ends at the last positive moment.

    runs: sorted, not overlapping, none an instant. More positive time never yields less covered time: the same
    window serves every level, and a window that is fuller for one level is at least as full for a stricter one.
    since_ms: on the grid; no stretch was open then, and what was decided up to then is not decided again.
    """
    out: list[Stretch] = []
    opened: tuple[int, int] | None = None
    for now_ms in _decision_points(runs, window_ms, until_ms, since_ms):
        full = _positive_ms(runs, now_ms - window_ms, now_ms) * 100
        if opened is None and full >= OPEN_PERCENT * window_ms:
            opened = (_first_positive(runs, now_ms - window_ms), now_ms)
        elif opened is not None and full <= CLOSE_PERCENT * window_ms:
            out.append(Stretch(opened[0], _last_positive(runs, now_ms), opened[1], closed_ms=now_ms))
            opened = None
    if opened is not None:
        out.append(Stretch(opened[0], _last_positive(runs, until_ms), opened[1]))
    return out


def _decision_points(runs: Sequence[Run], window_ms: int, until_ms: int, since_ms: int) -> Iterable[int]:
    """Grid points after `since_ms` at which the window is not empty, and the first one after it has emptied."""
    now_ms = since_ms + GRID_MS
    for place, run in enumerate(runs):
        now_ms = max(now_ms, -(-run.start_ms // GRID_MS) * GRID_MS)
        following = runs[place + 1].start_ms if place + 1 < len(runs) else until_ms + GRID_MS
        stop_ms = min(run.end_ms + window_ms + GRID_MS, following, until_ms + 1)
        while now_ms < stop_ms:
            yield now_ms
            now_ms += GRID_MS
            if now_ms - window_ms > run.start_ms and now_ms < run.end_ms:  # full until the run ends: nothing to decide
                now_ms = max(now_ms, run.end_ms // GRID_MS * GRID_MS)


def _positive_ms(runs: Sequence[Run], from_ms: int, to_ms: int) -> int:
    total = 0
    place = reaching(runs, to_ms) - 1
    while place >= 0 and runs[place].end_ms > from_ms:
        total += min(runs[place].end_ms, to_ms) - max(runs[place].start_ms, from_ms)
        place -= 1
    return total


def reaching(runs: Sequence[Run], moment_ms: int) -> int:
    """How many runs begin before `moment_ms`."""
    low, high = 0, len(runs)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if runs[middle].start_ms < moment_ms else (low, middle)
    return low


def _first_positive(runs: Sequence[Run], after_ms: int) -> int:
    place = max(0, reaching(runs, after_ms) - 1)
    return next(max(run.start_ms, after_ms) for run in runs[place:] if run.end_ms > after_ms)


def _last_positive(runs: Sequence[Run], before_ms: int) -> int:
    return min(runs[reaching(runs, before_ms) - 1].end_ms, before_ms)


def counted(runs: Sequence[Run], *, window_ms: int, times: int) -> list[Stretch]:
    """Stretches in which `times` instants fall within `window_ms`; neighbours closer than the window are joined.

    runs: instants, sorted; those that `fewer` has put together stand in a stretch by themselves.
    """
    out: list[Stretch] = []
    for place, first in enumerate(runs):
        last = first if first.times > 1 else runs[min(place + times, len(runs)) - 1]
        if first.times == 1 and (place + times > len(runs) or last.end_ms - first.start_ms > window_ms):
            continue
        if out and first.start_ms - out[-1].end_ms <= window_ms:
            out[-1] = replace(out[-1], end_ms=max(out[-1].end_ms, last.end_ms))
        else:
            out.append(Stretch(first.start_ms, last.end_ms, last.end_ms))
    return [replace(s, times=sum(r.times for r in runs if s.start_ms <= r.start_ms <= s.end_ms)) for s in out]


def fewer(runs: Sequence[Run], stretches: Sequence[Stretch], *, times: int) -> list[Run]:
    """Instants amid a stretch put together: its first and last `times` say where it began and whether it goes on."""
    for stretch in stretches:
        mine = [place for place, run in enumerate(runs) if stretch.start_ms <= run.start_ms <= stretch.end_ms]
        runs = _as_one(runs, mine[times:-times], times=sum(runs[place].times for place in mine[times:-times]))
    return list(runs)


def filled(
    runs: Sequence[Run], stretches: Sequence[Stretch], *, head_ms: int, window_ms: int, until_ms: int
) -> list[Run]:
    """Runs amid a steadied stretch made one, without the gaps that did not end it.

    Nothing `steadied` says changes by that: the stretch was open there and a fuller window keeps it so, and no window
    that opens it, closes it or is still to come reaches there. head_ms: of the stretch, kept as it was, because it
    says when the rule was met.
    """
    for stretch in stretches:
        from_ms = max(stretch.opened_ms, stretch.start_ms + head_ms)
        to_ms = min(stretch.end_ms, until_ms) - window_ms - GRID_MS
        inside = [place for place, run in enumerate(runs) if from_ms <= run.start_ms and run.end_ms <= to_ms]
        runs = _as_one(runs, inside, times=1)
    return list(runs)


def _as_one(runs: Sequence[Run], places: Sequence[int], *, times: int) -> Sequence[Run]:
    """`runs` with those at `places`, which are neighbours, made one."""
    if len(places) < 2:
        return runs
    whole = reduce(both, (runs[place] for place in places))
    return [*runs[: places[0]], structs.replace(whole, times=times), *runs[places[-1] + 1 :]]


def exact(runs: Sequence[Run]) -> list[Stretch]:
    """Spans as they were reported. `opened_ms` is the start: a reported span needs no window."""
    return [Stretch(run.start_ms, run.end_ms, run.start_ms) for run in runs]
