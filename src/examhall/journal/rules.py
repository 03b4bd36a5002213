"""How a line is hashed, and what a chain must look like."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from examhall.base.answer import iso_ms
from examhall.base.words import EntryGroup, EntryKind

ZERO_HASH = bytes(32)

CLIENT_KINDS = frozenset(
    {
        EntryKind.PAGE_VISITED,
        EntryKind.QUESTION_VISITED,
        EntryKind.QUESTION_LEFT,
        EntryKind.QUESTION_ANSWERED,
        EntryKind.ANSWER_FLAGGED,
        EntryKind.MESSAGE_READ,
        EntryKind.WARNING_ACK,
        EntryKind.HINT_SHOWN,
        EntryKind.LEFT_FULL_SCREEN,
        EntryKind.RETURNED_FULL_SCREEN,
        EntryKind.INSPECTOR_DETECTED,
        EntryKind.FOCUS_LOST,
        EntryKind.FOCUS_REGAINED,
        EntryKind.KEY_COMBO,
        EntryKind.CLIPBOARD_USED,
        EntryKind.RIGHT_CLICK,
        EntryKind.PRINT_ATTEMPT,
        EntryKind.RESIZE,
        EntryKind.DISPLAY_ADDED,
        EntryKind.DISPLAY_REMOVED,
        EntryKind.TRACK_ENDED,
        EntryKind.DEVICE_CHECK,
        EntryKind.HAND_IN_OPENED,
        EntryKind.FRONT_END_ERROR,
    }
)
"""What a candidate's client may say of itself; everything else is the server's own observation (product.md §9)."""

_GROUPS: dict[EntryGroup, tuple[EntryKind, ...]] = {
    EntryGroup.NAVIGATION: (EntryKind.PAGE_VISITED, EntryKind.QUESTION_VISITED, EntryKind.QUESTION_LEFT),
    EntryGroup.ANSWERS: (
        EntryKind.QUESTION_ANSWERED,
        EntryKind.ANSWER_SAVED,
        EntryKind.ANSWER_REJECTED,
        EntryKind.ANSWER_FLAGGED,
        EntryKind.ANSWER_ACCEPTED,
    ),
    EntryGroup.STAFF: (
        EntryKind.EXAM_PAUSED,
        EntryKind.EXAM_RESUMED,
        EntryKind.EXTRA_TIME_GRANTED,
        EntryKind.CREDIT_DECLINED,
        EntryKind.MESSAGE_SENT,
        EntryKind.MESSAGE_READ,
        EntryKind.WARNING_ACK,
        EntryKind.VOIDED,
        EntryKind.VOID_REVERSED,
        EntryKind.INCIDENT_DECIDED,
        EntryKind.STATEMENT_RECORDED,
        EntryKind.DETECTOR_SWITCHED,
        EntryKind.REANALYSIS_STARTED,
        EntryKind.REANALYSIS_ADOPTED,
        EntryKind.REANALYSIS_DISCARDED,
    ),
    EntryGroup.CONNECTION: (
        EntryKind.HEARTBEAT_LOST,
        EntryKind.HEARTBEAT_RESTORED,
        EntryKind.OUTAGE_STARTED,
        EntryKind.OUTAGE_ENDED,
        EntryKind.CLIENT_CONNECTED,
        EntryKind.CLIENT_TAKEN_OVER,
        EntryKind.STALE_WRITE,
        EntryKind.IP_CHANGED,
        EntryKind.CLOCK_SKEW,
    ),
    EntryGroup.INTEGRITY: (
        EntryKind.LEFT_FULL_SCREEN,
        EntryKind.RETURNED_FULL_SCREEN,
        EntryKind.INSPECTOR_DETECTED,
        EntryKind.FOCUS_LOST,
        EntryKind.FOCUS_REGAINED,
        EntryKind.KEY_COMBO,
        EntryKind.CLIPBOARD_USED,
        EntryKind.RIGHT_CLICK,
        EntryKind.PRINT_ATTEMPT,
        EntryKind.RESIZE,
        EntryKind.DISPLAY_ADDED,
        EntryKind.DISPLAY_REMOVED,
        EntryKind.INCIDENT_OPENED,
        EntryKind.INCIDENT_CHANGED,
    ),
    EntryGroup.RECORDING: (
        EntryKind.TRACK_STARTED,
        EntryKind.TRACK_ENDED,
        EntryKind.TRACK_GAP,
        EntryKind.EVIDENCE_ALTERED,
        EntryKind.HINT_SHOWN,
        EntryKind.ANALYSIS_FINISHED,
        EntryKind.REANALYSIS_FINISHED,
    ),
    EntryGroup.LIFECYCLE: (
        EntryKind.EXAM_STARTED,
        EntryKind.AGREEMENT_ACCEPTED,
        EntryKind.AGREEMENT_DECLINED,
        EntryKind.DEVICE_CHECK,
        EntryKind.BASELINE_KEPT,
        EntryKind.ATTEMPT_STOPPED,
        EntryKind.ATTEMPT_REOPENED,
        EntryKind.HOLD_STARTED,
        EntryKind.HOLD_ENDED,
        EntryKind.HAND_IN_OPENED,
        EntryKind.EXAM_COMPLETED,
    ),
    EntryGroup.ERROR: (EntryKind.FRONT_END_ERROR,),
    EntryGroup.AUDIT: (
        EntryKind.RECORDING_VIEWED,
        EntryKind.LOG_VIEWED,
        EntryKind.ANSWERS_VIEWED,
        EntryKind.ACCESS_REFUSED,
        EntryKind.SIGNED_IN,
        EntryKind.SIGNED_OUT,
        EntryKind.SIGN_IN_FAILED,
        EntryKind.ACCOUNT_CHANGED,
        EntryKind.UNIT_ADDED,
        EntryKind.SCHEDULE_ACTIVATED,
        EntryKind.SCHEDULE_UNSCHEDULED,
        EntryKind.SCHEDULE_CHANGED,
        EntryKind.PROFILE_SAVED,
        EntryKind.ACCOMMODATIONS_SET,
        EntryKind.PROCTORING_ACTIVATED,
        EntryKind.CANDIDATES_ADDED,
        EntryKind.INVIGILATOR_ASSIGNED,
        EntryKind.REVIEWER_ASSIGNED,
        EntryKind.ASSESSMENT_CHANGED,
        EntryKind.EVIDENCE_EXPORTED,
    ),
}
GROUP_OF: dict[EntryKind, EntryGroup] = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is hashed of one entry; the same fields in the same order for ever."""

    number: int
    kind: EntryKind
    at: datetime
    client_at: datetime | None = None
    client_seq: int | None = None
    actor_id: UUID | None = None
    actor_name: str = "system"
    actor_role: str = "system"
    ip: str = ""
    question_number: int | None = None
    item_id: str = ""
    error: str = ""
    epoch: int | None = None
    extra_json: str = "{}"
    """Canonical JSON (sorted keys), kept as text so that no database can re-write a number in it."""


def line_hash(prev_hash: bytes, stream: UUID, line: Line) -> bytes:
    """SHA-256 over the previous hash, the stream and the line's JSON array of fields (microseconds kept)."""
    content = (
        str(stream),
        line.number,
        line.kind.value,
        line.at.isoformat(timespec="microseconds"),
        line.client_at.isoformat(timespec="microseconds") if line.client_at else None,
        line.client_seq,
        str(line.actor_id) if line.actor_id else None,
        line.actor_name,
        line.actor_role,
        line.ip,
        line.question_number,
        line.item_id,
        line.error,
        line.epoch,
        line.extra_json,
    )
    return hashlib.sha256(prev_hash + msgspec.json.encode(content)).digest()


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line of a chain that is not what was written."""

    number: int
    reason: str


def first_broken(
    stream: UUID, lines: Iterable[tuple[Line, bytes, bytes]], *, last_number: int, last_hash: bytes
) -> Broken | None:
    """Walk `(line, prev_hash, hash)` in order of number; None when the chain is whole.

    Finds a changed line, a missing or doubled number, and a chain cut off at its end.
    """
    expected, prev = 1, ZERO_HASH
    for line, prev_hash, own_hash in lines:
        if line.number != expected:
            return Broken(expected, f"entry {expected} is missing (found {line.number})")
        if prev_hash != prev:
            return Broken(line.number, "does not follow from the entry before it")
        if line_hash(prev, stream, line) != own_hash:
            return Broken(line.number, f"was changed after {iso_ms(line.at)}")
        expected, prev = expected + 1, own_hash
    if expected - 1 != last_number or prev != last_hash:
        return Broken(expected, "the end of the chain is missing")
    return None
