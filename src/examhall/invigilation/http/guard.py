"""What every page and post about one attempt asks first."""

from uuid import UUID

from django.http import HttpRequest

from examhall.base.errors import NotAllowed, NotFound
from examhall.exam.access.attempt import AttemptRef, attempt_for
from examhall.exam.reads.desk import desk_schedule
from examhall.exam.rules.rights import Act
from examhall.invigilation.access.attempt import refused
from examhall.invigilation.actions.viewing import note_refused
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor

_REASONS = {
    Act.INTERVENE: "You can see this candidate, but not act on this exam. Its invigilators can; an administrator of "
    "the unit assigns them.",
    Act.SEE_LIVE_MEDIA: "You can see this candidate's log, but not the pictures. Only the invigilators of this exam "
    "can; an administrator of the unit assigns them.",
    Act.VOID: "Voiding this attempt is for the invigilators of the exam and for people with the role Void attempts.",
    Act.VOID_LATE: "Voiding after the exam has closed, and taking a void back, needs the role Void attempts. An "
    "administrator of the unit can give it.",
    Act.SEE_LOG: "This log belongs to another unit than yours. An administrator there can let you see it.",
}


def allowed(request: HttpRequest, attempt_id: UUID, act: Act) -> AttemptRef:
    """The attempt, if `act` is theirs.

    Raises NotFound when it is absent or not to be known of; NotAllowed, after an audit entry, for somebody who may
    know of it (R-4.5, R-4.6).
    """
    actor = actor_of(request)
    try:
        return attempt_for(actor, attempt_id, act)
    except NotFound:
        known = refused(actor, attempt_id)
        if known is None:
            raise
        note_refused(known.schedule_stream, by=actor, attempt=known.id, act=act.value)
        reason = _REASONS.get(act, "This is not yours to do.")
        raise NotAllowed(reason, fields={"act": act.value}) from None


def ensure_may_act(actor: Actor, schedule_id: UUID, act: str) -> None:
    """Raise NotFound or NotAllowed, the latter after an audit entry, unless they may act on the attempts of it."""
    try:
        desk_schedule(actor, schedule_id, Act.INTERVENE)
    except NotAllowed:
        seen = desk_schedule(actor, schedule_id)
        note_refused(seen.stream, by=actor, attempt=schedule_id, act=act)
        raise
