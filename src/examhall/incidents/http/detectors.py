"""Administration → Detectors: their papers, and the switches (product.md §4.5, S9)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from examhall.base.errors import BadInput, Conflict
from examhall.base.reason import REASON_MAX
from examhall.incidents.actions.switch import switch_off, switch_on
from examhall.incidents.reads.detectors import DetectorsPage, detectors_page
from examhall.people.http.actor import actor_of

_CHOOSE = {"required": "Choose at least one.", "invalid_choice": "%(value)s cannot be switched."}


class SwitchForm(forms.Form):
    """Which kinds, which way, and why."""

    def __init__(self, posted: Any = None, *, shown: DetectorsPage) -> None:  # noqa: ANN401 - Django's own
        super().__init__(posted)
        listed = [(one.kind.value, one.title) for row in shown.detectors for one in row.kinds]
        self.fields["kinds"] = forms.MultipleChoiceField(choices=listed, label="Detections", error_messages=_CHOOSE)

    act = forms.ChoiceField(
        choices=(
            ("now", "Off at once, in running exams too"),
            ("coming", "Off in sessions entered from now on"),
            ("on", "On again"),
        ),
        widget=forms.RadioSelect,
        label="Switch",
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of the list."},
    )
    reason = forms.CharField(
        max_length=REASON_MAX,
        label="Reason",
        help_text="Shown with your name to whoever watches or reviews, and kept in the journal.",
        error_messages={"required": "Say why; it is shown to whoever watches or reviews."},
    )


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """GET /admin/detectors/; POST throws a switch."""
    actor = actor_of(request)
    shown = detectors_page(actor)
    if request.method == "GET":
        return _page(request, shown, SwitchForm(shown=shown))
    form, status = SwitchForm(request.POST, shown=shown), 400
    if form.is_valid():
        given = form.cleaned_data
        try:
            if given["act"] == "on":
                switch_on(given["kinds"], reason=given["reason"], by=actor)
            else:
                switch_off(given["kinds"], at_once=given["act"] == "now", reason=given["reason"], by=actor)
        except (BadInput, Conflict) as error:
            form.add_error("kinds" if "kinds" in error.fields else None, error.message)
            status = error.status
        else:
            messages.success(request, _DONE[given["act"]])
            return redirect("detectors")
    return _page(request, shown, form, status=status)


_DONE = {
    "now": "Switched off, in running exams too. Their pages say so.",
    "coming": "Switched off for sessions entered from now on. Those that run are watched as before.",
    "on": "Switched on again.",
}


def _page(request: HttpRequest, shown: DetectorsPage, form: SwitchForm, *, status: int = 200) -> HttpResponse:
    chosen = form["kinds"].value() or []
    crumbs = [{"label": "Administration", "url": "/admin/proctoring/"}, {"label": "Detectors"}]
    context = {"page": shown, "form": form, "chosen": chosen, "crumbs": crumbs}
    return render(request, "incidents/detectors.html", context, status=status)
