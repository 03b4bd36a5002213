"""Registering candidates: one by one or by a list; making their accounts where there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from examhall.base.action import action, step
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotFound
from examhall.base.reason import given_reason
from examhall.base.settings import settings
from examhall.base.words import EntryKind, RegistrationState, ScheduleState
from examhall.exam.access.schedule import schedule_for
from examhall.exam.models import Attempt, InvigilatorAssignment, Registration, Schedule
from examhall.exam.rules.candidates_csv import CandidateRow, ImportPlan, RowError, read
from examhall.exam.rules.rights import Act
from examhall.journal.actions import append
from examhall.people.actions.letter import invite_step
from examhall.people.actions.people import add_person_step
from examhall.people.reads.password import without_password
from examhall.people.reads.people import Person, people_by_login, people_by_student_id
from examhall.people.rules.actor import Actor

_WITHDRAWN = RegistrationState.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Registered:
    """What an import did, or would do in a dry run."""

    added: int
    again: int
    """Of those added: were withdrawn before, and are invited again."""
    already: int
    """Were registered before; nothing changed for them."""
    new_accounts: int
    errors: tuple[RowError, ...]
    """While there is one, nothing at all was written."""
    encoding: str


@action
def add_candidates(schedule_id: UUID, *, content: bytes, by: Actor, dry_run: bool = False) -> Registered:
    """Register everybody on a CSV list, or nobody: an error in one row keeps the whole list out.

    Raises BadInput or TooLarge for a file that is no list; IllegalMove once the schedule is cancelled or archived.
    """
    schedule = _open_schedule(schedule_id, by)
    plan = _checked(schedule, content)
    arranged = {row.login: list(row.accommodations) for row in plan.rows if row.accommodations}
    if arranged:
        schedule_for(by, schedule_id, Act.ARRANGE)
    known = people_by_login([row.login for row in plan.rows])
    states = dict(Registration.objects.filter(schedule=schedule).values_list("candidate__username", "state"))
    fresh = [row for row in plan.rows if states.get(row.login, _WITHDRAWN) == _WITHDRAWN]
    result = Registered(
        added=len(fresh),
        again=sum(row.login in states for row in fresh),
        already=len(plan.rows) - len(fresh),
        new_accounts=sum(row.login not in known for row in plan.rows),
        errors=plan.errors,
        encoding=plan.encoding,
    )
    if dry_run or plan.errors:
        return result
    for row in fresh:
        candidate = _register(schedule, row)
        if row.login not in known and row.email:
            invite_step([candidate])
    told = {"added": result.added, "again": result.again, "new_accounts": result.new_accounts}
    append(schedule.stream_id, EntryKind.CANDIDATES_ADDED, by=by, extra=told)
    new = {row.login for row in fresh}
    if listed := {login: words for login, words in arranged.items() if login in new}:
        extra = {"candidates": listed, "reason": "with the list of candidates"}
        append(schedule.stream_id, EntryKind.ACCOMMODATIONS_SET, by=by, extra=extra)
    return result


@action
def add_candidate(schedule_id: UUID, *, login: str, by: Actor, extra_time_s: int = 0) -> UUID:
    """Register one existing account, or return its registration. Raises BadInput for an unknown login."""
    schedule = _open_schedule(schedule_id, by)
    found = people_by_login([login]).get(login)
    if found is None:
        raise BadInput("There is no such account.", fields={"login": "Enter the login of an account."})
    if InvigilatorAssignment.objects.filter(schedule=schedule, user_id=found.id).exists():
        raise Conflict(
            f"{found.name} invigilates this exam and cannot sit it.",
            fields={"login": "Remove them as invigilator first."},
        )
    before = Registration.objects.filter(schedule=schedule, candidate_id=found.id).first()
    if before is not None and before.state != _WITHDRAWN:
        return before.id
    told = {"added": 1, "again": int(before is not None), "new_accounts": 0}
    append(schedule.stream_id, EntryKind.CANDIDATES_ADDED, by=by, extra=told)
    return _invite(schedule, found.id, extra_time_s=extra_time_s)


@action
def invite_candidates(schedule_id: UUID, *, by: Actor) -> int:
    """Write once more to everybody who has no password yet; returns to how many.

    Raises Conflict when this installation sends no mail.
    """
    schedule = _open_schedule(schedule_id, by)
    if not settings().sends_mail:
        raise Conflict("This site sends no mail. An administrator sets `smtp_host` and `mail_from`.")
    waiting = [person for person in _without_password(schedule) if person.email]
    invite_step([person.id for person in waiting])
    told = {"what": "candidates invited", "count": len(waiting)}
    append(schedule.stream_id, EntryKind.SCHEDULE_CHANGED, by=by, extra=told)
    return len(waiting)


@action
def withdraw_candidate(registration_id: UUID, *, by: Actor, reason: str) -> None:
    """Take a candidate out who has not begun (product.md §2.4). Raises Conflict once they have an attempt."""
    registration = Registration.objects.select_related("candidate").filter(id=registration_id).first()
    if registration is None:
        raise NotFound("There is no such candidate.")
    schedule = schedule_for(by, registration.schedule_id, Act.REGISTER_CANDIDATES, lock=True)
    said = given_reason(reason)
    if Attempt.objects.filter(registration=registration).exists():
        raise Conflict(f"{registration.candidate.get_full_name()} has begun the exam and cannot be withdrawn.")
    registration.state = RegistrationState.WITHDRAWN
    registration.save(update_fields=["state"])
    told = {"what": "candidate withdrawn", "registration": str(registration.id), "reason": said}
    append(schedule.stream_id, EntryKind.SCHEDULE_CHANGED, by=by, extra=told)


def _without_password(schedule: Schedule) -> list[Person]:
    sitting = Registration.objects.filter(schedule=schedule).exclude(state=RegistrationState.WITHDRAWN)
    return without_password(sitting.values_list("candidate_id", flat=True))


def _open_schedule(schedule_id: UUID, by: Actor) -> Schedule:
    schedule = schedule_for(by, schedule_id, Act.REGISTER_CANDIDATES, lock=True)
    if schedule.state in {ScheduleState.CANCELLED, ScheduleState.ARCHIVED}:
        raise IllegalMove(schedule.state, "add candidates")
    return schedule


def _checked(schedule: Schedule, content: bytes) -> ImportPlan:
    """The plan with what only the database can tell: ids of others, and people who watch this exam."""
    first = read(content, taken_student_ids={})
    holders = people_by_student_id([row.student_id for row in first.rows if row.student_id])
    plan = read(content, taken_student_ids={student_id: found.login for student_id, found in holders.items()})
    watching = set(InvigilatorAssignment.objects.filter(schedule=schedule).values_list("user__username", flat=True))
    clashes = [
        RowError(row.row, "login", "This person invigilates the exam and cannot sit it.")
        for row in plan.rows
        if row.login in watching
    ]
    errors = tuple(sorted([*plan.errors, *clashes], key=lambda error: error.row))
    return ImportPlan(plan.rows, errors, plan.encoding)


@step
def _register(schedule: Schedule, row: CandidateRow) -> UUID:
    candidate = add_person_step(row.login, name=row.name, email=row.email, student_id=row.student_id or None)
    arranged = [word.value for word in row.accommodations]
    _invite(schedule, candidate, extra_time_s=row.extra_time_min * 60, accommodations=arranged)
    return candidate


def _invite(schedule: Schedule, candidate: UUID, *, extra_time_s: int, accommodations: Sequence[str] = ()) -> UUID:
    """A new registration; one that was withdrawn begins anew (nobody withdrawn has an attempt).

    What had been arranged for it stays unless `accommodations` says something else.
    """
    begun: dict[str, Any] = {
        "attempts_allowed": schedule.version.attempts_allowed,
        "extra_time_s": extra_time_s,
        "state": RegistrationState.INVITED,
    }
    if accommodations:
        begun["accommodations"] = list(accommodations)
    return Registration.objects.update_or_create(schedule=schedule, candidate_id=candidate, defaults=begun)[0].id
