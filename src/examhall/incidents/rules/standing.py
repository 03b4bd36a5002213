"""How far a limit could be raised before an incident would not have been made: what was measured goes through the rules
again, with each higher limit.

What is remembered are the measurements that reached the rule, whole units only: limits are whole, so that nothing is
lost by that. Of an incident only the outcome is kept, the longest stretch at each limit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor

import msgspec

from examhall.base.words import IncidentKind
from examhall.exam.rules.limits import LIMITED_KINDS, Limit, limits_of, most_of
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.levels import Rule, RuleSet, Shape, asked_of, measured_of, raised
from examhall.incidents.rules.reach import sorted_out
from examhall.incidents.rules.signal import Batch, FoldedIncident, Signal
from examhall.incidents.rules.stretch import GRID_MS, Run, in_ms

MOST_SAMPLES = 500
"""Of one kind: four minutes of a detector that never says the same twice, longer otherwise."""


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One measurement that reached the rule. `percent`: its certainty."""

    from_ms: int
    to_ms: int
    value: int
    second: int | None
    percent: int


class Samples(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one kind, as long as it can touch an incident that may still change."""

    until_ms: int = 0
    cut_ms: int = 0
    """What lies before this was too much to be remembered."""
    samples: tuple[Sample, ...] = ()


Memory = Mapping[str, Samples]
"""By kind."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of one incident when one of its limits is raised."""

    whole: bool
    """Whether it was known from its beginning; otherwise it may have had longer stretches than it says here."""
    longest_s: Mapping[Limit, tuple[tuple[int, float], ...]]
    """Of each limit: up to which value there is a stretch of which length, ascending; above the last there is none."""

    def reach(self, limit: Limit, *, needed_s: float, most: int) -> int | None:
        """The highest limit with which a stretch of `needed_s` is left; 0 when there is none, None if not known.

        most: a higher one is of no interest.
        """
        if limit not in self.longest_s:
            return None
        found = max((at for at, longest_s in self.longest_s[limit] if longest_s >= needed_s), default=0)
        return found if self.whole or found >= most else None


def remembered(memory: Memory, batch: Batch, rules: RuleSet) -> dict[str, Samples]:
    """`memory` with what `batch` says of the kinds that have a limit, without what can touch nothing any more."""
    out = dict(memory)
    for kind in sorted(LIMITED_KINDS & batch.kinds & rules.on):
        out[kind.value] = _grown(memory.get(kind.value, Samples()), kind, batch, rules.rules[kind])
    return out


def standing_of(memory: Memory, incident: FoldedIncident, rule: Rule) -> Standing | None:
    """None for a kind without limits, for what stands for many, and while it may change. rule: the one that made it."""
    known = memory.get(incident.kind.value)
    if incident.repeated or incident.ongoing or known is None or not known.samples:
        return None
    start_ms, end_ms = in_ms(incident.start_s), in_ms(incident.end_s)
    inside = [one for one in known.samples if one.from_ms <= end_ms and one.to_ms >= start_ms]
    longest_s = {limit: tuple(_at_each(inside, rule, limit)) for limit in limits_of(incident.kind)}
    return Standing(known.cut_ms <= start_ms, longest_s)


def _grown(before: Samples, kind: IncidentKind, batch: Batch, rule: Rule) -> Samples:
    signals = [signal for signal in batch.signals if signal.kind is kind]
    runs, _ = sorted_out(signals, rule, [quiet for quiet in batch.quiet if quiet.mutes(kind)])
    left = _unsettled(before, _horizon_ms(rule))
    samples = _joined([*left, *map(_sample, runs)], instants=rule.shape is Shape.COUNT)
    cut_ms = max((one.to_ms for one in samples[:-MOST_SAMPLES]), default=before.cut_ms)
    return Samples(max(before.until_ms, in_ms(batch.until_s)), cut_ms, tuple(samples[-MOST_SAMPLES:]))


def _horizon_ms(rule: Rule) -> int:
    """A silence longer than this sets apart what can no longer touch."""
    return max(in_ms(rule.join_s), in_ms(rule.window_s)) + GRID_MS


def _unsettled(known: Samples, silence_ms: int) -> Sequence[Sample]:
    """What comes after the last silence in which everything before it was told for good."""
    first, end_ms = 0, 0
    for place, one in enumerate(known.samples):
        if end_ms and one.from_ms - end_ms > silence_ms:
            first = place
        end_ms = max(end_ms, one.to_ms)
    return () if known.until_ms - end_ms > silence_ms else known.samples[first:]


def _joined(samples: Iterable[Sample], *, instants: bool) -> list[Sample]:
    """In order; neighbours that say the same become one, unless they are counted."""
    out: list[Sample] = []
    for one in sorted(samples, key=lambda s: (s.from_ms, s.to_ms)):
        last = out[-1] if out else None
        same = last is not None and (last.value, last.second, last.percent) == (one.value, one.second, one.percent)
        if last is not None and same and not instants and one.from_ms <= last.to_ms:
            out[-1] = msgspec.structs.replace(last, to_ms=max(last.to_ms, one.to_ms))
        else:
            out.append(one)
    return out


def _sample(run: Run) -> Sample:
    second = None if run.second is None else floor(run.second)
    return Sample(run.start_ms, run.end_ms, floor(run.value), second, _percent(run.score))


def _percent(score: float) -> int:
    """The highest whole percentage that the score reaches, by the comparison the rules make."""
    above = floor(score * 100) + 1
    return next(percent for percent in range(above, above - 3, -1) if percent / 100 <= score)


def _at_each(samples: Sequence[Sample], rule: Rule, limit: Limit) -> Iterable[tuple[int, float]]:
    """Only at measured values something can change, and only where it does the step is told."""
    asked, most = asked_of(rule, limit), most_of(limit)
    values = {floor(measured_of(limit, value=s.value, second=s.second, percent=s.percent)) for s in samples}
    last: tuple[int, float] | None = None
    for at in sorted({asked, most, *(value for value in values if asked < value < most)}):
        longest_s = _longest_s(samples, raised(rule, limit, at))
        if last is not None and last[1] != longest_s:
            yield last
        if longest_s is None:
            return
        last = (at, longest_s)
    if last is not None:
        yield last


def _longest_s(samples: Sequence[Sample], rule: Rule) -> float | None:
    """None when the rule would have made nothing of them."""
    signals = [
        Signal(rule.kind, one.from_ms / 1000, one.to_ms / 1000, one.value, one.percent / 100, one.second)
        for one in samples
    ]
    until_ms = max(one.to_ms for one in samples) + in_ms(rule.window_s) + GRID_MS
    batch = Batch(frozenset({rule.kind}), until_ms / 1000, signals, final=True)
    made = fold(batch, RuleSet({rule.kind: rule})).incidents
    return max((one.longest_s for one in made), default=None)
