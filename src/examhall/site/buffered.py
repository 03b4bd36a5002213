"""Keeps slow connections away from the threads of Django's door.

The whole request is taken before a thread is used and the response waits here for a slow reader, so a thread is busy
only while Django works. Ten connections that send a byte now and then would otherwise stop every page.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examhall.base.errors import ExamhallError, TooLarge, Unavailable

MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`patience_s` and `least_bytes_per_s`: time for a body, or for a part of a response, is patience plus its length
    at that rate."""

    body_bytes: int = 64 * MIB
    """Above the largest upload that a form takes: what is too large for a form is told by the form."""
    all_bodies_bytes: int = 512 * MIB
    """Of all requests that are being taken: memory is finite."""
    patience_s: float = 20.0
    least_bytes_per_s: int = 16 * 1024
    waiting_bytes: int = 8 * MIB
    """Of one response; beyond it the thread waits for the reader."""


class TooSlow(ExamhallError):
    code, status = "too_slow", 408


class Buffered:
    """An ASGI application that gives `app` whole bodies and takes its responses at once."""

    def __init__(self, app: ASGIApp, limits: Limits = Limits()) -> None:
        self._app, self._limits = app, limits
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            if await self._take(body, receive):
                await self._serve(bytes(body), scope, receive, send)
        except (TooLarge, TooSlow, Unavailable) as refused:
            answer = PlainTextResponse(refused.message, refused.status, headers={"connection": "close"})
            await answer(scope, receive, send)
        finally:
            self._held_bytes -= len(body)

    async def _take(self, body: bytearray, receive: Receive) -> bool:
        """Read the request into `body`; False when the client went away."""
        limits, began = self._limits, asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + limits.patience_s) as patience:
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return False
                    part, more = message.get("body", b""), message.get("more_body", False)
                    self._ensure_room(len(body) + len(part), len(part))
                    body += part
                    self._held_bytes += len(part)
                    patience.reschedule(began + limits.patience_s + len(body) / limits.least_bytes_per_s)
        except TimeoutError:
            raise TooSlow("The request did not arrive in time. Check the connection and send it again.") from None
        return True

    def _ensure_room(self, body_bytes: int, more_bytes: int) -> None:
        if body_bytes > self._limits.body_bytes:
            raise TooLarge(f"More than {self._limits.body_bytes // MIB} MB cannot be sent at once. Split the file.")
        if self._held_bytes + more_bytes > self._limits.all_bodies_bytes:
            raise Unavailable("Too much is being uploaded just now. Try again in a minute.")

    async def _serve(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        outbox = _Outbox(self._limits)
        reading = asyncio.create_task(outbox.hand_out(send))
        try:
            await self._app(_measured(scope, len(body)), whole, outbox.put)
        finally:
            await outbox.end()
            await reading


def _measured(scope: Scope, body_bytes: int) -> Scope:
    """With the length of a body that came in chunks: WSGI reads none without it."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"transfer-encoding"]
    if len(headers) == len(scope["headers"]):
        return scope
    return {**scope, "headers": [*headers, (b"content-length", str(body_bytes).encode())]}


class _Outbox:
    """What a response holds ready for its reader."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: deque[Message] = deque()
        self._waiting_bytes = 0
        self._ended = self._gone = False
        self._news = asyncio.Condition()

    async def put(self, message: Message) -> None:
        """Returns at once while there is room; what nobody reads any more is dropped."""
        async with self._news:
            await self._news.wait_for(lambda: self._gone or self._waiting_bytes < self._limits.waiting_bytes)
            if not self._gone:
                self._waiting.append(message)
                self._waiting_bytes += len(message.get("body", b""))
                self._news.notify_all()

    async def end(self) -> None:
        async with self._news:
            self._ended = True
            self._news.notify_all()

    async def hand_out(self, send: Send) -> None:
        """Send until the end; a reader who takes too long for a part is left."""
        while (message := await self._next()) is not None:
            length_bytes = len(message.get("body", b""))
            try:
                async with asyncio.timeout(self._limits.patience_s + length_bytes / self._limits.least_bytes_per_s):
                    await send(message)
            except (TimeoutError, OSError):  # OSError: how a server may say that the reader left (ASGI 2.4)
                self._gone = True
            async with self._news:
                self._waiting_bytes -= length_bytes
                self._news.notify_all()
                if self._gone:
                    return

    async def _next(self) -> Message | None:
        async with self._news:
            await self._news.wait_for(lambda: self._ended or bool(self._waiting))
            return self._waiting.popleft() if self._waiting else None
