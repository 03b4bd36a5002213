"""Who may do what with one attempt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from examhall.base.errors import NotFound
from examhall.base.words import Accommodation, AttemptState, Permission
from examhall.exam.access.schedule import grounds_on
from examhall.exam.models import Attempt, InvigilatorAssignment, ReviewerAssignment, Schedule, TimerAdjustment
from examhall.exam.rules.rights import RIGHTS, Act, Grounds, may
from examhall.exam.rules.timing import Clockwork
from examhall.people.reads.people import unit_path
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRef:
    """One attempt, as far as doors and higher wings need it to go on."""

    id: UUID
    code: str
    number: int
    state: AttemptState
    stream: UUID
    registration: UUID
    candidate: UUID
    schedule: UUID
    schedule_stream: UUID
    activation: UUID
    accommodations: tuple[Accommodation, ...]
    """Those it runs by; until Start those of the registration."""
    version: UUID
    form_seed: int
    media_epochs: dict[str, int]
    entered_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    """When it was stopped, while it is."""
    deadline_at: datetime | None
    hard_end: datetime


def attempt_for(actor: Actor, attempt_id: UUID, act: Act) -> AttemptRef:
    """The attempt, if `act` is this person's. Raises NotFound when absent or not theirs: the two look the same."""
    attempt = _found(id=attempt_id)
    if attempt is None or not may(act, _grounds(actor, attempt, act)):
        raise NotFound("There is no such attempt, or it is not yours to see.")
    return ref(attempt)


def attempt_ref(attempt_id: UUID) -> AttemptRef:
    """The attempt without asking who wants it: for jobs and for doors that hold a verified token."""
    attempt = _found(id=attempt_id)
    if attempt is None:
        raise NotFound("There is no such attempt.")
    return ref(attempt)


def attempts_for(actor: Actor, schedule_id: UUID, act: Act) -> list[AttemptRef]:
    """Every attempt on a schedule, by code, if `act` is this person's there. Raises NotFound, as `attempt_for` does."""
    schedule = Schedule.objects.filter(id=schedule_id).first()
    if schedule is None or not may(act, grounds_on(actor, schedule)):
        raise NotFound("There is no such schedule, or it is not yours.")
    rows = Attempt.objects.select_related("registration__schedule").filter(registration__schedule=schedule)
    return [ref(row) for row in rows.order_by("code")]


def attempt_of_stream(stream: UUID) -> AttemptRef | None:
    """The attempt a journal belongs to; None for another kind of journal. For jobs that reactions call."""
    attempt = _found(stream_id=stream)
    return None if attempt is None else ref(attempt)


def ref(attempt: Attempt) -> AttemptRef:
    registration, schedule = attempt.registration, attempt.registration.schedule
    return AttemptRef(
        id=attempt.id,
        code=attempt.code,
        number=attempt.number,
        state=AttemptState(attempt.state),
        stream=attempt.stream_id,
        registration=registration.id,
        candidate=registration.candidate_id,
        schedule=schedule.id,
        schedule_stream=schedule.stream_id,
        activation=attempt.activation_id,
        accommodations=accommodations_of(attempt),
        version=schedule.version_id,
        form_seed=attempt.form_seed,
        media_epochs=dict(attempt.media_epochs),
        entered_at=attempt.entered_at,
        started_at=attempt.started_at,
        stopped_at=attempt.stopped_at if attempt.state == AttemptState.STOPPED else None,
        deadline_at=attempt.deadline_at,
        hard_end=hard_end(attempt),
    )


def accommodations_of(attempt: Attempt) -> tuple[Accommodation, ...]:
    words = attempt.registration.accommodations if attempt.started_at is None else attempt.accommodations
    return tuple(map(Accommodation, words))


def hard_end(attempt: Attempt) -> datetime:
    """T3: the schedule's deadline, or the candidate's own."""
    return attempt.registration.deadline_override or attempt.registration.schedule.deadline


def clockwork(attempt: Attempt) -> Clockwork:
    """What the deadline of a started attempt follows from."""
    asked = TimerAdjustment.objects.filter(attempt=attempt).order_by("id").values_list("seconds", flat=True)
    return Clockwork(
        started_at=attempt.started_at or attempt.entered_at,
        allowed=timedelta(seconds=attempt.base_duration_s),
        hard_end=hard_end(attempt),
        adjustments=tuple(timedelta(seconds=seconds) for seconds in asked),
    )


def _found(**by: UUID) -> Attempt | None:
    return Attempt.objects.select_related("registration__schedule").filter(**by).first()


def _grounds(actor: Actor, attempt: Attempt, act: Act) -> Grounds:
    schedule = attempt.registration.schedule
    if actor.user_id is None:
        return Grounds()
    if attempt.registration.candidate_id == actor.user_id:
        return Grounds(own=True)
    path = unit_path(schedule.unit_id) if actor.grants else ()
    held = [permission for permission in Permission if actor.may(permission, path)]
    right, mine = RIGHTS[act], {"schedule_id": schedule.id, "user_id": actor.user_id}
    return Grounds(
        permissions=held,
        assigned=right.assignment and InvigilatorAssignment.objects.filter(**mine).exists(),
        reviews=right.review and ReviewerAssignment.objects.filter(**mine).exists(),
    )
