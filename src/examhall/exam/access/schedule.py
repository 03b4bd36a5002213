"""Guarded fetch of schedules and registrations."""

from uuid import UUID

from examhall.base.errors import NotFound
from examhall.exam.access.assessment import not_allowed
from examhall.exam.access.unit import held_on
from examhall.exam.models import InvigilatorAssignment, Registration, ReviewerAssignment, Schedule
from examhall.exam.rules.rights import Act, Grounds, may
from examhall.people.reads.people import unit_path
from examhall.people.rules.actor import Actor


def schedule_for(actor: Actor, schedule_id: UUID, act: Act, *, lock: bool = False) -> Schedule:
    """The schedule, if `actor` may do `act` with it.

    Raises NotFound when it is absent or not to be seen (the two look the same), NotAllowed when it may be seen only.
    """
    rows = Schedule.objects.select_for_update(of=("self",)) if lock else Schedule.objects.all()
    schedule = rows.select_related("version__assessment").filter(id=schedule_id).first()
    if schedule is None:
        raise NotFound("There is no such schedule.")
    grounds = grounds_on(actor, schedule)
    if not may(Act.SEE_SCHEDULE, grounds):
        raise NotFound("There is no such schedule.")
    if not may(act, grounds):
        raise not_allowed("this schedule", act)
    return schedule


def grounds_on(actor: Actor, schedule: Schedule) -> Grounds:
    """What speaks for `actor` in regard to this schedule: permissions, assignment, and whether they sit it (S6)."""
    if actor.user_id is None:
        return Grounds()
    return Grounds(
        permissions=held_on(actor, unit_path(schedule.unit_id)) if actor.grants else (),
        assigned=InvigilatorAssignment.objects.filter(schedule=schedule, user_id=actor.user_id).exists(),
        reviews=ReviewerAssignment.objects.filter(schedule=schedule, user_id=actor.user_id).exists(),
        own=Registration.objects.filter(schedule=schedule, candidate_id=actor.user_id).exists(),
    )


def acts_on(actor: Actor, schedule: Schedule) -> frozenset[Act]:
    """Everything `actor` may do with the schedule; for showing and leaving out buttons, never instead of the check."""
    grounds = grounds_on(actor, schedule)
    return frozenset(act for act in Act if may(act, grounds))


def is_assigned(user_id: UUID) -> bool:
    """Whether some schedule is this person's to watch or to review: they are staff, with or without a membership."""
    watched = InvigilatorAssignment.objects.filter(user_id=user_id)
    return watched.exists() or ReviewerAssignment.objects.filter(user_id=user_id).exists()
