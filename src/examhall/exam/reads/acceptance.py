"""Answers that were kept and do not count, for staff to decide."""

from dataclasses import dataclass
from datetime import datetime

from examhall.exam.access.attempt import AttemptRef
from examhall.exam.access.form import form_of
from examhall.exam.models import AnswerRevision
from examhall.exam.rules.acceptance import KEPT, is_acceptable
from examhall.exam.rules.answers import Refusal


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """One of them. What was written is not shown: whether it counts is not a matter of what it says."""

    id: int
    question_number: int
    revision: int
    refusal: Refusal
    received_at: datetime
    client_at: datetime | None
    accepted_at: datetime | None
    acceptable: bool
    """It can be accepted now."""


def kept_answers(ref: AttemptRef) -> list[KeptAnswer]:
    """In the order of arrival, those that were accepted with them."""
    form = form_of(ref.version, ref.form_seed)
    rows = list(AnswerRevision.objects.filter(attempt_id=ref.id, refusal__in=KEPT).order_by("id"))
    done = {row.item_version_id for row in rows if row.accepted_at is not None}
    return [
        KeptAnswer(
            id=row.id,
            question_number=form.by_item[str(row.item_version_id)].number,
            revision=row.revision,
            refusal=Refusal(row.refusal),
            received_at=row.received_at,
            client_at=row.client_at,
            accepted_at=row.accepted_at,
            acceptable=row.item_version_id not in done and is_acceptable(Refusal(row.refusal), state=ref.state),
        )
        for row in rows
    ]
