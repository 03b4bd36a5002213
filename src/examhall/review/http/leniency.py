"""Administration → Proctoring → Leniency from decisions: proposals with a preview, applied by a person only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from examhall.base import clock
from examhall.base.errors import BadInput, StaleVersion
from examhall.exam.actions.profile import save_site_profile
from examhall.exam.reads.profile import ProfilePage, profile_page
from examhall.exam.rules.policy_form import version_seen
from examhall.incidents.rules.leniency import MAX_FACTOR, MIN_DECISIONS
from examhall.people.http.actor import actor_of
from examhall.people.reads.people import UnitRow, units
from examhall.review.reads.leniency import KindLesson, below, lessons

PERIOD = timedelta(days=180)
"""What the page begins with: about one examination season and the one before."""
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""A day at the end of the calendar has no midnight behind it."""
REASON_MAX = 200
ALL_UNITS = ""


class PeriodForm(forms.Form):
    """Which decisions: of which days, in which unit."""

    from_day = forms.DateField(label="Decided from", widget=forms.DateInput(attrs={"type": "date"}))
    to_day = forms.DateField(label="to", widget=forms.DateInput(attrs={"type": "date"}))
    unit = forms.ChoiceField(label="Unit", required=False)

    def __init__(self, asked: Mapping[str, Any], *, tree: Sequence[UnitRow]) -> None:
        super().__init__(asked)
        below_it = [(str(unit.id), f"{'– ' * unit.depth}{unit.name}") for unit in tree]
        self.fields["unit"] = forms.ChoiceField(
            label="Unit", required=False, choices=[(ALL_UNITS, "Every unit"), *below_it]
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("from_day", "to_day"):
            if name in given and not FIRST_DAY <= given[name] <= LAST_DAY:
                self.add_error(name, f"Choose a day from {FIRST_DAY:%Y} to {LAST_DAY:%Y}.")
        if "from_day" in given and "to_day" in given and given["from_day"] > given["to_day"]:
            self.add_error("to_day", "Not before the first day.")
        return given


@dataclass(frozen=True, slots=True)
class _Asked:
    """A period and a unit, and what was decided there."""

    profile: ProfilePage
    form: PeriodForm
    lessons: Sequence[KindLesson]


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """GET /admin/proctoring/leniency/?from_day=&to_day=&unit=; POST saves the ticked proposals as a profile version."""
    actor = actor_of(request)
    asked = _asked(request, profile_page(actor))
    if request.method == "GET":
        return _page(request, asked, status=200 if asked.form.is_valid() else 400)
    if not asked.form.is_valid():
        raise BadInput("Choose the days again.", fields={"from_day": "The days the page showed."})
    reason = request.POST.get("reason", "").strip()
    try:
        chosen = _chosen(request.POST.getlist("apply"), asked.lessons)
        if not chosen or not 0 < len(reason) <= REASON_MAX:
            raise BadInput(f"Tick at least one proposal and say why in 1 to {REASON_MAX} characters.")
        values = {**asked.profile.values, **chosen}
        comment = f"Leniency from decisions, {_period(asked.form)}: {reason}"
        seen = version_seen(request.POST.get("seen_version", ""))
        number = save_site_profile(values, by=actor, comment=comment, seen_version=seen)
    except (BadInput, StaleVersion) as refusal:
        return _page(request, asked, refusal=refusal.message, reason=reason, status=refusal.status)
    text = "It applies to exams scheduled from now on; those already scheduled keep their settings."
    messages.success(request, f"Saved as version {number} of the site profile. {text}")
    return redirect("profile")


def _asked(request: HttpRequest, profile: ProfilePage) -> _Asked:
    query = request.GET if request.method == "GET" else request.POST
    today = timezone.localdate(clock.now())
    start = {"from_day": (today - PERIOD).isoformat(), "to_day": today.isoformat(), "unit": ALL_UNITS}
    tree = units()
    form = PeriodForm({**start, **{name: query[name] for name in start if name in query}}, tree=tree)
    if not form.is_valid():
        return _Asked(profile, form, ())
    given = form.cleaned_data
    found = lessons(
        profile.values,
        from_at=_midnight(given["from_day"]),
        to_at=_midnight(given["to_day"] + timedelta(days=1)),
        units=below(tree, UUID(given["unit"])) if given["unit"] else None,
    )
    return _Asked(profile, form, found)


def _chosen(posted: Sequence[str], found: Sequence[KindLesson]) -> dict[str, int]:
    """The ticked proposals as values of the policy. Raises BadInput for one that does not stand (any more), and for two
    of one kind: what they do together nobody has counted.
    """
    offered = {proposal for one in found for proposal in one.proposed}
    if gone := [one for one in posted if one not in offered]:
        raise BadInput(
            "Decisions have changed what is proposed. Open the page again and look at the preview.",
            fields={"apply": ", ".join(gone)[:100]},
        )
    if twice := [one.title for one in found if len(set(one.proposed) & set(posted)) > 1]:
        raise BadInput(
            f"Tick one proposal for each kind: what two do together was not counted ({', '.join(twice)}).",
            fields={"apply": "One for each kind."},
        )
    pairs = [one.partition(":") for one in posted]
    return {key: int(value) for key, _, value in pairs}


def _page(
    request: HttpRequest, asked: _Asked, *, refusal: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "profile": asked.profile,
        "form": asked.form,
        "lessons": asked.lessons,
        "proposals": sum(len(one.proposed) for one in asked.lessons),
        "ticked": request.POST.getlist("apply"),
        "minimum": MIN_DECISIONS,
        "factor": MAX_FACTOR,
        "next_number": asked.profile.number + 1,
        "refusal": refusal,
        "reason": reason,
        "crumbs": [
            {"label": "Administration", "url": "/admin/proctoring/"},
            {"label": "Proctoring", "url": "/admin/proctoring/"},
            {"label": "Leniency from decisions"},
        ],
    }
    return render(request, "review/leniency.html", context, status=status)


def _period(form: PeriodForm) -> str:
    given = form.cleaned_data
    return f"{given['from_day']} to {given['to_day']}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
