"""Analyses of one session: the sets of incidents there are, two of them side by side, and asking for another."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from examhall.base.errors import BadInput, Conflict, NotFound
from examhall.base.reason import REASON_MAX
from examhall.base.words import Leniency, ReanalysisState
from examhall.exam.access.attempt import attempt_for
from examhall.exam.rules.rights import Act
from examhall.incidents.actions.reanalysis import adopt, analyse_again, discard, try_again
from examhall.incidents.reads.reanalysis import SetRow
from examhall.incidents.rules.reanalysis import MATCH_TOLERANCE_MS
from examhall.people.http.actor import actor_of
from examhall.review.http.session import SessionPage
from examhall.review.reads.sets import Pair, chosen_pair, session_sets, side_by_side, stricter_kinds

AS_AGREED = ""


class AgainForm(forms.Form):
    """Why, and by which levels."""

    reason = forms.CharField(
        max_length=REASON_MAX,
        label="Why analyse again?",
        help_text="Written to the candidate log with your name.",
        error_messages={"required": f"Say why in 1 to {REASON_MAX} characters."},
    )
    levels = forms.ChoiceField(
        required=False,
        label="Levels",
        choices=[
            (AS_AGREED, "As agreed for this exam"),
            *((one.value, f"{one.value.capitalize()}, for comparison") for one in Leniency),
        ],
        help_text="What was agreed is what runs: a set made by stricter levels can be looked at, never made current.",
        error_messages={"invalid_choice": "Choose one of the list."},
    )

    @property
    def leniency(self) -> Leniency | None:
        chosen = self.cleaned_data["levels"]
        return Leniency(chosen) if chosen else None


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/sets/?set=; POST asks for another set with `reason` and `levels`."""
    shown = SessionPage(request, attempt_id, "sets")
    if request.method == "GET":
        return _page(shown, AgainForm())
    attempt = attempt_for(shown.actor, attempt_id, Act.ANALYSE_AGAIN)
    form = AgainForm(request.POST)
    if not form.is_valid():
        return _page(shown, form, status=400)
    try:
        number = analyse_again(attempt, by=shown.actor, reason=form.cleaned_data["reason"], leniency=form.leniency)
    except Conflict as refusal:
        form.add_error(None, refusal.message)
        return _page(shown, form, status=refusal.status)
    messages.success(request, f"Set {number} is being made. The incidents that count stay as they are.")
    return redirect("review-sets", attempt_id)


@require_POST
def decide(request: HttpRequest, attempt_id: UUID, number: int, act: str) -> HttpResponse:
    """POST /review/sessions/{id}/sets/{n}/adopt, discard (with `reason`) or again."""
    actor = actor_of(request)
    attempt = attempt_for(actor, attempt_id, Act.ANALYSE_AGAIN)
    reason = request.POST.get("reason", "")
    try:
        match act:
            case "adopt":
                adopt(attempt, number, by=actor, reason=reason)
                messages.success(
                    request, "This set is the current one now. Verdicts on another set stay with that set."
                )
            case "discard":
                discard(attempt, number, by=actor, reason=reason)
                messages.success(request, f"Set {number} was discarded. Nothing else has changed.")
            case "again":
                try_again(attempt, number, by=actor)
            case _:
                raise NotFound("There is no such act.")
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    return redirect("review-sets", attempt_id)


@require_safe
def progress(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/sets/progress: how far the set that is being made has come; reloads when it ended."""
    shown = SessionPage(request, attempt_id, "sets")
    making = _making(session_sets(attempt_id))
    if making is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "review/set_progress.html", _progress(shown, making))


def _page(shown: SessionPage, form: AgainForm, *, status: int = 200) -> HttpResponse:
    sets = session_sets(shown.attempt.id)
    pair = chosen_pair(sets, _wanted(shown.request.GET))
    waiting = next((row for row in sets if row.asked is not None and row.asked.outstanding), None)
    making = _making(sets)
    length_h = shown.row.length.total_seconds() / 3600
    context: dict[str, Any] = {
        "sets": sets,
        "form": form,
        "may": shown.may(Act.ANALYSE_AGAIN),
        "waiting": waiting,
        "stricter": stricter_kinds(shown.row.ref, waiting.leniency) if waiting else [],
        "can_ask": bool(sets) and sets[0].finished_at is not None and waiting is None,
        "both": side_by_side(shown.row.ref, pair, first=sets[0], length_h=length_h) if pair else None,
        "tolerance_s": MATCH_TOLERANCE_MS // 1000,
        "at": shown.at,
        **(_progress(shown, making) if making else {}),
    }
    if context["both"] is not None:
        both = context["both"]
        context["lists"] = [
            (f"Only in {_lower(both.before.row)}", "ob", [_line(shown, one) for one in both.only_before]),
            (f"Only in {_lower(both.after.row)}", "oa", [_line(shown, one) for one in both.only_after]),
            ("In both", "ib", [_line(shown, one) for one in both.both]),
        ]
    return shown.render("review/sets.html", context, status=status)


def _lower(row: SetRow) -> str:
    return row.name if row.number else "the original set"


def _line(shown: SessionPage, pair: Pair) -> dict[str, Any]:
    """A matched pair for a table: when, what, and how each set has it."""
    return {"at": shown.at(pair.shown.start_ms), "row": pair.shown, "before": pair.before, "after": pair.after}


def _making(sets: Sequence[SetRow]) -> SetRow | None:
    return next((row for row in sets if row.asked and row.asked.state is ReanalysisState.COMPUTING), None)


def _progress(shown: SessionPage, making: SetRow) -> dict[str, Any]:
    length_ms = max(1.0, shown.row.length.total_seconds() * 1000)
    return {
        "session": shown.row,
        "making": making,
        "percent": min(99, int(making.analysed_to_ms / length_ms * 100)),
    }


def _wanted(query: Mapping[str, str]) -> int | None:
    text = query.get("set", "")
    if text and not text.isdecimal():
        raise BadInput("There is no such set.", fields={"set": "A number of the list."})
    return int(text) if text else None
