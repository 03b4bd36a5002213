"""What a candidate fetches: their exams, and each question of an exam they hold."""

import math
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from examhall.base import clock
from examhall.exam.access.attempt import attempt_for
from examhall.exam.reads.items import question_xml
from examhall.exam.reads.registration import exams_of
from examhall.exam.rules.rights import Act
from examhall.exam.rules.schedule import Phase
from examhall.people.http.actor import actor_of
from examhall.people.reads.people import person


@require_GET
def exams(request: HttpRequest) -> HttpResponse:
    """The dashboard (C1), with times in the candidate's own zone, or each exam's if they have not set one."""
    actor = actor_of(request)
    zone = person(actor.user_id).zone if actor.user_id else ""
    cards = exams_of(actor)
    shown_in = zone or (cards[0].zone if cards else "UTC")
    context = {
        "upcoming": [card for card in cards if not card.over],
        "past": [card for card in cards if card.over],
        "zone": shown_in,
    }
    with timezone.override(shown_in):
        response = render(request, "exam/exams.html", context)
    waiting = [card.opens_at for card in cards if card.phase is Phase.SCHEDULED]
    if waiting:
        # the card enables itself when its exam opens, by the server's clock and without a script
        response.headers["Refresh"] = str(max(math.ceil((min(waiting) - clock.now()).total_seconds()), 1))
    return response


@require_GET
def question(request: HttpRequest, attempt_id: UUID, item_id: UUID) -> HttpResponse:
    """QTI 3 XML without any key, to the candidate of this attempt alone."""
    attempt = attempt_for(actor_of(request), attempt_id, Act.SIT)
    return HttpResponse(question_xml(attempt, item_id), content_type="application/xml; charset=utf-8")
