"""The agreement of one check-in, made from its frozen policy, and who has declined it."""

from collections.abc import Collection
from uuid import UUID

from examhall.base.settings import settings
from examhall.checkin.access.progress import CheckIn
from examhall.checkin.models import Agreement
from examhall.checkin.rules.agreement import AgreementText, agreement_of


def declined(attempt_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the attempts whose candidate has declined the agreement and not accepted it since. One query."""
    answers = Agreement.objects.filter(attempt_id__in=attempt_ids).order_by("at", "id")
    latest = dict(answers.values_list("attempt_id", "accepted"))
    return frozenset(attempt for attempt, accepted in latest.items() if not accepted)


def agreement_for(checkin: CheckIn, *, exam: str) -> AgreementText:
    return agreement_of(checkin.policy, exam=exam, contact=settings().support_contact)
