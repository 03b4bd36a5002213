"""The life of an attempt: entering, starting, handing in, and what staff may do with its end (A1, A2, A9 to A13)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import Conflict, NotAllowed, NotFound
from examhall.base.ids import short_code
from examhall.base.reason import given_reason
from examhall.base.words import (
    AttemptAct,
    AttemptState,
    EndReason,
    EntryKind,
    RegistrationState,
    ScheduleState,
    StreamKind,
    Track,
)
from examhall.exam.access.attempt import clockwork, hard_end
from examhall.exam.access.form import form_of
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.actions.hold import device_back
from examhall.exam.actions.lease import ensure_lease
from examhall.exam.actions.move import adjust, catch_up, contact, keep, locked_row, move
from examhall.exam.actions.outage import opened_row
from examhall.exam.models import Activation, AnswerRevision, Attempt, Receipt, Registration
from examhall.exam.rules.attempt import (
    TERMINAL,
    StoppedAttempt,
    ensure_recording_confirmed,
    ensure_reopen,
    ensure_reopen_ended,
    ensure_steps_done,
)
from examhall.exam.rules.policy import ReentryRule, required_tracks
from examhall.exam.rules.timing import deadline, grant_needed
from examhall.journal.actions import append, open_stream
from examhall.journal.reads import tail
from examhall.people.rules.actor import Actor

_NO_ENTRY = frozenset({RegistrationState.BARRED, RegistrationState.WITHDRAWN})
_BEFORE_SITTING = (RegistrationState.INVITED, RegistrationState.CHECKED, RegistrationState.ABSENT)


@dataclass(frozen=True, slots=True)
class Started:
    started_at: datetime
    deadline_at: datetime
    state: AttemptState


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The receipt a candidate holds in hand."""

    number: str
    handed_in_at: datetime
    answered: int
    total: int


@action
def enter(registration_id: UUID, *, by: Actor, steps: Sequence[str] = ()) -> UUID:
    """Open the attempt of a candidate who has come (A1); a second entry returns the open one.

    steps: names of the check-in steps that must be done before Start; `steps_left_step` tells of progress.

    Raises NotFound when the registration is not theirs, Conflict saying why they cannot enter.
    """
    now = clock.now()
    registration = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("schedule")
        .filter(id=registration_id, candidate_id=by.user_id)
        .first()
    )
    if registration is None:
        raise NotFound("You are not registered for this exam.")
    mine = Attempt.objects.filter(registration=registration)
    current = mine.exclude(state__in=TERMINAL).first()
    if current is not None:
        return current.id
    activation = _ensure_enterable(registration, now=now)
    number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
    if number > registration.attempts_allowed:
        raise Conflict("You have used all attempts of this exam. Ask your exam office for another.")
    return _create(registration, activation, number=number, steps=steps, by=by, now=now).id


@step
def note_track_step(attempt_id: UUID, *, track: Track, media_epoch: int, confirmed: bool, t_ms: int = 0) -> None:
    """Note that media of a track is stored; told by media, in its own transaction, once for each media epoch and use.

    confirmed: a fragment has arrived, not only the head: what Start asks for (A2). A client's next recorder start takes
    an epoch above `media_epoch`. t_ms: where that fragment begins; a device that was lost is back from there.
    """
    attempt = locked_row(attempt_id)
    tracks = set(attempt.tracks_confirmed) | ({track.value} if confirmed else set())
    epochs = {**attempt.media_epochs, track.value: max(media_epoch, attempt.media_epochs.get(track.value, 0))}
    if tracks != set(attempt.tracks_confirmed) or epochs != attempt.media_epochs:
        keep(attempt, tracks_confirmed=sorted(tracks), media_epochs=epochs)
    if confirmed:
        device_back(attempt, track=track, at=attempt.entered_at + timedelta(milliseconds=t_ms))


@step
def state_under_lock(attempt_id: UUID) -> AttemptState:
    """The state now, and until the transaction of whoever asks ends: nobody else changes the attempt meanwhile."""
    return AttemptState(locked_row(attempt_id).state)


@step
def steps_left_step(attempt_id: UUID, *, steps: Sequence[str]) -> None:
    """Note which check-in steps are still to do. Told by checkin, in its transaction."""
    keep(locked_row(attempt_id), steps_left=list(steps))


@action
def start(attempt_id: UUID, *, by: Actor, epoch: int) -> Started:
    """Start the clock (A2); a repeat returns the first start.

    Raises StaleLease, StepsMissing, RecordingMissing naming the track, IllegalMove.
    """
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    ensure_lease(attempt, epoch=epoch)
    if attempt.started_at is not None and attempt.deadline_at is not None:
        return Started(attempt.started_at, attempt.deadline_at, AttemptState(attempt.state))
    ensure_steps_done(attempt.steps_left)
    ensure_recording_confirmed(
        required=frozenset(required_tracks(policy_of_activation(attempt.activation_id))),
        confirmed=frozenset(Track(track) for track in attempt.tracks_confirmed),
    )
    version = attempt.registration.schedule.version
    attempt.base_duration_s = version.duration_min * 60 + attempt.registration.extra_time_s
    attempt.started_at = now
    ends_at = deadline(clockwork(attempt))
    if ends_at <= now:
        raise Conflict("The exam's final deadline has passed, so it cannot be started any more.")
    move(
        attempt,
        AttemptAct.START,
        base_duration_s=attempt.base_duration_s,
        accommodations=attempt.registration.accommodations,
        started_at=now,
        running_since=now,
        last_seen_at=now,
        deadline_at=ends_at,
    )
    Registration.objects.filter(id=attempt.registration_id).update(state=RegistrationState.SITTING)
    extra = {"deadline_at": ends_at.isoformat()}
    append(attempt.stream_id, EntryKind.EXAM_STARTED, by=by, epoch=epoch, extra=extra)
    return Started(now, ends_at, AttemptState(attempt.state))


@action
def hand_in(attempt_id: UUID, *, by: Actor, idempotency_key: str = "", epoch: int | None = None) -> HandedIn:
    """End the attempt and give the receipt (A10); a repeat, with any key, returns the same receipt.

    epoch: of the candidate's lease; None when an invigilator hands in for the candidate.
    An attempt that timed out first gets its receipt all the same, without a second end.
    """
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    kept = Receipt.objects.filter(attempt=attempt).first()
    if kept is not None:
        return _receipt(kept)
    if epoch is not None:
        ensure_lease(attempt, epoch=epoch)
        contact(attempt, now=now)
    else:
        catch_up(attempt, now=now)
    if attempt.state == AttemptState.TIMED_OUT:
        return _receipt(_give_receipt(attempt, key=idempotency_key, at=attempt.ended_at or now))
    own = by.user_id == attempt.registration.candidate_id
    reason = EndReason.CANDIDATE if own else EndReason.INVIGILATOR
    move(attempt, AttemptAct.HAND_IN, ended_at=now, ended_away=False, end_reason=reason.value)
    receipt = _give_receipt(attempt, key=idempotency_key, at=now)
    extra = {"by": reason.value, "receipt": receipt.number, "answered": receipt.answered, "total": receipt.total}
    append(attempt.stream_id, EntryKind.EXAM_COMPLETED, by=by, epoch=epoch, extra=extra)
    return _receipt(receipt)


@action
def reopen(attempt_id: UUID, *, by: Actor, reason: str = "", give_back_s: int = 0) -> None:
    """Let a stopped attempt go on (A9, R-0.38).

    give_back_s: staff may give back up to the stopped time; a candidate's own re-entry gives none.
    """
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    own = by.user_id == attempt.registration.candidate_id
    if attempt.state == AttemptState.STOPPED and attempt.deadline_at is not None:
        ensure_reopen(_stopped(attempt, attempt.deadline_at), by_candidate=own, now=now)
    stopped_for = now - (attempt.stopped_at or now)
    wanted = timedelta(seconds=0 if own else max(0, give_back_s))
    move(
        attempt, AttemptAct.REOPEN, stopped_at=None, stop_reason="", end_reason="", running_since=now, last_seen_at=now
    )
    given = timedelta(0)
    if wanted:
        given = adjust(attempt, "extra", min(wanted, stopped_for), by=by, at=now, reason=reason)
    extra = {"reason": reason, "given_back_s": given.total_seconds(), "stopped_s": stopped_for.total_seconds()}
    append(attempt.stream_id, EntryKind.ATTEMPT_REOPENED, by=by, extra=extra)


@action
def reopen_ended(attempt_id: UUID, *, by: Actor, minutes: int, reason: str) -> datetime:
    """Let a timed-out attempt go on with `minutes` from now (A11b, §8.4); returns the new deadline."""
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    if attempt.state == AttemptState.TIMED_OUT:
        ensure_reopen_ended(
            ended_at=attempt.ended_at or now,
            ended_away=attempt.ended_away,
            hard_end=hard_end(attempt),
            minutes=minutes,
            now=now,
        )
        _ensure_only_one(attempt)
    move(
        attempt,
        AttemptAct.REOPEN_ENDED,
        ended_at=None,
        ended_away=False,
        end_reason="",
        stopped_at=None,
        stop_reason="",
        paused_at=None,
        running_since=now,
        last_seen_at=now,
    )
    Receipt.objects.filter(attempt=attempt).delete()
    Registration.objects.filter(id=attempt.registration_id).update(state=RegistrationState.SITTING)
    needed = grant_needed(clockwork(attempt), until=now + timedelta(minutes=minutes))
    adjust(attempt, "extra", needed, by=by, at=now, reason=reason)
    ends_at = attempt.deadline_at or now
    extra = {"ended": True, "reason": reason, "minutes": minutes, "deadline_at": ends_at.isoformat()}
    append(attempt.stream_id, EntryKind.ATTEMPT_REOPENED, by=by, extra=extra)
    return ends_at


@action
def visit_page(attempt_id: UUID, *, by: Actor, page: str) -> None:
    """Note that the candidate opened a page which the server shows by itself (R-4.21)."""
    append(locked_row(attempt_id).stream_id, EntryKind.PAGE_VISITED, by=by, extra={"page": page})


@action
def void(attempt_id: UUID, *, by: Actor, reason: str) -> None:
    """Declare the attempt void (A12); answers, recording and log are kept."""
    said = given_reason(reason, message="Say why this attempt is void.")
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    void_step(attempt, by=by, reason=said, now=now)


@step
def void_step(attempt: Attempt, *, by: Actor, reason: str, now: datetime) -> None:
    """Void one attempt that is up to date."""
    before = attempt.state
    ended = {"ended_at": attempt.ended_at or now, "ended_away": attempt.ended_away or before not in TERMINAL}
    if attempt.end_reason == "" or before not in TERMINAL:
        ended["end_reason"] = EndReason.VOIDED.value
    move(attempt, AttemptAct.VOID, **ended, paused_reason="", stop_reason=reason[:500])
    keep(attempt, state_before_void=before)
    append(attempt.stream_id, EntryKind.VOIDED, by=by, extra={"reason": reason, "before": before})


@action
def reverse_void(attempt_id: UUID, *, by: Actor, reason: str) -> None:
    """Take a void back (A13): the attempt is ended as it was before; one that ran comes back timed out.

    Raises NotAllowed for the person who voided it.
    """
    said = given_reason(reason, message="Say why the void is taken back.")
    attempt = opened_row(attempt_id, now=clock.now())
    _ensure_second_person(attempt, by)
    _ensure_only_one(attempt)
    move(attempt, AttemptAct.REVERSE_VOID)
    keep(attempt, state_before_void="")
    append(attempt.stream_id, EntryKind.VOID_REVERSED, by=by, extra={"reason": said, "state": attempt.state})


def _ensure_second_person(attempt: Attempt, by: Actor) -> None:
    voided = tail(attempt.stream_id, limit=1, kinds=[EntryKind.VOIDED])
    if voided and voided[0].actor_id == by.user_id:
        raise NotAllowed("Somebody else than the person who voided an attempt takes the void back.")


def _ensure_enterable(registration: Registration, *, now: datetime) -> Activation:
    schedule = registration.schedule
    ends_at = registration.deadline_override or schedule.deadline
    activation = Activation.objects.filter(schedule=schedule, ended_at__isnull=True).first()
    if schedule.state != ScheduleState.SCHEDULED or activation is None:
        raise Conflict("This exam is not scheduled. Ask your exam office.")
    if registration.state in _NO_ENTRY:
        raise Conflict("You cannot enter this exam. Ask your exam office.")
    if now < schedule.opens_at:
        raise Conflict("This exam has not opened yet.", fields={"opens_at": schedule.opens_at.isoformat()})
    if now >= ends_at:
        raise Conflict("This exam is over.", fields={"deadline": ends_at.isoformat()})
    return activation


def _create(
    registration: Registration, activation: Activation, *, number: int, steps: Sequence[str], by: Actor, now: datetime
) -> Attempt:
    schedule = registration.schedule
    attempt = Attempt(
        code=short_code("P", symbols=6),
        registration=registration,
        activation=activation,
        number=number,
        form_seed=secrets.randbits(62),
        state=AttemptState.ENTERING.value,
        stream_id=open_stream(StreamKind.ATTEMPT, parent=schedule.stream_id),
        entered_at=now,
        base_duration_s=schedule.version.duration_min * 60 + registration.extra_time_s,
        ip=by.ip,
        steps_left=list(steps),
    )
    attempt.save(force_insert=True)
    Registration.objects.filter(id=registration.id, state__in=_BEFORE_SITTING).update(state=RegistrationState.PRESENT)
    append(attempt.stream_id, EntryKind.PAGE_VISITED, by=by, extra={"page": "entry", "attempt": number})
    return attempt


def _stopped(attempt: Attempt, deadline_at: datetime) -> StoppedAttempt:
    lock = policy_of_activation(attempt.activation_id).lock
    return StoppedAttempt(
        reason=EndReason(attempt.end_reason) if attempt.end_reason else None,
        deadline_at=deadline_at,
        hard_end=hard_end(attempt),
        reentry_allowed=lock.prevent_reentry is ReentryRule.OFF,
    )


def _ensure_only_one(attempt: Attempt) -> None:
    others = Attempt.objects.filter(registration_id=attempt.registration_id).exclude(id=attempt.id)
    if others.exclude(state__in=TERMINAL).exists():
        raise Conflict("The candidate has another attempt open. End that one first.")


def _give_receipt(attempt: Attempt, *, key: str, at: datetime) -> Receipt:
    form = form_of(attempt.registration.schedule.version_id, attempt.form_seed)
    return Receipt.objects.create(
        attempt=attempt,
        number=short_code("R", symbols=10),
        idempotency_key=key[:64],
        handed_in_at=at,
        answered=answered(attempt),
        total=len(form.questions),
    )


def answered(attempt: Attempt) -> int:
    """How many questions have an answer that counts and is not empty."""
    latest = (
        AnswerRevision.objects.filter(attempt=attempt, counting=True)
        .values("item_version_id")
        .annotate(last=Max("client_seq"))
    )
    chosen = Q(pk__in=())
    for row in latest:
        chosen |= Q(item_version_id=row["item_version_id"], client_seq=row["last"])
    found = AnswerRevision.objects.filter(attempt=attempt, counting=True).filter(chosen)
    return found.exclude(response_json__in=["null", '""', "[]"]).count()


def _receipt(row: Receipt) -> HandedIn:
    return HandedIn(row.number, row.handed_in_at, row.answered, row.total)
