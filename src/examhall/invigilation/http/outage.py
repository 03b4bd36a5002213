"""The time of an interruption that was only presumed: a person gives it back or declines to (product.md §8.1 b)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from examhall.base.errors import BadInput, Conflict, NotFound
from examhall.exam.actions.outage import credit_presumed, decline_presumed
from examhall.exam.reads.attempt import outages
from examhall.invigilation.http.guard import ensure_may_act
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500)


@require_POST
def give_back(request: HttpRequest, schedule_id: UUID, outage_id: UUID) -> HttpResponse:
    """`POST /invigilation/{schedule}/outages/{outage}/credit` with `reason`: to all it hit, as far as they go on."""
    actor, reason = _asked(request, schedule_id, outage_id, act="credit")
    try:
        given = credit_presumed(outage_id, by=actor, reason=reason)
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, f"Time given back to {given} {'candidate' if given == 1 else 'candidates'}.")
    return redirect("invigilation-dashboard", schedule_id)


@require_POST
def decline(request: HttpRequest, schedule_id: UUID, outage_id: UUID) -> HttpResponse:
    """`POST /invigilation/{schedule}/outages/{outage}/decline` with `reason`: it is proposed no more."""
    actor, reason = _asked(request, schedule_id, outage_id, act="decline-credit")
    try:
        decline_presumed(outage_id, by=actor, reason=reason)
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, "The time is not given back. The reason stands in the log.")
    return redirect("invigilation-dashboard", schedule_id)


def _asked(request: HttpRequest, schedule_id: UUID, outage_id: UUID, *, act: str) -> tuple[Actor, str]:
    """Who decides, and why. Raises NotAllowed, BadInput, NotFound."""
    actor = actor_of(request)
    ensure_may_act(actor, schedule_id, act)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise BadInput(
            "A reason is needed.", fields={"reason": "Say why in 1 to 500 characters: it stands in the log."}
        )
    if outage_id not in {one.id for one in outages(schedule_id)}:
        raise NotFound("There is no such interruption in this exam.")
    return actor, form.cleaned_data["reason"]
