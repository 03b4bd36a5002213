"""The attempt's state machine as a positive table: what is not here cannot happen (product.md §2.5).

Who may ask for a move, and when, is decided by the guards below and by `access`; what a move writes, by `actions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from examhall.base.errors import Conflict, IllegalMove
from examhall.base.words import AttemptAct as Act
from examhall.base.words import AttemptState as State
from examhall.base.words import EndReason, Track

TERMINAL = frozenset({State.HANDED_IN, State.TIMED_OUT, State.VOIDED})

CLOCK_RUNS = frozenset({State.IN_PROGRESS, State.INTERRUPTED, State.STOPPED})
"""The deadline does not move in these states (a frozen clock would reward pulling the plug)."""

STARTED = frozenset({State.IN_PROGRESS, State.PAUSED, State.INTERRUPTED, State.STOPPED})

REOPEN_ENDED_WITHIN = timedelta(minutes=15)  # product.md §2.5 A11b

TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (State.ENTERING, Act.START): State.IN_PROGRESS,  # A2
    (State.IN_PROGRESS, Act.PAUSE): State.PAUSED,  # A3
    # A command to an offline candidate takes effect in server time at once, and
    # `on_window_expired = pause` is the same move made by the system.
    (State.INTERRUPTED, Act.PAUSE): State.PAUSED,
    (State.PAUSED, Act.RESUME): State.IN_PROGRESS,  # A4
    (State.IN_PROGRESS, Act.LOSE_HEARTBEAT): State.INTERRUPTED,  # A5
    (State.INTERRUPTED, Act.RETURN): State.IN_PROGRESS,  # A6
    (State.INTERRUPTED, Act.EXPIRE_WINDOW): State.STOPPED,  # A7
    (State.IN_PROGRESS, Act.STOP): State.STOPPED,  # A8
    (State.PAUSED, Act.STOP): State.STOPPED,
    (State.INTERRUPTED, Act.STOP): State.STOPPED,  # again
    (State.STOPPED, Act.REOPEN): State.IN_PROGRESS,  # A9
    (State.IN_PROGRESS, Act.HAND_IN): State.HANDED_IN,  # A10
    (State.PAUSED, Act.HAND_IN): State.HANDED_IN,
    (State.STOPPED, Act.HAND_IN): State.HANDED_IN,
    (State.IN_PROGRESS, Act.TIME_OUT): State.TIMED_OUT,  # A11
    (State.INTERRUPTED, Act.TIME_OUT): State.TIMED_OUT,
    (State.STOPPED, Act.TIME_OUT): State.TIMED_OUT,
    (State.PAUSED, Act.TIME_OUT): State.TIMED_OUT,
    (State.TIMED_OUT, Act.REOPEN_ENDED): State.IN_PROGRESS,  # A11b
    (State.ENTERING, Act.VOID): State.VOIDED,  # A12
    (State.IN_PROGRESS, Act.VOID): State.VOIDED,
    (State.PAUSED, Act.VOID): State.VOIDED,
    (State.INTERRUPTED, Act.VOID): State.VOIDED,
    (State.STOPPED, Act.VOID): State.VOIDED,
    (State.HANDED_IN, Act.VOID): State.VOIDED,
    (State.TIMED_OUT, Act.VOID): State.VOIDED,
}

VOID_REVERSALS: Mapping[State, State] = {
    State.HANDED_IN: State.HANDED_IN,
    State.TIMED_OUT: State.TIMED_OUT,
    # Voided while it ran: it comes back ended, never running. Going on is a second, separately logged act (A11b).
    State.IN_PROGRESS: State.TIMED_OUT,
    State.PAUSED: State.TIMED_OUT,
    State.INTERRUPTED: State.TIMED_OUT,
    State.STOPPED: State.TIMED_OUT,
}
"""A13: state before the void → state after its reversal. An attempt voided before its start stays voided."""


def after(state: State, act: Act, *, before_void: State | None = None) -> State:
    """The state `act` leads to.

    before_void: the state an attempt was voided in; asked for by REVERSE_VOID only.
    Raises IllegalMove when the table has no such pair.
    """
    if (state, act) == (State.VOIDED, Act.REVERSE_VOID):
        target = VOID_REVERSALS.get(before_void) if before_void is not None else None
    else:
        target = TRANSITIONS.get((state, act))
    if target is None:
        raise IllegalMove(state.value, act.value)
    return target


def is_legal(state: State, act: Act, *, before_void: State | None = None) -> bool:
    """Whether `after` would answer: for buttons that show only what can be done."""
    try:
        after(state, act, before_void=before_void)
    except IllegalMove:
        return False
    return True


def ensure_recording_confirmed(*, required: frozenset[Track], confirmed: frozenset[Track]) -> None:
    """Refuse a start before the first segment of each required track is stored (A2, product.md §2.8)."""
    missing = sorted(track.value for track in required - confirmed)
    if missing:
        raise RecordingMissing(missing)


def ensure_tracks_live(lost: Sequence[str]) -> None:
    """Refuse to let a paused exam go on without its recording (A4). lost: the devices that are gone."""
    if lost:
        raise DevicesLost(lost)


def ensure_steps_done(left: Sequence[str]) -> None:
    """Raise StepsMissing naming the check-in steps that stand between the candidate and Start (A2)."""
    if left:
        raise StepsMissing(left)


class StepsMissing(Conflict):
    """Start was pressed before a step of the check-in was done."""

    code = "steps_missing"

    def __init__(self, steps: Sequence[str]) -> None:
        names = " and ".join(step.replace("_", " ") for step in steps)
        super().__init__(
            f"Something is still to do before the exam can start: {names}. Go back to it, then press Start.",
            fields=dict.fromkeys(steps, "do this step first"),
        )


class RecordingMissing(Conflict):
    """A required track has not arrived at the server."""

    code = "recording_not_confirmed"

    def __init__(self, tracks: list[str]) -> None:
        named = " and ".join(tracks)
        super().__init__(
            f"The recording of your {named} has not reached us yet. Check it in the camera tool and press Start again.",
            fields=dict.fromkeys(tracks, "no segment of this track has arrived"),
        )
        self.tracks = tracks


class DevicesLost(Conflict):
    """Resume was pressed while a required track was gone."""

    code = "devices_lost"

    def __init__(self, lost: Sequence[str]) -> None:
        super().__init__(
            f"The candidate's {' and '.join(lost)} is not recorded. Their page asks for it; resume when it is back.",
            fields=dict.fromkeys(lost, "not recorded at the moment"),
        )


@dataclass(frozen=True, slots=True)
class StoppedAttempt:
    """What the re-entry rule looks at (A9)."""

    reason: EndReason | None
    deadline_at: datetime
    hard_end: datetime
    reentry_allowed: bool
    """`lock.prevent_reentry` is off: the candidate may check in again by themselves."""


_OWN_STOPS = frozenset({EndReason.CONNECTION_LOST, EndReason.CANDIDATE, EndReason.RULE})
"""A lost connection, an own exit, and a rule's answer to leaving full screen or losing a device (§8.6)."""


def ensure_reopen(stopped: StoppedAttempt, *, by_candidate: bool, now: datetime) -> None:
    """Refuse a re-entry the rules of A9 do not give. Source: R-0.38."""
    if by_candidate:
        own = stopped.reason in _OWN_STOPS
        if not (stopped.reentry_allowed and own):
            raise Conflict("Your exam was stopped. Ask your invigilator to reopen it.")
        if now >= stopped.deadline_at:
            raise Conflict("Your time is over, so the exam cannot be continued. Ask your invigilator if this is wrong.")
    elif now >= stopped.hard_end:
        raise Conflict("The exam's final deadline has passed. Extend this candidate's deadline first, then reopen.")


def ensure_reopen_ended(
    *, ended_at: datetime, ended_away: bool, hard_end: datetime, minutes: int, now: datetime
) -> None:
    """Refuse to reopen a timed-out attempt outside the times of A11b.

    ended_away: it ended while stopped or interrupted, so the candidate could not have noticed.
    """
    if minutes < 1:
        raise Conflict("Give at least one minute: the attempt's time is used up.", fields={"minutes": "1 or more"})
    if now >= hard_end:
        raise Conflict("The exam's final deadline has passed. Extend this candidate's deadline first, then reopen.")
    if not ended_away and now > ended_at + REOPEN_ENDED_WITHIN:
        raise Conflict(
            "This attempt ended more than 15 minutes ago, so it cannot be reopened. Void it and give another attempt."
        )
