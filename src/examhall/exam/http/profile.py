"""Administration → Proctoring: the site's profile, saved as a new version (product.md S1; R-0.5 to R-0.9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from examhall.base.errors import BadInput, StaleVersion
from examhall.base.queue import trouble
from examhall.exam.actions.profile import save_site_profile
from examhall.exam.http.forms import refuse
from examhall.exam.reads.profile import ProfilePage, profile_page
from examhall.exam.rules.policy import Value
from examhall.exam.rules.policy_form import GROUPS, Kind, Option, layer_of, options, shown_values, version_seen
from examhall.exam.rules.policy_help import Help, help_of
from examhall.exam.rules.policy_words import name_of
from examhall.exam.rules.presets import PRESETS, Preset
from examhall.people.actions.letter import LETTER
from examhall.people.http.actor import actor_of

_PRESETS = {
    Preset.LENIENT: "Lenient",
    Preset.STANDARD: "Standard",
    Preset.STRICT: "Strict",
    Preset.LOCKDOWN_ONLY: "Lockdown only, no recording",
    Preset.RECORD_ONLY: "Record only, no lock",
    Preset.OPEN_BOOK: "Open book",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One option as the page shows it."""

    bound: BoundField
    option: Option
    name: str
    help: Help
    saved: str
    """The value of the newest version, as the control has it."""
    changed: bool


class ProfileForm(forms.Form):
    """A field for each option, named by its key."""

    def __init__(self, posted: Mapping[str, Any] | None, *, values: Mapping[str, Value]) -> None:
        super().__init__(posted, initial=shown_values(values))
        self.options = options()
        for key, option in self.options.items():
            self.fields[key] = _field(option)
        self.fields["comment"] = forms.CharField(
            required=False, max_length=500, label="What changes, and why", help_text="Kept with the version."
        )

    def chosen(self) -> dict[str, Value]:
        return {key: self.cleaned_data[key] for key in self.options}


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """GET /admin/proctoring/?preset=; POST saves a version."""
    actor = actor_of(request)
    shown = profile_page(actor)
    if request.method == "GET":
        return _page(request, shown, ProfileForm(None, values=_start(request.GET.get("preset", ""), shown)))
    form = ProfileForm(request.POST, values=shown.values)
    status = 400
    if form.is_valid():
        layer = layer_of(form.chosen(), kept=shown.values)
        if layer == shown.values:
            messages.info(request, "Nothing was changed, so no version was made.")
            return _on(request)
        try:
            seen = version_seen(request.POST.get("seen_version", ""))
            number = save_site_profile(layer, by=actor, comment=form.cleaned_data["comment"], seen_version=seen)
        except (BadInput, StaleVersion) as error:
            refuse(form, error)
            status = error.status
        else:
            text = "It applies to exams scheduled from now on; those already scheduled keep their settings."
            messages.success(request, f"Saved as version {number}. {text}")
            return _on(request)
    return _page(request, profile_page(actor), form, status=status)


def _start(preset: str, shown: ProfilePage) -> Mapping[str, Value]:
    """What the form begins with: the saved values, or those of a preset that was asked for."""
    if not preset:
        return shown.values
    if preset not in set(Preset):
        raise BadInput("There is no such preset.", fields={"preset": f"One of {', '.join(Preset)}."})
    return PRESETS[Preset(preset)]


def _page(request: HttpRequest, shown: ProfilePage, form: ProfileForm, *, status: int = 200) -> HttpResponse:
    saved = shown_values(shown.values)
    groups = [(group, [_row(form, key, saved) for key in group.keys]) for group in GROUPS]
    preset = request.GET.get("preset", "")
    context = {
        "profile": shown,
        "version": _version(shown),
        "next_number": shown.number + 1,
        "form": form,
        "groups": groups,
        "changed": sum(row.changed for _, rows in groups for row in rows),
        "presets": [(one.value, words, one.value == preset) for one, words in _PRESETS.items()],
        "preset": _PRESETS.get(Preset(preset)) if preset in set(Preset) else "",
        "letters": trouble(LETTER),
        "crumbs": [{"label": "Administration", "url": "/admin/proctoring/"}, {"label": "Proctoring"}],
    }
    return render(request, "exam/profile.html", context, status=status)


def _row(form: ProfileForm, key: str, saved: Mapping[str, Value]) -> _Row:
    option, bound = form.options[key], form[key]
    before = _text(saved[key])
    now = _text(bound.value())
    # the panel says already what it is about
    name = name_of(key).removeprefix("Sensitivity, ").removeprefix("Shortest stretch, ").removeprefix("Limit, ")
    return _Row(bound, option, name, help_of(key), before, changed=now != before)


def _text(value: object) -> str:
    """A value as a control carries it; a box that is not ticked posts nothing."""
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)


def _field(option: Option) -> forms.Field:
    match option.kind:
        case Kind.FLAG:
            widget = forms.CheckboxInput(attrs={"class": "switch"})
            return forms.BooleanField(required=False, label=name_of(option.key), widget=widget)
        case Kind.WHOLE:
            words = f"Enter {option.minimum} to {option.maximum}{f' {option.unit}' if option.unit else ''}."
            return forms.IntegerField(
                label=name_of(option.key),
                min_value=option.minimum,
                max_value=option.maximum,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), words),
            )
        case Kind.WORDS:
            words = "Separate them by commas: at most 20 short ones, each with three letters or figures in a row."
            label = name_of(option.key)
            return forms.RegexField(option.pattern, required=False, label=label, error_messages={"invalid": words})
        case Kind.CHOICE:
            optional = any(value == "" for value, _ in option.choices)
            return forms.ChoiceField(
                label=name_of(option.key),
                choices=option.choices,
                required=not optional,
                error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the list."),
            )


def _version(shown: ProfilePage) -> str:
    return f"Version {shown.number}" if shown.number else "Built-in settings"


def _on(request: HttpRequest) -> HttpResponse:
    """Back to the page, or where the person was going when they were asked to save."""
    there = request.POST.get("next", "")
    if there and url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure()):
        return redirect(there)
    return redirect("profile")
