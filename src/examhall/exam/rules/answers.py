"""Which answer counts: order by the client's counter, repeats, orphans, lateness (product.md §2.5, T4, §8.2, §8.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from examhall.base.words import AttemptState as State
from examhall.exam.rules.timing import LATE_ANSWER_GRACE

REPLAY_WITHIN = timedelta(seconds=120)
"""So long after its return a client may send what it kept while away; a claim made later is not believed."""


class Status(StrEnum):
    """What the client is told; the values are those of the wire."""

    SAVED = "saved"
    REPEAT = "repeat"
    REJECTED = "rejected"


class Refusal(StrEnum):
    """Why an answer does not count. It is stored all the same, for staff to see."""

    NOT_STARTED = "not_started"
    AFTER_DEADLINE = "after_deadline"
    AFTER_STOP = "after_stop"
    PAUSED = "paused"
    HANDED_IN = "handed_in"
    VOIDED = "voided"
    STALE_LEASE = "stale_lease"
    ALTERED_REPEAT = "altered_repeat"
    UNKNOWN_ITEM = "unknown_item"


APART = (Refusal.STALE_LEASE.value, Refusal.ALTERED_REPEAT.value)
"""Kept beside the numbered line of answers: their client numbers may be taken."""

REFUSAL_SENTENCES: Mapping[Refusal, str] = {
    Refusal.NOT_STARTED: "The exam has not been started. Press Start first.",
    Refusal.AFTER_DEADLINE: "This answer came after your time was over and does not count. Your invigilator sees it.",
    Refusal.AFTER_STOP: "This answer was given after the exam was stopped. Your invigilator may accept it.",
    Refusal.PAUSED: "The exam is paused. Wait until it is resumed, then answer again.",
    Refusal.HANDED_IN: "The exam has been handed in, so this answer does not count.",
    Refusal.VOIDED: "This attempt was voided. Ask your invigilator what to do.",
    Refusal.STALE_LEASE: "This exam was continued elsewhere. The answer was kept for staff and does not count.",
    Refusal.ALTERED_REPEAT: "Another answer was sent under the same number. Reload the page and answer again.",
    Refusal.UNKNOWN_ITEM: "This question is not part of your exam. Reload the page.",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A revision under a client number that is taken already."""

    item: str
    revision: int
    digest: str
    refusal: Refusal | None
    received_at: datetime


@dataclass(slots=True)
class Line:
    """The revisions of one item so far; advanced by `place`."""

    revision: int = 0
    """Highest revision number given, 0 when there is none."""
    counting_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer as it came."""

    item: str
    client_seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one sent answer ends up. `store` is False for a repeat: nothing new is written."""

    sent: Sent
    status: Status
    revision: int
    counts: bool
    store: bool
    refusal: Refusal | None = None
    received_at: datetime | None = None
    """When the first sending was received; only of a repeat."""


@dataclass(slots=True)
class Book:
    """What is stored of one attempt, as far as a batch touches it; `place` writes the batch's own answers into it."""

    lines: dict[str, Line] = field(default_factory=dict)
    by_seq: dict[int, Stored] = field(default_factory=dict)


def place(book: Book, sent: Sent, *, refusal: Refusal | None, received_at: datetime) -> Placed:
    """Decide one answer and note it in the book.

    refusal: what the attempt's state and time say (`timeliness`), or UNKNOWN_ITEM; None when the answer is in time.
    Idempotent by the client's number: the same bytes again are a repeat, other bytes are refused but kept.
    """
    known = book.by_seq.get(sent.client_seq)
    if known is not None and (known.item, known.digest) == (sent.item, sent.digest):
        return _repeat(sent, known)
    if refusal is Refusal.UNKNOWN_ITEM:
        return Placed(sent, Status.REJECTED, 0, counts=False, store=False, refusal=refusal)
    if known is not None:
        refusal = Refusal.ALTERED_REPEAT
    line = book.lines.setdefault(sent.item, Line())
    line.revision += 1
    counts = refusal is None and (line.counting_seq is None or sent.client_seq > line.counting_seq)
    if counts:
        line.counting_seq = sent.client_seq
    if known is None:
        book.by_seq[sent.client_seq] = Stored(sent.item, line.revision, sent.digest, refusal, received_at)
    status = Status.SAVED if refusal is None else Status.REJECTED
    return Placed(sent, status, line.revision, counts=counts, store=True, refusal=refusal)


def _repeat(sent: Sent, known: Stored) -> Placed:
    status = Status.REPEAT if known.refusal is None else Status.REJECTED
    return Placed(
        sent, status, known.revision, counts=False, store=False, refusal=known.refusal, received_at=known.received_at
    )


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last acknowledged heartbeat before a loss: a server instant tied to the client's monotonic clock."""

    at: datetime
    mono_ms: int


def created_at(anchor: Anchor | None, *, mono_ms: int) -> datetime | None:
    """The claimed server time of an answer's creation by monotonic time since the anchor; None without an anchor.

    A monotonic time before the anchor's means it was created while the client was still heard: the anchor bounds it.
    """
    if anchor is None:
        return None
    return anchor.at + timedelta(milliseconds=max(0, mono_ms - anchor.mono_ms))


@dataclass(frozen=True, slots=True)
class Situation:
    """What timeliness looks at."""

    state: State
    deadline_at: datetime | None
    cut_at: datetime | None = None
    """When the present state began to refuse: the stop's, pause's or end's effective time."""
    loss: Anchor | None = None
    """Last heartbeat before the client was away; None when it never was."""
    returned_at: datetime | None = None
    """First contact after that loss."""
    stopped_by_loss: bool = False
    """The stop, or the end that followed it, came from a lost connection."""


_REFUSED_OUTRIGHT: Mapping[State, Refusal] = {
    State.ENTERING: Refusal.NOT_STARTED,
    State.HANDED_IN: Refusal.HANDED_IN,
    State.VOIDED: Refusal.VOIDED,
}
_REFUSED_LATE: Mapping[State, Refusal] = {
    State.PAUSED: Refusal.PAUSED,
    State.STOPPED: Refusal.AFTER_STOP,
    State.TIMED_OUT: Refusal.AFTER_DEADLINE,
}


def timeliness(now_is: Situation, *, mono_ms: int, received_at: datetime) -> Refusal | None:
    """Whether an answer received now is in time; None means it is. Source: T4, §8.2, §8.4.

    In time is what arrives until the cut plus 10 s of grace, or what was created while the client was away, before the
    cut by its monotonic time, and is sent soon after the return. After a stop for a lost connection only the second
    counts, because the grace would let in what was typed after the stop.
    """
    outright = _REFUSED_OUTRIGHT.get(now_is.state)
    if outright is not None:
        return outright
    cut = now_is.cut_at or now_is.deadline_at
    if cut is None:
        return None
    if not now_is.stopped_by_loss and received_at <= cut + LATE_ANSWER_GRACE:
        return None
    if _kept_while_away(now_is, cut=cut, mono_ms=mono_ms, received_at=received_at):
        return None
    return _REFUSED_LATE.get(now_is.state, Refusal.AFTER_DEADLINE)


def _kept_while_away(now_is: Situation, *, cut: datetime, mono_ms: int, received_at: datetime) -> bool:
    made = created_at(now_is.loss, mono_ms=mono_ms)
    if made is None or made > cut:
        return False
    back = now_is.returned_at or received_at
    return received_at <= back + REPLAY_WITHIN


def highest(seqs: Iterable[int]) -> int:
    """The last number of the client's counter the server has seen; 0 when none."""
    return max(seqs, default=0)
