"""The short way of a live request to its endpoint: a look at its path instead of layers and route tables.

A request that stores a segment costs little itself, so what stands around it counts: Starlette's layers and its search
for the route took about as much as the checks of a segment. Whatever is not found here goes the usual way, which also
says what is wrong with it (404, 405).
"""

from collections.abc import Awaitable, Callable, Sequence
from re import Pattern
from typing import Any

from django.db import OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from examhall.base.errors import ExamhallError

Endpoint = Callable[[Request], Awaitable[Response]]
Refuse = Callable[[Request, Exception], Awaitable[Response]]


class ShortWay:
    """Answers requests of `routes` below `prefix`; gives everything else to `usual`."""

    def __init__(self, usual: ASGIApp, *, prefix: str, routes: Sequence[BaseRoute], refuse: Refuse) -> None:
        self._usual, self._prefix, self.refuse = usual, prefix, refuse
        self._plain: dict[tuple[str, str], Endpoint] = {}
        self._patterns: list[tuple[str, Pattern[str], Endpoint]] = []
        for route in routes:
            if isinstance(route, Route):
                self._add(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.found(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._usual(scope, receive, send)
            return
        endpoint, params = found
        request = Request({**scope, "path_params": params}, receive, send)
        try:
            response = await endpoint(request)
        except (ExamhallError, OperationalError) as error:
            response = await self.refuse(request, error)
        await response(scope, receive, send)

    def found(self, method: str, path: str) -> tuple[Endpoint, dict[str, Any]] | None:
        """The endpoint of a live request and the parts of its path."""
        if not path.startswith(self._prefix):
            return None
        rest = path[len(self._prefix) :]
        plain = self._plain.get((method, rest))
        if plain is not None:
            return plain, {}
        for of_method, pattern, endpoint in self._patterns:
            if of_method == method and (match := pattern.match(rest)):
                return endpoint, match.groupdict()
        return None

    def _add(self, route: Route) -> None:
        for method in route.methods or ():
            if route.param_convertors:
                self._patterns.append((method, route.path_regex, route.endpoint))
            else:
                self._plain[method, route.path] = route.endpoint
