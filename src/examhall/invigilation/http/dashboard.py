"""The dashboard of one schedule: the page, its rows again, and the viewer token of its socket (product.md I2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from examhall.base import clock
from examhall.base.answer import encode, iso_ms
from examhall.base.errors import BadInput, NotFound
from examhall.exam.reads.desk import DeskSchedule, desk_schedule
from examhall.exam.reads.outage import proposals
from examhall.exam.rules.rights import Act
from examhall.incidents.reads.analysis import lag_s
from examhall.incidents.reads.off import thrown_now
from examhall.incidents.rules.queue import BEHIND_S
from examhall.invigilation.access.token import sign
from examhall.invigilation.http.acts import ACTS, bulk_acts
from examhall.invigilation.reads.dashboard import Totals, lines, totals
from examhall.invigilation.rules.desk import Chip
from examhall.invigilation.wire.intervention import TokenOut
from examhall.people.http.actor import actor_of

KEYS = [
    {"keys": ["Menu"], "does": "Actions for the row"},
    {"keys": ["/"], "does": "Search"},
]


@dataclass(frozen=True, slots=True)
class ChipShown:
    key: Chip
    word: str
    icon: str
    tone: str
    count: int
    chosen: bool
    always: bool


_CHIPS: tuple[tuple[Chip, str, str, str, bool], ...] = (
    (Chip.ALL, "All", "users", "", True),
    (Chip.ATTENTION, "Needs attention", "flag", "incident", True),
    (Chip.IN_PROGRESS, "In progress", "circle-play", "ok", True),
    (Chip.DISCONNECTED, "Disconnected", "wifi-off", "offline", True),
    (Chip.PAUSED, "Paused", "circle-pause", "paused", True),
    (Chip.STOPPED, "Stopped", "octagon-x", "stopped", True),
    (Chip.READY, "Getting ready", "circle-dot", "neutral", False),
    (Chip.NOT_STARTED, "Not started", "circle-dashed", "neutral", True),
    (Chip.HANDED_IN, "Handed in", "circle-check-big", "neutral", True),
    (Chip.TIMED_OUT, "Time ran out", "timer-off", "neutral", False),
    (Chip.VOIDED, "Voided", "ban", "neutral", False),
)

_HEADS: tuple[dict[str, object], ...] = (
    {"word": "Candidate"},
    {"word": "Number"},
    {"word": "State", "sorted": True},
    {"word": "Connection"},
    {"word": "Question", "end": True},
    {"word": "Answered"},
    {"word": "Time left", "end": True},
    {"word": "Extra", "end": True},
    {"word": "Incidents"},
    {"word": "Camera"},
    {"word": "Address"},
    {"word": "Arrangements"},
)


@require_GET
def dashboard(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    schedule = desk_schedule(actor_of(request), schedule_id)
    now = clock.now()
    found = lines(schedule)
    summed = totals(found)
    context = {
        **rows_context(schedule, found, summed, now),
        **_window(schedule, now),
        "crumbs": [{"label": "Invigilation", "url": "/invigilation/"}, {"label": schedule.title, "url": ""}],
        "chips": _chips(summed),
        "heads": _HEADS,
        "bulk_acts": bulk_acts(),
        "dialogs": ACTS.values(),
        "unit_name": schedule.unit,
        "keys": KEYS,
    }
    return render(request, "invigilation/dashboard.html", context)


@require_GET
@gzip_page
def rows(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """`GET /invigilation/{schedule}/rows?attempt=…`: those rows as they are now; all without `attempt`."""
    schedule = desk_schedule(actor_of(request), schedule_id)
    wanted = _wanted(request)
    now = clock.now()
    found = lines(schedule, attempts=wanted)
    context = rows_context(schedule, found, totals(found), now)
    return render(request, "invigilation/rows.html", context)


@require_POST
def token(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """`POST /invigilation/{schedule}/token`: the viewer token for `/live/v1/desk`, 900 s (CSRF-guarded)."""
    actor = actor_of(request)
    schedule = desk_schedule(actor, schedule_id)
    if actor.user_id is None:
        raise NotFound("There is no such exam to invigilate, or it is not yours to see.")
    reply = TokenOut(sign(user=actor.user_id, schedule=schedule.id), iso_ms(clock.now()))
    return HttpResponse(encode(reply), content_type="application/json")


def rows_context(schedule: DeskSchedule, found: Collection[Any], summed: Totals, now: datetime) -> dict[str, Any]:
    behind_s = round(lag_s())
    behind_s = behind_s if behind_s > BEHIND_S else 0
    thrown = thrown_now(now)
    return {
        "thrown": thrown,
        "lag_s": behind_s,
        "notices_key": f"{behind_s or ''}{''.join(kind for one in thrown for kind in one.kinds)}",
        "schedule": schedule,
        "rows": found,
        "totals": summed,
        "read_at": now,
        "offset_min": offset_min(schedule, now),
        "can": can(schedule),
        "proposals": proposals(schedule.id),
        "here": reverse("invigilation-dashboard", args=[schedule.id]),
    }


def can(schedule: DeskSchedule) -> dict[str, bool]:
    """Which controls the page has; the posts ask for themselves."""
    return {
        "act": Act.INTERVENE in schedule.acts,
        "media": Act.SEE_LIVE_MEDIA in schedule.acts,
        "log": Act.SEE_LOG in schedule.acts,
    }


def offset_min(schedule: DeskSchedule, now: datetime) -> int:
    """Minutes the schedule's zone is east of UTC: for times the script writes."""
    east = ZoneInfo(schedule.zone).utcoffset(now)
    return round(east.total_seconds() / 60) if east else 0


def _chips(summed: Totals) -> list[ChipShown]:
    return [
        ChipShown(key, word, icon, tone, summed.chips[key], chosen=key is Chip.ALL, always=always)
        for key, word, icon, tone, always in _CHIPS
    ]


def _window(schedule: DeskSchedule, now: datetime) -> dict[str, object]:
    if now < schedule.opens_at:
        at, word = schedule.opens_at, "Window opens in"
    elif now < schedule.deadline:
        at, word = schedule.deadline, "Window closes in"
    else:
        return {"window_left_s": None, "window_word": "Closed"}
    return {"window_left_s": (at - now).total_seconds(), "window_at": at, "window_word": word}


def _wanted(request: HttpRequest) -> list[UUID] | None:
    asked = request.GET.getlist("attempt")
    try:
        return [UUID(one) for one in asked] if asked else None
    except ValueError as wrong:
        raise BadInput("This is not an attempt.", fields={"attempt": "an id"}) from wrong
