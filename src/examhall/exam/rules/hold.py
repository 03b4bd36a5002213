"""Hold rules: what a condition that is not met leads to, and when (product.md §2.5 A3b, A8; §5.2, §5.3, §8.6).

A breach is one stretch in which a condition of the policy was not met. It begins and ends with what the client tells or
with what the server itself receives; what follows from it is decided here, by server time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from examhall.base.words import HoldCause, Track
from examhall.exam.rules.answers import Anchor
from examhall.exam.rules.policy import FullScreen, OnLeftFullScreen, OnTrackLoss, Policy, required_tracks
from examhall.exam.rules.timing import ZERO, Span, covered, merged

FULL_SCREEN_BUDGET: Mapping[FullScreen, timedelta] = {  # product.md §5.3: cumulative time away
    FullScreen.LENIENT: timedelta(seconds=30),
    FullScreen.MODERATE: timedelta(seconds=15),
    FullScreen.SEVERE: ZERO,
}
DEVICE_GRACE = timedelta(seconds=20)  # §8.6: the exam stays visible so long
DEVICE_GIVEN_UP = timedelta(minutes=10)  # §8.6: not restored by then: stop
CREDIT_MAX = timedelta(seconds=300)  # A3b `hold_credit_max_s`: per attempt, for devices only
TOLD_WITHIN = timedelta(seconds=6)
"""A client sends what happened within 5 s: of anything younger it may still have to tell that it is over."""
RECEIVED_WITHIN = timedelta(seconds=10)
"""The same for a device, whose return is the first fragment of it that arrives."""

DEVICES: Mapping[str, Track] = {"webcam": Track.WEBCAM, "microphone": Track.WEBCAM, "screen": Track.SCREEN}
"""What a client calls a device → the track that carries it."""


class Reaction(StrEnum):
    """What follows from a breach."""

    FLAG = "flag"
    """Nothing but its lines in the log."""
    HOLD = "hold"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Terms:
    """What one frozen policy asks for."""

    budget: timedelta | None
    """Cumulative time out of full screen that is forgiven; None: full screen is not asked for."""
    on_full_screen: Reaction
    on_device: Reaction
    on_display: Reaction
    tracks: frozenset[Track]
    """Those whose loss is a breach."""

    def reaction(self, cause: HoldCause) -> Reaction:
        return {
            HoldCause.FULL_SCREEN: self.on_full_screen,
            HoldCause.DEVICE: self.on_device,
            HoldCause.DISPLAY: self.on_display,
        }[cause]


@dataclass(frozen=True, slots=True)
class Breach:
    """One stretch as it stands. `ended_at`: no longer counted, because it is over or because the exam stood still."""

    cause: HoldCause
    what: str
    broken_at: datetime
    reaction: Reaction = Reaction.FLAG
    held_at: datetime | None = None
    restored_at: datetime | None = None
    ended_at: datetime | None = None

    def away(self, *, now: datetime) -> timedelta:
        """How long the condition was not met while the exam ran."""
        until = min(self.restored_at or now, self.ended_at or now)
        return max(until - self.broken_at, ZERO)


_FULL_SCREEN: Mapping[OnLeftFullScreen, Reaction] = {
    OnLeftFullScreen.FLAG: Reaction.FLAG,
    OnLeftFullScreen.HOLD: Reaction.HOLD,
    OnLeftFullScreen.PAUSE: Reaction.PAUSE,
    OnLeftFullScreen.STOP: Reaction.STOP,
}
_TRACK: Mapping[OnTrackLoss, Reaction] = {
    OnTrackLoss.WARN: Reaction.FLAG,
    OnTrackLoss.CONTINUE_FLAGGED: Reaction.FLAG,
    OnTrackLoss.HOLD: Reaction.HOLD,
    OnTrackLoss.PAUSE: Reaction.PAUSE,
    OnTrackLoss.STOP: Reaction.STOP,
}


def terms(policy: Policy, *, invigilated: bool) -> Terms:
    """The policy's answers. Nobody could end a pause where nobody watches: it is a hold there (A3)."""
    lock = policy.lock
    return Terms(
        budget=FULL_SCREEN_BUDGET.get(lock.full_screen),
        on_full_screen=_watched(_FULL_SCREEN[lock.full_screen_action], invigilated=invigilated),
        on_device=_watched(_TRACK[policy.record.on_track_loss], invigilated=invigilated),
        on_display=Reaction.HOLD if lock.one_screen else Reaction.FLAG,
        tracks=frozenset(required_tracks(policy)),
    )


def _watched(reaction: Reaction, *, invigilated: bool) -> Reaction:
    return Reaction.HOLD if reaction is Reaction.PAUSE and not invigilated else reaction


def concerns(rules: Terms, cause: HoldCause, what: str) -> bool:
    """Whether the policy asks for this condition at all."""
    if cause is HoldCause.FULL_SCREEN:
        return rules.budget is not None
    return cause is HoldCause.DISPLAY or DEVICES.get(what) in rules.tracks


def spent(earlier: Iterable[Breach], *, now: datetime) -> timedelta:
    """Time out of full screen that counts against the budget.

    earlier: in order. A pause or stop it led to was ended by a person or a new check: from there it begins anew.
    """
    total = ZERO
    for breach in earlier:
        if breach.cause is HoldCause.FULL_SCREEN:
            total += breach.away(now=now)
            total = ZERO if breach.reaction in {Reaction.PAUSE, Reaction.STOP} else total
    return total


def due_at(breach: Breach, rules: Terms, *, spent_before: timedelta = ZERO) -> datetime | None:
    """When the breach leads to its reaction, if it lasts that long; None when it leads to nothing."""
    if rules.reaction(breach.cause) is Reaction.FLAG or breach.held_at is not None:
        return None
    if breach.cause is HoldCause.FULL_SCREEN:
        return None if rules.budget is None else breach.broken_at + max(rules.budget - spent_before, ZERO)
    return breach.broken_at + (DEVICE_GRACE if breach.cause is HoldCause.DEVICE else ZERO)


def given_up_at(breach: Breach) -> datetime | None:
    """When a held exam is stopped because the device does not come back (§8.6); None for any other breach."""
    if breach.cause is not HoldCause.DEVICE or breach.held_at is None or breach.restored_at is not None:
        return None
    return breach.broken_at + DEVICE_GIVEN_UP


def needs_acknowledging(cause: HoldCause) -> bool:
    """A device is brought back by a click of the candidate, which says enough; the others are acknowledged apart."""
    return cause is not HoldCause.DEVICE


def is_over(breach: Breach) -> bool:
    """Whether a restored breach ends at once: nothing was hidden, or nothing has to be acknowledged."""
    return breach.restored_at is not None and (breach.held_at is None or not needs_acknowledging(breach.cause))


def credit(breaches: Sequence[Breach], *, until: datetime, outages: Sequence[Span] = ()) -> timedelta:
    """What the attempt's device holds give back in all: their time once, however many devices, up to the most.

    outages: given back already as such (§8.1).
    """
    held = [
        Span(breach.held_at, breach.ended_at or until)
        for breach in breaches
        if breach.cause is HoldCause.DEVICE and breach.held_at is not None
    ]
    return min(sum((span.length - covered(outages, inside=span) for span in merged(held)), ZERO), CREDIT_MAX)


def lasted_until(broken_at: datetime, *, broken_mono_ms: int, mono_ms: int, now: datetime) -> datetime:
    """When a breach was over that one client saw begin and end: by its own clock, but not before it or after `now`.

    Two heartbeats differ in how long they took, so that two times taken from them would not give the client's length.
    """
    length = timedelta(milliseconds=max(0, mono_ms - broken_mono_ms))
    return broken_at + min(length, max(now - broken_at, ZERO))


def happened_at(anchor: Anchor | None, *, mono_ms: int, since: datetime, now: datetime) -> datetime:
    """Server time of what a client tells, by its monotonic clock from the last heartbeat on (P7).

    since: not before it, whatever the client says; never after `now`. Without a heartbeat it happened when it arrived.
    """
    if anchor is None:
        return now
    ago = timedelta(milliseconds=anchor.mono_ms - mono_ms)
    # Compare before subtracting: a client may send any number.
    if ago > anchor.at - since:
        return min(since, now)
    return min(anchor.at - ago, now) if -ago < now - anchor.at else now
