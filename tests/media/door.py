"""The live door of this wing in the test's own process, spoken to over HTTP."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from django.db import connections
from starlette.applications import Starlette
from starlette.routing import Mount

from examhall.base.errors import ExamhallError
from examhall.base.writer import writer
from examhall.media.live.routes import ROUTES
from examhall.site.asgi import refuse


class Door:
    """Sends one request at a time and returns its answer."""

    def __init__(self) -> None:
        routes = [Mount("/live/v1", routes=ROUTES)]
        self._app = Starlette(routes=routes, exception_handlers={ExamhallError: refuse})
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()
        self._runner.get_loop().set_default_executor(self._thread)

    def close(self) -> None:
        """End its thread with the database connection it opened, and the writer's."""
        self._thread.submit(connections.close_all).result()
        self._runner.close()
        writer.stop()

    def put(self, path: str, *, content: bytes, headers: dict[str, str]) -> httpx.Response:
        return self._sent("PUT", path, content=content, headers=headers)

    def post(self, path: str, *, json: object, headers: dict[str, str] | None = None) -> httpx.Response:
        return self._sent("POST", path, json=json, headers=headers)

    def _sent(self, method: str, path: str, **parts: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://examhall.test") as client:
                return await client.request(method, path, **parts)

        return self._runner.run(send())
