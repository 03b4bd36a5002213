"""The style gallery: every part of the look in every state, on invented values, for tests and whoever builds a page."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.views.generic import TemplateView

from examhall.base.words import (
    AttemptState,
    IncidentFamily,
    IncidentState,
    RegistrationState,
    ScheduleState,
    SessionState,
)
from examhall.site import look

_AT = datetime(2026, 11, 21, 9, 42, 51, 377000, tzinfo=UTC)


class SampleForm(forms.Form):
    """One of each kind of field; the values given by the gallery leave two of them wrong."""

    title = forms.CharField(label="Title", max_length=120, help_text="As candidates read it.")
    limit = forms.IntegerField(
        label="Time limit in minutes",
        max_value=480,
        error_messages={"max_value": "A proctored exam takes at most 480 minutes. Write 480 or less."},
    )
    starts = forms.ChoiceField(label="Time zone", choices=[("cet", "CET, UTC+1"), ("utc", "UTC")])
    intro = forms.CharField(label="Introduction", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    proctoring = forms.BooleanField(
        label="Use proctoring", required=False, help_text="Camera, microphone and entire screen are recorded."
    )
    kind = forms.ChoiceField(
        label="Sensitivity", widget=forms.RadioSelect, choices=[("lenient", "Lenient"), ("standard", "Standard")]
    )
    candidates = forms.FileField(label="Candidates", help_text="A CSV file with number, name and email.")


class Gallery(TemplateView):
    template_name = "gallery.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        form = SampleForm({"title": "Pharmacology II", "limit": 600, "starts": "cet", "kind": "standard"})
        return super().get_context_data(**kwargs) | {
            "form": form,
            "page": Paginator(range(168), 26).page(2),
            "at": _AT,
            "attempt_states": list(AttemptState),
            "schedule_states": list(ScheduleState),
            "registration_states": list(RegistrationState),
            "session_states": list(SessionState),
            "incident_states": list(IncidentState),
            "families": list(IncidentFamily),
            "connections": list(look.Connection),
            "cameras": list(look.Camera),
            "tones": [str(tone) for tone in look.Tone],
            "crumbs": [
                {"label": "Invigilation", "url": "#"},
                {"label": "Pharmacology II", "url": "#"},
                {"label": "Gallery"},
            ],
            "keys": [{"keys": ["N", "P"], "does": "Next and previous incident"}],
            "people": ["Amara Okonkwo", "Ngọc Trần", "Łukasz Wiśniewski", "Ελένη Παππά", "Олена Коваль"],
        }
