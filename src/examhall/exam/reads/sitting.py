"""A candidate's own exams: what the entry page says about one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from examhall.base.errors import NotFound
from examhall.base.words import Accommodation, AttemptState, RegistrationState
from examhall.exam.access.policy import policy_for
from examhall.exam.models import Activation, Attempt, Receipt, Registration
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.policy import Policy
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt, and how it ended."""

    attempt: UUID
    number: int
    state: AttemptState
    started_at: datetime | None
    ended_at: datetime | None
    receipt: str
    answered: int
    total: int

    @property
    def over(self) -> bool:
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One registration, as its candidate sees it. Times are UTC; `zone` is the schedule's."""

    registration: UUID
    schedule: UUID
    title: str
    code: str
    opens_at: datetime
    ends_at: datetime
    zone: str
    duration_s: int
    """With the candidate's own extra time."""
    extra_time_s: int
    accommodations: tuple[Accommodation, ...]
    proctored: bool
    state: RegistrationState
    attempts_allowed: int
    policy: Policy | None
    """The frozen one; None while the schedule is not activated."""
    tries: tuple[Try, ...]
    """In order of their number."""

    @property
    def current(self) -> Try | None:
        return next((one for one in self.tries if not one.over), None)


def sitting(actor: Actor, registration_id: UUID) -> Sitting:
    """One exam of this candidate. Raises NotFound when it is not theirs."""
    row = _rows().filter(id=registration_id, candidate_id=actor.user_id).first()
    if row is None:
        raise NotFound("You are not registered for this exam.")
    return _sitting(row)


def _rows() -> QuerySet[Registration]:
    current = Activation.objects.filter(ended_at__isnull=True)
    return Registration.objects.select_related("schedule__version").prefetch_related(
        Prefetch("attempts", queryset=Attempt.objects.order_by("number").select_related("receipt")),
        Prefetch("schedule__activations", queryset=current, to_attr="current_activations"),
    )


def _sitting(row: Registration) -> Sitting:
    schedule, version = row.schedule, row.schedule.version
    words = tuple(map(Accommodation, row.accommodations))
    activations: list[Activation] = getattr(schedule, "current_activations", [])
    return Sitting(
        registration=row.id,
        schedule=schedule.id,
        title=schedule.title,
        code=schedule.code,
        opens_at=schedule.opens_at,
        ends_at=row.deadline_override or schedule.deadline,
        zone=schedule.zone,
        duration_s=version.duration_min * 60 + row.extra_time_s,
        extra_time_s=row.extra_time_s,
        accommodations=words,
        proctored=version.use_proctoring,
        state=RegistrationState(row.state),
        attempts_allowed=row.attempts_allowed,
        policy=policy_for(activations[0].id, words) if activations else None,
        tries=tuple(_try(attempt) for attempt in row.attempts.all()),
    )


def _try(attempt: Attempt) -> Try:
    receipt: Receipt | None = getattr(attempt, "receipt", None)
    return Try(
        attempt=attempt.id,
        number=attempt.number,
        state=AttemptState(attempt.state),
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        receipt=receipt.number if receipt else "",
        answered=receipt.answered if receipt else 0,
        total=receipt.total if receipt else 0,
    )
