"""Pages of schedulers: schedules, their check-list, frozen settings, candidates and invigilators."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from examhall.base.errors import BadInput, Conflict, ExamhallError, NotFound
from examhall.base.words import ScheduleState
from examhall.exam.actions import schedule as acts
from examhall.exam.actions.registration import Registered, add_candidates, invite_candidates, withdraw_candidate
from examhall.exam.http.forms import CandidatesForm, DeadlineForm, ScheduleForm, refuse
from examhall.exam.reads.registration import candidates_of, waiting_for_password
from examhall.exam.reads.schedule import (
    SchedulePage,
    may_schedule,
    schedulable,
    schedule_page,
    schedules,
)
from examhall.exam.rules.rights import Act
from examhall.people.http.actor import actor_of
from examhall.people.reads.people import people_by_login, search_staff

_SHOWN_CANDIDATES = 200
_NOBODY_ENTERS = frozenset({ScheduleState.CANCELLED, ScheduleState.ARCHIVED})


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return render(request, "exam/schedules.html", {"schedules": schedules(actor), "may_schedule": may_schedule(actor)})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not may_schedule(actor):
        raise NotFound("There is no such page, or it is not yours to see.")
    choices = schedulable(actor)
    form = ScheduleForm(request.POST or None, choices=choices)
    if form.is_bound and form.is_valid():
        try:
            made = acts.create_schedule(UUID(form.cleaned_data["assessment"]), plan=form.plan(), by=actor)
        except BadInput as error:
            refuse(form, error)
        else:
            return redirect("schedule", made)
    if not form.is_bound and request.GET.get("assessment"):
        form.initial["assessment"] = request.GET["assessment"]
    context = {"form": form, "choices": choices, "crumbs": _crumbs("New schedule"), "heading": "New schedule"}
    return render(request, "exam/schedule_form.html", context, status=400 if form.errors else 200)


@require_GET
def page(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    return _page(request, schedule_id)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Change a draft; of a scheduled exam the deadline alone, and only to later."""
    actor = actor_of(request)
    shown = schedule_page(actor, schedule_id)
    if shown.state is not ScheduleState.DRAFT:
        return _extend(request, shown)
    form = ScheduleForm(request.POST or None, choices=[], page=shown)
    if form.is_bound and form.is_valid():
        try:
            seen = int(request.POST.get("seen_version", "0") or "0")
            acts.edit_schedule(schedule_id, plan=form.plan(shown.overrides), seen_version=seen, by=actor)
        except (ExamhallError, ValueError) as error:
            refuse(form, error if isinstance(error, ExamhallError) else BadInput("Reload the page and try again."))
        else:
            messages.success(request, "Saved.")
            return redirect("schedule", schedule_id)
    context = {
        "form": form,
        "schedule": shown,
        "choices": [shown],
        "heading": "Edit schedule settings",
        "crumbs": _crumbs(shown.title, f"/schedules/{shown.id}/", "Edit"),
    }
    return render(request, "exam/schedule_form.html", context, status=400 if form.errors else 200)


@require_POST
def activate(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    try:
        acts.activate(schedule_id, by=actor_of(request))
    except Conflict as error:
        return _refused(request, schedule_id, error)
    messages.success(
        request, "Scheduled. The settings are frozen: later changes of the profile do not reach this exam."
    )
    return redirect("schedule", schedule_id)


@require_POST
def unschedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    try:
        acts.unschedule(schedule_id, reason=request.POST.get("reason", ""), by=actor_of(request))
    except (BadInput, Conflict) as error:
        return _refused(request, schedule_id, error)
    messages.success(request, "Unscheduled. Schedule it again to take up the newest settings.")
    return redirect("schedule", schedule_id)


@require_POST
def cancel(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    try:
        acts.cancel_schedule(schedule_id, reason=request.POST.get("reason", ""), by=actor_of(request))
    except (BadInput, Conflict) as error:
        return _refused(request, schedule_id, error)
    messages.success(request, "Cancelled. Answers already given are kept.")
    return redirect("schedule", schedule_id)


@require_POST
def take_candidates(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Import a list; with `check` only tell what it would do."""
    actor = actor_of(request)
    schedule_page(actor, schedule_id)
    form = CandidatesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, schedule_id, candidates_form=form)
    dry_run = "check" in request.POST
    try:
        done = add_candidates(schedule_id, content=form.cleaned_data["file"].read(), by=actor, dry_run=dry_run)
    except BadInput as error:
        refuse(form, error)
        return _page(request, schedule_id, candidates_form=form)
    if done.errors or dry_run:
        return _page(request, schedule_id, outcome=done)
    again = f" ({done.again} of them withdrawn before)" if done.again else ""
    messages.success(request, f"{done.added} added{again}, {done.already} were registered before.")
    return redirect("schedule", schedule_id)


@require_POST
def invite(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """Send the link for the first password once more to everybody who has none."""
    try:
        count = invite_candidates(schedule_id, by=actor_of(request))
    except Conflict as error:
        return _refused(request, schedule_id, error)
    messages.success(request, f"{count} invitation{'s' if count != 1 else ''} on the way.")
    return redirect("schedule", schedule_id)


@require_POST
def withdraw(request: HttpRequest, schedule_id: UUID, registration_id: UUID) -> HttpResponse:
    try:
        withdraw_candidate(registration_id, by=actor_of(request), reason=request.POST.get("reason", ""))
    except (BadInput, Conflict) as error:
        return _refused(request, schedule_id, error)
    messages.success(request, "Withdrawn. This person can no longer enter the exam.")
    return redirect("schedule", schedule_id)


@require_POST
def assign(request: HttpRequest, schedule_id: UUID, as_what: str) -> HttpResponse:
    """Make the person whose login was chosen an invigilator or a reviewer of this schedule."""
    actor = actor_of(request)
    schedule_page(actor, schedule_id)
    login = request.POST.get("login", "").strip()
    found = people_by_login([login]).get(login)
    if found is None:
        error = BadInput(f"Choose the {as_what} from the list of people.", fields={"login": "Choose a person."})
        return _refused(request, schedule_id, error)
    verb, can = _ASSIGNMENTS[as_what]
    try:
        verb(schedule_id, user_id=found.id, by=actor)
    except Conflict as error:
        return _refused(request, schedule_id, error)
    messages.success(request, f"{found.name} {can}")
    return redirect("schedule", schedule_id)


@require_POST
def unassign(request: HttpRequest, schedule_id: UUID, user_id: UUID, as_what: str) -> HttpResponse:
    remove = acts.remove_reviewer if as_what == "reviewer" else acts.remove_invigilator
    try:
        remove(schedule_id, user_id=user_id, by=actor_of(request))
    except Conflict as error:
        return _refused(request, schedule_id, error)
    return redirect("schedule", schedule_id)


_ASSIGNMENTS = {
    "invigilator": (acts.assign_invigilator, "can now open this exam's live pages."),
    "reviewer": (acts.assign_reviewer, "can now review this exam's sessions."),
}


def _refused(request: HttpRequest, schedule_id: UUID, error: ExamhallError) -> HttpResponse:
    """The same page, which shows what stands in the way, with the refusal on top."""
    messages.error(request, error.message)
    return _page(request, schedule_id, status=error.status)


def _extend(request: HttpRequest, shown: SchedulePage) -> HttpResponse:
    form = DeadlineForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            acts.extend_deadline(shown.id, deadline=form.at(shown.zone), by=actor_of(request))
        except ExamhallError as error:
            refuse(form, error)
        else:
            messages.success(request, "The exam closes later now.")
            return redirect("schedule", shown.id)
    with timezone.override(shown.zone):
        crumbs = _crumbs(shown.title, f"/schedules/{shown.id}/", "Edit")
        context = {"form": form, "schedule": shown, "crumbs": crumbs}
        return render(request, "exam/schedule_edit.html", context, status=400 if form.errors else 200)


def _page(
    request: HttpRequest,
    schedule_id: UUID,
    *,
    candidates_form: CandidatesForm | None = None,
    outcome: Registered | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    shown = schedule_page(actor, schedule_id)
    refused = (candidates_form is not None and candidates_form.errors) or (outcome is not None and outcome.errors)
    context: dict[str, Any] = {
        "schedule": shown,
        "acts": {act.value for act in shown.acts},
        "may_withdraw": Act.REGISTER_CANDIDATES in shown.acts and shown.state not in _NOBODY_ENTERS,
        "may_arrange": Act.ARRANGE in shown.acts,
        "candidates": candidates_of(actor, schedule_id)[:_SHOWN_CANDIDATES],
        "candidates_form": candidates_form or CandidatesForm(),
        "outcome": outcome,
        "waiting": waiting_for_password(actor, schedule_id),
        "staff": search_staff("", limit=200),
        "crumbs": _crumbs(shown.title),
        "unit_name": shown.unit,
    }
    with timezone.override(shown.zone):
        return render(request, "exam/schedule.html", context, status=400 if refused else status)


def _crumbs(title: str, url: str = "", last: str = "") -> list[dict[str, str]]:
    crumbs = [{"label": "Schedules", "url": "/schedules/"}, {"label": title, "url": url}]
    return [*crumbs, {"label": last}] if last else crumbs
