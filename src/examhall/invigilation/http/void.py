"""Declaring an attempt void, and taking that back: plain forms on the page of the log (R-4.26, A12, A13)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from examhall.base import clock
from examhall.base.errors import BadInput, Conflict, NotAllowed
from examhall.base.words import AttemptState
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.actions import attempt as acts
from examhall.exam.reads.desk import DeskSchedule
from examhall.exam.rules.rights import Act
from examhall.invigilation.http.guard import allowed
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor


@require_POST
def void(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """`POST …/log/{attempt}/void` with `reason`: by invigilators while the exam is open, later by the permission."""
    ref = allowed(request, attempt_id, Act.VOID)
    if _is_closed(ref):
        allowed(request, attempt_id, Act.VOID_LATE)
    return _done(request, schedule_id, ref, acts.void, "Voided. Answers, recording and log are kept.")


@require_POST
def reverse_void(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """`POST …/log/{attempt}/reverse-void` with `reason`: by the permission, and by somebody else than who voided it."""
    ref = allowed(request, attempt_id, Act.VOID_LATE)
    return _done(request, schedule_id, ref, acts.reverse_void, "The void is taken back: the attempt counts again.")


def void_act(ref: AttemptRef, schedule: DeskSchedule) -> str:
    """Which of the two this person is offered: `void`, `reverse_void` or nothing; for buttons, never instead of the
    check."""
    if ref.state is AttemptState.VOIDED:
        return "reverse_void" if Act.VOID_LATE in schedule.acts else ""
    return "void" if (Act.VOID_LATE if _is_closed(ref) else Act.VOID) in schedule.acts else ""


def _is_closed(ref: AttemptRef) -> bool:
    return clock.now() >= ref.hard_end


def _done(
    request: HttpRequest, schedule_id: UUID, ref: AttemptRef, act: Callable[..., None], said: str
) -> HttpResponse:
    by: Actor = actor_of(request)
    try:
        act(ref.id, by=by, reason=request.POST.get("reason", ""))
    except (BadInput, Conflict, NotAllowed) as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect("invigilation-log", schedule_id, ref.id)
