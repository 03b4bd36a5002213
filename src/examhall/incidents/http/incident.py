"""Pictures of incidents, verdicts and flags by people."""

import hashlib
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from examhall.base.answer import decode, encode
from examhall.base.errors import NotFound
from examhall.exam.access.attempt import attempt_for
from examhall.exam.rules.rights import Act
from examhall.incidents.access.incident import incident_for, still_for
from examhall.incidents.actions.verdict import decide, flag_by_person
from examhall.incidents.http.shape import incident_out
from examhall.incidents.http.token import ensure_viewer
from examhall.incidents.picture_store import read_still
from examhall.incidents.reads.incident import incident_row
from examhall.incidents.wire.incident import FlagIn, VerdictIn
from examhall.people.http.actor import actor_of

MAX_BODY_BYTES = 16 * 1024


@require_safe
def still(request: HttpRequest, still_id: UUID) -> HttpResponse:
    """GET /incidents/stills/{id}.jpg?v=…: the picture, for the person the address was made for."""
    actor = actor_of(request)
    ensure_viewer(request.GET.get("v", ""), viewer=actor.user_id, still_id=still_id)
    kept = still_for(actor, still_id)
    content = read_still(kept.key)
    if hashlib.sha256(content).digest() != kept.sha256:
        raise NotFound("This picture is not what was stored. Run examhall verify.")
    response = HttpResponse(content, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@require_POST
def verdict(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """POST /incidents/{id}/verdict: judge it; answers with the incident as it is now (R-1.7, R-2.5)."""
    actor = actor_of(request)
    incident = incident_for(actor, incident_id, Act.REVIEW_INCIDENTS)
    said = decode(request.body[:MAX_BODY_BYTES], VerdictIn)
    decide(
        incident,
        by=actor,
        verdict=said.verdict,
        reason=said.reason,
        note=said.note,
        verdicts_seen=said.verdicts_seen,
    )
    return _answer(incident_id, actor.user_id)


@require_POST
def flag(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """POST /incidents/attempts/{id}/flags: flag a stretch by hand; answers with the new incident."""
    actor = actor_of(request)
    attempt = attempt_for(actor, attempt_id, Act.REVIEW_INCIDENTS)
    said = decode(request.body[:MAX_BODY_BYTES], FlagIn)
    incident_id = flag_by_person(attempt, by=actor, start_ms=said.start_ms, end_ms=said.end_ms, note=said.note)
    return _answer(incident_id, actor.user_id, status=201)


def _answer(incident_id: UUID, viewer: UUID | None, *, status: int = 200) -> HttpResponse:
    if viewer is None:
        raise NotFound("There is no such incident, or it is not yours to see.")
    shown = incident_out(incident_row(incident_id), viewer=viewer)
    return HttpResponse(encode(shown), status=status, content_type="application/json")
