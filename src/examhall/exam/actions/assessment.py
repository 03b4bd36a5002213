"""Writing assessments: options and questions of a draft, making it live, drawing up the next version."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F

from examhall.base.action import action, step
from examhall.base.errors import BadInput, Conflict, NotFound
from examhall.base.words import EntryKind, InteractionKind
from examhall.exam.access.assessment import account_of, assessment_for, require_on_unit
from examhall.exam.models import Assessment, AssessmentVersion, VersionItem
from examhall.exam.rules.policy import Value
from examhall.exam.rules.rights import Act
from examhall.exam.rules.schedule import check_duration
from examhall.exam.rules.snapshot import check_values
from examhall.journal.actions import append
from examhall.people.reads.people import site_stream
from examhall.people.rules.actor import Actor

_CODE = re.compile(r"[\w.-]{1,32}")
MAX_DURATION_MIN = 43_200
"""30 days; unproctored work at home may be long, but not without end."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an assessment version (product.md §2.2)."""

    duration_min: int = 60
    attempts_allowed: int = 1
    use_proctoring: bool = False
    shuffle_items: bool = False
    profile: Mapping[str, Value] = field(default_factory=dict)
    """Policy values this assessment sets; the rest comes from the site's profile."""


@action
def create_assessment(unit_id: UUID, *, code: str, title: str, options: Options, by: Actor) -> UUID:
    """A new assessment with a draft as version 1. Raises BadInput at the field, NotAllowed."""
    require_on_unit(by, unit_id, Act.AUTHOR)
    if options.use_proctoring:
        require_on_unit(by, unit_id, Act.USE_PROCTORING)
    _check_options(options)
    if not _CODE.fullmatch(code.strip()):
        raise BadInput("The code is not usable.", fields={"code": "Enter 1 to 32 letters, digits, dots or dashes."})
    _check_title(title)
    if Assessment.objects.filter(unit_id=unit_id, code=code.strip()).exists():
        raise BadInput("This code is taken.", fields={"code": "Another assessment of this unit has it. Enter another."})
    assessment = Assessment.objects.create(
        unit_id=unit_id, code=code.strip(), title=title.strip(), owner_id=account_of(by)
    )
    AssessmentVersion.objects.create(assessment=assessment, number=1, **_columns(options))
    touched(assessment, by=by, what="created")
    return assessment.id


@action
def edit_assessment(assessment_id: UUID, *, title: str, options: Options, by: Actor) -> None:
    """Change title and options of the draft. Raises BadInput at the field; Conflict when there is no draft."""
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    draft = draft_of(assessment)
    if options.use_proctoring and not draft.use_proctoring:
        assessment_for(by, assessment_id, Act.USE_PROCTORING)
    _check_options(options)
    _check_title(title)
    assessment.title = title.strip()
    assessment.save(update_fields=["title"])
    AssessmentVersion.objects.filter(id=draft.id).update(**_columns(options))
    touched(assessment, by=by, what="options changed")


@action
def remove_question(assessment_id: UUID, *, item_version_id: UUID, by: Actor) -> None:
    """Take a question out of the draft; the library keeps it."""
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    found = VersionItem.objects.filter(version=draft_of(assessment), item_version_id=item_version_id).first()
    if found is None:
        raise NotFound("This question is not in the assessment.")
    found.delete()
    after = VersionItem.objects.filter(version_id=found.version_id, position__gt=found.position).order_by("position")
    for later in after:
        later.position -= 1
        later.save(update_fields=["position"])
    touched(assessment, by=by, what="question removed")


@action
def move_question(assessment_id: UUID, *, item_version_id: UUID, number: int, by: Actor) -> None:
    """Give a question of the draft another place; those between move by one.

    number: the place it gets, from 1. Raises BadInput for a place that does not exist, Conflict without a draft.
    """
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    order = list(VersionItem.objects.filter(version=draft_of(assessment)).order_by("position"))
    moved = next((row for row in order if row.item_version_id == item_version_id), None)
    if moved is None:
        raise NotFound("This question is not in the assessment.")
    if not 1 <= number <= len(order):
        raise BadInput("There is no such place.", fields={"number": f"Enter 1 to {len(order)}."})
    if order[number - 1] is moved:
        return
    places = [row.position for row in order]
    order.remove(moved)
    order.insert(number - 1, moved)
    VersionItem.objects.filter(version_id=moved.version_id).update(position=F("position") + places[-1])
    for row, place in zip(order, places, strict=True):  # each place is taken once, so all were moved out of the way
        VersionItem.objects.filter(id=row.id).update(position=place)
    touched(assessment, by=by, what="question moved", number=number)


@action
def make_live(assessment_id: UUID, *, by: Actor) -> int:
    """Make the draft final: from now on it never changes. Returns its number.

    Raises Conflict when it has no questions, or one that needs review (named).
    """
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    draft = draft_of(assessment)
    questions = VersionItem.objects.filter(version=draft)
    if not questions.exists():
        raise Conflict("Add at least one question first.", fields={"questions": "There is none yet."})
    unready = questions.filter(item_version__kind=InteractionKind.NEEDS_REVIEW)
    titles = list(unready.order_by("position").values_list("item_version__item__title", flat=True))
    if titles:
        raise Conflict(
            f"Remove or replace what cannot be shown yet: {', '.join(titles)}.",
            fields={"questions": "Some need review."},
        )
    draft.live = True
    draft.save(update_fields=["live"])
    touched(assessment, by=by, what="made live", version=draft.number)
    return draft.number


@action
def draw_up_version(assessment_id: UUID, *, by: Actor) -> int:
    """A new draft with options and questions of the newest version. Raises Conflict when there is a draft already."""
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    newest = assessment.versions.order_by("-number")[0]
    if not newest.live:
        raise Conflict(f"Version {newest.number} is still a draft: change that one.")
    draft = AssessmentVersion.objects.create(
        assessment=assessment,
        number=newest.number + 1,
        duration_min=newest.duration_min,
        attempts_allowed=newest.attempts_allowed,
        use_proctoring=newest.use_proctoring,
        shuffle_items=newest.shuffle_items,
        profile=newest.profile,
    )
    VersionItem.objects.bulk_create(
        VersionItem(version=draft, position=kept.position, item_version_id=kept.item_version_id)
        for kept in newest.items.order_by("position")
    )
    touched(assessment, by=by, what="drawn up", version=draft.number)
    return draft.number


def draft_of(assessment: Assessment) -> AssessmentVersion:
    """The version that may be changed. Raises Conflict when the newest one is live: a live version is immutable."""
    newest = assessment.versions.order_by("-number")[0]
    if newest.live:
        raise Conflict(
            f"Version {newest.number} is live and never changes: draw up a new version first.",
            fields={"version": "Draw up a new version."},
        )
    return newest


@step
def touched(assessment: Assessment, *, by: Actor, what: str, **extra: int) -> None:
    """Count the change and write it down."""
    Assessment.objects.filter(id=assessment.id).update(row_version=F("row_version") + 1)
    told = {"assessment": str(assessment.id), "code": assessment.code, "what": what, **extra}
    append(site_stream(), EntryKind.ASSESSMENT_CHANGED, by=by, extra=told)


def _check_title(title: str) -> None:
    if not 0 < len(title.strip()) <= 300:
        raise BadInput("The title is missing or too long.", fields={"title": "Enter 1 to 300 characters."})


def _check_options(options: Options) -> None:
    check_duration(options.duration_min, use_proctoring=options.use_proctoring)
    if options.duration_min > MAX_DURATION_MIN:
        raise BadInput("The exam is too long.", fields={"duration_min": f"Enter at most {MAX_DURATION_MIN} minutes."})
    if not 1 <= options.attempts_allowed <= 20:
        raise BadInput("The number of attempts is not usable.", fields={"attempts_allowed": "Enter 1 to 20."})
    check_values(options.profile)


def _columns(options: Options) -> dict[str, object]:
    return {
        "duration_min": options.duration_min,
        "attempts_allowed": options.attempts_allowed,
        "use_proctoring": options.use_proctoring,
        "shuffle_items": options.shuffle_items,
        "profile": check_values(options.profile),
    }
