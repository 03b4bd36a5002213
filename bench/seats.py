"""Candidates who sit at their places with a token in hand, made by the actions that real ones go through."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bench.load import Seat
from bench.setup import migrated
from examhall.base import clock
from examhall.base.words import ScheduleMode
from examhall.checkin.access.progress import checkin_for
from examhall.checkin.actions.agreement import accept_agreement
from examhall.checkin.actions.check import record_check
from examhall.checkin.reads.agreement import agreement_for
from examhall.checkin.rules.check import CheckedLine, Result, lines_of
from examhall.checkin.rules.flow import steps_before_start
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.access.form import form_of
from examhall.exam.access.token import sign
from examhall.exam.actions.assessment import Options, create_assessment, make_live
from examhall.exam.actions.attempt import enter
from examhall.exam.actions.items import create_item
from examhall.exam.actions.lease import take
from examhall.exam.actions.proctoring import activate_proctoring
from examhall.exam.actions.registration import add_candidates
from examhall.exam.actions.schedule import Plan, activate, assign_invigilator, create_schedule
from examhall.exam.reads.registration import candidates_of
from examhall.exam.rules.policy import Value
from examhall.invigilation.access.token import sign as sign_viewer
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles, set_up
from examhall.people.reads.people import people_by_login
from examhall.people.rules.actor import SYSTEM
from examhall.site.demo.questions import QUESTIONS


@dataclass(frozen=True, slots=True)
class Room:
    """One schedule with its candidates, and a token with which its invigilator watches them."""

    viewer_token: str
    seats: list[Seat]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A schedule that is open, its invigilator, and its candidates, who are called `code`-0, `code`-1 and so on."""

    schedule: UUID
    watching: UUID
    code: str
    registered: list[tuple[UUID, UUID]]
    """(registration, user)."""


def seats(count: int) -> list[Seat]:
    """`count` candidates of one proctored schedule, checked in and connected, not yet started."""
    return room(count).seats


def room(count: int) -> Room:
    """`seats`, and who watches them."""
    sitting = open_sitting(count)
    token = sign_viewer(user=sitting.watching, schedule=sitting.schedule)
    return Room(token, [_seat(registration, user) for registration, user in sitting.registered])


def open_sitting(count: int, *, overrides: Mapping[str, Value] | None = None) -> Sitting:
    """A proctored exam that is open now; overrides: policy values that differ from the site's."""
    migrated()
    root = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    staff = add_person("bench", name="Bench")
    grant_roles(staff, unit=root, roles=["Author", "Scheduler"])
    by = actor_for_user(staff)
    code = f"B-{uuid.uuid4().hex[:8]}"
    options = Options(duration_min=240, use_proctoring=True)
    assessment = create_assessment(root, code=code, title="Bench", options=options, by=by)
    for form in QUESTIONS:
        create_item(assessment, form=form, by=by)
    make_live(assessment, by=by)
    now = clock.now()
    plan = Plan(title=code, opens_at=now - timedelta(minutes=1), deadline=now + timedelta(hours=8))
    plan = Plan(plan.title, plan.opens_at, plan.deadline, mode=ScheduleMode.AUTOMATED, overrides=overrides or {})
    schedule = create_schedule(assessment, plan=plan, by=by)
    lines = ["login,name,email,student_id"]
    lines += [f"{code}-{n},Candidate {n},{code}-{n}@example.org,{code}-{n}" for n in range(count)]
    add_candidates(schedule, content="\n".join(lines).encode(), by=by)
    activate(schedule, by=by)
    rows = candidates_of(by, schedule)
    people = people_by_login([row.login for row in rows])
    watching = add_person(f"watching-{code}", name="Bench")
    assign_invigilator(schedule, user_id=watching, by=by)
    return Sitting(schedule, watching, code, [(row.registration_id, people[row.login].id) for row in rows])


def _seat(registration: UUID, user: UUID) -> Seat:
    by = actor_for_user(user, ip="127.0.0.1")
    attempt = enter(registration, by=by)
    checkin = checkin_for(by, attempt)
    for _ in steps_before_start(checkin.policy):
        checkin = checkin_for(by, attempt)
    report = [CheckedLine(line, Result.PASS, "", "") for line in lines_of(checkin.policy)]
    record_check(checkin, report=report, by=by, user_agent="bench")
    text = agreement_for(checkin, exam="Bench")
    accept_agreement(checkin, text=text, sha256=text.sha256, typed_name="Bench", by=by)
    epoch = take(attempt, by=by, client_id="bench").epoch
    ref = attempt_ref(attempt)
    token = sign(
        attempt=ref.id,
        registration=ref.registration,
        user=user,
        stream=ref.stream,
        name=by.name,
        client="bench",
        epoch=epoch,
    )
    questions = form_of(ref.version, ref.form_seed).questions
    items = tuple((str(q.item_id), q.number, q.kind.value) for q in questions)
    return Seat(attempt, token, epoch, items)
