"""Stretches of one kind that stand together as one incident, as sums: however long it goes on, it does not grow.

What is a stretch is `stretch`'s affair; which clusters can still grow is `fold`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from examhall.incidents.rules.levels import Rule
from examhall.incidents.rules.signal import FoldedIncident
from examhall.incidents.rules.stretch import Run, Stretch, both, highest, reaching

CAP_WINDOW_MS = 3_600_000
"""product.md §5.6: the cap is per hour; the hour runs, it does not start on the clock."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Stretches of one kind joined into one incident, before its cap and wording."""

    start_ms: int
    end_ms: int
    detected_ms: int
    times: int
    length_ms: int
    longest_ms: int
    value: float
    score: float
    second: float | None
    detector: str
    note: str
    since: Run | None = None
    """What was measured after its end, of runs no longer known; it counts when the cluster grows."""


def grown(
    before: Sequence[Cluster], ripe: Iterable[tuple[Stretch, int]], runs: Sequence[Run], join_ms: int
) -> list[Cluster]:
    """`before` and what `ripe` stretches (each with when it met the rule) add to its last, or begin.

    runs: sorted; all of each stretch, and since the last cluster's end, but for those in its `since`.
    """
    out = list(before)
    for stretch, met_ms in ripe:
        last = out[-1] if out else None
        if last is None or stretch.start_ms - last.end_ms > join_ms:
            out.append(_measured(stretch, met_ms, _inside(runs, stretch.start_ms, stretch.end_ms)))
            continue
        inside = _inside(runs, min(last.end_ms, stretch.start_ms), stretch.end_ms)
        more = _measured(stretch, met_ms, [last.since, *inside] if last.since else inside)
        out[-1] = replace(together(last, more), note=last.note or more.note, since=None)
    return out


def together(first: Cluster, second: Cluster) -> Cluster:
    return replace(
        first,
        end_ms=second.end_ms,
        times=first.times + second.times,
        length_ms=first.length_ms + second.length_ms,
        longest_ms=max(first.longest_ms, second.longest_ms),
        value=max(first.value, second.value),
        score=max(first.score, second.score),
        second=highest(first.second, second.second),
    )


def forgetting(cluster: Cluster, runs: Iterable[Run]) -> Cluster:
    """`cluster` without need of `runs`."""
    later = [run for run in runs if run.end_ms > cluster.end_ms]
    known = [cluster.since] if cluster.since else []
    return replace(cluster, since=reduce(both, [*known, *later])) if later else cluster


def capped(
    clusters: Iterable[Cluster], openings_ms: Iterable[int], storm: Cluster | None, cap_per_hour: int
) -> list[tuple[Cluster, bool]]:
    """What comes after the hourly cap collapses into one "repeated" incident (True) per hour."""
    out: list[tuple[Cluster, bool]] = []
    openings = list(openings_ms)
    if storm is not None:
        out.append((storm, True))
    for cluster in clusters:
        openings = [at for at in openings if at > cluster.start_ms - CAP_WINDOW_MS]
        if len(openings) < cap_per_hour:
            openings.append(cluster.start_ms)
            out.append((cluster, False))
        elif storm is not None and cluster.start_ms <= storm.start_ms + CAP_WINDOW_MS:
            place = next(i for i, (_, repeated) in reversed(list(enumerate(out))) if repeated)
            storm = together(storm, cluster)
            out[place] = (storm, True)
        else:
            storm = cluster
            out.append((storm, True))
    return out


def worded(cluster: Cluster, rule: Rule, version: str, *, repeated: bool, ongoing: bool) -> FoldedIncident:
    return FoldedIncident(
        kind=rule.kind,
        start_s=cluster.start_ms / 1000,
        end_s=cluster.end_ms / 1000,
        count=cluster.times,
        length_s=cluster.length_ms / 1000,
        longest_s=cluster.longest_ms / 1000,
        severity=severity(cluster.length_ms / 1000, cluster.times, rule),
        level=rule.level,
        value=cluster.value,
        second=cluster.second,
        score=cluster.score,
        detected_s=cluster.detected_ms / 1000,
        ongoing=ongoing,
        repeated=repeated,
        detector=cluster.detector,
        rules_version=version,
        note=cluster.note,
    )


def severity(length_s: float, count: int, rule: Rule) -> int:
    """1 to 3: by length against the needed length; kinds without one are 2, and 3 from the third time on."""
    if rule.at_once:
        return min(rule.severest, 3 if count >= 3 else 2)
    bands = (length_s > 2 * rule.min_s, length_s > 6 * rule.min_s)
    return 1 + sum(bands)


def _inside(runs: Sequence[Run], from_ms: int, to_ms: int) -> list[Run]:
    """Those that reach into the time given; of runs that do not overlap at most one begins before it."""
    near = runs[max(0, reaching(runs, from_ms) - 1) : reaching(runs, to_ms + 1)]
    return [run for run in near if run.end_ms >= from_ms]


def _measured(stretch: Stretch, met_ms: int, inside: Sequence[Run]) -> Cluster:
    """A cluster of one stretch, with the highest measurements of the runs inside."""
    length_ms = stretch.end_ms - stretch.start_ms
    return Cluster(
        start_ms=stretch.start_ms,
        end_ms=stretch.end_ms,
        detected_ms=met_ms,
        times=stretch.times,
        length_ms=length_ms,
        longest_ms=length_ms,
        value=max(run.value for run in inside),
        score=max(run.score for run in inside),
        second=reduce(highest, (run.second for run in inside)),
        detector=inside[0].detector,
        note=next((run.note for run in inside if run.note), ""),
    )
