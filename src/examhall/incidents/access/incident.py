"""Who may see and judge an incident: whoever may do so with its attempt."""

from dataclasses import dataclass
from uuid import UUID

from examhall.base.errors import NotFound
from examhall.base.words import IncidentKind, IncidentState
from examhall.exam.access.attempt import AttemptRef, attempt_for
from examhall.exam.rules.rights import Act
from examhall.incidents.models import Incident, Still
from examhall.people.rules.actor import Actor

_NOT_THERE = "There is no such incident, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class IncidentRef:
    """One incident, as far as doors and actions need it to go on."""

    id: UUID
    attempt: AttemptRef
    kind: IncidentKind
    state: IncidentState
    row_version: int


@dataclass(frozen=True, slots=True)
class StillRef:
    id: UUID
    key: str
    sha256: bytes


def incident_for(actor: Actor, incident_id: UUID, act: Act = Act.REVIEW_INCIDENTS) -> IncidentRef:
    """The incident, if `act` is this person's on its attempt. Raises NotFound when absent or not theirs."""
    row = Incident.objects.filter(id=incident_id).first()
    if row is None:
        raise NotFound(_NOT_THERE)
    attempt = _attempt(actor, row.attempt_id, act)
    return IncidentRef(row.id, attempt, IncidentKind(row.kind), IncidentState(row.state), row.row_version)


def still_for(actor: Actor, still_id: UUID) -> StillRef:
    """A picture of an incident; whoever may see the recording may see it. Raises NotFound."""
    row = Still.objects.select_related("incident").filter(id=still_id).first()
    if row is None:
        raise NotFound(_NOT_THERE)
    _attempt(actor, row.incident.attempt_id, Act.SEE_RECORDING)
    return StillRef(row.id, row.key, bytes(row.sha256))


def _attempt(actor: Actor, attempt_id: UUID, act: Act) -> AttemptRef:
    try:
        return attempt_for(actor, attempt_id, act)
    except NotFound as absent:
        raise NotFound(_NOT_THERE) from absent
