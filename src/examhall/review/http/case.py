"""What the candidate says about the session, beside its status."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from examhall.exam.access.attempt import attempt_for
from examhall.exam.rules.rights import Act
from examhall.people.http.actor import actor_of
from examhall.review.actions.statement import record_statement
from examhall.review.http.session import SessionPage
from examhall.review.rules.statement import STATEMENT_MAX


class StatementForm(forms.Form):
    text = forms.CharField(
        max_length=STATEMENT_MAX,
        label="What did the candidate say?",
        help_text="In their words as far as you can. Kept with your name and the time; it cannot be changed later, "
        "only added to.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": f"Write what the candidate said, in 1 to {STATEMENT_MAX} characters."},
    )


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/case/; POST writes down what the candidate said, with `text` (R-2.28)."""
    shown = SessionPage(request, attempt_id, "case")
    if request.method == "GET":
        return _page(shown, StatementForm())
    actor = actor_of(request)
    attempt = attempt_for(actor, attempt_id, Act.REVIEW_INCIDENTS)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _page(shown, form, status=400)
    record_statement(attempt, by=actor, text=form.cleaned_data["text"])
    messages.success(request, "Written down. It stands beside the status from now on.")
    return redirect("review-case", attempt_id)


def _page(shown: SessionPage, form: StatementForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "may": shown.may(Act.REVIEW_INCIDENTS)}
    return shown.render("review/case.html", context, status=status)
