"""Bringing questions into the library and into a draft of an assessment."""

import re
import secrets
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db.models import Max

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import BadInput, TooLarge
from examhall.base.ids import short_code
from examhall.base.words import InteractionKind
from examhall.exam.access.assessment import assessment_for
from examhall.exam.actions.assessment import draft_of, touched
from examhall.exam.models import Assessment, AssessmentVersion, Item, ItemKey, ItemVersion, VersionItem
from examhall.exam.rules.qti.content import Media
from examhall.exam.rules.qti.item import SplitItem, split
from examhall.exam.rules.qti.package import PackageItem, read_package
from examhall.exam.rules.qti_form import ItemForm, build
from examhall.exam.rules.rights import Act
from examhall.people.rules.actor import Actor

_NOT_IN_IDENTIFIER = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of a package that could not be read as a question at all."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    added: int
    """Questions now in the assessment, those that need review included."""
    needs_review: tuple[str, ...]
    """Their titles."""
    refused: tuple[Refused, ...]


@action
def import_package(assessment_id: UUID, *, content: bytes, by: Actor) -> Imported:
    """Add every question of a QTI package (or single item file) to the library and to the draft, in its order.

    A question whose identifier is known in the unit becomes a new version of it; the second of two with one identifier
    in the package is a question of its own, under a fresh one. Raises BadInput or TooLarge for a package that is
    refused as a whole, and BadInput if not one question in it could be read: then nothing changed.
    """
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    draft = draft_of(assessment)
    package = read_package(content)
    read: list[tuple[SplitItem, bytes]] = []
    refused: list[Refused] = []
    for found in package.items:
        try:
            read.append((_split(found, Media(package.files, found.path)), found.xml))
        except (BadInput, TooLarge) as error:
            refused.append(Refused(found.path, error.message))
    if not read:
        raise BadInput(
            f"No question could be read. {refused[0].reason}" if refused else "No question could be read.",
            fields={"package": refused[0].reason if refused else "Choose another file."},
        )
    taken: set[str] = set()
    for item, source in read:
        _keep(assessment, draft, item, source, taken)
    unready = tuple(item.title for item, _ in read if item.kind is InteractionKind.NEEDS_REVIEW)
    touched(assessment, by=by, what="questions imported", questions=len(read), needs_review=len(unready))
    return Imported(len(read), unready, tuple(refused))


@action
def create_item(assessment_id: UUID, *, form: ItemForm, by: Actor) -> UUID:
    """Add one question from the form's fields, and return its version's id. Raises BadInput naming the fields."""
    assessment = assessment_for(by, assessment_id, Act.AUTHOR, lock=True)
    draft = draft_of(assessment)
    source = build(form)
    version = _keep(assessment, draft, split(source, salt=secrets.token_bytes(32)), source, set())
    touched(assessment, by=by, what="question added", questions=1, needs_review=0)
    return version.id


def _split(found: PackageItem, media: Media) -> SplitItem:
    return split(found.xml, salt=secrets.token_bytes(32), media=media)


def _keep(
    assessment: Assessment, draft: AssessmentVersion, item: SplitItem, source: bytes, taken: set[str]
) -> ItemVersion:
    """A new version in the library with its key apart, standing last in the draft or where its older version stood.

    taken: the identifiers this import has given already; grows.
    """
    kept = _library_item(assessment.unit_id, item, taken)
    last = ItemVersion.objects.filter(item=kept).aggregate(last=Max("number"))["last"] or 0
    version = ItemVersion.objects.create(
        item=kept,
        number=last + 1,
        kind=item.kind,
        public_xml=item.public_xml.decode("utf-8"),
        max_score=item.key.max_score,
        review_reason=item.review_reason[:500],
        created_at=clock.now(),
    )
    ItemKey.objects.create(
        version=version,
        content=msgspec.to_builtins(item.key),
        source_xml=source.decode("utf-8", "replace").replace("\x00", ""),
    )
    older = VersionItem.objects.filter(version=draft, item_version__item=kept).first()
    if older is not None:
        older.item_version = version
        older.save(update_fields=["item_version"])
        return version
    position = VersionItem.objects.filter(version=draft).aggregate(last=Max("position"))["last"] or 0
    VersionItem.objects.create(version=draft, position=position + 1, item_version=version)
    return version


def _library_item(unit_id: UUID, item: SplitItem, taken: set[str]) -> Item:
    """The item of that identifier, or a new one; "item", which the form writes and exports often say, names nothing."""
    identifier = _NOT_IN_IDENTIFIER.sub("-", item.identifier)[:64].strip("-")
    if identifier in {"", "item", *taken}:
        identifier = short_code("Q", symbols=8)
    taken.add(identifier)
    found, made = Item.objects.get_or_create(unit_id=unit_id, identifier=identifier, defaults={"title": item.title})
    if not made and found.title != item.title:
        found.title = item.title
        found.save(update_fields=["title"])
    return found
