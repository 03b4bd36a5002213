"""The one place where the HTTP door turns an error into an answer: JSON for a program, a page for a person."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from examhall.base.answer import encode, error_body
from examhall.base.errors import ExamhallError, NotSignedIn
from examhall.base.settings import settings

Answer = Callable[[HttpRequest], HttpResponse]


class translate:  # noqa: N801 - Django names middleware by dotted path and calls it like a function
    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ExamhallError):
            return None
        if wants_json(request):
            return HttpResponse(encode(error_body(exception)), status=exception.status, content_type="application/json")
        if isinstance(exception, NotSignedIn):
            return redirect_to_login(request.get_full_path())
        template = {403: "403.html", 404: "404.html"}.get(exception.status, "error.html")
        context = {"error": exception, "support_contact": settings().support_contact}
        return render(request, template, context, status=exception.status)


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in (request.headers.get("Accept", ""), request.content_type or "")
