"""What an invigilator does to a running attempt: pause, resume, more time, message, stop (R-1.6, A3, A4, A8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import BadInput, Conflict, NotAllowed
from examhall.base.reason import given_reason
from examhall.base.words import AttemptAct, AttemptState, EndReason, EntryKind
from examhall.exam.access.hold import lost_devices
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.actions.move import adjust, catch_up, end_pause, is_away, move
from examhall.exam.actions.outage import opened_row
from examhall.exam.models import Attempt, Message
from examhall.exam.rules.attempt import STARTED, ensure_tracks_live
from examhall.journal.actions import Actors, append
from examhall.people.rules.actor import Actor

MAX_GRANT_MIN = 480
MAX_BODY = 1000


@dataclass(frozen=True, slots=True)
class Granted:
    """What a grant of time came to."""

    effective_s: float
    deadline_at: datetime


@action
def pause(attempt_id: UUID, *, by: Actor, reason: str) -> None:
    """Stop the clock until `resume` (A3). An offline candidate is paused in server time at once (R-1.12)."""
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    if not policy_of_activation(attempt.activation_id).live.allow_interrupt:
        raise NotAllowed("The settings of this exam do not allow pausing.")
    reason = given_reason(reason)
    catch_up(attempt, now=now)
    pending = is_away(attempt)
    move(attempt, AttemptAct.PAUSE, paused_at=now, paused_reason=reason)
    extra = {"reason": reason, "pending": pending}
    append(attempt.stream_id, EntryKind.EXAM_PAUSED, by=by, extra=extra)


@action
def resume(attempt_id: UUID, *, by: Actor, reason: str) -> Granted:
    """Let the clock run on (A4); the paused time is given back as far as the hard end lets it.

    Raises DevicesLost while a required track is known to be gone.
    """
    reason = given_reason(reason)
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    if attempt.state == AttemptState.PAUSED:
        ensure_tracks_live(lost_devices(attempt))
    since = attempt.paused_at or now
    move(attempt, AttemptAct.RESUME, running_since=now)
    given = end_pause(attempt, by=by, at=now)
    paused_s = (now - since).total_seconds()
    extra = {"reason": reason, "paused_s": paused_s, "effective_s": given.total_seconds()}
    append(attempt.stream_id, EntryKind.EXAM_RESUMED, by=by, extra=extra)
    return Granted(given.total_seconds(), attempt.deadline_at or now)


@action
def grant_time(attempt_id: UUID, *, by: Actor, minutes: int, reason: str) -> Granted:
    """Give extra time; the answer says how much of it the hard end leaves (T3).

    Raises Conflict when the attempt has ended; the message names the way back (§8.4).
    """
    if not 1 <= minutes <= MAX_GRANT_MIN:
        raise BadInput("Extra time is 1 to 480 minutes.", fields={"minutes": "1 to 480"})
    reason = given_reason(reason)
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    _ensure_running(attempt, minutes=minutes, now=now)
    given = adjust(attempt, "extra", timedelta(minutes=minutes), by=by, at=now, reason=reason)
    ends_at = attempt.deadline_at or now
    extra = {
        "minutes": minutes,
        "effective_s": given.total_seconds(),
        "deadline_at": ends_at.isoformat(),
        "reason": reason,
    }
    append(attempt.stream_id, EntryKind.EXTRA_TIME_GRANTED, by=by, extra=extra)
    return Granted(given.total_seconds(), ends_at)


@action
def stop(attempt_id: UUID, *, by: Actor, reason: str, cause: EndReason = EndReason.INVIGILATOR) -> None:
    """Stop the attempt (A8): kept, not handed in, the clock runs on. `cause` is RULE when a rule of the policy asks."""
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    if cause is EndReason.INVIGILATOR and not policy_of_activation(attempt.activation_id).live.allow_stop:
        raise NotAllowed("The settings of this exam do not allow stopping.")
    reason = given_reason(reason)
    catch_up(attempt, now=now)
    was_paused = attempt.state == AttemptState.PAUSED
    move(attempt, AttemptAct.STOP, stopped_at=now, stop_reason=reason, end_reason=cause.value)
    if was_paused:
        end_pause(attempt, by=by, at=now)
    extra = {"reason": cause.value, "text": reason}
    append(attempt.stream_id, EntryKind.ATTEMPT_STOPPED, by=by, extra=extra)


@action
def send_message(attempt_id: UUID, *, by: Actor, body: str) -> UUID:
    """Write to the candidate; the journal keeps that a message was sent, not what it says. Returns its id."""
    text = body.strip()
    if not 1 <= len(text) <= MAX_BODY:
        raise BadInput("Write 1 to 1000 characters.", fields={"body": "1 to 1000 characters"})
    if by.user_id is None:
        raise NotAllowed("A message needs a person who sends it.")
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    message = Message.objects.create(
        attempt=attempt, author_id=by.user_id, author_name=by.name[:200], body=text, sent_at=now
    )
    append(attempt.stream_id, EntryKind.MESSAGE_SENT, by=by, extra={"message": str(message.id)})
    return message.id


@action
def read_message(message_id: UUID, *, attempt_id: UUID, by: Actor) -> None:
    """Note that the candidate has read a message; once. A message of another attempt is passed over."""
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    keep_read(message_id, attempt_id=attempt_id, stream=attempt.stream_id, by=by, at=now)


@step
def keep_read(message_id: UUID, *, attempt_id: UUID, stream: UUID, by: Actors, at: datetime) -> None:
    """`read_message` of an attempt that is locked already."""
    unread = Message.objects.filter(id=message_id, attempt_id=attempt_id, read_at__isnull=True)
    if unread.update(read_at=at):
        append(stream, EntryKind.MESSAGE_READ, by=by, extra={"message": str(message_id)})


def _ensure_running(attempt: Attempt, *, minutes: int, now: datetime) -> None:
    if attempt.state in STARTED:
        return
    if attempt.state == AttemptState.TIMED_OUT and attempt.ended_at is not None:
        ago_s = int((now - attempt.ended_at).total_seconds())
        raise Conflict(
            f"The attempt ended {ago_s} s ago. Reopen it with {minutes} minutes?", fields={"act": "reopen_ended"}
        )
    raise Conflict("Extra time can only be given to an attempt that has started and has not ended.")
