"""Who may look at one candidate's attempt, and who is told why not."""

from uuid import UUID

from examhall.base.errors import NotFound
from examhall.base.words import Permission
from examhall.exam.access.attempt import AttemptRef, attempt_for, attempt_ref
from examhall.exam.rules.rights import Act
from examhall.people.rules.actor import Actor

_SEEN_BY = (Act.SEE_DASHBOARD, Act.SEE_LOG)


def refused(actor: Actor, attempt_id: UUID) -> AttemptRef | None:
    """The attempt, when this person may know that it exists and so gets a reason instead of "no such attempt".

    They see it on a dashboard or in a log, or read logs elsewhere (R-4.5). None for everybody else, and for its
    own candidate.
    """
    for act in _SEEN_BY:
        try:
            return attempt_for(actor, attempt_id, act)
        except NotFound:
            continue
    if not actor.may_anywhere(Permission.LOGS_VIEW):
        return None
    try:
        ref = attempt_ref(attempt_id)
    except NotFound:
        return None
    return None if ref.candidate == actor.user_id else ref
