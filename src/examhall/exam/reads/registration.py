"""Candidates of a schedule, and the exams of a candidate."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from examhall.base import clock
from examhall.base.errors import NotFound
from examhall.base.words import Accommodation, AttemptState, RegistrationState, ScheduleState, Track
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.access.schedule import schedule_for
from examhall.exam.models import Activation, Attempt, Receipt, Registration
from examhall.exam.rules.accommodation import told_of
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.policy import required_tracks
from examhall.exam.rules.rights import Act
from examhall.exam.rules.schedule import Phase, phase
from examhall.people.reads.password import without_password
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class CandidateOfSchedule:
    registration_id: UUID
    name: str
    login: str
    student_id: str
    extra_time_s: int
    accommodations: tuple[Accommodation, ...]
    state: RegistrationState
    attempts: int

    @property
    def arranged(self) -> str:
        """What is different for them, in words."""
        return told_of(self.accommodations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """One candidate whose accommodations are looked at."""

    schedule_id: UUID
    title: str
    duration_min: int
    name: str
    extra_time_s: int
    accommodations: tuple[Accommodation, ...]
    begun: bool
    """An attempt runs: nothing can be arranged any more."""


@dataclass(frozen=True, slots=True)
class ExamCard:
    """One exam on the candidate's dashboard (product.md §4.1, C1)."""

    registration_id: UUID
    code: str
    title: str
    zone: str
    opens_at: datetime
    closes_at: datetime
    """This candidate's own hard end."""
    duration_s: int
    """Own extra time included."""
    extra_time_s: int
    phase: Phase
    tracks: tuple[Track, ...]
    attempt_state: AttemptState | None
    """Of the latest attempt, as are the next three."""
    attempt_id: UUID | None
    started: bool
    receipt: str
    """Number of the receipt; empty while there is none."""
    ended_at: datetime | None
    attempts_left: int
    barred: bool

    @property
    def proctored(self) -> bool:
        return bool(self.tracks)

    @property
    def running(self) -> bool:
        return self.attempt_state is not None and self.attempt_state not in TERMINAL

    @property
    def can_enter(self) -> bool:
        return self.phase is Phase.OPEN and not self.barred and (self.running or self.attempts_left > 0)

    @property
    def over(self) -> bool:
        return self.phase in {Phase.CLOSED, Phase.CANCELLED, Phase.ARCHIVED} or not (self.running or self.attempts_left)


def candidates_of(actor: Actor, schedule_id: UUID) -> list[CandidateOfSchedule]:
    """All registrations but withdrawn ones, by name. Raises NotFound or NotAllowed."""
    schedule = schedule_for(actor, schedule_id, Act.SEE_SCHEDULE)
    rows = (
        Registration.objects.filter(schedule=schedule)
        .exclude(state=RegistrationState.WITHDRAWN)
        .select_related("candidate")
        .annotate(begun=Count("attempts"))
        .order_by("candidate__name")
    )
    return [
        CandidateOfSchedule(
            registration_id=row.id,
            name=row.candidate.get_full_name(),
            login=row.candidate.username,
            student_id=row.candidate.student_id or "",
            extra_time_s=row.extra_time_s,
            accommodations=tuple(map(Accommodation, row.accommodations)),
            state=RegistrationState(row.state),
            attempts=row.begun,
        )
        for row in rows
    ]


def arranged(actor: Actor, schedule_id: UUID, registration_id: UUID) -> Arranged:
    """Raises NotFound or NotAllowed."""
    schedule = schedule_for(actor, schedule_id, Act.ARRANGE)
    row = Registration.objects.select_related("candidate").filter(id=registration_id, schedule=schedule).first()
    if row is None:
        raise NotFound("There is no such candidate.")
    running = Attempt.objects.filter(registration=row, started_at__isnull=False).exclude(state__in=TERMINAL)
    return Arranged(
        schedule_id=schedule.id,
        title=schedule.title,
        duration_min=schedule.version.duration_min,
        name=row.candidate.get_full_name(),
        extra_time_s=row.extra_time_s,
        accommodations=tuple(map(Accommodation, row.accommodations)),
        begun=running.exists(),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Candidates who cannot sign in yet, because they have chosen no password."""

    with_email: int
    without_email: int

    @property
    def count(self) -> int:
        return self.with_email + self.without_email


def waiting_for_password(actor: Actor, schedule_id: UUID) -> Waiting:
    """Raises NotFound or NotAllowed."""
    schedule = schedule_for(actor, schedule_id, Act.SEE_SCHEDULE)
    sitting = Registration.objects.filter(schedule=schedule).exclude(state=RegistrationState.WITHDRAWN)
    found = without_password(sitting.values_list("candidate_id", flat=True))
    with_email = sum(bool(person.email) for person in found)
    return Waiting(with_email, len(found) - with_email)


def exams_of(actor: Actor) -> list[ExamCard]:
    """The candidate's own exams: those to sit first, the nearest in front; past ones last. Drafts are not shown."""
    registrations = (
        Registration.objects.filter(candidate_id=actor.user_id)
        .exclude(Q(schedule__state=ScheduleState.DRAFT) | Q(state=RegistrationState.WITHDRAWN))
        .select_related("schedule__version")
    )
    activations = {
        row.schedule_id: row.id
        for row in Activation.objects.filter(schedule__registrations__in=registrations).order_by("number")
    }
    latest = {
        attempt.registration_id: attempt
        for attempt in Attempt.objects.filter(registration__in=registrations)
        .select_related("receipt")
        .order_by("number")
    }
    cards = [_card(row, latest.get(row.id), activations.get(row.schedule_id)) for row in registrations]
    now = clock.now()
    return sorted(cards, key=lambda card: (card.over, abs(card.opens_at - now)))


def _card(registration: Registration, attempt: Attempt | None, activation: UUID | None) -> ExamCard:
    schedule = registration.schedule
    ends = registration.deadline_override or schedule.deadline
    used = attempt.number if attempt else 0
    length = timedelta(minutes=schedule.version.duration_min) + timedelta(seconds=registration.extra_time_s)
    return ExamCard(
        registration_id=registration.id,
        code=schedule.code,
        title=schedule.title,
        zone=schedule.zone,
        opens_at=schedule.opens_at,
        closes_at=ends,
        duration_s=round(length.total_seconds()),
        extra_time_s=registration.extra_time_s,
        phase=phase(ScheduleState(schedule.state), opens_at=schedule.opens_at, closes_at=ends, now=clock.now()),
        tracks=required_tracks(policy_of_activation(activation)) if activation else (),
        attempt_state=AttemptState(attempt.state) if attempt else None,
        attempt_id=attempt.id if attempt else None,
        started=attempt is not None and attempt.started_at is not None,
        receipt=_receipt_number(attempt),
        ended_at=attempt.ended_at if attempt else None,
        attempts_left=max(registration.attempts_allowed - used, 0),
        barred=registration.state == RegistrationState.BARRED,
    )


def _receipt_number(attempt: Attempt | None) -> str:
    receipt: Receipt | None = getattr(attempt, "receipt", None)
    return receipt.number if receipt else ""
