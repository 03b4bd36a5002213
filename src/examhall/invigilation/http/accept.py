"""Accepting an answer that was kept and does not count (product.md §8.2, §8.3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from examhall.exam.actions.acceptance import accept_answer
from examhall.exam.rules.rights import Act
from examhall.invigilation.http.guard import allowed
from examhall.people.http.actor import actor_of


@require_POST
def accept(request: HttpRequest, attempt_id: UUID, revision_id: int) -> HttpResponse:
    """`POST /invigilation/attempts/{attempt}/answers/{id}/accept` with `reason`; leads back to the candidate log."""
    ref = allowed(request, attempt_id, Act.INTERVENE)
    accept_answer(ref.id, revision_id, by=actor_of(request), reason=request.POST.get("reason", ""))
    messages.success(request, "Accepted. This answer counts now.")
    return redirect("invigilation-log", ref.schedule, ref.id)
