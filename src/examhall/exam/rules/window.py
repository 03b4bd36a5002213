"""Heartbeats, the reconnect window and the overdue moves that follow from them (product.md §2.5 A5-A7, A11, §8.2)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from examhall.base.words import AttemptAct as Act
from examhall.base.words import AttemptState as State
from examhall.exam.rules.attempt import CLOCK_RUNS
from examhall.exam.rules.policy import Conn, OnWindowExpired
from examhall.exam.rules.timing import Span, later_without, time_out_due_at

HEARTBEAT_LOST = timedelta(seconds=15)  # product.md §5.4 conn.heartbeat_lost_s
RECONNECT_WINDOW = timedelta(seconds=120)  # stopped after two minutes


class LossCause(StrEnum):
    """Whose fault an interruption is presumed to be (P4)."""

    CONNECTION = "connection"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class ConnectionRules:
    """The connection part of a frozen policy."""

    heartbeat_lost: timedelta = HEARTBEAT_LOST
    reconnect_window: timedelta = RECONNECT_WINDOW
    on_window_expired: OnWindowExpired = OnWindowExpired.STOP


def connection_rules(conn: Conn) -> ConnectionRules:
    """The typed times of a frozen policy."""
    return ConnectionRules(
        heartbeat_lost=timedelta(seconds=conn.heartbeat_lost_s),
        reconnect_window=timedelta(seconds=conn.reconnect_window_s),
        on_window_expired=conn.on_window_expired,
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """What the monitor knows of one attempt."""

    state: State
    last_seen_at: datetime
    """Last heartbeat the server accepted."""
    running_since: datetime
    """Start, last resume or last reopening: silence before it does not count."""
    deadline_at: datetime
    hard_end: datetime
    rules: ConnectionRules = field(default_factory=ConnectionRules)
    outages: tuple[Span, ...] = ()
    """Stretches in which we were, or are presumed to have been, out of reach. May end in the future while they last."""
    window_flagged: bool = False
    """The window has run out once already under `continue_flagged`."""

    @property
    def loss_at(self) -> datetime:
        """The loss instant: the window counts from here."""
        return max(self.last_seen_at, self.running_since)


@dataclass(frozen=True, slots=True)
class Due:
    """One overdue thing. `act` is None for the mark of `continue_flagged`, which moves nothing."""

    act: Act | None
    at: datetime
    """When it should have happened: its effective time, however late the sweeper comes."""
    cause: LossCause | None = None


def lost_at(watched: Watched) -> datetime:
    """A5: when silence becomes a lost heartbeat. An outage does not hide it, it only explains it."""
    return watched.loss_at + watched.rules.heartbeat_lost


def loss_cause(watched: Watched) -> LossCause:
    """Outage when, without the outages, the heartbeat would not be lost yet at that instant."""
    own = later_without(watched.loss_at, watched.rules.heartbeat_lost, skipping=watched.outages)
    return LossCause.OUTAGE if own > lost_at(watched) else LossCause.CONNECTION


def window_ends_at(watched: Watched) -> datetime:
    """§8.1, §8.2: loss plus the window, outages left out. What was silent before an outage still counts."""
    return later_without(watched.loss_at, watched.rules.reconnect_window, skipping=watched.outages)


def due(watched: Watched, *, now: datetime) -> list[Due]:
    """The overdue moves up to `now`, in time order; each is legal after the one before.

    The deadline is reached at its instant (>=); the window is inclusive: 120.0 s is still in time (>).
    """
    return list(_unfold(watched, now))


def _unfold(watched: Watched, now: datetime) -> Iterator[Due]:
    while True:
        step = _next(watched)
        if step is None or not _has_come(step, now):
            return
        yield step
        watched = _after(watched, step)


def _has_come(step: Due, now: datetime) -> bool:
    inclusive_window = step.act not in {Act.TIME_OUT, Act.LOSE_HEARTBEAT}
    return now > step.at if inclusive_window else now >= step.at


def _next(watched: Watched) -> Due | None:
    """The earliest thing that will happen if nobody does anything; the deadline wins a tie."""
    if watched.state not in CLOCK_RUNS | {State.PAUSED}:
        return None
    paused = watched.state is State.PAUSED
    steps = [
        Due(Act.TIME_OUT, time_out_due_at(deadline_at=watched.deadline_at, hard_end=watched.hard_end, paused=paused))
    ]
    if watched.state is State.IN_PROGRESS:
        steps.append(Due(Act.LOSE_HEARTBEAT, lost_at(watched), loss_cause(watched)))
    if watched.state is State.INTERRUPTED and not watched.window_flagged:
        steps.append(_on_expiry(watched))
    return min(steps, key=lambda step: step.at)


def _on_expiry(watched: Watched) -> Due:
    acts = {
        OnWindowExpired.STOP: Act.EXPIRE_WINDOW,
        OnWindowExpired.PAUSE: Act.PAUSE,
        OnWindowExpired.CONTINUE_FLAGGED: None,
    }
    return Due(acts[watched.rules.on_window_expired], window_ends_at(watched), LossCause.CONNECTION)


def _after(watched: Watched, step: Due) -> Watched:
    targets = {
        Act.TIME_OUT: State.TIMED_OUT,
        Act.LOSE_HEARTBEAT: State.INTERRUPTED,
        Act.EXPIRE_WINDOW: State.STOPPED,
        Act.PAUSE: State.PAUSED,
    }
    if step.act is None:
        return replace(watched, window_flagged=True)
    return replace(watched, state=targets[step.act])
