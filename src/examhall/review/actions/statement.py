"""What a candidate says about their session stands beside it, whatever the score is."""

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import NotFound
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor
from examhall.review.models import CandidateStatement
from examhall.review.rules.statement import given_statement


@action
def record_statement(attempt: AttemptRef, *, by: Actor, text: str) -> int:
    """Write down what the candidate said; returns its id. The journal tells that it was, not what.

    The same words twice in a row by one person are one statement: a form was sent twice. Changes neither score nor
    status: people weigh it. Raises BadInput naming `text`.
    Source: R-2.28.
    """
    said = given_statement(text)
    if by.user_id is None:
        raise NotFound("There is no such session, or it is not yours to see.")
    latest = CandidateStatement.objects.filter(attempt_id=attempt.id).order_by("-id").first()
    if latest is not None and (latest.text, latest.by_id) == (said, by.user_id):
        return int(latest.pk)
    kept = CandidateStatement.objects.create(
        attempt_id=attempt.id, text=said, by_id=by.user_id, by_name=by.name, at=clock.now()
    )
    append(attempt.stream, EntryKind.STATEMENT_RECORDED, by=by, extra={"statement": kept.pk})
    return int(kept.pk)
