"""Keeping the candidate's pictures of the system check: after the agreement was accepted, before the exam begins."""

from collections.abc import Sequence

from examhall.base.action import action
from examhall.base.errors import Conflict
from examhall.base.words import AttemptState, EntryKind, LookAt
from examhall.checkin.access.progress import CheckIn
from examhall.checkin.models import SystemCheck
from examhall.exam.actions.attempt import state_under_lock
from examhall.incidents.actions.baseline import keep_baseline_step
from examhall.incidents.rules.baseline import in_order
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def keep_looks(checkin: CheckIn, *, pictures: Sequence[tuple[LookAt, bytes]], by: Actor) -> None:
    """Store the pictures as what this person is compared with; the same ones again change nothing.

    Two at once come one after the other, so the pictures on the disk are those of the rows.

    Raises Conflict where none are asked for, before everything else of the check-in is done, and once the exam runs;
    BadInput naming the picture that is not as it should be.
    """
    attempt = checkin.attempt
    if not checkin.looks:
        raise Conflict("This exam asks for no pictures at the system check.")
    if checkin.to_do:
        raise Conflict(
            "Pictures are kept when the check has passed and the agreement is accepted.",
            fields=dict.fromkeys((step.value for step in checkin.to_do), "do this step first"),
        )
    if state_under_lock(attempt.id) is not AttemptState.ENTERING:
        raise Conflict("The exam has been started. Pictures of the system check come before it.")
    kept = in_order(pictures)
    checked_at = SystemCheck.objects.filter(attempt_id=attempt.id).latest("at").at
    offset_ms = round((checked_at - attempt.entered_at).total_seconds() * 1000)
    if sums := keep_baseline_step(attempt.id, pictures=kept, offset_ms=offset_ms):
        append(attempt.stream, EntryKind.BASELINE_KEPT, by=by, extra=dict(sums))
