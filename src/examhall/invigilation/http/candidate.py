"""The live view of one candidate: pictures, incidents, log tail, interventions (product.md I4)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from examhall.base import clock
from examhall.base.errors import NotFound
from examhall.base.words import DismissReason, EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.http.look import looked
from examhall.exam.reads.desk import DeskSchedule, desk_facts
from examhall.exam.rules.policy import required_tracks
from examhall.exam.rules.rights import Act
from examhall.incidents.http.token import still_url
from examhall.incidents.rules.verdict import REASON_WORDS
from examhall.invigilation.actions.viewing import note_live_viewed
from examhall.invigilation.http.acts import ACTS, ActKey, possible
from examhall.invigilation.http.dashboard import can, offset_min
from examhall.invigilation.http.guard import allowed
from examhall.invigilation.reads.candidate import Marked, neighbours, watched
from examhall.people.http.actor import actor_of

_ORDER = (
    ActKey.MESSAGE,
    ActKey.TIME,
    ActKey.PAUSE,
    ActKey.RESUME,
    ActKey.REOPEN,
    ActKey.HAND_IN,
    ActKey.STOP,
)
KEYS = [{"keys": [str(place)], "does": ACTS[key].name} for place, key in enumerate(_ORDER, start=1)] + [
    {"keys": ["8"], "does": "Flag this moment"},
    {"keys": ["S"], "does": "Swap the pictures"},
]


@require_GET
def page(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    ref = allowed(request, attempt_id, Act.SEE_LIVE_MEDIA)
    schedule = _schedule(request, ref, schedule_id)
    note_live_viewed(ref, by=actor_of(request))
    near = neighbours(schedule, attempt_id)
    context = {
        **_parts(request, ref, schedule),
        "dialogs": [ACTS[key] for key in _ORDER],
        "reasons": [(reason.value, REASON_WORDS[reason]) for reason in DismissReason],
        "near": near,
        "unit_name": schedule.unit,
        "keys": KEYS,
    }
    context["crumbs"] = [
        {"label": "Invigilation", "url": "/invigilation/"},
        {"label": schedule.title, "url": f"/invigilation/{schedule.id}/"},
        {"label": context["watched"].line.name, "url": ""},
    ]
    return render(request, "invigilation/candidate.html", context)


@require_GET
@gzip_page
def parts(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """`GET /invigilation/{schedule}/{attempt}/parts`: every part of the page that changes, as it is now."""
    ref = allowed(request, attempt_id, Act.SEE_LIVE_MEDIA)
    schedule = _schedule(request, ref, schedule_id)
    looked(ref, EntryKind.RECORDING_VIEWED, by=actor_of(request), live=True)
    return render(request, "invigilation/candidate_parts.html", _parts(request, ref, schedule))


def _schedule(request: HttpRequest, ref: AttemptRef, schedule_id: UUID) -> DeskSchedule:
    schedule = desk_facts(actor_of(request), ref.schedule)
    if schedule is None or schedule.id != schedule_id:
        raise NotFound("There is no such attempt in this exam.")
    return schedule


def _parts(request: HttpRequest, ref: AttemptRef, schedule: DeskSchedule) -> dict[str, Any]:
    found = watched(ref, schedule)
    viewer = actor_of(request).user_id
    tracks = required_tracks(policy_of_activation(ref.activation))
    return {
        "schedule": schedule,
        "ref": ref,
        "watched": found,
        "line": found.line,
        "read_at": found.read_at,
        "offset_min": offset_min(schedule, clock.now()),
        "can": can(schedule),
        "offline": found.line.offline,
        "notices": found.unseen,
        "halved_s": found.halved_s,
        "incidents": [(one, _still(one, viewer)) for one in found.marked],
        "acts": [(place, ACTS[key], possible(key, ref.state)) for place, key in enumerate(_ORDER, start=1)],
        "tracks": [track.value for track in tracks],
        "since_s": (found.read_at - ref.entered_at).total_seconds(),
    }


def _still(one: Marked, viewer: UUID | None) -> str:
    """The address of its middle picture for this viewer; empty without one."""
    stills = sorted(one.row.stills, key=lambda still: still.label != "middle")
    return still_url(stills[0].id, viewer=viewer) if stills and viewer else ""
