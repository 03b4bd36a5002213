"""Schedules for the pages of those who plan them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from examhall.base import clock
from examhall.base.words import Permission, RegistrationState, ScheduleMode, ScheduleState
from examhall.exam.access.schedule import acts_on, schedule_for
from examhall.exam.access.settings import (
    closes_at,
    current_activation,
    facts_of,
    frozen_settings,
    newest_settings,
)
from examhall.exam.access.unit import units_where
from examhall.exam.models import (
    Activation,
    AssessmentVersion,
    Attempt,
    InvigilatorAssignment,
    ProfileVersion,
    ReviewerAssignment,
    Schedule,
)
from examhall.exam.rules.policy_differences import differences
from examhall.exam.rules.policy_words import Line, Summary, lines, name_of, summary, value_in_words
from examhall.exam.rules.rights import RIGHTS, Act
from examhall.exam.rules.schedule import CheckItem, Phase, check_list, phase
from examhall.exam.rules.snapshot import Origin, Snapshot
from examhall.people.reads.people import root_unit
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    id: UUID
    code: str
    title: str
    unit: str
    opens_at: datetime
    deadline: datetime
    zone: str
    mode: ScheduleMode
    phase: Phase
    candidates: int


@dataclass(frozen=True, slots=True)
class Schedulable:
    """An assessment that may be scheduled by this person."""

    id: UUID
    label: str
    use_proctoring: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that is not as it was frozen."""

    name: str
    frozen: str
    newer: str


@dataclass(frozen=True, slots=True)
class Freezing:
    """The current activation."""

    number: int
    at: datetime
    by: str
    sha256: str
    site_version: int | None


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody who watches or reviews."""

    user_id: UUID
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class SchedulePage:
    id: UUID
    code: str
    title: str
    unit: str
    assessment_id: UUID
    assessment_code: str
    version: int
    duration_min: int
    use_proctoring: bool
    opens_at: datetime
    deadline: datetime
    closes_at: datetime
    zone: str
    mode: ScheduleMode
    state: ScheduleState
    phase: Phase
    row_version: int
    overrides: dict[str, bool | int | str]
    checks: tuple[CheckItem, ...]
    summary: tuple[Summary, ...]
    settings: tuple[Line, ...]
    freezing: Freezing | None
    newest_site_version: int | None
    changes: tuple[Change, ...]
    """What scheduling again would change; empty while nothing is frozen."""
    blockers: tuple[str, ...]
    """Who has begun, and so keeps it from being unscheduled."""
    invigilators: tuple[Assigned, ...]
    reviewers: tuple[Assigned, ...]
    candidates: int
    checked: int
    acts: frozenset[Act]

    @property
    def unchecked(self) -> int:
        return self.candidates - self.checked

    @property
    def done(self) -> int:
        return sum(item.done for item in self.checks)

    @property
    def ready(self) -> bool:
        return all(item.done or not item.blocking for item in self.checks)


_LISTED = RIGHTS[Act.SEE_SCHEDULE].permissions


def schedules(actor: Actor) -> list[ScheduleRow]:
    """Those this person may see by permission or assignment, the next one to open first, past ones last."""
    units = [unit.id for unit in units_where(actor, _LISTED)]
    mine = Q(unit_id__in=units) | Q(invigilators__user_id=actor.user_id)
    ids = Schedule.objects.filter(mine).exclude(registrations__candidate_id=actor.user_id).values("id")
    counted = Count("registrations", filter=~Q(registrations__state=RegistrationState.WITHDRAWN))
    rows = Schedule.objects.filter(id__in=ids).select_related("unit").annotate(candidates=counted)
    now = clock.now()
    return [
        ScheduleRow(
            id=row.id,
            code=row.code,
            title=row.title,
            unit=str(row.unit.name),
            opens_at=row.opens_at,
            deadline=row.deadline,
            zone=row.zone,
            mode=ScheduleMode(row.mode),
            phase=phase(ScheduleState(row.state), opens_at=row.opens_at, closes_at=row.deadline, now=now),
            candidates=row.candidates,
        )
        for row in sorted(rows, key=lambda row: (row.deadline < now, abs(row.opens_at - now)))
    ]


def may_schedule(actor: Actor) -> bool:
    return actor.may_anywhere(Permission.SCHEDULE_CREATE)


def schedulable(actor: Actor) -> list[Schedulable]:
    """Assessments with a live version in units where this person may schedule, by title."""
    units = [unit.id for unit in units_where(actor, RIGHTS[Act.CREATE_SCHEDULE].permissions)]
    live = AssessmentVersion.objects.filter(live=True, assessment__unit_id__in=units).select_related("assessment")
    newest = {version.assessment_id: version for version in live.order_by("number")}
    found = sorted(newest.values(), key=lambda version: version.assessment.title)
    return [
        Schedulable(
            version.assessment_id,
            f"{version.assessment.title} ({version.assessment.code}, version {version.number})",
            version.use_proctoring,
        )
        for version in found
    ]


def schedule_page(actor: Actor, schedule_id: UUID) -> SchedulePage:
    """Everything the page of one schedule shows. Raises NotFound when it is not to be seen."""
    schedule = schedule_for(actor, schedule_id, Act.SEE_SCHEDULE)
    activation = current_activation(schedule)
    newest = newest_settings(schedule)
    settings = frozen_settings(activation) if activation else newest
    version, closing = schedule.version, closes_at(schedule)
    registered = schedule.registrations.exclude(state=RegistrationState.WITHDRAWN)
    return SchedulePage(
        id=schedule.id,
        code=schedule.code,
        title=schedule.title,
        unit=str(schedule.unit.name),
        assessment_id=version.assessment_id,
        assessment_code=version.assessment.code,
        version=version.number,
        duration_min=version.duration_min,
        use_proctoring=version.use_proctoring,
        opens_at=schedule.opens_at,
        deadline=schedule.deadline,
        closes_at=closing,
        zone=schedule.zone,
        mode=ScheduleMode(schedule.mode),
        state=ScheduleState(schedule.state),
        phase=phase(ScheduleState(schedule.state), opens_at=schedule.opens_at, closes_at=closing, now=clock.now()),
        row_version=schedule.row_version,
        overrides=dict(schedule.overrides),
        checks=tuple(check_list(facts_of(schedule, settings))),
        summary=tuple(summary(settings)),
        settings=tuple(lines(settings)),
        freezing=_freezing(activation, settings) if activation else None,
        newest_site_version=_newest_site_version(),
        changes=tuple(_changes(settings, newest)),
        blockers=tuple(_blockers(activation)),
        invigilators=_assigned(schedule, InvigilatorAssignment),
        reviewers=_assigned(schedule, ReviewerAssignment),
        candidates=registered.count(),
        checked=registered.exclude(state=RegistrationState.INVITED).count(),
        acts=acts_on(actor, schedule),
    )


def _assigned(schedule: Schedule, kind: type[InvigilatorAssignment] | type[ReviewerAssignment]) -> tuple[Assigned, ...]:
    rows = kind.objects.filter(schedule=schedule).select_related("user").order_by("user__name")
    return tuple(Assigned(row.user_id, row.user.get_full_name(), row.user.username) for row in rows)


def _freezing(activation: Activation, settings: Snapshot) -> Freezing:
    site = [setting.version or 0 for setting in settings.settings.values() if setting.origin is Origin.SITE]
    return Freezing(
        activation.number, activation.at, activation.by.get_full_name(), activation.policy_hash, max(site, default=None)
    )


def _newest_site_version() -> int | None:
    newest = ProfileVersion.objects.filter(unit_id=root_unit()).order_by("-number")
    return newest.values_list("number", flat=True).first()


def _changes(frozen: Snapshot, newest: Snapshot) -> list[Change]:
    return [
        Change(name_of(d.key), value_in_words(d.key, d.frozen), value_in_words(d.key, d.newer))
        for d in differences(frozen, newest)
    ]


def _blockers(activation: Activation | None) -> list[str]:
    if activation is None:
        return []
    begun = Attempt.objects.filter(activation=activation).select_related("registration__candidate")
    return [attempt.registration.candidate.get_full_name() for attempt in begun.order_by("entered_at")]
