"""Arranging accommodations for one candidate of a schedule (product.md §4.4, A4)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from examhall.base.errors import BadInput, Conflict
from examhall.base.reason import REASON_MAX
from examhall.exam.actions.accommodation import set_accommodations
from examhall.exam.http.forms import refuse
from examhall.exam.reads.registration import Arranged, arranged
from examhall.exam.rules.accommodation import ACCOMMODATIONS
from examhall.exam.rules.candidates_csv import MAX_EXTRA_TIME_MIN
from examhall.people.http.actor import actor_of


class AccommodationForm(forms.Form):
    """What is arranged, and on whose word."""

    extra_min = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_EXTRA_TIME_MIN, label="Extra time, minutes"
    )
    extra_percent = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=300,
        label="Extra time, percent of the exam",
    )
    accommodations = forms.MultipleChoiceField(
        required=False,
        choices=[(word.value, effect.name) for word, effect in ACCOMMODATIONS.items()],
        widget=forms.CheckboxSelectMultiple,
        label="Arrangements",
    )
    reason = forms.CharField(
        max_length=REASON_MAX,
        label="Decided by, or number of the decision",
        help_text="Kept in the journal. No diagnosis: whoever watches or reviews sees what is different, never why.",
        error_messages={"required": "Say who decided it, or its number; no diagnosis."},
    )


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, schedule_id: UUID, registration_id: UUID) -> HttpResponse:
    """GET, POST /schedules/{id}/candidates/{registration}/accommodations."""
    actor = actor_of(request)
    shown = arranged(actor, schedule_id, registration_id)
    form = AccommodationForm(request.POST or None, initial=_initial(shown))
    status = 200
    if form.is_bound:
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            try:
                set_accommodations(
                    registration_id,
                    words=given["accommodations"],
                    reason=given["reason"],
                    by=actor,
                    extra_percent=given["extra_percent"] or 0,
                    extra_min=given["extra_min"] or 0,
                )
            except (BadInput, Conflict) as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, f"Saved for {shown.name}. It holds from the start of the exam.")
                return redirect("schedule", schedule_id)
    crumbs = [
        {"label": "Schedules", "url": "/schedules/"},
        {"label": shown.title, "url": f"/schedules/{schedule_id}/"},
        {"label": "Accommodations"},
    ]
    context = {"form": form, "shown": shown, "crumbs": crumbs}
    return render(request, "exam/accommodations.html", context, status=status)


def _initial(shown: Arranged) -> dict[str, object]:
    words = [word.value for word in shown.accommodations]
    return {"extra_min": shown.extra_time_s // 60 or None, "accommodations": words}
