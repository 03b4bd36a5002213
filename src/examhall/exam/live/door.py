"""What every live endpoint of a candidate's client does: who is it, what do they send, answer after the commit."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import msgspec
from django.db import close_old_connections
from starlette.requests import Request
from starlette.responses import Response

from examhall.base.answer import decode, encode
from examhall.base.arrived import JsonReply, body_of
from examhall.base.errors import StaleLease, TooLarge
from examhall.base.writer import writer
from examhall.exam.access.token import Claims, bearer, verify
from examhall.people.rules.actor import Actor

P = ParamSpec("P")
T = TypeVar("T")

MAX_BODY_BYTES = 1024 * 1024
MAX_LOAD = 10
LAG_OF_ONE_S = 0.1  # a second behind is the most: product.md §10.2 allows an answer half of it


def claims_of(request: Request) -> Claims:
    """The verified token of a request. Raises NotSignedIn."""
    return verify(bearer(request.headers.get("authorization", "")))


def candidate_of(claims: Claims, *, ip: str) -> Actor:
    """The candidate as the journal knows them; the token has been verified, so there is nothing to ask."""
    return Actor(user_id=claims.user, name=claims.name, role="candidate", ip=ip)


def ip_of(request: Request) -> str:
    return request.client.host if request.client else ""


async def sent(request: Request, shape: type[T]) -> T:
    """The body as `shape`. Raises TooLarge before more than 1 MiB is held, BadInput or UnknownField."""
    return decode(await body_of(request, max_bytes=MAX_BODY_BYTES, too_large=_too_large), shape)


def ensure_own_epoch(claims: Claims, epoch: int) -> None:
    """A client writes under the epoch its token was made for, and no other."""
    if claims.epoch != epoch:
        raise StaleLease("The token belongs to another connection of this exam. Reload the page.")


async def in_thread(verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking action or read in a thread."""
    return await asyncio.to_thread(_fresh(verb), *args, **kwargs)


def reply(shape: msgspec.Struct, *, status: int = 200) -> Response:
    return JsonReply(encode(shape), status=status)


def load_figure() -> int:
    """0 to 10: how far commits lag behind; a client stretches its sending of media by it.

    Not the machine's load average: what else runs there, be it analysis or a browser, keeps nobody's answer waiting.
    """
    return min(MAX_LOAD, int(writer.lag_s() / LAG_OF_ONE_S))


def _too_large() -> TooLarge:
    return TooLarge("This is more than 1 MiB. Send it in several parts.")


def _fresh(verb: Callable[P, T]) -> Callable[P, T]:
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        close_old_connections()
        try:
            return verb(*args, **kwargs)
        finally:
            close_old_connections()

    return run
