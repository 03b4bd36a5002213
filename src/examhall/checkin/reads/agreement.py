"""The agreement of one check-in, made from its frozen policy."""

from examhall.base.settings import settings
from examhall.checkin.access.progress import CheckIn
from examhall.checkin.rules.agreement import AgreementText, agreement_of


def agreement_for(checkin: CheckIn, *, exam: str) -> AgreementText:
    return agreement_of(checkin.policy, exam=exam, contact=settings().support_contact)
