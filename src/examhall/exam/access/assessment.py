"""Guarded fetch of assessments."""

from uuid import UUID

from examhall.base.errors import NotAllowed, NotFound
from examhall.exam.access.unit import held_on
from examhall.exam.models import Assessment
from examhall.exam.rules.rights import RIGHTS, Act, Grounds, may
from examhall.people.reads.people import unit_path
from examhall.people.rules.actor import Actor


def assessment_for(actor: Actor, assessment_id: UUID, act: Act, *, lock: bool = False) -> Assessment:
    """The assessment, if `actor` may do `act` with it.

    Raises NotFound when it is absent or not to be seen (the two look the same), NotAllowed when it may be seen only.
    """
    rows = Assessment.objects.select_for_update() if lock else Assessment.objects.all()
    assessment = rows.filter(id=assessment_id).first()
    if assessment is None:
        raise NotFound("There is no such assessment.")
    grounds = Grounds(permissions=held_on(actor, unit_path(assessment.unit_id)))
    if not may(Act.SEE_ASSESSMENT, grounds):
        raise NotFound("There is no such assessment.")
    if not may(act, grounds):
        raise not_allowed("this assessment", act)
    return assessment


def require_on_unit(actor: Actor, unit_id: UUID, act: Act) -> None:
    """Raise NotAllowed unless `actor` may do `act` in that unit; for what is not there yet."""
    if not may(act, Grounds(permissions=held_on(actor, unit_path(unit_id)))):
        raise not_allowed("this unit", act)


def account_of(actor: Actor) -> UUID:
    """The account that is written down as having done something. Raises NotAllowed for the system itself."""
    if actor.user_id is None:
        raise NotAllowed("Only a person can do this.")
    return actor.user_id


def not_allowed(seen: str, act: Act) -> NotAllowed:
    wanted = ", ".join(sorted(permission.value for permission in RIGHTS[act].permissions)) or "an assignment"
    return NotAllowed(
        f"You can see {seen}, but not {act.value.replace('_', ' ')}. An administrator of the unit can allow it.",
        fields={"permission": wanted},
    )
