"""The candidate's own attempt, and how far its check-in is."""

from dataclasses import dataclass
from uuid import UUID

from examhall.base.words import LookAt
from examhall.checkin.models import Agreement, SystemCheck
from examhall.checkin.rules.flow import Step, still_to_do
from examhall.exam.access.attempt import AttemptRef, attempt_for
from examhall.exam.access.policy import policy_for
from examhall.exam.rules.policy import Policy
from examhall.exam.rules.rights import Act
from examhall.incidents.rules.baseline import looks_asked
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One attempt in its check-in."""

    attempt: AttemptRef
    policy: Policy
    done: frozenset[Step]

    @property
    def to_do(self) -> tuple[Step, ...]:
        return still_to_do(self.policy, done=self.done)

    @property
    def looks(self) -> tuple[LookAt, ...]:
        """The pictures this candidate is asked for at the check."""
        return looks_asked(self.policy, self.attempt.accommodations)


def checkin_for(actor: Actor, attempt_id: UUID) -> CheckIn:
    """The check-in of one's own attempt. Raises NotFound for anybody else."""
    attempt = attempt_for(actor, attempt_id, Act.SIT)
    return CheckIn(attempt, policy_for(attempt.activation, attempt.accommodations), done_steps(attempt))


def done_steps(attempt: AttemptRef) -> frozenset[Step]:
    """The latest check and the latest answer to the agreement count, not the best ones.

    After a stop the check must be a later one: coming back repeats it (A9). What was agreed stays agreed.
    """
    checks = SystemCheck.objects.filter(attempt_id=attempt.id)
    if attempt.stopped_at is not None:
        checks = checks.filter(at__gte=attempt.stopped_at)
    check = checks.order_by("-at", "-id").first()
    agreement = Agreement.objects.filter(attempt_id=attempt.id).order_by("-at", "-id").first()
    done = {
        Step.CHECK: check is not None and check.passed,
        Step.AGREEMENT: agreement is not None and agreement.accepted,
    }
    return frozenset(step for step, is_done in done.items() if is_done)
