"""What a row of the dashboard says: its state, connection, camera, whether it needs a person (look/README.md §8)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from examhall.base.words import AttemptState, SessionState

WEAK_AFTER = timedelta(seconds=9)
"""One heartbeat of five seconds was missed."""
AWAY_AFTER = timedelta(seconds=15)  # product.md §10.2: heartbeat lost after 15 s


class Chip(StrEnum):
    """The filters above the table; product.md I2's states."""

    ALL = "all"
    ATTENTION = "attention"
    IN_PROGRESS = "in_progress"
    DISCONNECTED = "interrupted"
    PAUSED = "paused"
    STOPPED = "stopped"
    READY = "entering"
    NOT_STARTED = "not_started"
    HANDED_IN = "handed_in"
    TIMED_OUT = "timed_out"
    VOIDED = "voided"


class Heard(StrEnum):
    """How the candidate's client is heard; the values are those of the look's connection words."""

    ONLINE = "online"
    WEAK = "weak"
    LOST = "lost"
    AWAY = "away"
    NONE = "none"


class CameraSign(StrEnum):
    """R-0.29; the values are those of the look's camera words."""

    NO_RECORDING = "no_recording"
    RECORDING = "recording"
    PROCESSING = "processing"
    READY = "ready"
    UNREVIEWED = "unreviewed"


ENDED = frozenset({AttemptState.HANDED_IN, AttemptState.TIMED_OUT, AttemptState.VOIDED})
_PROCESSING = frozenset({SessionState.CLOSING, SessionState.AWAITING_UPLOAD, SessionState.ANALYSING})
_ORDER: Mapping[Chip, int] = {
    Chip.STOPPED: 0,
    Chip.DISCONNECTED: 1,
    Chip.PAUSED: 2,
    Chip.IN_PROGRESS: 4,
    Chip.READY: 5,
    Chip.VOIDED: 6,
    Chip.HANDED_IN: 7,
    Chip.TIMED_OUT: 7,
    Chip.NOT_STARTED: 8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of how a client is heard."""

    state: AttemptState | None
    last_seen_at: datetime | None
    away_since: datetime | None


def chip_of(state: AttemptState | None) -> Chip:
    return Chip(state.value) if state is not None else Chip.NOT_STARTED


def heard(seen: Seen, *, now: datetime) -> tuple[Heard, datetime | None]:
    """The connection, and for a lost one since when."""
    if seen.state is None or seen.state in ENDED:
        return Heard.NONE, None
    if seen.state is AttemptState.STOPPED:
        return (Heard.AWAY if is_away(seen, now=now) else Heard.ONLINE), None
    if seen.away_since is not None or seen.state is AttemptState.INTERRUPTED:
        return Heard.LOST, seen.away_since
    if seen.last_seen_at is None:
        return Heard.NONE, None
    return (Heard.WEAK if now - seen.last_seen_at > WEAK_AFTER else Heard.ONLINE), None


def is_away(seen: Seen, *, now: datetime) -> bool:
    """An act on this candidate waits until they are back (R-1.12); known before the monitor has noted a loss."""
    if seen.state is None or seen.state in ENDED:
        return False
    return seen.away_since is not None or seen.last_seen_at is None or now - seen.last_seen_at > AWAY_AFTER


def camera_sign(session: SessionState | None, *, unreviewed: int) -> CameraSign:
    if session is SessionState.RECORDING:
        return CameraSign.RECORDING
    if session in _PROCESSING:
        return CameraSign.PROCESSING
    if session is SessionState.REVIEW_READY:
        return CameraSign.UNREVIEWED if unreviewed else CameraSign.READY
    return CameraSign.NO_RECORDING


def needs_attention(chip: Chip, connection: Heard, *, unreviewed: int, declined: bool = False) -> bool:
    """Stopped, disconnected, paused or declined, or incidents nobody has looked at while the exam runs."""
    if declined or chip in {Chip.STOPPED, Chip.DISCONNECTED, Chip.PAUSED} or connection is Heard.LOST:
        return True
    return unreviewed > 0 and chip is Chip.IN_PROGRESS


def urgency(chip: Chip, *, unreviewed: int, declined: bool = False) -> tuple[int, int]:
    """Sorts rows by attention: what is stopped first, then unreviewed incidents, then the calm ones."""
    place = _ORDER[Chip.PAUSED] if declined else _ORDER[chip]
    if chip is Chip.IN_PROGRESS and unreviewed:
        place = 3
    return place, -unreviewed


def time_left_s(*, deadline_at: datetime | None, paused_at: datetime | None, now: datetime, chip: Chip) -> float | None:
    """Seconds left; None when no clock runs or stands. A paused clock stands at the moment of the pause."""
    if deadline_at is None or chip in {Chip.HANDED_IN, Chip.TIMED_OUT, Chip.VOIDED, Chip.NOT_STARTED, Chip.READY}:
        return None
    return max(0.0, (deadline_at - (paused_at or now)).total_seconds())


def shared_addresses(addresses: Iterable[tuple[UUID, str]]) -> frozenset[str]:
    """Addresses more than one candidate came from; a household, a campus or a carrier may be behind one."""
    pairs = {(candidate, ip) for candidate, ip in addresses if ip}
    return frozenset(ip for ip, number in Counter(ip for _, ip in pairs).items() if number > 1)


def counts(rows: Collection[tuple[Chip, bool]]) -> dict[Chip, int]:
    """How many rows each chip shows, from (chip, needs attention)."""
    found = Counter(chip for chip, _ in rows)
    found[Chip.ALL] = len(rows)
    found[Chip.ATTENTION] = sum(attention for _, attention in rows)
    return {chip: found[chip] for chip in Chip}
