"""Schedules and their candidates for those who invigilate them: whole lists in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, Max, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from examhall.base import clock
from examhall.base.errors import NotFound
from examhall.base.words import Accommodation, AttemptState, RegistrationState, ScheduleMode, ScheduleState
from examhall.exam.access.assessment import not_allowed
from examhall.exam.access.schedule import grounds_on
from examhall.exam.access.unit import units_where
from examhall.exam.models import (
    AnswerRevision,
    Attempt,
    InvigilatorAssignment,
    Registration,
    Schedule,
    TimerAdjustment,
    VersionItem,
)
from examhall.exam.rules.rights import RIGHTS, Act, may
from examhall.exam.rules.schedule import Phase, phase
from examhall.people.rules.actor import Actor

_EMPTY_RESPONSES = ("null", '""', "[]")
_SHOWN = (ScheduleState.SCHEDULED, ScheduleState.ARCHIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSchedule:
    """One schedule as its invigilators see it. Times are UTC; `zone` is the schedule's."""

    id: UUID
    code: str
    title: str
    unit: str
    zone: str
    opens_at: datetime
    deadline: datetime
    mode: ScheduleMode
    phase: Phase
    stream: UUID
    questions: int
    acts: frozenset[Act]
    assigned: bool
    invigilators: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskListed:
    """One line of the overview."""

    id: UUID
    code: str
    title: str
    unit: str
    zone: str
    opens_at: datetime
    deadline: datetime
    phase: Phase
    assigned: bool
    candidates: int
    states: Counter[AttemptState]
    """Of the latest attempt of each candidate."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One registration that was not withdrawn."""

    registration: UUID
    candidate: UUID
    name: str
    number: str
    extra_time_s: int
    accommodations: tuple[Accommodation, ...]
    deadline_override: datetime | None
    state: RegistrationState


def desk_schedule(actor: Actor, schedule_id: UUID, act: Act = Act.SEE_DASHBOARD) -> DeskSchedule:
    """Raises NotFound when it is absent or not to be seen, NotAllowed when it may be seen but `act` is not theirs."""
    found = desk_facts(actor, schedule_id)
    if found is None or Act.SEE_DASHBOARD not in found.acts:
        raise NotFound("There is no such exam to invigilate, or it is not yours to see.")
    if act not in found.acts:
        raise not_allowed("this schedule", act)
    return found


def desk_facts(actor: Actor, schedule_id: UUID) -> DeskSchedule | None:
    """The schedule without asking whether it may be seen: for callers that hold a guarded attempt of it."""
    schedule = Schedule.objects.select_related("unit").filter(id=schedule_id).first()
    if schedule is None:
        return None
    grounds = grounds_on(actor, schedule)
    watching = InvigilatorAssignment.objects.filter(schedule=schedule).select_related("user").order_by("user__name")
    return DeskSchedule(
        id=schedule.id,
        code=schedule.code,
        title=schedule.title,
        unit=str(schedule.unit.name),
        zone=schedule.zone,
        opens_at=schedule.opens_at,
        deadline=schedule.deadline,
        mode=ScheduleMode(schedule.mode),
        phase=_phase(schedule, last_end=_last_end(schedule)),
        stream=schedule.stream_id,
        questions=VersionItem.objects.filter(version_id=schedule.version_id).count(),
        acts=frozenset(one for one in Act if may(one, grounds)),
        assigned=grounds.assigned,
        invigilators=tuple(row.user.get_full_name() for row in watching),
    )


def desk_schedules(actor: Actor) -> list[DeskListed]:
    """Those this person invigilates or may view, running ones first; never one they sit themselves."""
    units = [unit.id for unit in units_where(actor, RIGHTS[Act.SEE_DASHBOARD].permissions)]
    mine = Q(unit_id__in=units) | Q(invigilators__user_id=actor.user_id)
    ids = Schedule.objects.filter(mine, state__in=_SHOWN).exclude(registrations__candidate_id=actor.user_id)
    counted = Count("registrations", filter=~Q(registrations__state=RegistrationState.WITHDRAWN))
    rows = (
        Schedule.objects.filter(id__in=ids.values("id"))
        .select_related("unit")
        .annotate(candidates=counted, last_end=Max("registrations__deadline_override"))
    )
    held = Schedule.objects.filter(Q(invigilators__user_id=actor.user_id))
    assigned = set(held.values_list("id", flat=True))
    states = _latest_states([row.id for row in rows])
    listed = [
        DeskListed(
            id=row.id,
            code=row.code,
            title=row.title,
            unit=str(row.unit.name),
            zone=row.zone,
            opens_at=row.opens_at,
            deadline=row.deadline,
            phase=_phase(row, last_end=row.last_end),
            assigned=row.id in assigned,
            candidates=row.candidates,
            states=states[row.id],
        )
        for row in rows
    ]
    now = clock.now()
    return sorted(listed, key=lambda row: (row.phase is not Phase.OPEN, row.deadline < now, abs(row.opens_at - now)))


def enrolled(schedule_id: UUID, *, registrations: Collection[UUID] | None = None) -> list[Enrolled]:
    """By name, without withdrawn ones; when given, exactly `registrations`. One query."""
    found = Registration.objects.filter(schedule_id=schedule_id)
    if registrations is None:
        found = found.exclude(state=RegistrationState.WITHDRAWN)
    else:
        found = found.filter(id__in=registrations)
    return [
        Enrolled(
            registration=row.id,
            candidate=row.candidate_id,
            name=row.candidate.get_full_name(),
            number=row.candidate.student_id or row.candidate.username,
            extra_time_s=row.extra_time_s,
            accommodations=tuple(map(Accommodation, row.accommodations)),
            deadline_override=row.deadline_override,
            state=RegistrationState(row.state),
        )
        for row in found.select_related("candidate").order_by("candidate__name", "id")
    ]


def answered_counts(attempt_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many questions have a counting answer that is not empty, by attempt. One query."""
    newest_first = Window(
        RowNumber(), partition_by=[F("attempt_id"), F("item_version_id")], order_by=F("client_seq").desc()
    )
    empty = Q(response_json__in=_EMPTY_RESPONSES)
    found = AnswerRevision.objects.filter(attempt_id__in=attempt_ids, counting=True).annotate(
        place=newest_first, filled=Case(When(empty, then=Value(0)), default=Value(1))
    )
    counts = Counter(attempt for attempt, filled in found.filter(place=1).values_list("attempt_id", "filled") if filled)
    return {attempt: counts[attempt] for attempt in attempt_ids}


def granted_s(attempt_ids: Collection[UUID]) -> dict[UUID, float]:
    """Extra time people gave that took effect, in seconds, by attempt. One query."""
    found = TimerAdjustment.objects.filter(attempt_id__in=attempt_ids, kind="extra").values("attempt_id")
    sums = {row["attempt_id"]: float(row["total"]) for row in found.annotate(total=Sum("effective_seconds"))}
    return {attempt: sums.get(attempt, 0.0) for attempt in attempt_ids}


def reached_by(schedule_id: UUID, attempt_ids: Collection[UUID]) -> dict[UUID, str]:
    """Those of `attempt_ids` that belong to the schedule, with the candidate's name."""
    found = Attempt.objects.filter(id__in=attempt_ids, registration__schedule_id=schedule_id)
    rows = found.select_related("registration__candidate")
    return {row.id: row.registration.candidate.get_full_name() for row in rows}


def _latest_states(schedule_ids: Collection[UUID]) -> dict[UUID, Counter[AttemptState]]:
    states: dict[UUID, Counter[AttemptState]] = defaultdict(Counter)
    found = Attempt.objects.filter(registration__schedule_id__in=schedule_ids)
    latest = {
        (schedule, registration): state
        for schedule, registration, state in found.order_by("number").values_list(
            "registration__schedule_id", "registration_id", "state"
        )
    }
    for (schedule, _), state in latest.items():
        states[schedule][AttemptState(state)] += 1
    return states


def _phase(row: Schedule, *, last_end: datetime | None) -> Phase:
    """`last_end`: the latest own deadline of a registration (product.md §2.3)."""
    closes_at = max(row.deadline, last_end or row.deadline)
    return phase(ScheduleState(row.state), opens_at=row.opens_at, closes_at=closes_at, now=clock.now())


def _last_end(row: Schedule) -> datetime | None:
    last: datetime | None = Registration.objects.filter(schedule=row).aggregate(last=Max("deadline_override"))["last"]
    return last
