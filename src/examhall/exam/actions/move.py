"""Moving one locked attempt: the only writer of its state, its timer, and what is overdue.

A verb locks the attempt, brings it up to now (`catch_up` or `contact`), then moves it; all in its own transaction.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from examhall.base.action import step
from examhall.base.errors import NotFound
from examhall.base.words import AttemptAct, AttemptState, EndReason, EntryKind, RegistrationState
from examhall.exam.access.attempt import clockwork, hard_end
from examhall.exam.access.hold import breaches_of, owed
from examhall.exam.access.outage import outages_of, process_outages, taken_by_process
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.models import Attempt, Registration, TimerAdjustment
from examhall.exam.rules.attempt import STARTED, TERMINAL, after
from examhall.exam.rules.timing import ZERO, Span, deadline, effective, with_adjustment
from examhall.exam.rules.window import Due, Watched, connection_rules, due, loss_cause
from examhall.journal.actions import Actors, append
from examhall.people.rules.actor import SYSTEM


@step
def move(attempt: Attempt, act: AttemptAct, **changes: Any) -> None:  # noqa: ANN401 - the row's own fields
    """Write the state `act` leads to, and `changes` with it. Raises IllegalMove when the table has no such pair."""
    before = AttemptState(attempt.state_before_void) if attempt.state_before_void else None
    attempt.state = after(AttemptState(attempt.state), act, before_void=before).value
    keep(attempt, **changes)
    if AttemptState(attempt.state) in TERMINAL:
        _finish_registration(attempt)


def keep(attempt: Attempt, **changes: Any) -> None:  # noqa: ANN401 - the row's own fields
    """Write `changes`, and the state as it stands."""
    for name, value in changes.items():
        setattr(attempt, name, value)
    attempt.save(update_fields=["state", *changes])


def locked_row(attempt_id: UUID) -> Attempt:
    """The attempt under lock, not yet brought up to now. Raises NotFound."""
    rows = locked_rows([attempt_id])
    if not rows:
        raise NotFound("There is no such attempt.")
    return rows[attempt_id]


def locked_rows(attempt_ids: Collection[UUID]) -> dict[UUID, Attempt]:
    """Attempts under lock, in order of id so that two batches never wait for each other in a circle."""
    rows = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("registration__schedule", "lease")
        .filter(id__in=attempt_ids)
        .order_by("id")
    )
    return {row.id: row for row in rows}


def watched(attempt: Attempt, *, now: datetime) -> Watched | None:
    """What the monitor knows of a started attempt; None for one that has not started or has ended."""
    state = AttemptState(attempt.state)
    if state not in STARTED or attempt.deadline_at is None:
        return None
    running_since = attempt.running_since or attempt.started_at or attempt.entered_at
    last_seen_at = attempt.last_seen_at or running_since
    rules = connection_rules(policy_of_activation(attempt.activation_id).conn)
    silent = now - max(last_seen_at, running_since) >= rules.heartbeat_lost
    outages: tuple[Span, ...] = ()
    if silent:
        ours = process_outages(attempt.heard_by, since=last_seen_at, now=now)
        outages = (*outages_of(attempt.registration.schedule_id, since=last_seen_at, now=now), *ours)
    return Watched(
        state=state,
        last_seen_at=last_seen_at,
        running_since=running_since,
        deadline_at=_deadline_at(attempt, attempt.deadline_at, now=now),
        hard_end=hard_end(attempt),
        rules=rules,
        outages=outages,
        window_flagged=attempt.window_flagged_at is not None,
    )


def _deadline_at(attempt: Attempt, deadline_at: datetime, *, now: datetime) -> datetime:
    """The deadline, put off by time that is given back only later: with the end of a hold (A3b), or on return."""
    if now < deadline_at:
        return deadline_at
    later = owed(attempt, breaches_of(attempt.id), until=now) + _owed_for_outage(attempt, until=now)
    return min(deadline_at + later, hard_end(attempt))


def _owed_for_outage(attempt: Attempt, *, until: datetime) -> timedelta:
    """What an outage of its own ingest process took from a silent client and nothing gave back yet (§8.1 c)."""
    running = attempt.state in {AttemptState.IN_PROGRESS, AttemptState.INTERRUPTED}
    if not running or not policy_of_activation(attempt.activation_id).conn.outage_credit:
        return ZERO
    since = max(at for at in (attempt.last_seen_at, attempt.running_since, attempt.entered_at) if at is not None)
    return taken_by_process(attempt.heard_by, away=Span(since, until))


@step
def catch_up(attempt: Attempt, *, now: datetime) -> int:
    """Apply what is overdue, in time order, each with its due time as effective time; returns how many moves."""
    seen = watched(attempt, now=now)
    if seen is None:
        return 0
    steps = due(seen, now=now)
    for overdue in steps:
        _OVERDUE[overdue.act](attempt, overdue)
    if attempt.state == AttemptState.PAUSED and now - seen.last_seen_at >= seen.rules.heartbeat_lost:
        _note_loss_once(attempt, at=seen.last_seen_at + seen.rules.heartbeat_lost, cause=loss_cause(seen).value)
    return len(steps)


def is_away(attempt: Attempt) -> bool:
    """Whether a loss has been noted that no contact has ended yet."""
    return attempt.loss_at is not None and attempt.returned_at is None


@step
def contact(attempt: Attempt, *, now: datetime) -> None:
    """The candidate's client is heard: end the loss that was noted, and return from an interruption (A6)."""
    catch_up(attempt, now=now)
    if not is_away(attempt):
        return
    _cover(attempt, now=now)
    gap_s = (now - (attempt.loss_at or now)).total_seconds()
    changes: dict[str, Any] = {"returned_at": now, "window_flagged_at": None, "last_seen_at": now}
    if attempt.state == AttemptState.INTERRUPTED:
        move(attempt, AttemptAct.RETURN, **changes)
    else:
        keep(attempt, **changes)
    append(attempt.stream_id, EntryKind.HEARTBEAT_RESTORED, at=now, extra={"gap_s": gap_s, "state": attempt.state})


def _cover(attempt: Attempt, *, now: datetime) -> None:
    """§8.1 (c): the process that heard it was down by the ledger, so the time is given back, however few it hit."""
    amount = _owed_for_outage(attempt, until=now)
    if amount <= ZERO:
        return
    append(attempt.stream_id, EntryKind.OUTAGE_STARTED, at=attempt.loss_at, extra={"confirmed": True})
    given = give_back(attempt, amount, by=SYSTEM, at=now, reason="outage")
    extra = {"confirmed": True, "effective_s": given.total_seconds()}
    append(attempt.stream_id, EntryKind.OUTAGE_ENDED, at=now, extra=extra)


@step
def give_back(attempt: Attempt, amount: timedelta, *, by: Actors, at: datetime, reason: str) -> timedelta:
    """Give back what an outage took; returns the effective part."""
    if amount <= ZERO:
        return ZERO
    given = adjust(attempt, "outage", amount, by=by, at=at, reason=reason)
    extra = {"kind": "outage", "seconds": amount.total_seconds(), "effective_s": given.total_seconds()}
    append(attempt.stream_id, EntryKind.EXTRA_TIME_GRANTED, by=by, at=at, extra={**extra, "reason": reason})
    return given


@step
def adjust(attempt: Attempt, kind: str, amount: timedelta, *, by: Actors, at: datetime, reason: str = "") -> timedelta:
    """Record a change of the attempt's time and move the deadline with it; returns the effective part (T3)."""
    before = clockwork(attempt)
    given = effective(before, amount)
    TimerAdjustment.objects.create(
        attempt=attempt,
        kind=kind,
        seconds=amount.total_seconds(),
        effective_seconds=given.total_seconds(),
        at=at,
        actor_id=by.user_id,
        reason=reason[:500],
    )
    keep(attempt, deadline_at=deadline(with_adjustment(before, amount)))
    return given


@step
def end_pause(attempt: Attempt, *, by: Actors, at: datetime) -> timedelta:
    """Give the paused time back and forget the pause; returns the effective part."""
    since = attempt.paused_at or at
    given = adjust(attempt, "pause", max(at - since, timedelta(0)), by=by, at=at, reason=attempt.paused_reason)
    keep(attempt, paused_at=None, paused_reason="")
    return given


def _lose(attempt: Attempt, overdue: Due) -> None:
    move(attempt, AttemptAct.LOSE_HEARTBEAT)
    _note_loss(attempt, at=overdue.at, cause=overdue.cause.value if overdue.cause else "")


def _note_loss_once(attempt: Attempt, *, at: datetime, cause: str) -> None:
    """One line for each silence of a paused attempt, which has no state to show it."""
    if not (is_away(attempt) and attempt.loss_at == attempt.last_seen_at):
        _note_loss(attempt, at=at, cause=cause)


def _note_loss(attempt: Attempt, *, at: datetime, cause: str) -> None:
    """Keep the last heartbeat before the silence, and log it."""
    keep(
        attempt,
        loss_at=attempt.last_seen_at,
        loss_mono_ms=attempt.seen_mono_ms,
        loss_cause=cause,
        returned_at=None,
    )
    append(attempt.stream_id, EntryKind.HEARTBEAT_LOST, at=at, extra={"cause": cause, "state": attempt.state})


_WINDOW_REASON = "The connection was lost for longer than the reconnect window."


def _expire(attempt: Attempt, overdue: Due) -> None:
    reason = EndReason.CONNECTION_LOST.value
    move(attempt, AttemptAct.EXPIRE_WINDOW, stopped_at=overdue.at, end_reason=reason, stop_reason=_WINDOW_REASON)
    append(attempt.stream_id, EntryKind.ATTEMPT_STOPPED, at=overdue.at, extra={"reason": reason})


def _pause(attempt: Attempt, overdue: Due) -> None:
    move(attempt, AttemptAct.PAUSE, paused_at=overdue.at, paused_reason=_WINDOW_REASON)
    append(attempt.stream_id, EntryKind.EXAM_PAUSED, at=overdue.at, extra={"reason": _WINDOW_REASON})


def _flag(attempt: Attempt, overdue: Due) -> None:
    keep(attempt, window_flagged_at=overdue.at)
    extra = {"cause": attempt.loss_cause, "window": "expired", "state": attempt.state}
    append(attempt.stream_id, EntryKind.HEARTBEAT_LOST, at=overdue.at, extra=extra)


def _time_out(attempt: Attempt, overdue: Due) -> None:
    away = attempt.state in {AttemptState.STOPPED, AttemptState.INTERRUPTED}
    reason = EndReason.TIME.value
    move(attempt, AttemptAct.TIME_OUT, ended_at=overdue.at, ended_away=away, end_reason=reason)
    append(attempt.stream_id, EntryKind.EXAM_COMPLETED, at=overdue.at, extra={"by": reason, "away": away})


_OVERDUE: Mapping[AttemptAct | None, Callable[[Attempt, Due], None]] = {
    AttemptAct.LOSE_HEARTBEAT: _lose,
    AttemptAct.EXPIRE_WINDOW: _expire,
    AttemptAct.PAUSE: _pause,
    AttemptAct.TIME_OUT: _time_out,
    None: _flag,
}


def _finish_registration(attempt: Attempt) -> None:
    registration = attempt.registration
    if attempt.number >= registration.attempts_allowed:
        Registration.objects.filter(id=registration.id, state=RegistrationState.SITTING).update(
            state=RegistrationState.FINISHED
        )
