"""Assessments for the pages of their authors."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery

from examhall.base.words import InteractionKind, Permission
from examhall.exam.access.assessment import assessment_for
from examhall.exam.access.unit import units_where
from examhall.exam.models import Assessment, AssessmentVersion, Schedule, VersionItem
from examhall.exam.rules.policy import Value
from examhall.exam.rules.rights import RIGHTS, Act
from examhall.people.reads.people import UnitRow
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    id: UUID
    code: str
    title: str
    unit: str
    version: int
    live: bool
    questions: int
    duration_min: int
    use_proctoring: bool


@dataclass(frozen=True, slots=True)
class QuestionRow:
    id: UUID
    """The item version's."""
    number: int
    identifier: str
    title: str
    kind: InteractionKind
    max_score: float
    review_reason: str

    @property
    def ident(self) -> str:
        return str(self.id)


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    id: UUID
    code: str
    title: str
    unit: str
    version: int
    live: bool
    duration_min: int
    attempts_allowed: int
    use_proctoring: bool
    shuffle_items: bool
    profile: Mapping[str, Value]
    questions: tuple[QuestionRow, ...]
    schedules: int
    live_version: int | None
    """The newest one that can be scheduled."""

    @property
    def version_text(self) -> str:
        return str(self.version)

    @property
    def max_score(self) -> float:
        return sum(question.max_score for question in self.questions)

    @property
    def unready(self) -> int:
        return sum(question.kind is InteractionKind.NEEDS_REVIEW for question in self.questions)


def authoring_units(actor: Actor) -> list[UnitRow]:
    """Where this person may write assessments."""
    return units_where(actor, RIGHTS[Act.AUTHOR].permissions)


def may_author(actor: Actor) -> bool:
    return actor.may_anywhere(Permission.ASSESSMENT_AUTHOR)


def ensure_author(actor: Actor, assessment_id: UUID) -> None:
    """Raise NotFound, or NotAllowed for somebody who may see the assessment, but not its questions' content."""
    assessment_for(actor, assessment_id, Act.AUTHOR)


def assessments(actor: Actor) -> list[AssessmentRow]:
    """Those this person may see, by title, each with its newest version."""
    units = {unit.id: unit.name for unit in units_where(actor, RIGHTS[Act.SEE_ASSESSMENT].permissions)}
    newest = (
        AssessmentVersion.objects.filter(assessment=OuterRef("assessment")).order_by("-number").values("number")[:1]
    )
    versions = (
        AssessmentVersion.objects.filter(assessment__unit_id__in=units, number=Subquery(newest))
        .select_related("assessment")
        .annotate(questions=Count("items"))
        .order_by("assessment__title")
    )
    return [
        AssessmentRow(
            id=version.assessment_id,
            code=version.assessment.code,
            title=version.assessment.title,
            unit=units[version.assessment.unit_id],
            version=version.number,
            live=version.live,
            questions=version.questions,
            duration_min=version.duration_min,
            use_proctoring=version.use_proctoring,
        )
        for version in versions
    ]


def assessment_page(actor: Actor, assessment_id: UUID) -> AssessmentPage:
    """One assessment with its newest version. Raises NotFound when it is not to be seen."""
    assessment: Assessment = assessment_for(actor, assessment_id, Act.SEE_ASSESSMENT)
    version = assessment.versions.order_by("-number")[0]
    live = assessment.versions.filter(live=True).order_by("-number").values_list("number", flat=True).first()
    return AssessmentPage(
        id=assessment.id,
        code=assessment.code,
        title=assessment.title,
        unit=str(assessment.unit.name),
        version=version.number,
        live=version.live,
        duration_min=version.duration_min,
        attempts_allowed=version.attempts_allowed,
        use_proctoring=version.use_proctoring,
        shuffle_items=version.shuffle_items,
        profile=version.profile,
        questions=tuple(_questions(version.id)),
        schedules=Schedule.objects.filter(version__assessment=assessment).count(),
        live_version=live,
    )


def _questions(version_id: UUID) -> list[QuestionRow]:
    rows = VersionItem.objects.filter(version_id=version_id).select_related("item_version__item").order_by("position")
    return [
        QuestionRow(
            id=row.item_version_id,
            number=number,
            identifier=row.item_version.item.identifier,
            title=row.item_version.item.title,
            kind=InteractionKind(row.item_version.kind),
            max_score=row.item_version.max_score,
            review_reason=row.item_version.review_reason,
        )
        for number, row in enumerate(rows, start=1)
    ]
