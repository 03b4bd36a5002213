"""Keeping a run of the system check."""

from collections import Counter
from collections.abc import Sequence

from examhall.base import clock
from examhall.base.action import action
from examhall.base.words import EntryKind
from examhall.checkin.access.progress import CheckIn, done_steps
from examhall.checkin.models import SystemCheck
from examhall.checkin.rules.check import CheckedLine, Result, passes
from examhall.checkin.rules.flow import Step, still_to_do
from examhall.exam.actions.attempt import steps_left_step
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor

MAX_AGENT = 300


@action
def record_check(checkin: CheckIn, *, report: Sequence[CheckedLine], by: Actor, user_agent: str) -> tuple[Step, ...]:
    """Store what the candidate's computer measured and return what is still to do before Start (R-0.19).

    A later failed run takes an earlier passed one back: the device changed.
    """
    passed = passes(checkin.policy, report)
    lines = [
        {
            "line": checked.line.value,
            "result": checked.result.value,
            "measured": checked.measured,
            "needed": checked.needed,
        }
        for checked in report
    ]
    attempt = checkin.attempt
    SystemCheck.objects.create(
        registration_id=attempt.registration,
        attempt_id=attempt.id,
        at=clock.now(),
        passed=passed,
        lines=lines,
        user_agent=user_agent[:MAX_AGENT],
    )
    to_do = still_to_do(checkin.policy, done=done_steps(attempt))
    steps_left_step(attempt.id, steps=[step.value for step in to_do])
    counted = Counter(checked.result for checked in report)
    extra: dict[str, bool | int | str] = {"passed": passed, **{result.value: counted[result] for result in Result}}
    extra |= {f"line.{checked.line.value}": checked.result.value for checked in report}
    append(attempt.stream, EntryKind.DEVICE_CHECK, by=by, extra=extra)
    return to_do
