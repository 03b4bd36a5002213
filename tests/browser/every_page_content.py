"""A site with something on every page, and the addresses of them all. Prints them as JSON: who sees what.

Run as a program by tests/browser/test_every_page.py, because the served site has a database of its own.
"""

import sys
from collections.abc import Sequence
from uuid import UUID

import django
import msgspec

django.setup()

from tests.fixtures.judged import judge, mark, turn  # noqa: E402 - Django must be set up first
from tests.fixtures.recording import MemoryRecording, fragments  # noqa: E402
from tests.fixtures.sitting import leave, open_exam, seat  # noqa: E402

from examhall.base import clock  # noqa: E402
from examhall.base.words import DismissReason, Leniency, Verdict  # noqa: E402
from examhall.exam.access.attempt import AttemptRef  # noqa: E402
from examhall.exam.access.schedule import schedule_for  # noqa: E402
from examhall.exam.actions.assessment import Options, create_assessment  # noqa: E402
from examhall.exam.actions.proctoring import activate_proctoring  # noqa: E402
from examhall.exam.actions.registration import add_candidates  # noqa: E402
from examhall.exam.actions.schedule import Plan, assign_invigilator, assign_reviewer, create_schedule  # noqa: E402
from examhall.exam.rules.rights import Act  # noqa: E402
from examhall.incidents.actions.reanalysis import analyse_again  # noqa: E402
from examhall.incidents.actions.switch import switch_off, switch_on  # noqa: E402
from examhall.incidents.detectors.pipeline import Pipeline  # noqa: E402
from examhall.incidents.jobs.step import step_on  # noqa: E402
from examhall.people.access import actor_for_user  # noqa: E402
from examhall.people.actions.people import add_person, grant_roles, set_password, set_up  # noqa: E402
from examhall.people.rules.actor import SYSTEM, Actor  # noqa: E402

PASSWORD = "violets grow in october"
STAFF_ROLES = ("Author", "Scheduler", "Reviewer", "Log viewer", "Void attempts", "Site administrator")
COVERED = [True] * 2 + [False] * 12 + [True] * 12 + [False] * 21 + [True] * 2
"""The camera of the ended session: lenient levels mark the second stretch only."""
LIST = "login,name,email\nłucja,Łucja Wiśniewska-Ó Dónaill,lucja@example.org\n"
LONG = "Pharmacology for the second clinical year, written examination with case histories"
NOBODYS = [
    "/accounts/login/",
    "/accounts/login/?next=/exams/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-set-password/",
    "/accounts/password/reset/key/done/",
    "/accounts/inactive/",
]
STAFFS = [
    "/accounts/logout/",
    "/accounts/password/change/",
    "/nowhere/",
    "/assessments/",
    "/assessments/new",
    "/schedules/",
    "/schedules/new",
    "/invigilation/",
    "/review/",
    "/admin/proctoring/",
    "/admin/proctoring/leniency/",
]
KINDS = ("single_choice", "multiple_choice", "short_text", "number", "essay")


def main() -> None:
    root = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    nora, staff = member("nora", "Nora Lindgren", root, STAFF_ROLES)
    _, ada = member("ada", "Ada Byron-Łukasiewicz", root, ["Site administrator"])
    exam = open_exam(root)
    assign_invigilator(exam.schedule, user_id=nora, by=exam.author)
    assign_reviewer(exam.schedule, user_id=nora, by=exam.author)
    sitting, ended = seat(exam), leave(seat(exam, login="zeynep", name="Siân Ó Dónaill"))
    mark(sitting, [4.5] * 35)
    turn(sitting, [38] * 20 + [44] * 9)
    turn(sitting, [38] * 2, known=False)
    judge(sitting, by=staff, verdict=Verdict.DISMISSED, reason=DismissReason.DETECTOR_ERROR)
    mark(sitting, [7.5])
    turn(sitting, [41] * 3)
    judge(sitting, by=staff, verdict=Verdict.CONFIRMED)
    for attempt in (sitting, ended):
        set_password(attempt.candidate, password=PASSWORD)
    switch_off(["speech", "head_turn"], at_once=True, reason="False alarms since the update", by=ada)
    switch_off(["object_phone"], at_once=False, reason="Measured again", by=ada)
    switch_off(["gaze_off"], at_once=True, reason="Wrong for a moment", by=ada)
    switch_on(["gaze_off"], reason="Mended", by=ada)
    twice_analysed(ended, staff)
    schedule = schedule_for(exam.author, exam.schedule, Act.SEE_SCHEDULE)
    draft = create_assessment(root, code="PHA-303", title=LONG, options=Options(duration_min=60), by=staff)
    plan = Plan(title=LONG, opens_at=schedule.opens_at, deadline=schedule.deadline)
    waiting = create_schedule(schedule.version.assessment_id, plan=plan, by=staff)
    add_candidates(waiting, content=LIST.encode(), by=staff)
    pages = {
        "": NOBODYS,
        "nora": [
            *STAFFS,
            *authoring(schedule.version.assessment_id, draft),
            *(f"/schedules/{one}/{part}" for one in (exam.schedule, waiting) for part in ("", "edit")),
            f"/schedules/{exam.schedule}/candidates/{sitting.registration}/accommodations",
            *desk(exam.schedule, sitting, ended),
            *review(exam.schedule, sitting, ended),
        ],
        "ada": ["/admin/proctoring/", "/admin/detectors/", "/admin/fairness/"],
        "amara": ["/exams/", f"/exams/{sitting.registration}/"],
        "zeynep": ["/exams/", f"/exam/{ended.id}/receipt"],
    }
    sys.stdout.write(msgspec.json.encode(pages).decode())


def member(login: str, name: str, unit: UUID, roles: Sequence[str]) -> tuple[UUID, Actor]:
    user = add_person(login, name=name, email=f"{login}@example.org")
    grant_roles(user, unit=unit, roles=roles)
    set_password(user, password=PASSWORD)
    return user, actor_for_user(user)


def authoring(live: UUID, draft: UUID) -> list[str]:
    forms = [f"/assessments/{draft}/questions/new/{kind}" for kind in KINDS]
    return [f"/assessments/{live}/", f"/assessments/{draft}/", *forms]


def desk(schedule: UUID, sitting: AttemptRef, ended: AttemptRef) -> list[str]:
    dashboard = f"/invigilation/{schedule}/"
    logs = [f"{dashboard}log/{attempt.id}/" for attempt in (sitting, ended)]
    return [dashboard, f"{dashboard}{sitting.id}/", *logs]


def review(schedule: UUID, sitting: AttemptRef, ended: AttemptRef) -> list[str]:
    listing = f"/review/schedules/{schedule}/"
    parts = [
        f"/review/sessions/{ended.id}/{part}" for part in ("", "online/", "incidents/", "details/", "case/", "sets/")
    ]
    return [listing, f"{listing}sets/", f"/review/sessions/{sitting.id}/sets/", *parts]


def twice_analysed(ended: AttemptRef, by: Actor) -> None:
    """As agreed, and again at lenient levels: two sets that differ, and a decision that waits."""
    recording = MemoryRecording()
    recording.arrive(fragments(COVERED), at=clock.now())
    step_on(ended, recording, Pipeline({}))
    number = analyse_again(ended, by=by, reason="A lenient look for comparison", leniency=Leniency.LENIENT)
    step_on(ended, recording, Pipeline({}), number=number)


main()
