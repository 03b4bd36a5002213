"""The one place where the HTTP door turns an error into an answer: JSON for a program, a page for a person."""

import sys
from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import server_error

from examhall.base.answer import encode, error_body, error_headers
from examhall.base.busy import busy_of
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
            return _json(exception)
        if isinstance(exception, NotSignedIn):
            return redirect_to_login(request.get_full_path())
        template = {403: "403.html", 404: "404.html"}.get(exception.status, "error.html")
        context = {"error": exception, "support_contact": settings().support_contact}
        page = render(request, template, context, status=exception.status)
        for name, value in error_headers(exception).items():
            page[name] = value
        return page


def unforeseen(request: HttpRequest) -> HttpResponse:
    """What Django asks for inside the `except` of a fault, in whatever layer it came up (handler500).

    The page is made without the request: who asks, and in which words, stands in the database that did not answer.
    """
    busy = busy_of(sys.exc_info()[1])
    if busy is None:
        return server_error(request)
    if wants_json(request):
        return _json(busy)
    page = render_to_string("503.html", {"error": busy, "support_contact": settings().support_contact})
    return HttpResponse(page, status=busy.status, headers=error_headers(busy))


def _json(error: ExamhallError) -> HttpResponse:
    told = encode(error_body(error))
    return HttpResponse(told, status=error.status, content_type="application/json", headers=error_headers(error))


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in (request.headers.get("Accept", ""), request.content_type or "")
