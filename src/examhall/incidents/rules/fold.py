"""The one rules engine: signals of clients and detectors in, incidents a person can judge out.

Works in steps, so that a job can go on with only what is new: `advance` takes the state left by the step before.
However the signals are cut into steps, the incidents are the same, and each has one key. Where signals come from,
and who is told of an incident, is left to the callers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.rules.cluster import CAP_WINDOW_MS, Cluster, capped, forgetting, grown, together, worded
from examhall.incidents.rules.levels import Rule, RuleSet, Shape
from examhall.incidents.rules.reach import muted_for, reaches, sorted_out
from examhall.incidents.rules.signal import Batch, FoldedIncident, OutOfOrder, Signal, Suppressed
from examhall.incidents.rules.stretch import (
    GRID_MS,
    Run,
    Stretch,
    counted,
    exact,
    fewer,
    filled,
    joined,
    reaching,
    steadied,
)
from examhall.incidents.rules.stretch import (
    in_ms as _ms,
)

MUTED_JOIN_MS = 2_000
"""Suppressed stretches closer than this make one record."""
DIALOG_MS = 1_000
_OF_STRETCHES = (Suppression.INPUT_ACTIVITY, Suppression.SYSTEM_DIALOG, Suppression.COOL_DOWN)
SLACK_MS = 1
"""Rounding of seconds to milliseconds may bring a start this much before the previous `until_s`."""


@dataclass(frozen=True, slots=True)
class KindState:
    """What one kind has to remember between steps: only what can still change an incident."""

    until_ms: int = 0
    since_ms: int = 0
    """On the grid: what hysteresis decided up to here is not decided again."""
    runs: tuple[Run, ...] = ()
    muted: tuple[Suppressed, ...] = ()
    inputs_ms: tuple[int, ...] = ()
    openings_ms: tuple[int, ...] = ()
    """Openings of settled incidents within the last hour, for the cap."""
    growing: Cluster | None = None
    """Decided stretches that what comes may still join."""
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
        waiting, done = _told_once([*before.muted, *told], until_ms, until_ms, final=batch.final)
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
    decided = list(takewhile(lambda stretch: final or _is_decided(stretch, rule, state.until_ms), stretches))
    going_on = stretches[len(decided) :]
    join_ms, from_ms = _ms(rule.join_s), _frontier(state, going_on, rule)
    done = _ripe(decided, state, rule)
    known = grown([state.growing] if state.growing else [], done, state.runs, join_ms)
    growing = known[-1] if known and not final and known[-1].end_ms + join_ms >= from_ms else None
    gone = known[:-1] if growing else known
    shown = grown(known, _ripe(going_on, state, rule), state.runs, join_ms)
    listed = capped(shown, state.openings_ms, state.storm, rule.cap_per_hour)
    incidents = [
        worded(c, rule, version, repeated=again, ongoing=not final and _is_open(c, gone, from_ms, repeated=again))
        for c, again in listed
    ]
    told = [
        *state.muted,
        *_held_back(decided, done, rule),
        *_brief(decided, rule),
        *_joined_late(state.growing, done, state.runs, rule),
    ]
    waiting, over = _told_once(told, state.until_ms, from_ms, final=final)
    left = _settle(_shortened(state, decided, going_on, growing, rule), gone, listed, from_ms)
    reported = {incident.key: incident for incident in state.reported}
    changed = [incident for incident in incidents if reported.get(incident.key) != incident]
    return (
        replace(left, muted=waiting, reported=tuple(incident for incident in incidents if incident.ongoing)),
        changed,
        over,
    )


def _stretches(state: KindState, rule: Rule) -> list[Stretch]:
    if rule.shape is Shape.DWELL:
        window_ms = _ms(rule.window_s)
        return steadied(state.runs, window_ms=window_ms, until_ms=state.until_ms, since_ms=state.since_ms)
    if rule.shape is Shape.COUNT:
        return counted(state.runs, window_ms=_ms(rule.window_s), times=rule.times)
    return exact(state.runs)


def _is_decided(stretch: Stretch, rule: Rule, until_ms: int) -> bool:
    """Whether nothing that comes can change it."""
    if rule.shape is Shape.DWELL:
        return stretch.closed_ms is not None and stretch.closed_ms <= until_ms - GRID_MS
    reach_ms = _ms(rule.window_s) if rule.shape is Shape.COUNT else 0
    return stretch.end_ms + reach_ms < until_ms - SLACK_MS


def _frontier(state: KindState, going_on: Sequence[Stretch], rule: Rule) -> int:
    """No stretch that is still to be decided begins before this."""
    starts = [state.until_ms - SLACK_MS, *(stretch.start_ms for stretch in going_on)]
    if rule.shape is not Shape.SPAN:
        oldest_ms = state.until_ms - _ms(rule.window_s) - GRID_MS
        starts += [max(run.start_ms, oldest_ms) for run in state.runs if run.end_ms >= oldest_ms]
    return min(starts)


def _shortened(
    state: KindState, decided: Sequence[Stretch], going_on: Sequence[Stretch], growing: Cluster | None, rule: Rule
) -> KindState:
    """Without the runs that can no longer change a stretch; those amid one joined where only the whole matters."""
    window_ms, since_ms = _ms(rule.window_s), state.since_ms
    if rule.shape is Shape.DWELL:
        since_ms = max(since_ms, *(stretch.closed_ms or 0 for stretch in decided), 0)
        if not going_on:
            since_ms = max(since_ms, state.until_ms // GRID_MS * GRID_MS - GRID_MS)
        needed_ms = since_ms - window_ms
    else:
        reach_ms = SLACK_MS + (window_ms if rule.shape is Shape.COUNT else 0)
        needed_ms = min([state.until_ms - reach_ms, *(stretch.start_ms for stretch in going_on)])
    runs = [run for run in state.runs if run.end_ms >= needed_ms]
    left = forgetting(growing, (run for run in state.runs if run.end_ms < needed_ms)) if growing else None
    if rule.shape is Shape.DWELL:
        head_ms = max(_ms(rule.min_s), _ms(rule.alone_s or 0.0))
        runs = filled(runs, going_on, head_ms=head_ms, window_ms=window_ms, until_ms=state.until_ms)
    elif rule.shape is Shape.COUNT:
        runs = fewer(runs, going_on, times=rule.times)
    return replace(state, runs=tuple(runs), since_ms=since_ms, growing=left)


def _ripe(stretches: Iterable[Stretch], state: KindState, rule: Rule) -> list[tuple[Stretch, int]]:
    """Those that meet the rule's duration (and idleness), each with the moment it did."""
    return [(stretch, at) for stretch in stretches if (at := _ripe_at(stretch, state, rule)) is not None]


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


def _is_open(cluster: Cluster, gone: Sequence[Cluster], from_ms: int, *, repeated: bool) -> bool:
    """A repeated incident gathers for an hour; any other is open while something may join it."""
    return cluster.start_ms + CAP_WINDOW_MS >= from_ms if repeated else cluster not in gone


def _held_back(decided: Sequence[Stretch], ripe: Sequence[tuple[Stretch, int]], rule: Rule) -> Iterator[Suppressed]:
    """Long enough, but the candidate was typing or pointing meanwhile."""
    if rule.idle_s is None:
        return
    met = {stretch.start_ms for stretch, _ in ripe}
    for stretch in decided:
        if stretch.end_ms - stretch.start_ms >= _ms(rule.min_s) and stretch.start_ms not in met:
            yield _record(stretch, rule, Suppression.INPUT_ACTIVITY, rule.min_s)


def _brief(decided: Sequence[Stretch], rule: Rule) -> Iterator[Suppressed]:
    """A page that lost the focus for less than a second had a dialog of the system before it (product.md §5.6)."""
    if rule.kind is not IncidentKind.NAVIGATING_AWAY:
        return
    for stretch in decided:
        if stretch.end_ms - stretch.start_ms < DIALOG_MS:
            yield _record(stretch, rule, Suppression.SYSTEM_DIALOG, 1.0)


def _joined_late(
    growing: Cluster | None, ripe: Sequence[tuple[Stretch, int]], runs: Sequence[Run], rule: Rule
) -> Iterator[Suppressed]:
    """Stretches that the cool-down, not the merge gap, added to an incident."""
    merge_ms = max(_ms(rule.merge_s), _ms(rule.window_s) if rule.shape is Shape.COUNT else 0)
    end_ms = growing.end_ms if growing else None
    for stretch, at_ms in ripe:
        if end_ms is not None and merge_ms < stretch.start_ms - end_ms <= _ms(rule.join_s):
            [alone] = grown([], [(stretch, at_ms)], runs, 0)
            yield _record(stretch, rule, Suppression.COOL_DOWN, alone.value)
        end_ms = stretch.end_ms


def _record(stretch: Stretch, rule: Rule, reason: Suppression, value: float) -> Suppressed:
    return Suppressed(rule.kind, stretch.start_ms / 1000, stretch.end_ms / 1000, reason, value)


def _told_once(
    told: Sequence[Suppressed], until_ms: int, stretches_ms: int, *, final: bool
) -> tuple[tuple[Suppressed, ...], list[Suppressed]]:
    """Join neighbouring records of one reason; keep back those that may still grow.

    stretches_ms: from here on stretches may still leave a record.
    """
    out: list[Suppressed] = []
    for record in sorted(told, key=lambda r: (r.reason, r.start_s, r.end_s)):
        last = out[-1] if out else None
        if last is not None and last.reason is record.reason and _ms(record.start_s - last.end_s) <= MUTED_JOIN_MS:
            value = max(last.value, record.value)
            out[-1] = replace(last, end_s=max(last.end_s, record.end_s), value=value)
        else:
            out.append(record)
    known_ms = {reason: min(until_ms, stretches_ms) for reason in _OF_STRETCHES}
    done = [r for r in out if final or known_ms.get(r.reason, until_ms) - _ms(r.end_s) > MUTED_JOIN_MS]
    return tuple(record for record in out if record not in done), done


def _settle(
    state: KindState, gone: Sequence[Cluster], listed: Sequence[tuple[Cluster, bool]], from_ms: int
) -> KindState:
    """Forget what can no longer change; keep what the cap of the coming hour needs."""
    own = {cluster.start_ms for cluster, repeated in listed if not repeated}
    openings = (*state.openings_ms, *(cluster.start_ms for cluster in gone if cluster.start_ms in own))
    storm = state.storm
    for cluster in gone:
        if cluster.start_ms in own:
            continue
        apart = storm is None or cluster.start_ms > storm.start_ms + CAP_WINDOW_MS
        storm = cluster if storm is None or apart else together(storm, cluster)
    first_ms = min(from_ms, state.growing.start_ms) if state.growing else from_ms
    if storm is not None and storm.start_ms + CAP_WINDOW_MS < first_ms:
        storm = None
    return replace(
        state,
        inputs_ms=tuple(at for at in state.inputs_ms if at >= from_ms - CAP_WINDOW_MS),
        openings_ms=tuple(at for at in openings if at > first_ms - CAP_WINDOW_MS),
        storm=storm,
    )
