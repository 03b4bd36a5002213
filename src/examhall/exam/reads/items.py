"""A question as one attempt sees it."""

from uuid import UUID

from examhall.base.errors import NotFound
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.access.form import form_of
from examhall.exam.models import ItemVersion
from examhall.exam.rules.qti.arrange import arranged


def question_xml(attempt: AttemptRef, item_id: UUID) -> bytes:
    """QTI 3 XML without any key. Raises NotFound for an item that is not in this attempt's form."""
    if str(item_id) not in form_of(attempt.version, attempt.form_seed).by_item:
        raise NotFound("There is no such question in this exam.")
    public_xml = ItemVersion.objects.values_list("public_xml", flat=True).get(id=item_id)
    return arranged(public_xml, identifier=str(item_id), seed=attempt.form_seed)
