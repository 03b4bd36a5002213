"""The questions of one attempt, in the candidate's order, without any key."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from examhall.base.words import InteractionKind
from examhall.exam.models import AssessmentVersion, Attempt, ItemVersion, VersionItem
from examhall.exam.rules.order import question_order


@dataclass(frozen=True, slots=True)
class Question:
    """`item_id` is the item version's id, as it stands on the wire; `identifier` is the library's, for the log."""

    number: int
    item_id: UUID
    identifier: str
    title: str
    kind: InteractionKind
    max_score: float


@dataclass(frozen=True, slots=True)
class Form:
    questions: tuple[Question, ...]
    by_item: dict[str, Question]
    """By the item's id on the wire."""


@lru_cache(maxsize=4096)
def form_of(version_id: UUID, seed: int) -> Form:
    """The form of a live assessment version for one seed. Kept, because both are immutable."""
    version = _version(version_id)
    order = question_order(list(version.items), seed=seed, shuffled=version.shuffled)
    questions = tuple(_question(number, version.items[item_id]) for number, item_id in enumerate(order, start=1))
    return Form(questions, {str(question.item_id): question for question in questions})


def _question(number: int, row: ItemVersion) -> Question:
    return Question(
        number=number,
        item_id=row.id,
        identifier=row.item.identifier,
        title=row.item.title,
        kind=InteractionKind(row.kind),
        max_score=row.max_score,
    )


@dataclass(frozen=True, slots=True)
class _Version:
    shuffled: bool
    items: dict[UUID, ItemVersion]
    """In the author's order."""


@lru_cache(maxsize=64)
def _version(version_id: UUID) -> _Version:
    """Kept, so that the forms of many candidates cost no query each."""
    shuffled = AssessmentVersion.objects.values_list("shuffle_items", flat=True).get(id=version_id)
    rows = VersionItem.objects.filter(version_id=version_id).select_related("item_version__item").order_by("position")
    return _Version(shuffled, {row.item_version_id: row.item_version for row in rows})


def form_of_attempt(attempt_id: UUID, seed: int) -> Form:
    """`form_of` for an attempt whose schedule is not at hand."""
    return form_of(_version_of(attempt_id), seed)


@lru_cache(maxsize=16_384)
def _version_of(attempt_id: UUID) -> UUID:
    """The version an attempt is about. Kept, because a schedule with attempts has been activated with it (P5)."""
    return Attempt.objects.values_list("registration__schedule__version_id", flat=True).get(id=attempt_id)
