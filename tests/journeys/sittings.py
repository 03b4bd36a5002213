"""What a story finds on its site: one sitting per story, open now, one candidate in each. Prints the accounts as JSON.

Run as a program by the stories' fixtures. Words: the names of the stories; see SITTINGS.
"""

import sys
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import django
import msgspec

django.setup()

from tests.journeys.cast import KEY_WORDS, Account, Cast, Sitting  # noqa: E402

from examhall.base import clock  # noqa: E402 - Django must be set up first
from examhall.base.words import InteractionKind, ScheduleMode  # noqa: E402
from examhall.exam.actions.assessment import Options, create_assessment, make_live  # noqa: E402
from examhall.exam.actions.items import create_item  # noqa: E402
from examhall.exam.actions.proctoring import activate_proctoring  # noqa: E402
from examhall.exam.actions.registration import add_candidate  # noqa: E402
from examhall.exam.actions.schedule import (  # noqa: E402
    Plan,
    activate,
    assign_invigilator,
    assign_reviewer,
    create_schedule,
)
from examhall.exam.rules.policy import Value  # noqa: E402
from examhall.exam.rules.qti_form import Choice, ItemForm  # noqa: E402
from examhall.people.access import actor_for_user  # noqa: E402
from examhall.people.actions.people import add_person, grant_roles, set_password, set_up  # noqa: E402
from examhall.people.rules.actor import SYSTEM, Actor  # noqa: E402

PASSWORD = "a long enough password"

NOT_FULL_SCREEN: Mapping[str, Value] = {"lock.full_screen": "off"}
"""A headless browser with several pages leaves full screen by itself; the happy path shows that it is asked for."""

SITTINGS: Mapping[str, Mapping[str, Value]] = {
    "happy": {},
    "camera": {**NOT_FULL_SCREEN, "leniency": "strict", "detect.left_session": "high", "detect.multi_face": "high"},
    "cut-60": {**NOT_FULL_SCREEN, "conn.offline_input": "allow"},
    "cut-150": {**NOT_FULL_SCREEN, "lock.prevent_reentry": "off"},
    "cut-end": {**NOT_FULL_SCREEN, "conn.offline_input": "allow"},
    "two-tabs": NOT_FULL_SCREEN,
    "desk": NOT_FULL_SCREEN,
    "killed": {**NOT_FULL_SCREEN, "conn.offline_input": "allow"},
    "devices": NOT_FULL_SCREEN,
    "crashed": NOT_FULL_SCREEN,
    "keyboard": NOT_FULL_SCREEN,
    "switched": NOT_FULL_SCREEN,
    "arranged": NOT_FULL_SCREEN,
}

MINUTES: Mapping[str, int] = {"cut-end": 2}
"""How long an exam takes; 60 minutes where nothing is said."""

NAMES = (
    "Amara Okonkwo",
    "Łukasz Wiśniewski",
    "Ioana Popescu",
    "Jamal Whitaker",
    "Siân Ó Dónaill",
    "Freya Dalgaard",
    "Tomás Herrera",
    "Zeynep Arslan",
    "Mihail Iordan",
    "Keiko Tanaka",
    "Nadia Benali",
    "Aoife Byrne",
    "Chidi Eze",
)

ITEMS = (
    ItemForm(
        InteractionKind.SINGLE_CHOICE,
        "Capital",
        "Which city is the capital of Norway?",
        choices=(Choice("Oslo", True), Choice("Bergen", False)),
    ),
    ItemForm(
        InteractionKind.MULTIPLE_CHOICE,
        "Primes",
        "Which numbers are prime?",
        points="2",
        choices=(Choice("Two", True), Choice("Four", False), Choice("Five", True)),
    ),
    ItemForm(InteractionKind.SHORT_TEXT, "Salt", "What is the formula of table salt?", answers=("NaCl", KEY_WORDS[0])),
    ItemForm(InteractionKind.NUMBER, "Sum", "How much is 6 times 7?", number="42", tolerance=KEY_WORDS[1]),
    ItemForm(InteractionKind.ESSAY, "Why", "Explain why.", points="4", lines=6),
)


def _staff(root: UUID, login: str, name: str, *roles: str) -> UUID:
    user = add_person(login, name=name, email=f"{login}@example.org")
    grant_roles(user, unit=root, roles=roles)
    set_password(user, password=PASSWORD)
    return user


def _sitting(story: str, number: int, *, root: UUID, by: Actor, watcher: UUID, reviewer: UUID) -> Sitting:
    options = Options(duration_min=MINUTES.get(story, 60), use_proctoring=True, profile=SITTINGS[story])
    title = f"General knowledge: {story}"
    assessment = create_assessment(root, code=f"GEN-{story}", title=title, options=options, by=by)
    for form in ITEMS:
        create_item(assessment, form=form, by=by)
    make_live(assessment, by=by)
    now = clock.now()
    opens_at, deadline = now - timedelta(minutes=1), now + timedelta(hours=2)
    plan = Plan(title=title, opens_at=opens_at, deadline=deadline, zone="UTC", mode=ScheduleMode.LIVE)
    schedule = create_schedule(assessment, plan=plan, by=by)
    assign_invigilator(schedule, user_id=watcher, by=by)
    assign_reviewer(schedule, user_id=reviewer, by=by)
    login = f"candidate-{story}"
    set_password(add_person(login, name=NAMES[number], student_id=f"4410-{1000 + number}"), password=PASSWORD)
    registration = add_candidate(schedule, login=login, by=by)
    activate(schedule, by=by)
    return Sitting(str(schedule), str(registration), Account(login, PASSWORD, NAMES[number]))


def main() -> None:
    root = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    by = actor_for_user(_staff(root, "scheduler", "Marta Ruiz", "Author", "Scheduler"))
    watcher = _staff(root, "invigilator", "Ines Carvalho", "Log viewer")
    judge = _staff(root, "reviewer", "Henrik Aalto", "Reviewer")
    _staff(root, "administrator", "Nora Lindgren", "Site administrator")
    stories = sys.argv[1:]
    made = {
        story: _sitting(story, number, root=root, by=by, watcher=watcher, reviewer=judge)
        for number, story in enumerate(stories)
    }
    invigilator = Account("invigilator", PASSWORD, "Ines Carvalho")
    reviewer = Account("reviewer", PASSWORD, "Henrik Aalto")
    administrator = Account("administrator", PASSWORD, "Nora Lindgren")
    sys.stdout.write(msgspec.json.encode(Cast(invigilator, reviewer, administrator, made)).decode())


if __name__ == "__main__":
    main()
