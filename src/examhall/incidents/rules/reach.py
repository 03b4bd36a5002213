"""Which signals reach a rule, and what of them is left outside the quiet stretches: what `fold` begins with."""

from collections.abc import Sequence
from dataclasses import replace

from examhall.base.words import Suppression
from examhall.incidents.rules.levels import Rule, Shape
from examhall.incidents.rules.signal import Quiet, Signal, Suppressed
from examhall.incidents.rules.stretch import Run, in_ms, without


def sorted_out(signals: Sequence[Signal], rule: Rule, quiet: Sequence[Quiet]) -> tuple[list[Run], list[Suppressed]]:
    """Signals that reach the threshold, with the quiet stretches cut out; and what was suppressed."""
    kept: list[Run] = []
    told: list[Suppressed] = []
    for signal in signals:
        if signal.end_s < signal.start_s or not reaches(signal, rule):
            continue
        reason = signal.suppressed or (Suppression.ALLOWED_MATERIALS if _allowed(signal, rule) else None)
        if reason is not None:
            told.append(muted_for(signal, reason))
            continue
        run = Run(
            in_ms(signal.start_s),
            in_ms(signal.end_s) if rule.shape is not Shape.COUNT else in_ms(signal.start_s),
            signal.value,
            signal.score,
            signal.second,
            signal.detector,
            signal.note,
        )
        if rule.shape is Shape.DWELL and not run.length_ms:
            continue
        kept += without(run, [(in_ms(q.start_s), in_ms(q.end_s)) for q in quiet])
        told += [_hidden(signal, q) for q in quiet if q.start_s <= signal.end_s and q.end_s >= signal.start_s]
    return kept, told


def reaches(signal: Signal, rule: Rule) -> bool:
    if signal.score < rule.min_score:
        return False
    by_second = rule.second_at_least is not None and (signal.second or 0.0) >= rule.second_at_least
    return signal.value >= rule.at_least or by_second


def _allowed(signal: Signal, rule: Rule) -> bool:
    return rule.second_allowed and signal.value < rule.at_least


def muted_for(signal: Signal, reason: Suppression) -> Suppressed:
    return Suppressed(signal.kind, signal.start_s, signal.end_s, reason, signal.value, signal.detector)


def _hidden(signal: Signal, quiet: Quiet) -> Suppressed:
    start_s, end_s = max(signal.start_s, quiet.start_s), min(signal.end_s, quiet.end_s)
    return replace(muted_for(signal, quiet.reason), start_s=start_s, end_s=end_s)
