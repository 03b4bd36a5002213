# ruff: noqa: E402 - Django must be set up before anything of it is imported
"""The data of `test_staff_pages`: a faculty with an exam somebody has sat, made by the product's own actions.

`python -m tests.browser.staff_site` prints logins and addresses as JSON.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")

import django

django.setup()

import msgspec
from tests.exam import build_content as build
from tests.fixtures.sitting import leave, open_exam, seat

from examhall.exam.actions.assessment import Options, create_assessment
from examhall.exam.actions.items import create_item
from examhall.exam.actions.proctoring import activate_proctoring
from examhall.people.actions.people import add_person, add_unit, grant_roles, set_password, set_up
from examhall.people.rules.actor import SYSTEM

PASSWORD = "a long enough password"


class Staff(msgspec.Struct):
    """Every login has the same password."""

    password: str
    draft: str
    schedule: str
    attempt: str


def main() -> None:
    root = set_up()
    activate_proctoring(legal_basis="A test records nobody.", contact="tests@example.org", by=SYSTEM)
    exam = open_exam(root)
    attempt = leave(seat(exam))
    for login, name, role in (("admin", "Ada Admin", "Site administrator"), ("marker", "Ewa Lindqvist", "Marker")):
        person = add_person(login, name=name)
        grant_roles(person, unit=root, roles=[role])
        set_password(person, password=PASSWORD)
    assert exam.author.user_id
    set_password(exam.author.user_id, password=PASSWORD)
    unit = add_unit("Faculty of Medicine", code="MED", parent=root)
    draft = create_assessment(unit, code="D", title="A draft", options=Options(), by=exam.author)
    for question in build.QUESTIONS:
        create_item(draft, form=question, by=exam.author)
    staff = Staff(PASSWORD, str(draft), str(exam.schedule), str(attempt.id))
    sys.stdout.write(msgspec.json.encode(staff).decode())


if __name__ == "__main__":
    main()
