"""The one rules engine: signals of clients and detectors in, incidents a person can judge out.

Works in steps, so that a job can go on with only what is new: `advance` takes the state left by the step before.
However the signals are cut into steps, the incidents are the same, and each has one key. Where signals come from,
and who is told of an incident, is left to the callers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.rules.levels import Rule, RuleSet, Shape
from examhall.incidents.rules.reach import horizon_ms, muted_for, reaches, sorted_out
from examhall.incidents.rules.signal import Batch, FoldedIncident, OutOfOrder, Signal, Suppressed
from examhall.incidents.rules.stretch import (
    GRID_MS,
    Run,
    Stretch,
    counted,
    exact,
    fewer,
    filled,
    highest,
    joined,
    reaching,
    steadied,
)
from examhall.incidents.rules.stretch import (
    in_ms as _ms,
)

CAP_WINDOW_MS = 3_600_000
"""product.md §5.6: the cap is per hour; the hour runs, it does not start on the clock."""
MUTED_JOIN_MS = 2_000
"""Suppressed stretches closer than this make one record."""
DIALOG_MS = 1_000
SLACK_MS = 1
"""Rounding of seconds to milliseconds may bring a start this much before the previous `until_s`."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Stretches of one kind joined into one incident, before its cap and wording."""

    parts: tuple[Stretch, ...]
    detected_ms: int
    value: float
    score: float
    second: float | None
    detector: str
    note: str

    @property
    def start_ms(self) -> int:
        return self.parts[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.parts[-1].end_ms


@dataclass(frozen=True, slots=True)
class KindState:
    """What one kind has to remember between steps: only what can still change an incident."""

    until_ms: int = 0
    runs: tuple[Run, ...] = ()
    muted: tuple[Suppressed, ...] = ()
    inputs_ms: tuple[int, ...] = ()
    openings_ms: tuple[int, ...] = ()
    """Openings of settled incidents within the last hour, for the cap."""
    storm: Cluster | None = None
    """The settled part of the running "repeated" incident."""
    reported: tuple[FoldedIncident, ...] = ()
    """What was last reported of incidents that may still change."""


@dataclass(frozen=True, slots=True)
class FoldState:
    """Everything between two steps. `rules_version` guards against going on with other rules."""

    rules_version: str
    kinds: Mapping[IncidentKind, KindState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one `advance`."""

    state: FoldState
    incidents: tuple[FoldedIncident, ...]
    """New or changed since the step before, by start; a caller stores them by `key`."""
    suppressed: tuple[Suppressed, ...]
    """Final records, each reported once."""


def start(rules: RuleSet) -> FoldState:
    return FoldState(rules_version=rules.version)


def advance(state: FoldState, batch: Batch, rules: RuleSet) -> Step:
    """Take in what became known and say which incidents are new or changed.

    Raises OutOfOrder if a signal starts before its kind's previous `until_s`, BadInput if `state` was made under
    other rules. Either leaves the caller with `fold` over all stored signals.
    Source: product.md §5.6.
    """
    if state.rules_version != rules.version:
        raise BadInput("This analysis was begun under other rules; fold all signals of the attempt again.")
    kinds = dict(state.kinds)
    incidents: list[FoldedIncident] = []
    suppressed: list[Suppressed] = []
    for kind in sorted(batch.kinds):
        before = kinds.get(kind, KindState())
        kinds[kind], changed, muted = _advance_kind(kind, before, batch, rules)
        incidents += changed
        suppressed += muted
    incidents.sort(key=lambda incident: (incident.start_s, incident.kind))
    return Step(FoldState(state.rules_version, kinds), tuple(incidents), tuple(suppressed))


def fold(batch: Batch, rules: RuleSet) -> Step:
    """Fold everything known of a session at once: the last word on each incident, sorted by start."""
    return advance(start(rules), replace(batch, final=True), rules)


def packed(state: FoldState) -> bytes:
    """The state as bytes, for the job that goes on."""
    return msgspec.msgpack.encode(state)


def unpacked(raw: bytes) -> FoldState:
    """Raises BadInput if `raw` is not a packed state of this version of the product."""
    try:
        return msgspec.msgpack.decode(raw, type=FoldState)
    except msgspec.MsgspecError as error:
        raise BadInput("The stored state of the analysis cannot be read; fold all signals again.") from error


def _advance_kind(
    kind: IncidentKind, before: KindState, batch: Batch, rules: RuleSet
) -> tuple[KindState, list[FoldedIncident], list[Suppressed]]:
    until_ms = max(before.until_ms, _ms(batch.until_s))
    rule = rules.rules.get(kind)
    signals = [signal for signal in batch.signals if signal.kind is kind]
    _check_order(signals, before.until_ms)
    reason = rules.off.get(kind)
    if rule is None or reason is not None:
        told = [muted_for(s, reason) for s in signals if reaches(s, rule)] if rule is not None and reason else []
        waiting, done = _told_once([*before.muted, *told], until_ms, final=batch.final)
        return KindState(until_ms=until_ms, muted=waiting), [], done
    kept, told = sorted_out(signals, rule, [quiet for quiet in batch.quiet if quiet.mutes(kind)])
    taken = replace(
        before,
        until_ms=until_ms,
        runs=tuple(joined([*before.runs, *kept])),
        muted=(*before.muted, *told),
        inputs_ms=_inputs(before, batch) if rule.idle_s is not None else (),
    )
    return _judged(taken, rule, rules.version, final=batch.final)


def _inputs(before: KindState, batch: Batch) -> tuple[int, ...]:
    """Input that becomes known late does not undo an incident that was already told."""
    fresh = {at for at in map(_ms, batch.inputs_s) if at >= before.until_ms - SLACK_MS}
    return tuple(sorted(fresh.union(before.inputs_ms)))


def _check_order(signals: Sequence[Signal], until_ms: int) -> None:
    for signal in signals:
        if _ms(signal.start_s) < until_ms - SLACK_MS:
            raise OutOfOrder(
                f"A signal of {signal.kind} starts at {signal.start_s:.3f} s, but {until_ms / 1000:.3f} s was already "
                "judged; fold all signals of this kind again.",
                fields={"start_s": "not before the previous until_s"},
            )


def _judged(
    state: KindState, rule: Rule, version: str, *, final: bool
) -> tuple[KindState, list[FoldedIncident], list[Suppressed]]:
    stretches = _stretches(state, rule)
    ripe = [(stretch, at) for stretch in stretches if (at := _ripe_at(stretch, state, rule)) is not None]
    clusters = _clusters(ripe, state.runs, rule)
    settled_ms = _settled(state, horizon_ms(rule), final=final)
    capped = _capped(clusters, state, rule)
    incidents = [
        _worded(
            cluster,
            rule,
            version,
            repeated=repeated,
            ongoing=not final and _open(cluster, settled_ms, repeated=repeated),
        )
        for cluster, repeated in capped
    ]
    told = [
        *state.muted,
        *_held_back(stretches, ripe, rule, settled_ms),
        *_brief(stretches, rule, settled_ms),
        *_joined_late(clusters, rule, settled_ms),
    ]
    waiting, done = _told_once(told, state.until_ms, final=final)
    shorter = replace(state, runs=tuple(_shorter(state, stretches, clusters, rule)))
    left = _settle(shorter, clusters, capped, settled_ms)
    known = {incident.key: incident for incident in state.reported}
    changed = [incident for incident in incidents if known.get(incident.key) != incident]
    reported = tuple(incident for incident in incidents if incident.ongoing)
    return replace(left, muted=waiting, reported=reported), changed, done


def _stretches(state: KindState, rule: Rule) -> list[Stretch]:
    if rule.shape is Shape.DWELL:
        return steadied(state.runs, window_ms=_ms(rule.window_s), until_ms=state.until_ms)
    if rule.shape is Shape.COUNT:
        return counted(state.runs, window_ms=_ms(rule.window_s), times=rule.times)
    return exact(state.runs)


def _shorter(state: KindState, stretches: Sequence[Stretch], found: Sequence[Cluster], rule: Rule) -> list[Run]:
    """The runs that can still change an incident, joined where only the whole matters; so the state does not grow."""
    if rule.shape is Shape.COUNT:
        return fewer(state.runs, stretches, times=rule.times)
    if rule.shape is Shape.SPAN:
        return list(state.runs)
    head_ms, window_ms = max(_ms(rule.min_s), _ms(rule.alone_s or 0.0)), _ms(rule.window_s)
    kept = filled(state.runs, stretches, head_ms=head_ms, window_ms=window_ms, until_ms=state.until_ms)
    if rule.idle_s is not None:
        return kept  # what was too short for an incident still leaves a record
    fresh_ms = state.until_ms - window_ms - GRID_MS
    wanted = [(s.start_ms, s.end_ms) for s in stretches if s.end_ms >= fresh_ms]
    wanted += [(c.start_ms, c.end_ms + _ms(rule.join_s)) for c in found]
    wanted = [(a - window_ms - GRID_MS, b if b < fresh_ms else state.until_ms) for a, b in wanted]
    return [r for r in kept if r.end_ms >= fresh_ms or any(a <= r.end_ms and r.start_ms <= b for a, b in wanted)]


def _ripe_at(stretch: Stretch, state: KindState, rule: Rule) -> int | None:
    """When the stretch first met the rule's duration (and idleness); None while it has not."""
    at_ms = _reached(state.runs, stretch, _ms(rule.min_s))
    if at_ms is None or rule.idle_s is None:
        return at_ms
    idle_ms, inputs = _ms(rule.idle_s), state.inputs_ms
    tries = (at_ms, *(moment + idle_ms for moment in inputs if moment + idle_ms > at_ms))
    idle = [at for at in tries if at <= stretch.end_ms and not any(at - idle_ms < moment <= at for moment in inputs)]
    alone = _reached(state.runs, stretch, _ms(rule.alone_s)) if rule.alone_s is not None else None
    return min((*idle[:1], *([alone] if alone is not None else [])), default=None)


def _reached(runs: Sequence[Run], stretch: Stretch, min_ms: int) -> int | None:
    """The first positive moment at which the stretch is `min_ms` long and known to be one."""
    if stretch.end_ms - stretch.start_ms < min_ms:
        return None
    wanted_ms = stretch.start_ms + min_ms
    later = runs[max(0, reaching(runs, stretch.start_ms) - 1) :]
    at_ms = next((max(run.start_ms, wanted_ms) for run in later if run.end_ms >= wanted_ms), wanted_ms)
    return max(at_ms, stretch.opened_ms)


def _clusters(ripe: Sequence[tuple[Stretch, int]], runs: Sequence[Run], rule: Rule) -> list[Cluster]:
    join_ms = _ms(rule.join_s)
    groups: list[list[Stretch]] = []
    met_ms: list[int] = []
    for stretch, at_ms in ripe:
        if groups and stretch.start_ms - groups[-1][-1].end_ms <= join_ms:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
            met_ms.append(at_ms)
    found = [Cluster(tuple(parts), at, 0.0, 0.0, None, "", "") for parts, at in zip(groups, met_ms, strict=True)]
    return [_measured(cluster, runs) for cluster in found]


def _measured(cluster: Cluster, runs: Sequence[Run]) -> Cluster:
    """Fill in the highest measurements of the runs inside the cluster."""
    inside = [run for run in runs if run.start_ms <= cluster.end_ms and run.end_ms >= cluster.start_ms]
    second = None
    for run in inside:
        second = highest(second, run.second)
    return replace(
        cluster,
        value=max(run.value for run in inside),
        score=max(run.score for run in inside),
        second=second,
        detector=inside[0].detector,
        note=next((run.note for run in inside if run.note), ""),
    )


def _settled(state: KindState, silence_ms: int, *, final: bool) -> int:
    """The moment before which nothing can change any more: a silence longer than every window and join."""
    if final:
        return state.until_ms + 1
    settled_ms, end_ms = 0, 0
    for run in state.runs:
        if end_ms and run.start_ms - end_ms > silence_ms:
            settled_ms = run.start_ms
        end_ms = max(end_ms, run.end_ms)
    return state.until_ms if state.until_ms - end_ms > silence_ms else settled_ms


def _open(cluster: Cluster, settled_ms: int, *, repeated: bool) -> bool:
    """A repeated incident gathers for an hour; any other is closed once it lies before the settled moment."""
    return cluster.start_ms + CAP_WINDOW_MS >= settled_ms if repeated else cluster.end_ms >= settled_ms


def _capped(clusters: Sequence[Cluster], state: KindState, rule: Rule) -> list[tuple[Cluster, bool]]:
    """What comes after the hourly cap collapses into one "repeated" incident per hour."""
    out: list[tuple[Cluster, bool]] = []
    openings = list(state.openings_ms)
    storm = state.storm
    if storm is not None:
        out.append((storm, True))
    for cluster in clusters:
        openings = [at for at in openings if at > cluster.start_ms - CAP_WINDOW_MS]
        if len(openings) < rule.cap_per_hour:
            openings.append(cluster.start_ms)
            out.append((cluster, False))
        elif storm is not None and cluster.start_ms <= storm.start_ms + CAP_WINDOW_MS:
            place = next(i for i, (_, repeated) in reversed(list(enumerate(out))) if repeated)
            storm = _with(storm, cluster)
            out[place] = (storm, True)
        else:
            storm = cluster
            out.append((storm, True))
    return out


def _with(storm: Cluster, cluster: Cluster) -> Cluster:
    return replace(
        storm,
        parts=(*storm.parts, *cluster.parts),
        value=max(storm.value, cluster.value),
        score=max(storm.score, cluster.score),
        second=highest(storm.second, cluster.second),
    )


def _worded(cluster: Cluster, rule: Rule, version: str, *, repeated: bool, ongoing: bool) -> FoldedIncident:
    count = sum(part.times for part in cluster.parts)
    length_ms = sum(part.end_ms - part.start_ms for part in cluster.parts)
    return FoldedIncident(
        kind=rule.kind,
        start_s=cluster.start_ms / 1000,
        end_s=cluster.end_ms / 1000,
        parts=tuple((part.start_ms / 1000, part.end_ms / 1000) for part in cluster.parts),
        count=count,
        severity=severity(length_ms / 1000, count, rule),
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


def _held_back(
    stretches: Sequence[Stretch], ripe: Sequence[tuple[Stretch, int]], rule: Rule, settled_ms: int
) -> Iterator[Suppressed]:
    """Long enough, but the candidate was typing or pointing meanwhile."""
    if rule.idle_s is None:
        return
    met = {stretch.start_ms for stretch, _ in ripe}
    for stretch in stretches:
        long_enough = stretch.end_ms - stretch.start_ms >= _ms(rule.min_s)
        if long_enough and stretch.start_ms not in met and stretch.end_ms < settled_ms:
            yield Suppressed(
                rule.kind, stretch.start_ms / 1000, stretch.end_ms / 1000, Suppression.INPUT_ACTIVITY, rule.min_s
            )


def _brief(stretches: Sequence[Stretch], rule: Rule, settled_ms: int) -> Iterator[Suppressed]:
    """A page that lost the focus for less than a second had a dialog of the system before it (product.md §5.6)."""
    if rule.kind is not IncidentKind.NAVIGATING_AWAY:
        return
    for stretch in stretches:
        if stretch.end_ms - stretch.start_ms < DIALOG_MS and stretch.end_ms < settled_ms:
            yield Suppressed(rule.kind, stretch.start_ms / 1000, stretch.end_ms / 1000, Suppression.SYSTEM_DIALOG, 1.0)


def _joined_late(clusters: Sequence[Cluster], rule: Rule, settled_ms: int) -> Iterator[Suppressed]:
    """Parts that the cool-down, not the merge gap, added to an incident."""
    merge_ms = max(_ms(rule.merge_s), _ms(rule.window_s) if rule.shape is Shape.COUNT else 0)
    for cluster in clusters:
        if cluster.end_ms >= settled_ms:
            continue
        for before, part in zip(cluster.parts, cluster.parts[1:], strict=False):
            if part.start_ms - before.end_ms > merge_ms:
                yield Suppressed(
                    rule.kind, part.start_ms / 1000, part.end_ms / 1000, Suppression.COOL_DOWN, cluster.value
                )


def _told_once(
    told: Sequence[Suppressed], until_ms: int, *, final: bool
) -> tuple[tuple[Suppressed, ...], list[Suppressed]]:
    """Join neighbouring records of one reason; keep back those that may still grow."""
    out: list[Suppressed] = []
    for record in sorted(told, key=lambda r: (r.reason, r.start_s, r.end_s)):
        last = out[-1] if out else None
        if last is not None and last.reason is record.reason and _ms(record.start_s - last.end_s) <= MUTED_JOIN_MS:
            value = max(last.value, record.value)
            out[-1] = replace(last, end_s=max(last.end_s, record.end_s), value=value)
        else:
            out.append(record)
    done = [record for record in out if final or until_ms - _ms(record.end_s) > MUTED_JOIN_MS]
    return tuple(record for record in out if record not in done), done


def _settle(
    state: KindState, clusters: Sequence[Cluster], capped: Sequence[tuple[Cluster, bool]], settled_ms: int
) -> KindState:
    """Forget what can no longer change; keep what the cap of the coming hour needs."""
    own = {cluster.start_ms for cluster, repeated in capped if not repeated}
    gone = [cluster for cluster in clusters if cluster.end_ms < settled_ms]
    openings = (*state.openings_ms, *(c.start_ms for c in gone if c.start_ms in own))
    storm = state.storm
    for cluster in gone:
        if cluster.start_ms in own:
            continue
        apart = storm is None or cluster.start_ms > storm.start_ms + CAP_WINDOW_MS
        storm = cluster if storm is None or apart else _with(storm, cluster)
    if storm is not None and storm.start_ms + CAP_WINDOW_MS < settled_ms:
        storm = None
    oldest_ms = settled_ms - CAP_WINDOW_MS
    first_ms = min((run.start_ms for run in state.runs if run.end_ms >= settled_ms), default=settled_ms)
    return replace(
        state,
        runs=tuple(run for run in state.runs if run.end_ms >= settled_ms),
        inputs_ms=tuple(at for at in state.inputs_ms if at >= min(first_ms, settled_ms) - CAP_WINDOW_MS),
        openings_ms=tuple(at for at in openings if at > oldest_ms),
        storm=storm,
    )
