"""HTTP/1.1 for the short way: a live request is collected, given to its endpoint, and answered in one write.

uvicorn's way of a request (a task that is woken for every part of the body, an event, a timer, two writes) cost about
twice what the door itself does with a segment. Only the plain case is taken here; whatever is not live, comes in
chunks, expects to be told to go on, waits behind another on its connection, or is large goes uvicorn's way.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from examhall.base.arrived import Arrived
from examhall.base.errors import ExamhallError
from examhall.site.short_way import Endpoint, ShortWay

MAX_BYTES: Final = 512 * 1024  # held before the token is looked at; a segment of 2 s has 80 KB

log = structlog.get_logger(__name__)


class _Nobody:
    """Stands where uvicorn's request waits for its body: here nobody waits."""

    def set(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Short:
    """A request on the short way; what the protocol asks of uvicorn's own kind of request, it finds here too."""

    endpoint: Endpoint
    scope: dict[str, Any]
    headers: dict[str, str]
    parts: list[bytes] = field(default_factory=list)
    keep_alive: bool = True
    disconnected: bool = False
    response_complete: bool = False
    message_event: _Nobody = field(default_factory=_Nobody)


class ShortProtocol(HttpToolsProtocol):
    """One connection. `config.app` must be a ShortWay, as `asgi.application` is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*args, **kwargs)
        proxied = self.app if isinstance(self.app, ProxyHeadersMiddleware) else None
        way: object = proxied.app if proxied is not None else self.app
        self._way = way if isinstance(way, ShortWay) and not self.root_path else None
        self._trusted = proxied.trusted_hosts if proxied is not None else None
        self._short: _Short | None = None
        self._idle_since_s = 0.0
        self._idle_timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        self._short = self._taken()
        if self._short is None:
            super().on_headers_complete()
        else:
            mine: Any = self._short
            self.cycle = mine

    def on_body(self, body: bytes) -> None:
        if self._short is None:
            super().on_body(body)
        else:
            self._short.parts.append(body)

    def on_message_complete(self) -> None:
        short, self._short = self._short, None
        if short is None:
            super().on_message_complete()
            return
        content = short.parts[0] if len(short.parts) == 1 else b"".join(short.parts)
        task = self.loop.create_task(self._answer(short, Arrived(short.scope, short.headers, content)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _taken(self) -> _Short | None:
        """The request whose headers have just come, if it can go the short way."""
        parser, free = self.parser, self.cycle is None or self.cycle.response_complete
        if self._way is None or not free or self.expect_100_continue or self.flow.write_paused:
            return None
        if parser.should_upgrade() or not parser.should_keep_alive() or parser.get_http_version() != "1.1":
            return None
        path, method = self.url.decode("latin-1"), parser.get_method().decode("ascii")
        found = self._way.found(method, path)
        if found is None or "%" in path:
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(self.headers)}
        if not 0 < int(headers.get("content-length", 0)) <= MAX_BYTES:
            return None
        scope = {"type": "http", "method": method, "path": path, "client": self._client(), "path_params": found[1]}
        return _Short(found[0], scope, headers)

    def _client(self) -> tuple[str, int] | None:
        """Who asks: a trusted proxy says it, as uvicorn's own ProxyHeadersMiddleware understands it."""
        said = [value for name, value in self.headers if name == b"x-forwarded-for"]
        if said and self._trusted is not None and self.client is not None and self.client[0] in self._trusted:
            host, port = self._trusted.get_trusted_client_address(b", ".join(said).decode("latin-1"))
            return (host, port) if host else self.client
        return self.client

    async def _answer(self, short: _Short, request: Request) -> None:
        try:
            response = await self._way_of(short, request)
        except Exception as fault:
            log.error("live request failed", path=short.scope["path"], exc_info=fault)
            response = Response(b"Internal Server Error", status_code=500, media_type="text/plain")
        self._give(short, response)

    async def _way_of(self, short: _Short, request: Request) -> Response:
        try:
            return await short.endpoint(request)
        except ExamhallError as error:
            if self._way is None:
                raise
            return await self._way.refuse(request, error)

    def _give(self, short: _Short, response: Response) -> None:
        short.response_complete = True
        if short.disconnected or self.transport.is_closing():
            return
        lines = [STATUS_LINE[response.status_code]]
        for name, value in (*self.server_state.default_headers, *response.raw_headers):
            lines += (name, b": ", value, b"\r\n")
        lines += (b"\r\n" if short.keep_alive else b"connection: close\r\n\r\n", bytes(response.body))
        self.transport.write(b"".join(lines))
        if not short.keep_alive:
            self.transport.close()
        if self.pipeline or self.transport.is_closing():
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._rest()

    def _rest(self) -> None:
        """Close the connection when nothing more comes; looked at now and then instead of set anew for each request."""
        self._idle_since_s = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _look(self) -> None:
        self._idle_timer = None
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if is_busy or self.timeout_keep_alive_task is not None:  # whoever answers, or uvicorn's own timer, sees to it
            return
        rest_s = self._idle_since_s + self.timeout_keep_alive - self.loop.time()
        if rest_s <= 0:
            self.timeout_keep_alive_handler()
        else:
            self._idle_timer = self.loop.call_later(rest_s, self._look)
