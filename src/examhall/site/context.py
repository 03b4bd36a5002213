"""What every page's frame needs: navigation by what the person may do, theme, contact."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from examhall.base import clock
from examhall.base.settings import settings
from examhall.base.words import Permission
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor


@dataclass(frozen=True, slots=True)
class NavLink:
    label: str
    url: str
    current: bool


_STAFF_LINKS: tuple[tuple[str, str, frozenset[Permission]], ...] = (
    ("Assessments", "/assessments/", frozenset({Permission.ASSESSMENT_AUTHOR})),
    ("Schedules", "/schedules/", frozenset({Permission.SCHEDULE_CREATE})),
    ("Invigilation", "/invigilation/", frozenset()),
    ("Review", "/review/", frozenset()),
    ("Results", "/results/", frozenset({Permission.RESULTS_EXPORT, Permission.MARKS_WRITE})),
    ("Administration", "/admin/proctoring/", frozenset({Permission.PROCTORING_ACTIVATE})),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """`nav`, `theme`, `server_now`, `support_contact`, `demo`, `sends_mail` for base templates."""
    context: dict[str, Any] = {
        "nav": [],
        "theme": "",
        "server_now": clock.now(),
        "support_contact": settings().support_contact,
        "demo": settings().demo,
        "sends_mail": settings().sends_mail,
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["theme"] = user.theme
        context["nav"] = _links(actor_of(request), request.path)
    return context


def _links(actor: Actor, path: str) -> list[NavLink]:
    if actor.role == "candidate":
        return [NavLink("My exams", "/exams/", path.startswith("/exams/"))]
    return [
        NavLink(label, url, path.startswith(url.removesuffix("proctoring/")))
        for label, url, needed in _STAFF_LINKS
        if not needed or any(actor.may_anywhere(p) for p in needed)
    ]
