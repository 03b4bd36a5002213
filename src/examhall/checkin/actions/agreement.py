"""Keeping the candidate's answer to the agreement (R-0.21)."""

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import Conflict
from examhall.base.words import AttemptState, EntryKind
from examhall.checkin.access.progress import CheckIn, done_steps
from examhall.checkin.models import Agreement
from examhall.checkin.rules.agreement import AgreementText, ensure_same_text, signed_name
from examhall.checkin.rules.flow import Step, still_to_do
from examhall.exam.actions.attempt import steps_left_step
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def accept_agreement(
    checkin: CheckIn, *, text: AgreementText, sha256: str, typed_name: str, by: Actor
) -> tuple[Step, ...]:
    """Store the acceptance with text hash, version, name, time and address; return what is still to do.

    Raises Conflict when another text was shown, BadInput when the name is missing.
    """
    ensure_same_text(text, sha256)
    name = signed_name(typed_name)
    _keep(checkin, text=text, accepted=True, name=name, by=by)
    to_do = still_to_do(checkin.policy, done=done_steps(checkin.attempt))
    steps_left_step(checkin.attempt.id, steps=[step.value for step in to_do])
    extra = {"sha256": text.sha256, "version": text.version, "name": name}
    append(checkin.attempt.stream, EntryKind.AGREEMENT_ACCEPTED, by=by, extra=extra)
    return to_do


@action
def decline_agreement(checkin: CheckIn, *, text: AgreementText, sha256: str, by: Actor) -> tuple[Step, ...]:
    """Store the refusal; the attempt stays unstarted, and the candidate may still change their mind.

    Raises Conflict when another text was shown, or when the exam has been started.
    """
    ensure_same_text(text, sha256)
    if checkin.attempt.state is not AttemptState.ENTERING:
        raise Conflict("The exam has been started. To end it, hand in what you have.")
    _keep(checkin, text=text, accepted=False, name="", by=by)
    to_do = still_to_do(checkin.policy, done=done_steps(checkin.attempt))
    steps_left_step(checkin.attempt.id, steps=[step.value for step in to_do])
    extra = {"sha256": text.sha256, "version": text.version}
    append(checkin.attempt.stream, EntryKind.AGREEMENT_DECLINED, by=by, extra=extra)
    return to_do


def _keep(checkin: CheckIn, *, text: AgreementText, accepted: bool, name: str, by: Actor) -> None:
    Agreement.objects.create(
        attempt_id=checkin.attempt.id,
        accepted=accepted,
        text_hash=text.sha256,
        typed_name=name,
        ip=by.ip,
        at=clock.now(),
    )
