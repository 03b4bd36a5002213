"""A live request whose body is all here: what Starlette offers of it, without taking it apart for each question."""

from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from examhall.base.errors import TooLarge

__all__ = ["Arrived", "JsonReply", "body_of"]


class Arrived(Request):
    """`headers` by lower-case name."""

    def __init__(self, scope: Scope, headers: dict[str, str], content: bytes) -> None:
        super().__init__(scope)
        self.content = content
        self._body = content
        self._plain = headers

    @property
    def headers(self) -> Headers:
        plain: Any = self._plain  # endpoints only get values by name, which a dict does at a tenth of the price
        found: Headers = plain
        return found


class JsonReply(Response):
    """An answer of encoded JSON; its two headers are made without looking for others."""

    def __init__(self, content: bytes, *, status: int = 200) -> None:
        self.status_code, self.body, self.background = status, content, None
        self.raw_headers = [(b"content-length", b"%d" % len(content)), (b"content-type", b"application/json")]


async def body_of(request: Request, *, max_bytes: int, too_large: Callable[[], TooLarge]) -> bytes:
    """The body, never holding more than `max_bytes` and one part. Raises what `too_large` makes."""
    if isinstance(request, Arrived):
        if len(request.content) > max_bytes:
            raise too_large()
        return request.content
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise too_large()
    return bytes(body)
