"""What a browser test finds on its site: one proctored exam, open now, with the five kinds. Prints the account as JSON.

Run as a program by tests/browser/site.py, in a process of its own, because the served site has a database of its own.
"""

import sys
from datetime import timedelta

import django
import msgspec

django.setup()

from examhall.base import clock  # noqa: E402 - Django must be set up first
from examhall.base.words import InteractionKind, ScheduleMode  # noqa: E402
from examhall.exam.actions.assessment import Options, create_assessment, make_live  # noqa: E402
from examhall.exam.actions.items import create_item  # noqa: E402
from examhall.exam.actions.proctoring import activate_proctoring  # noqa: E402
from examhall.exam.actions.registration import add_candidate  # noqa: E402
from examhall.exam.actions.schedule import Plan, activate, create_schedule  # noqa: E402
from examhall.exam.rules.qti_form import Choice, ItemForm  # noqa: E402
from examhall.people.access import actor_for_user  # noqa: E402
from examhall.people.actions.people import add_person, grant_roles, set_password, set_up  # noqa: E402
from examhall.people.rules.actor import SYSTEM  # noqa: E402

PASSWORD = "a candidate's long password"

ITEMS = (
    ItemForm(
        InteractionKind.SINGLE_CHOICE, "Capital", "Which city?", choices=(Choice("Oslo", True), Choice("Bergen", False))
    ),
    ItemForm(
        InteractionKind.MULTIPLE_CHOICE,
        "Primes",
        "Which are prime?",
        choices=(Choice("Two", True), Choice("Four", False), Choice("Five", True)),
    ),
    ItemForm(InteractionKind.SHORT_TEXT, "Salt", "Formula?", answers=("NaCl",)),
    ItemForm(InteractionKind.NUMBER, "Sum", "How many?", number="42"),
    ItemForm(InteractionKind.ESSAY, "Why", "Explain why."),
)


def main() -> None:
    root = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    staff = actor_for_user(add_person("staff", name="Nora Lindgren"))
    assert staff.user_id is not None
    grant_roles(staff.user_id, unit=root, roles=["Author", "Scheduler"])
    staff = actor_for_user(staff.user_id)
    options = Options(duration_min=60, attempts_allowed=2, use_proctoring=True)
    assessment = create_assessment(root, code="GEN-1", title="General knowledge", options=options, by=staff)
    for form in ITEMS:
        create_item(assessment, form=form, by=staff)
    make_live(assessment, by=staff)
    now = clock.now()
    plan = Plan(
        title="General knowledge",
        opens_at=now - timedelta(minutes=1),
        deadline=now + timedelta(hours=2),
        zone="UTC",
        mode=ScheduleMode.AUTOMATED,
    )
    schedule = create_schedule(assessment, plan=plan, by=staff)
    set_password(add_person("amara", name="Amara Okonkwo", email="amara@example.org"), password=PASSWORD)
    registration = add_candidate(schedule, login="amara", by=staff)
    activate(schedule, by=staff)
    account = {"login": "amara", "password": PASSWORD, "registration": str(registration)}
    sys.stdout.write(msgspec.json.encode(account).decode())


main()
