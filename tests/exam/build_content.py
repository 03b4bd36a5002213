"""A faculty with an author, a scheduler, an invigilator and a live assessment, made by the real actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.words import InteractionKind, ScheduleMode
from examhall.exam.actions.assessment import Options, create_assessment, make_live
from examhall.exam.actions.items import create_item
from examhall.exam.actions.schedule import Plan, create_schedule
from examhall.exam.rules.policy import Value
from examhall.exam.rules.qti_form import Choice, ItemForm
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, add_unit, grant_roles
from examhall.people.rules.actor import Actor

QUESTIONS = (
    ItemForm(InteractionKind.SINGLE_CHOICE, "Capital", "Which?", choices=(Choice("One", True), Choice("Two", False))),
    ItemForm(InteractionKind.SHORT_TEXT, "Salt", "Formula?", answers=("zqsodiumchloride7",)),
    ItemForm(InteractionKind.NUMBER, "Answer", "How many?", number="731946.25", tolerance="0.001953125"),
    ItemForm(InteractionKind.ESSAY, "Why", "Explain why."),
)


@dataclass(frozen=True, slots=True)
class Faculty:
    unit: UUID
    other_unit: UUID
    admin: Actor
    author: Actor
    scheduler: Actor
    invigilator: Actor
    stranger: Actor
    """A scheduler and author of another faculty."""


def faculty(root: UUID) -> Faculty:
    unit = add_unit("Faculty of Medicine", code="MED", parent=root)
    other = add_unit("Faculty of Law", code="LAW", parent=root)
    return Faculty(
        unit=unit,
        other_unit=other,
        admin=_person("admin", "Ada Admin", root, "Site administrator"),
        author=_person("author", "Tomasz Bąk", unit, "Author"),
        scheduler=_person("scheduler", "Lena Sorg", unit, "Scheduler"),
        invigilator=actor_for_user(add_person("ines", name="Ines Carvalho")),
        stranger=_person("stranger", "Otto Fremd", other, "Author", "Scheduler"),
    )


def live_assessment(at: Faculty, *, proctored: bool = True, profile: Mapping[str, Value] | None = None) -> UUID:
    options = Options(duration_min=90, use_proctoring=proctored, profile=profile or {})
    assessment = create_assessment(at.unit, code="PHA-202", title="Pharmacology II", options=options, by=at.author)
    for question in QUESTIONS:
        create_item(assessment, form=question, by=at.author)
    make_live(assessment, by=at.author)
    return assessment


def plan(*, mode: ScheduleMode = ScheduleMode.AUTOMATED, overrides: Mapping[str, Value] | None = None) -> Plan:
    """A window of two hours that opens in an hour."""
    opens_at = clock.now() + timedelta(hours=1)
    return Plan(
        title="Pharmacology II, written exam",
        opens_at=opens_at,
        deadline=opens_at + timedelta(hours=2),
        zone="Europe/Warsaw",
        mode=mode,
        overrides=overrides or {},
    )


def drafted_schedule(at: Faculty, *, mode: ScheduleMode = ScheduleMode.AUTOMATED, **overrides: Value) -> UUID:
    return create_schedule(
        live_assessment(at),
        plan=plan(mode=mode, overrides={key.replace("__", "."): v for key, v in overrides.items()}),
        by=at.scheduler,
    )


def candidates_csv(count: int = 3) -> bytes:
    rows = "".join(f"Candidate {n},c{n},90{n},c{n}@example.org\n" for n in range(1, count + 1))
    return ("name,login,student_id,email\n" + rows).encode()


def _person(login: str, name: str, unit: UUID, *roles: str) -> Actor:
    person = add_person(login, name=name)
    grant_roles(person, unit=unit, roles=roles)
    return actor_for_user(person)
