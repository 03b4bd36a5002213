"""Letting an answer count that was kept: too late, after a stop, or from a client that had lost the attempt."""

from uuid import UUID

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import NotFound
from examhall.base.reason import given_reason
from examhall.base.words import AttemptState, EntryKind
from examhall.exam.access.form import form_of
from examhall.exam.actions.move import catch_up
from examhall.exam.actions.outage import opened_row
from examhall.exam.models import AnswerRevision
from examhall.exam.rules.acceptance import ensure_acceptable
from examhall.exam.rules.answers import Refusal
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def accept_answer(attempt_id: UUID, revision_id: int, *, by: Actor, reason: str) -> None:
    """Make one kept revision the answer of its question; what it replaces stays stored and stops counting.

    Raises BadInput without a reason, NotFound, NotAcceptable saying what stands in the way.
    """
    text = given_reason(reason, remedy="Say why: it stands in the candidate log.")
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    catch_up(attempt, now=now)
    row = AnswerRevision.objects.filter(attempt=attempt, id=revision_id).first()
    if row is None:
        raise NotFound("There is no such answer in this attempt.")
    of_item = AnswerRevision.objects.filter(attempt=attempt, item_version_id=row.item_version_id)
    ensure_acceptable(
        Refusal(row.refusal) if row.refusal else None,
        state=AttemptState(attempt.state),
        accepted_before=of_item.filter(accepted_at__isnull=False).exists(),
    )
    replaced = of_item.filter(counting=True, client_seq__gte=row.client_seq)
    extra = {
        "revision": row.revision,
        "client_seq": row.client_seq,
        "refusal": row.refusal,
        "replaced": list(replaced.order_by("revision").values_list("revision", flat=True)),
        "hash": row.hash,
        "reason": text,
    }
    replaced.update(counting=False)
    row.counting, row.accepted_at, row.accepted_by = True, now, by.user_id
    row.save(update_fields=["counting", "accepted_at", "accepted_by"])
    question = form_of(attempt.registration.schedule.version_id, attempt.form_seed).by_item[str(row.item_version_id)]
    at = {"question_number": question.number, "item_id": question.identifier}
    append(attempt.stream_id, EntryKind.ANSWER_ACCEPTED, by=by, extra=extra, **at)
