"""Breaches of the policy's conditions and what follows: hold, pause, stop, and held time given back (A3, A3b, A8).

The client says when a condition broke and when it was met again; the return of a device is its first stored fragment.
What follows, and from when, is the server's: the sweeper looks at what is open, every telling is looked at as it comes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import BadInput
from examhall.base.words import AttemptAct, AttemptState, EndReason, EntryKind, HoldCause, Track
from examhall.exam.access.attempt import accommodations_of
from examhall.exam.access.hold import CREDIT, breach_of, breaches_of, owed
from examhall.exam.access.policy import policy_for, policy_of_activation
from examhall.exam.actions.move import adjust, catch_up, locked_rows, move
from examhall.exam.actions.outage import opened_row
from examhall.exam.models import Attempt, Hold, InvigilatorAssignment
from examhall.exam.rules.answers import Anchor
from examhall.exam.rules.attempt import STARTED
from examhall.exam.rules.hold import (
    DEVICES,
    RECEIVED_WITHIN,
    TOLD_WITHIN,
    Reaction,
    Terms,
    concerns,
    due_at,
    given_up_at,
    happened_at,
    is_over,
    lasted_until,
    spent,
    terms,
)
from examhall.exam.rules.timing import ZERO
from examhall.journal.actions import NewEntry, append
from examhall.people.rules.actor import SYSTEM

BREAKS: Mapping[EntryKind, HoldCause] = {
    EntryKind.LEFT_FULL_SCREEN: HoldCause.FULL_SCREEN,
    EntryKind.DISPLAY_ADDED: HoldCause.DISPLAY,
    EntryKind.TRACK_ENDED: HoldCause.DEVICE,
}
RESTORES: Mapping[EntryKind, HoldCause] = {
    EntryKind.RETURNED_FULL_SCREEN: HoldCause.FULL_SCREEN,
    EntryKind.DISPLAY_REMOVED: HoldCause.DISPLAY,
}
TOLD_KINDS = frozenset({*BREAKS, *RESTORES, EntryKind.WARNING_ACK})
"""The client's entries this file has to hear."""

_RUNNING = frozenset({AttemptState.IN_PROGRESS, AttemptState.INTERRUPTED})
_WHY: Mapping[HoldCause, str] = {
    HoldCause.FULL_SCREEN: "Full screen was left for longer than this exam allows.",
    HoldCause.DEVICE: "The recording broke off and was not restored in time.",
    HoldCause.DISPLAY: "A second display was connected.",
}
_CREDIT_REASON = "The exam was hidden while a device was lost."


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of a client that breaks, restores or acknowledges."""

    attempt: UUID
    kind: EntryKind
    mono_ms: int
    what: str = ""
    """Of a lost device: which; of an acknowledgement: the cause."""


@dataclass(slots=True)
class _Case:
    """One locked attempt with its rows."""

    attempt: Attempt
    rules: Terms
    rows: list[Hold]
    now: datetime

    @property
    def is_running(self) -> bool:
        return self.attempt.state in _RUNNING

    def open_rows(self) -> list[Hold]:
        return [row for row in self.rows if row.ended_at is None]


@step
def hear_lines(lines: Sequence[NewEntry], attempts: Mapping[UUID, UUID], *, now: datetime) -> None:
    """Take what stands in new lines of clients. attempts: by stream."""
    told = [
        Told(
            attempt=attempts[line.stream],
            kind=line.kind,
            mono_ms=int(line.extra.get("mono_ms", 0)),
            what=str(line.extra.get("track") or line.extra.get("cause") or ""),
        )
        for line in lines
        if line.kind in TOLD_KINDS
    ]
    if told:
        hear(told, now=now)


@step
def hear(told: Sequence[Told], *, now: datetime) -> None:
    """Take what clients told, in the order they told it; called in the transaction that stores their entries."""
    attempts = locked_rows({one.attempt for one in told})
    cases: dict[UUID, _Case] = {}
    for one in told:
        attempt = attempts.get(one.attempt)
        if attempt is None or attempt.state not in STARTED:
            continue
        case = cases.get(one.attempt)
        if case is None:
            case = cases[one.attempt] = _case(attempt, now=now)
            _follow(case)
        at = _take(case, one, _happened_at(attempt, one.mono_ms, now=now))
        _react(case, until=partial(_always, at))
        _close(case)


@step
def device_back(attempt: Attempt, *, track: Track, at: datetime) -> None:
    """The first fragment of a recorder's new start is stored: its device is no longer lost. at: when it began."""
    if attempt.state not in STARTED or not Hold.objects.filter(attempt=attempt, restored_at__isnull=True).exists():
        return
    now = clock.now()
    case = _case(attempt, now=now)
    _follow(case)
    for row in case.rows:
        mine = row.cause == HoldCause.DEVICE and DEVICES[row.what] is track
        if mine and row.restored_at is None and at >= row.broken_at:  # not what an older start still brings
            _restore(row, at=min(at, now))
    _react(case, until=partial(_always, now))
    _close(case)


@action
def follow_holds(attempt_id: UUID) -> None:
    """Apply to one attempt what has come due of its breaches."""
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    case = _case(attempt, now=now)
    _follow(case)
    heard_at = attempt.last_seen_at or attempt.entered_at
    _react(case, until=partial(_known_to, heard_at))
    _close(case)


def unsettled() -> list[UUID]:
    """The attempts with a breach from which something may follow now."""
    running = Q(attempt__state__in=_RUNNING)
    stands = Q(ended_at__isnull=True) & ~running
    goes_on = Q(ended_at__isnull=False, restored_at__isnull=True) & running
    may_react = Q(ended_at__isnull=True, restored_at__isnull=True) & running
    rows = Hold.objects.filter(stands | goes_on | may_react).select_related("attempt").order_by("attempt_id", "id")
    return list(dict.fromkeys(row.attempt_id for row in rows if _may_follow(row)))


def _may_follow(row: Hold) -> bool:
    if row.ended_at is not None or row.attempt.state not in _RUNNING:
        return True
    try:
        rules = terms(policy_of_activation(row.attempt.activation_id), invigilated=True)
    except BadInput:
        return True  # what follows cannot be known: `follow_holds` says so, and of this attempt only
    breach = breach_of(row)
    return given_up_at(breach) is not None or due_at(breach, rules) is not None


def _case(attempt: Attempt, *, now: datetime) -> _Case:
    invigilated = InvigilatorAssignment.objects.filter(schedule_id=attempt.registration.schedule_id).exists()
    policy = policy_for(attempt.activation_id, accommodations_of(attempt))
    rules = terms(policy, invigilated=invigilated)
    return _Case(attempt, rules, breaches_of(attempt.id), now)


def _happened_at(attempt: Attempt, mono_ms: int, *, now: datetime) -> datetime:
    anchor = None
    if attempt.last_seen_at is not None and attempt.seen_mono_ms is not None:
        anchor = Anchor(attempt.last_seen_at, attempt.seen_mono_ms)
    since = attempt.running_since or attempt.started_at or attempt.entered_at
    return happened_at(anchor, mono_ms=mono_ms, since=since, now=now)


def _follow(case: _Case) -> None:
    """The exam stood still or ended: breaches stop counting with it. It goes on: those still there begin anew."""
    if not case.is_running:
        _suspend(case, at=_stood_at(case.attempt, now=case.now))
        return
    since = case.attempt.running_since or case.now
    for row in [row for row in case.rows if row.ended_at is not None and row.restored_at is None]:
        _keep(row, restored_at=since)
        fresh = Hold.objects.create(attempt=case.attempt, cause=row.cause, what=row.what, broken_at=since)
        case.rows.append(fresh)


def _suspend(case: _Case, *, at: datetime) -> None:
    for row in case.open_rows():
        _end(case, row, at=at)


def _stood_at(attempt: Attempt, *, now: datetime) -> datetime:
    return attempt.ended_at or attempt.stopped_at or attempt.paused_at or now


def _take(case: _Case, one: Told, at: datetime) -> datetime:
    """Apply what was told, and return when it happened."""
    if one.kind in BREAKS:
        what = one.what if one.kind is EntryKind.TRACK_ENDED else ""
        _break(case, BREAKS[one.kind], what, at, mono_ms=one.mono_ms)
        return at
    for row in case.rows:
        if one.kind is EntryKind.WARNING_ACK:
            waits = row.held_at is not None and row.restored_at is not None and row.ended_at is None
            if waits and row.cause == one.what:
                _end(case, row, at=at)
        elif row.cause == RESTORES[one.kind] and row.restored_at is None:
            if row.broken_mono_ms is not None:
                at = lasted_until(row.broken_at, broken_mono_ms=row.broken_mono_ms, mono_ms=one.mono_ms, now=case.now)
            _restore(row, at=at)
    return at


def _break(case: _Case, cause: HoldCause, what: str, at: datetime, *, mono_ms: int) -> None:
    """Begin a breach, unless this one lasts already."""
    if not concerns(case.rules, cause, what):
        return
    mine = [row for row in case.rows if (row.cause, row.what) == (cause.value, what)]
    if any(row.restored_at is None for row in mine):
        return
    unended = next((row for row in mine if row.ended_at is None), None)
    if unended is not None:  # hidden until acknowledged, and gone again
        _keep(unended, restored_at=None)  # its length does not matter any more: the budget is used up
        return
    fresh = Hold(
        attempt=case.attempt,
        cause=cause.value,
        what=what,
        broken_at=at,
        broken_mono_ms=mono_ms,
        ended_at=None if case.is_running else at,
    )
    fresh.save(force_insert=True)
    case.rows.append(fresh)


def _restore(row: Hold, *, at: datetime) -> None:
    _keep(row, restored_at=max(at, row.broken_at))


def _always(at: datetime, _: HoldCause) -> datetime:
    return at


def _known_to(heard_at: datetime, cause: HoldCause) -> datetime:
    """Up to when a client that was heard then has told all of this cause."""
    return heard_at - (RECEIVED_WITHIN if cause is HoldCause.DEVICE else TOLD_WITHIN)


def _react(case: _Case, *, until: Callable[[HoldCause], datetime]) -> None:
    """Do what has come due. until: up to when everything of this cause is known."""
    for index, row in enumerate(case.rows):
        if row.ended_at is not None or not case.is_running:
            continue
        breach = breach_of(row)
        known_to = until(breach.cause)
        given_up = given_up_at(breach)
        if given_up is not None and given_up <= known_to:
            _stop(case, row, at=given_up)
            continue
        before = spent([breach_of(earlier) for earlier in case.rows[:index]], now=case.now)
        due = due_at(breach, case.rules, spent_before=before)
        if due is not None and due <= min(known_to, breach.restored_at or known_to):
            _REACTIONS[case.rules.reaction(breach.cause)](case, row, at=due)


def _hold(case: _Case, row: Hold, *, at: datetime) -> None:
    _keep(row, held_at=at, reaction=Reaction.HOLD.value)
    append(case.attempt.stream_id, EntryKind.HOLD_STARTED, at=at, extra=_about(row))


def _pause(case: _Case, row: Hold, *, at: datetime) -> None:
    why = _WHY[HoldCause(row.cause)]
    _keep(row, reaction=Reaction.PAUSE.value)
    move(case.attempt, AttemptAct.PAUSE, paused_at=at, paused_reason=why)
    append(case.attempt.stream_id, EntryKind.EXAM_PAUSED, at=at, extra={**_about(row), "reason": why})
    _suspend(case, at=at)


def _stop(case: _Case, row: Hold, *, at: datetime) -> None:
    why = _WHY[HoldCause(row.cause)]
    _keep(row, reaction=Reaction.STOP.value)
    move(case.attempt, AttemptAct.STOP, stopped_at=at, stop_reason=why, end_reason=EndReason.RULE.value)
    extra = {**_about(row), "reason": EndReason.RULE.value, "text": why}
    append(case.attempt.stream_id, EntryKind.ATTEMPT_STOPPED, at=at, extra=extra)
    _suspend(case, at=at)


class _Doing(Protocol):
    """What a reaction does to a locked attempt."""

    def __call__(self, case: _Case, row: Hold, *, at: datetime) -> None: ...


_REACTIONS: Mapping[Reaction, _Doing] = {
    Reaction.HOLD: _hold,
    Reaction.PAUSE: _pause,
    Reaction.STOP: _stop,
}


def _close(case: _Case) -> None:
    for row in case.open_rows():
        if is_over(breach_of(row)):
            _end(case, row, at=row.restored_at or case.now)


def _end(case: _Case, row: Hold, *, at: datetime) -> None:
    """Stop counting a breach; if the exam was hidden for it, say so and give back what a device cost."""
    _keep(row, ended_at=max(at, row.held_at or row.broken_at, row.broken_at))
    if row.held_at is None or row.ended_at is None:
        return
    held_s = (row.ended_at - row.held_at).total_seconds()
    append(case.attempt.stream_id, EntryKind.HOLD_ENDED, at=row.ended_at, extra={**_about(row), "held_s": held_s})
    if row.cause == HoldCause.DEVICE:
        _give_back(case, at=row.ended_at)


def _give_back(case: _Case, *, at: datetime) -> None:
    """What the holds that are over give back; one that lasts beside them is counted when it ends."""
    attempt = case.attempt
    if attempt.state not in STARTED | {AttemptState.TIMED_OUT}:
        return
    amount = owed(attempt, [row for row in case.rows if row.ended_at is not None], until=at)
    if amount <= ZERO:
        return
    effective = adjust(attempt, CREDIT, amount, by=SYSTEM, at=case.now, reason=_CREDIT_REASON)
    extra = {
        "kind": CREDIT,
        "seconds": amount.total_seconds(),
        "effective_s": effective.total_seconds(),
        "reason": _CREDIT_REASON,
    }
    append(attempt.stream_id, EntryKind.EXTRA_TIME_GRANTED, at=case.now, extra=extra)


def _about(row: Hold) -> dict[str, str]:
    return {"cause": str(row.cause), **({"what": row.what} if row.what else {})}


def _keep(row: Hold, **changes: object) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
