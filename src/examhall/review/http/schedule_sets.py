"""Analysing every session of an exam again, and where the sets of each stand."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from examhall.base.errors import NotFound
from examhall.exam.access.attempt import attempts_for
from examhall.exam.reads.reviewed import reviewed_schedule
from examhall.exam.rules.rights import Act
from examhall.incidents.actions.reanalysis import analyse_all_again
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor
from examhall.review.http.lists import SESSIONS_PER_PAGE
from examhall.review.http.sets import AgainForm
from examhall.review.reads.sets import schedule_sets

REFUSALS_SHOWN = 5


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """GET /review/schedules/{id}/sets/?page=; POST asks for a set of each session with `reason` and `levels`."""
    actor = actor_of(request)
    schedule = reviewed_schedule(actor, schedule_id)
    form = AgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        attempts = attempts_for(actor, schedule_id, Act.ANALYSE_AGAIN)
        if form.is_valid():
            started, refused = analyse_all_again(
                attempts, by=actor, reason=form.cleaned_data["reason"], leniency=form.leniency
            )
            _tell(request, started, refused)
            return redirect("review-schedule-sets", schedule_id)
    lines = schedule_sets(schedule_id)
    with timezone.override(ZoneInfo(schedule.zone)):
        context = {
            "schedule": schedule,
            "form": form,
            "may": _may(actor, schedule_id),
            "page": Paginator(lines, SESSIONS_PER_PAGE).get_page(request.GET.get("page")),
            "ready": sum(line.can_ask for line in lines),
            "waiting": sum(line.waiting is not None for line in lines),
            "crumbs": [
                {"label": "Review", "url": "/review/"},
                {"label": schedule.title, "url": f"/review/schedules/{schedule.id}/"},
                {"label": "Analyses"},
            ],
        }
        return render(request, "review/schedule_sets.html", context, status=400 if form.errors else 200)


def _tell(request: HttpRequest, started: int, refused: list[str]) -> None:
    if started:
        messages.success(request, f"{started} session{'s are' if started != 1 else ' is'} being analysed again.")
    if refused:
        more = f" And {len(refused) - REFUSALS_SHOWN} more." if len(refused) > REFUSALS_SHOWN else ""
        text = f"Not asked for: {len(refused)}. {' '.join(refused[:REFUSALS_SHOWN])}{more}"
        messages.warning(request, text)


def _may(actor: Actor, schedule_id: UUID) -> bool:
    """For showing and leaving out the form, never instead of the check."""
    try:
        attempts_for(actor, schedule_id, Act.ANALYSE_AGAIN)
    except NotFound:
        return False
    return True
