"""Schedules and sessions for those who look at them afterwards."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from examhall.base.errors import NotFound
from examhall.base.words import AttemptState, EndReason, Track
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.access.unit import units_where
from examhall.exam.models import Activation, Attempt, Schedule
from examhall.exam.rules.policy import required_tracks
from examhall.exam.rules.policy_words import Line, lines
from examhall.exam.rules.rights import RIGHTS, Act
from examhall.exam.rules.snapshot import thaw
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class ReviewedSchedule:
    """A schedule whose sessions this person may review."""

    id: UUID
    code: str
    title: str
    unit: str
    opens_at: datetime
    deadline: datetime
    zone: str
    stream: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRef:
    """One attempt as a recorded session: who, when, and under which activation."""

    attempt: UUID
    schedule: UUID
    activation: UUID
    code: str
    number: int
    state: AttemptState
    end_reason: EndReason | None
    candidate: str
    candidate_id: UUID
    student_id: str
    stream: UUID
    entered_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    ip: str
    extra_time: bool
    """Arranged for the candidate; why is not told."""


def reviewed_schedules(actor: Actor) -> list[ReviewedSchedule]:
    """Newest first; by permission on the unit or by assignment, never those the person sits (S6)."""
    return [_schedule(row) for row in _reviewable(actor).order_by("-opens_at", "title")]


def reviewed_schedule(actor: Actor, schedule_id: UUID) -> ReviewedSchedule:
    """Raises NotFound when it is absent or not to be reviewed by this person: the two look the same."""
    row = _reviewable(actor).filter(id=schedule_id).first()
    if row is None:
        raise NotFound("There is no such schedule, or it is not yours to review.")
    return _schedule(row)


def sessions_of(schedule_ids: Collection[UUID]) -> list[SessionRef]:
    """Every attempt on these schedules, by candidate and number; one query."""
    rows = Attempt.objects.select_related("registration__candidate")
    found = rows.filter(registration__schedule_id__in=schedule_ids)
    return [_session(row) for row in found.order_by("registration__candidate__name", "number")]


def attempts_in(units: Collection[UUID]) -> frozenset[UUID]:
    """Every attempt on an exam of these units."""
    found = Attempt.objects.filter(registration__schedule__unit_id__in=units)
    return frozenset(found.values_list("id", flat=True))


def session_of(attempt_id: UUID) -> SessionRef:
    """Raises NotFound; whether the person may see it is `access.attempt_for`'s affair."""
    row = Attempt.objects.select_related("registration__candidate").filter(id=attempt_id).first()
    if row is None:
        raise NotFound("There is no such session, or it is not yours to see.")
    return _session(row)


def settings_of(activation_id: UUID) -> tuple[Line, ...]:
    """The frozen settings in words, for the session's page."""
    frozen = Activation.objects.values_list("policy", flat=True).get(id=activation_id)
    return tuple(lines(thaw(frozen)))


def required_of(activation_id: UUID) -> tuple[Track, ...]:
    return required_tracks(policy_of_activation(activation_id))


def _reviewable(actor: Actor) -> "QuerySet[Schedule]":
    units = [unit.id for unit in units_where(actor, RIGHTS[Act.REVIEW_INCIDENTS].permissions)]
    mine = Q(unit_id__in=units) | Q(invigilators__user_id=actor.user_id) | Q(reviewers__user_id=actor.user_id)
    ids = Schedule.objects.filter(mine).exclude(registrations__candidate_id=actor.user_id).values("id")
    return Schedule.objects.filter(id__in=ids, version__use_proctoring=True).select_related("unit")


def _schedule(row: Schedule) -> ReviewedSchedule:
    return ReviewedSchedule(
        row.id, row.code, row.title, str(row.unit.name), row.opens_at, row.deadline, row.zone, row.stream_id
    )


def _session(row: Attempt) -> SessionRef:
    candidate = row.registration.candidate
    return SessionRef(
        attempt=row.id,
        schedule=row.registration.schedule_id,
        activation=row.activation_id,
        code=row.code,
        number=row.number,
        state=AttemptState(row.state),
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        candidate=candidate.get_full_name(),
        candidate_id=candidate.id,
        student_id=candidate.student_id or "",
        stream=row.stream_id,
        entered_at=row.entered_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        ip=row.ip,
        extra_time=row.registration.extra_time_s > 0,
    )
