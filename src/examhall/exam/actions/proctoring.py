"""Activating proctoring for the installation (R-0.2): off until somebody answers for it."""

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import BadInput
from examhall.base.words import EntryKind, Permission
from examhall.exam.models import ProctoringActivation
from examhall.journal.actions import append
from examhall.people.access import required
from examhall.people.reads.people import root_unit, site_stream, unit_path
from examhall.people.rules.actor import SYSTEM, Actor

MAX_TEXT, MAX_CONTACT = 2000, 200


@action
def activate_proctoring(*, legal_basis: str, contact: str, by: Actor) -> None:
    """Record on what legal basis people are recorded and whom they can ask; a repeat changes nothing.

    by: SYSTEM for whoever works on the server itself. Raises BadInput naming the field, NotAllowed.
    """
    root = root_unit()
    if by is not SYSTEM:
        required(by, Permission.PROCTORING_ACTIVATE, unit_path(root))
    missing = {
        name: remedy
        for name, text, remedy in (
            ("legal_basis", legal_basis, "Say on what legal basis candidates are recorded."),
            ("contact", contact, "Say whom candidates can ask about their data."),
        )
        if not text.strip()
    }
    if missing:
        raise BadInput("Something is missing.", fields=missing)
    if ProctoringActivation.objects.exists():
        return
    ProctoringActivation.objects.create(
        unit_id=root,
        legal_basis=legal_basis.strip()[:MAX_TEXT],
        contact=contact.strip()[:MAX_CONTACT],
        by_id=by.user_id,
        at=clock.now(),
    )
    append(site_stream(), EntryKind.PROCTORING_ACTIVATED, by=by, extra={"contact": contact.strip()[:MAX_CONTACT]})
