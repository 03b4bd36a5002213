"""Writing schedules: planning, activating (which freezes the policy), unscheduling, cancelling, who watches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotFound, StaleVersion
from examhall.base.ids import short_code
from examhall.base.reason import given_reason
from examhall.base.words import EntryKind, ScheduleMode, ScheduleState, StreamKind
from examhall.base.zones import known_zones
from examhall.exam.access.assessment import account_of, require_on_unit
from examhall.exam.access.schedule import schedule_for
from examhall.exam.access.settings import current_activation, facts_of, frozen_settings, newest_settings
from examhall.exam.actions.attempt import void_step
from examhall.exam.actions.move import catch_up
from examhall.exam.actions.outage import opened_rows
from examhall.exam.models import (
    Activation,
    Assessment,
    AssessmentVersion,
    Attempt,
    InvigilatorAssignment,
    Registration,
    ReviewerAssignment,
    Schedule,
)
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.policy import Value
from examhall.exam.rules.policy_differences import differences
from examhall.exam.rules.rights import Act, may_invigilate
from examhall.exam.rules.schedule import ScheduleAct, after, check_list, check_window, extended, unmet
from examhall.exam.rules.snapshot import check_values, freeze
from examhall.journal.actions import append, open_stream
from examhall.people.reads.people import person
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class Plan:
    """When and how a version is sat."""

    title: str
    opens_at: datetime
    deadline: datetime
    zone: str = "UTC"
    mode: ScheduleMode = ScheduleMode.AUTOMATED
    overrides: Mapping[str, Value] = field(default_factory=dict)
    """Policy values that differ from the assessment's and the site's."""


@action
def create_schedule(assessment_id: UUID, *, plan: Plan, by: Actor) -> UUID:
    """A draft schedule of the newest live version, or of the draft if there is none. Raises BadInput at the field."""
    assessment = Assessment.objects.filter(id=assessment_id).first()
    if assessment is None:
        raise NotFound("There is no such assessment.")
    require_on_unit(by, assessment.unit_id, Act.CREATE_SCHEDULE)
    version = _version_of(assessment)
    schedule = Schedule(
        code=_free_code(),
        unit_id=assessment.unit_id,
        version=version,
        state=ScheduleState.DRAFT,
        stream_id=open_stream(StreamKind.SCHEDULE),
        **_columns(plan, version),
    )
    schedule.save(force_insert=True)
    _told(schedule, by=by, what="created")
    return schedule.id


@action
def edit_schedule(schedule_id: UUID, *, plan: Plan, seen_version: int, by: Actor) -> None:
    """Change a draft schedule; the newest live version of its assessment is taken up.

    Raises StaleVersion when somebody else changed it since `seen_version`, IllegalMove when it is scheduled.
    """
    schedule = schedule_for(by, schedule_id, Act.EDIT_SCHEDULE, lock=True)
    if schedule.row_version != seen_version:
        raise StaleVersion("Somebody else changed this schedule meanwhile: look at it again, then save once more.")
    if schedule.state != ScheduleState.DRAFT:
        raise IllegalMove(schedule.state, "edit")
    schedule.version = _version_of(schedule.version.assessment)
    for column, value in _columns(plan, schedule.version).items():
        setattr(schedule, column, value)
    schedule.save(update_fields=["version", *_columns(plan, schedule.version)])
    _told(schedule, by=by, what="changed")


@action
def extend_deadline(schedule_id: UUID, *, deadline: datetime, by: Actor) -> None:
    """Move the deadline of a scheduled exam later; it never moves earlier (product.md §2.3)."""
    schedule = schedule_for(by, schedule_id, Act.EDIT_SCHEDULE, lock=True)
    if schedule.state != ScheduleState.SCHEDULED:
        raise IllegalMove(schedule.state, "extend")
    before = schedule.deadline
    schedule.deadline = extended(before, deadline)
    check_window(schedule.opens_at, schedule.deadline)
    schedule.save(update_fields=["deadline"])
    _told(schedule, by=by, what="extended", before=before.isoformat(), deadline=deadline.isoformat())


@action
def activate(schedule_id: UUID, *, by: Actor) -> UUID:
    """Schedule: freeze the policy as it is now and let candidates in when the window opens. Returns the activation.

    All or nothing. Raises Conflict naming every unmet item of the check-list, IllegalMove unless it is a draft.
    Source: product.md §2.3; R-0.9, R-0.11, R-1.8.
    """
    schedule = schedule_for(by, schedule_id, Act.ACTIVATE, lock=True)
    reached = after(ScheduleState(schedule.state), ScheduleAct.ACTIVATE)
    settings = newest_settings(schedule)
    open_items = unmet(check_list(facts_of(schedule, settings)))
    if open_items:
        raise Conflict(
            f"Not ready yet: {'; '.join(item.title.lower() for item in open_items)}.",
            fields={item.code: f"{item.title}. {item.detail}" for item in open_items},
        )
    earlier = Activation.objects.filter(schedule=schedule).order_by("-number").first()
    activation = Activation.objects.create(
        schedule=schedule,
        number=earlier.number + 1 if earlier else 1,
        policy=freeze(settings),
        policy_hash=settings.sha256,
        by_id=account_of(by),
        at=clock.now(),
    )
    _moved(schedule, reached)
    changed = {d.key: [d.frozen, d.newer] for d in differences(frozen_settings(earlier), settings)} if earlier else {}
    told = {"activation": activation.number, "policy_sha256": settings.sha256, "changed": changed}
    append(schedule.stream_id, EntryKind.SCHEDULE_ACTIVATED, by=by, extra=told)
    return activation.id


@action
def unschedule(schedule_id: UUID, *, reason: str, by: Actor) -> None:
    """End the current activation and go back to draft, so that scheduling again freezes the newest settings.

    Raises Conflict naming who has begun: what those candidates agreed to must go on running (R-0.12).
    """
    schedule = schedule_for(by, schedule_id, Act.UNSCHEDULE, lock=True)
    reached = after(ScheduleState(schedule.state), ScheduleAct.UNSCHEDULE)
    told = given_reason(reason)
    activation = current_activation(schedule)
    begun = (
        Attempt.objects.filter(activation=activation).select_related("registration__candidate").order_by("entered_at")
    )
    names = [attempt.registration.candidate.get_full_name() for attempt in begun]
    if names:
        raise Conflict(
            f"{len(names)} already in the exam: {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}. "
            "Extend the deadline, grant extra time, or schedule the assessment once more for those who have not begun.",
            fields={"attempts": f"{len(names)} attempts exist."},
        )
    Activation.objects.filter(schedule=schedule, ended_at__isnull=True).update(ended_at=clock.now(), end_reason=told)
    _moved(schedule, reached)
    append(schedule.stream_id, EntryKind.SCHEDULE_UNSCHEDULED, by=by, extra={"reason": told})


@action
def cancel_schedule(schedule_id: UUID, *, reason: str, by: Actor) -> None:
    """Call the exam off; attempts that have not ended are void at once. What was answered is kept.

    Raises IllegalMove unless it is scheduled.
    """
    schedule = schedule_for(by, schedule_id, Act.CANCEL, lock=True)
    reached = after(ScheduleState(schedule.state), ScheduleAct.CANCEL)
    told = given_reason(reason)
    _moved(schedule, reached)
    append(schedule.stream_id, EntryKind.SCHEDULE_CHANGED, by=by, extra={"what": "cancelled", "reason": told})
    now = clock.now()
    going = Attempt.objects.filter(registration__schedule=schedule).exclude(state__in=TERMINAL)
    for attempt in opened_rows(going.values_list("id", flat=True), now=now).values():
        catch_up(attempt, now=now)
        if attempt.state not in TERMINAL:
            void_step(attempt, by=by, reason=f"The exam was cancelled: {told}", now=now)


@action
def assign_invigilator(schedule_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Give a person the invigilator's rights on this schedule; repeating is harmless (R-1.9).

    Raises Conflict if they sit it themselves (S6).
    """
    schedule = schedule_for(by, schedule_id, Act.ASSIGN_INVIGILATOR, lock=True)
    name = _free_to_judge(schedule, user_id, "watch")
    if _assigned(InvigilatorAssignment, schedule, user_id):
        append(schedule.stream_id, EntryKind.INVIGILATOR_ASSIGNED, by=by, extra={"user": str(user_id), "name": name})


@action
def remove_invigilator(schedule_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Take the rights back at once (R-4.3). The last one of a live, scheduled exam stays."""
    schedule = schedule_for(by, schedule_id, Act.ASSIGN_INVIGILATOR, lock=True)
    others = InvigilatorAssignment.objects.filter(schedule=schedule).exclude(user_id=user_id)
    live = schedule.mode == ScheduleMode.LIVE and schedule.state == ScheduleState.SCHEDULED
    if live and not others.exists():
        raise Conflict("A live exam needs at least one invigilator: assign another one first.")
    if InvigilatorAssignment.objects.filter(schedule=schedule, user_id=user_id).delete()[0]:
        _told(schedule, by=by, what="invigilator removed", user=str(user_id))


@action
def assign_reviewer(schedule_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Give a person the reviewer's rights on this schedule, before or after it was sat; repeating is harmless (S3).

    Raises Conflict if they sit it themselves (S6).
    """
    schedule = schedule_for(by, schedule_id, Act.ASSIGN_REVIEWER, lock=True)
    name = _free_to_judge(schedule, user_id, "review")
    if _assigned(ReviewerAssignment, schedule, user_id):
        append(schedule.stream_id, EntryKind.REVIEWER_ASSIGNED, by=by, extra={"user": str(user_id), "name": name})


@action
def remove_reviewer(schedule_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Take the rights back at once; verdicts already given stay."""
    schedule = schedule_for(by, schedule_id, Act.ASSIGN_REVIEWER, lock=True)
    if ReviewerAssignment.objects.filter(schedule=schedule, user_id=user_id).delete()[0]:
        _told(schedule, by=by, what="reviewer removed", user=str(user_id))


def _assigned(table: type[InvigilatorAssignment] | type[ReviewerAssignment], schedule: Schedule, user_id: UUID) -> bool:
    """False for a repeat."""
    now = {"assigned_at": clock.now()}
    return table.objects.get_or_create(schedule=schedule, user_id=user_id, defaults=now)[1]


def _free_to_judge(schedule: Schedule, user_id: UUID, verb: str) -> str:
    """The person's name. Raises NotFound, or Conflict if they sit the exam (S6)."""
    chosen = person(user_id)
    if not may_invigilate(sits_it=Registration.objects.filter(schedule=schedule, candidate_id=user_id).exists()):
        raise Conflict(
            f"{chosen.name} is a candidate of this exam and cannot {verb} it.",
            fields={"login": "Choose somebody who does not sit this exam."},
        )
    return chosen.name


def _version_of(assessment: Assessment) -> AssessmentVersion:
    live = assessment.versions.filter(live=True).order_by("-number").first()
    return live or assessment.versions.order_by("-number")[0]


def _columns(plan: Plan, version: AssessmentVersion) -> dict[str, object]:
    """The plan as columns, checked. Raises BadInput naming the field."""
    if not 0 < len(plan.title.strip()) <= 300:
        raise BadInput("The title is missing or too long.", fields={"title": "Enter 1 to 300 characters."})
    if plan.zone not in known_zones():
        raise BadInput("The time zone is not known.", fields={"zone": "Choose one of the list."})
    check_window(plan.opens_at, plan.deadline)
    if plan.mode is not ScheduleMode.NONE and not version.use_proctoring:
        raise BadInput(
            "This assessment is not proctored.",
            fields={"mode": "Choose None, or tick Use proctoring in the assessment."},
        )
    return {
        "title": plan.title.strip(),
        "opens_at": plan.opens_at,
        "deadline": plan.deadline,
        "zone": plan.zone,
        "mode": plan.mode,
        "overrides": check_values({key: value for key, value in plan.overrides.items() if key != "live.mode"}),
    }


def _free_code() -> str:
    while True:
        code = short_code("S")
        if not Schedule.objects.filter(code=code).exists():
            return code


@step
def _moved(schedule: Schedule, reached: ScheduleState) -> None:
    """The only place that writes a schedule's state."""
    schedule.state = reached
    schedule.row_version += 1
    schedule.save(update_fields=["state", "row_version"])


@step
def _told(schedule: Schedule, *, by: Actor, what: str, **extra: str) -> None:
    schedule.row_version += 1
    schedule.save(update_fields=["row_version"])
    append(schedule.stream_id, EntryKind.SCHEDULE_CHANGED, by=by, extra={"what": what, **extra})
