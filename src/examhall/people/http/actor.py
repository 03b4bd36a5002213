"""The Actor of each request, made at most once."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from examhall.base.errors import NotSignedIn
from examhall.people.access import actor_for_user
from examhall.people.rules.actor import Actor

_KEPT = "_examhall_actor"


def client_ip(request: HttpRequest) -> str:
    """The address the request came from; behind a proxy the server is told to trust, the one it names."""
    return str(request.META.get("REMOTE_ADDR", ""))


def actor_of(request: HttpRequest) -> Actor:
    """Who asks. Raises NotSignedIn when nobody is signed in."""
    kept = getattr(request, _KEPT, None)
    if isinstance(kept, Actor):
        return kept
    if not request.user.is_authenticated or request.user.pk is None:
        raise NotSignedIn("Sign in to go on.")
    actor = actor_for_user(UUID(str(request.user.pk)), ip=client_ip(request))
    setattr(request, _KEPT, actor)
    return actor


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a page about a person is never kept by a cache, unless the view says otherwise."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer
