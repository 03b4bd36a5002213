"""Giving back the time of an interruption that was only presumed: a person decides (product.md §8.1 b)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from examhall.base.errors import BadInput, Conflict, NotFound
from examhall.exam.actions.outage import credit_presumed
from examhall.exam.reads.attempt import outages
from examhall.invigilation.http.guard import ensure_may_act
from examhall.people.http.actor import actor_of


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500)


@require_POST
def give_back(request: HttpRequest, schedule_id: UUID, outage_id: UUID) -> HttpResponse:
    """`POST /invigilation/{schedule}/outages/{outage}/credit` with `reason`: to all it hit, as far as they go on."""
    actor = actor_of(request)
    ensure_may_act(actor, schedule_id, "credit")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise BadInput(
            "A reason is needed.", fields={"reason": "Say why in 1 to 500 characters: it stands in the log."}
        )
    if outage_id not in {one.id for one in outages(schedule_id)}:
        raise NotFound("There is no such interruption in this exam.")
    try:
        given = credit_presumed(outage_id, by=actor, reason=form.cleaned_data["reason"])
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, f"Time given back to {given} {'candidate' if given == 1 else 'candidates'}.")
    return redirect("invigilation-dashboard", schedule_id)
