"""Both doors in one process: the slim live door and Django's pages behind it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import django
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")
django.setup()

from a2wsgi import WSGIMiddleware  # noqa: E402 - Django must be set up before anything of it is imported
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import OperationalError, close_old_connections  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402
from starlette.routing import BaseRoute, Mount  # noqa: E402
from starlette.types import ASGIApp  # noqa: E402

from examhall.base.answer import encode, error_body, error_headers  # noqa: E402
from examhall.base.busy import busy_of  # noqa: E402
from examhall.base.errors import ExamhallError  # noqa: E402
from examhall.base.settings import settings  # noqa: E402
from examhall.base.writer import writer  # noqa: E402
from examhall.exam.actions.sweep import sweep  # noqa: E402
from examhall.exam.live.routes import ROUTES as exam_routes  # noqa: E402, N811 - one of several wings' lists
from examhall.incidents.actions.analysis import wake_unfinished  # noqa: E402
from examhall.invigilation.live.routes import ROUTES as desk_routes  # noqa: E402, N811 - one of several wings' lists
from examhall.journal.bus import bus  # noqa: E402
from examhall.media.jobs.recording import sweep as sweep_recordings  # noqa: E402
from examhall.media.live.relay import relay  # noqa: E402
from examhall.media.live.routes import ROUTES as media_routes  # noqa: E402, N811 - one of several wings' lists
from examhall.site.buffered import Buffered  # noqa: E402
from examhall.site.short_way import ShortWay  # noqa: E402

log = structlog.get_logger(__name__)

HTTP_THREADS = 16  # each is busy only while Django works: slow connections wait in front (buffered.py)
LIVE_PREFIX = "/live/v1"


@dataclass(frozen=True, slots=True)
class Loop:
    """Something the serving process does again and again, in a thread."""

    name: str
    every_s: float
    once: Callable[[], object]


LIVE_ROUTES: Sequence[BaseRoute] = [*exam_routes, *media_routes, *desk_routes]
LOOPS: Sequence[Loop] = [
    Loop("sweep attempts", 1.0, sweep),
    Loop("sweep recordings", 5.0, sweep_recordings),
    Loop("wake analyses", 2.0, lambda: wake_unfinished(watched=relay.attempts())),
]


async def refuse(request: Request, error: Exception) -> Response:
    """The one place where the live door turns an error into an answer."""
    told = error if isinstance(error, ExamhallError) else busy_of(error)
    if told is None:
        raise error
    headers = error_headers(told)
    return Response(encode(error_body(told)), status_code=told.status, media_type="application/json", headers=headers)


async def _run(loop: Loop) -> None:
    while True:
        try:
            await asyncio.to_thread(_in_thread, loop)
        except Exception as fault:
            log.error("loop failed", loop=loop.name, exc_info=fault)
        await asyncio.sleep(loop.every_s)


def _in_thread(loop: Loop) -> None:
    close_old_connections()
    try:
        loop.once()
    finally:
        close_old_connections()


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    bus.receive(settings().wake_socket)
    loops = LOOPS if _takes_candidates() else []
    running = [asyncio.create_task(_run(loop), name=loop.name) for loop in loops]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        bus.close()
        await asyncio.to_thread(writer.stop)


def _takes_candidates() -> bool:
    """Whether this is an ingest process: only its rows in the liveness ledger say that candidates can reach us."""
    return settings().doors in {"both", "live"}


def build() -> ASGIApp:
    """The application with the doors that the settings open."""
    routes: list[BaseRoute] = []
    live = list(LIVE_ROUTES) if _takes_candidates() else []
    if live:
        routes.append(Mount(LIVE_PREFIX, routes=live))
    if settings().doors in {"both", "http"}:
        wsgi: Any = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=HTTP_THREADS)
        routes.append(Mount("/", app=Buffered(wsgi)))
    usual = Starlette(
        routes=routes, lifespan=_lifespan, exception_handlers={ExamhallError: refuse, OperationalError: refuse}
    )
    return ShortWay(usual, prefix=LIVE_PREFIX, routes=live, refuse=refuse)


application = build()
