"""A question as one attempt sees it, and as its author looks at it."""

from uuid import UUID

from examhall.base.errors import NotFound
from examhall.exam.access.assessment import assessment_for
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.access.form import form_of
from examhall.exam.models import ItemVersion, VersionItem
from examhall.exam.rules.qti.arrange import arranged
from examhall.exam.rules.rights import Act
from examhall.people.rules.actor import Actor


def question_xml(attempt: AttemptRef, item_id: UUID) -> bytes:
    """QTI 3 XML without any key. Raises NotFound for an item that is not in this attempt's form."""
    if str(item_id) not in form_of(attempt.version, attempt.form_seed).by_item:
        raise NotFound("There is no such question in this exam.")
    public_xml = ItemVersion.objects.values_list("public_xml", flat=True).get(id=item_id)
    return arranged(public_xml, identifier=str(item_id), seed=attempt.form_seed)


def preview_xml(actor: Actor, assessment_id: UUID, item_id: UUID) -> bytes:
    """The same XML for the author of an assessment the question is in, choices in one of their possible orders.

    Raises NotFound, also for what needs review and cannot be shown; NotAllowed for those who may not author.
    """
    assessment = assessment_for(actor, assessment_id, Act.AUTHOR)
    found = VersionItem.objects.filter(version__assessment=assessment, item_version_id=item_id)
    public_xml = found.values_list("item_version__public_xml", flat=True).first()
    if not public_xml:
        raise NotFound("There is no such question to look at.")
    return arranged(public_xml, identifier=str(item_id), seed=0)
