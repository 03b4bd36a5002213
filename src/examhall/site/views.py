"""Doors that belong to no wing: home, health, preferences."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from examhall.base.answer import encode
from examhall.people.actions.people import set_theme
from examhall.people.http.actor import actor_of
from examhall.site.health import check


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to their own first page."""
    actor = actor_of(request)
    return redirect("/exams/" if actor.role == "candidate" else "/invigilation/")


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the installation can take an exam, 503 with the reasons otherwise (design.md §8)."""
    health = check()
    return HttpResponse(encode(health), status=200 if health.status == "ok" else 503, content_type="application/json")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if actor.user_id is not None:
        set_theme(actor.user_id, theme=request.POST.get("theme", ""))
    return HttpResponse(status=204)
