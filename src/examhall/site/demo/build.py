"""Building the demonstration with the actions people use, so that what it shows is what they get."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from examhall.base import clock
from examhall.base.words import ScheduleMode
from examhall.exam.actions.assessment import Options, create_assessment, make_live
from examhall.exam.actions.items import create_item
from examhall.exam.actions.proctoring import activate_proctoring
from examhall.exam.actions.registration import add_candidates
from examhall.exam.actions.schedule import Plan, activate, assign_invigilator, assign_reviewer, create_schedule
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, add_unit, grant_roles, set_password, set_up
from examhall.people.rules.actor import SYSTEM
from examhall.site.demo.questions import QUESTIONS

SIMULATED = 3
WINDOW = timedelta(hours=8)
LEAST_LEFT = timedelta(hours=1)
"""A demonstration started again on old data gets a new sitting when the last one is nearly over."""


@dataclass(frozen=True, slots=True)
class Role:
    """One account of the demonstration."""

    role: str
    login: str
    name: str
    roles: tuple[str, ...]
    start: str


STAFF = (
    Role("administrator", "admin", "Nora Lindgren", ("Site administrator",), "/admin/proctoring/"),
    Role("author", "author", "Piotr Zieliński", ("Author",), "/assessments/"),
    Role("scheduler", "scheduler", "Marta Ruiz", ("Scheduler",), "/schedules/"),
    Role("invigilator", "invigilator", "Ines Carvalho", ("Log viewer",), "/invigilation/"),
    Role("reviewer", "reviewer", "Henrik Aalto", ("Reviewer",), "/review/"),
    Role("marker", "marker", "Ewa Lindqvist", ("Marker",), "/results/"),
)
CANDIDATES = (
    Role("candidate", "candidate", "Amara Okonkwo", (), "/exams/"),
    Role("simulated candidate", "sim1", "Łukasz Wiśniewski", (), "/exams/"),
    Role("simulated candidate", "sim2", "Ioana Popescu", (), "/exams/"),
    Role("simulated candidate", "sim3", "Jamal Whitaker", (), "/exams/"),
)


class Account(msgspec.Struct):
    role: str
    login: str
    password: str
    start_url: str


class Accounts(msgspec.Struct):
    """What `demo-accounts.json` holds; a fixed point for scripts."""

    url: str
    accounts: list[Account]
    schedule: str = ""
    """The id of the sitting that is open."""
    open_until: str = ""


def build(file: Path, *, url: str) -> Accounts:
    """Make what is missing and write `file`; on old data the accounts and passwords stay."""
    root = set_up(name="Northfield University", code="SITE", zone="Europe/London")
    basis = "Demonstration: every account here is yours, and nobody else is recorded."
    activate_proctoring(legal_basis=basis, contact="admin@example.org", by=SYSTEM)
    unit = add_unit("Faculty of Medicine", code="MED", parent=root, zone="Europe/London")
    known = msgspec.json.decode(file.read_bytes(), type=Accounts) if file.exists() else Accounts(url=url, accounts=[])
    passwords = {account.login: account.password for account in known.accounts}
    places = {"admin": root}  # the site's own settings are managed at its root
    accounts = [
        _account(role, places.get(role.login, unit), url, passwords.get(role.login)) for role in (*STAFF, *CANDIDATES)
    ]
    known = Accounts(url, accounts, known.schedule, known.open_until)
    if not known.open_until or clock.now() + LEAST_LEFT > datetime.fromisoformat(known.open_until):
        known.schedule, known.open_until = _sitting(unit)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2))
    file.chmod(0o600)
    return known


def _account(role: Role, unit: UUID, url: str, password: str | None) -> Account:
    user = add_person(role.login, name=role.name, email=f"{role.login}@example.org", student_id=_student_id(role))
    if password is None:
        password = "-".join(secrets.token_hex(3) for _ in range(3))
        set_password(user, password=password)
    grant_roles(user, unit=unit, roles=role.roles)
    return Account(role.role, role.login, password, url + role.start)


def _student_id(role: Role) -> str | None:
    return None if role.roles else f"4410-{1000 + CANDIDATES.index(role) * 271}"


def _sitting(unit: UUID) -> tuple[str, str]:
    """A new assessment and an activated schedule that is open now; its id and end."""
    now = clock.now()
    code = f"PHA-{now:%m%d-%H%M}"
    author = actor_for_user(_user("author"))
    scheduler = actor_for_user(_user("scheduler"))
    options = Options(duration_min=120, attempts_allowed=3, use_proctoring=True)
    assessment = create_assessment(unit, code=code, title="Pharmacology II, written exam", options=options, by=author)
    for form in QUESTIONS:
        create_item(assessment, form=form, by=author)
    make_live(assessment, by=author)
    plan = Plan(
        title=f"Pharmacology II, {now:%-d %B}",
        opens_at=now - timedelta(minutes=5),
        deadline=now + WINDOW,
        zone="Europe/London",
        mode=ScheduleMode.LIVE,
    )
    schedule = create_schedule(assessment, plan=plan, by=scheduler)
    assign_invigilator(schedule, user_id=_user("invigilator"), by=scheduler)
    assign_reviewer(schedule, user_id=_user("reviewer"), by=scheduler)
    add_candidates(schedule, content=_list(), by=scheduler)
    activate(schedule, by=scheduler)
    return str(schedule), plan.deadline.isoformat()


def _user(login: str) -> UUID:
    name = next(role.name for role in (*STAFF, *CANDIDATES) if role.login == login)
    return add_person(login, name=name)


def _list() -> bytes:
    lines = ["login,name,email,student_id"]
    lines += [f"{c.login},{c.name},{c.login}@example.org,{_student_id(c)}" for c in CANDIDATES]
    return "\n".join(lines).encode()
