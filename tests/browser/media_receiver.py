"""A small receiver with the rules of `PUT /live/v1/media`, for tests of the client's half without the server's half."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

PAGE = """<!doctype html><title>Bench</title><video id="webcam"></video><video id="screen"></video>
<script type="module" src="/build/{script}"></script>"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One segment as it came."""

    attempt: str
    track: str
    media_epoch: int
    seq: int
    t_ms: int
    d_ms: int
    key: bool
    codecs: str | None
    body: bytes


@dataclass
class Receiver:
    """Runs in a thread; `kept` and the switches may be read and set from the test."""

    build: Path
    port: int
    entered_before: timedelta = timedelta(hours=1)
    kept: dict[tuple[str, str, int, int], Kept] = field(default_factory=dict)
    order: list[tuple[str, str, int, int]] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    down: bool = False
    """Answer 503 to every segment."""
    stale_tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._entered: dict[str, datetime] = {}
        self._tokens = 0
        self._watchers: list[tuple[WebSocket, set[tuple[str, str]]]] = []
        config = uvicorn.Config(
            self._app(), host="127.0.0.1", port=self.port, log_level="error", ws="websockets-sansio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def wait_for(self, condition: Callable[[], bool], what: str, *, timeout_s: float = 25) -> None:
        """Block until `condition` holds; it is asked again after each request."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout_s), f"{what} did not happen within {timeout_s} s"

    def fragments(self, attempt: str, track: str) -> list[Kept]:
        """In order of epoch and number, without the inits."""
        rows = [row for row in list(self.kept.values()) if (row.attempt, row.track) == (attempt, track) and row.seq > 0]
        return sorted(rows, key=lambda row: (row.media_epoch, row.seq))

    def epochs(self, attempt: str, track: str) -> list[int]:
        rows = list(self.kept.values())
        return sorted({row.media_epoch for row in rows if (row.attempt, row.track) == (attempt, track)})

    def reel(self, attempt: str, track: str, media_epoch: int) -> bytes:
        """Init and fragments one after the other: a playable file by itself."""
        rows = [row for row in self.fragments(attempt, track) if row.media_epoch == media_epoch]
        return self.kept[attempt, track, media_epoch, 0].body + b"".join(row.body for row in rows)

    def missing(self, attempt: str, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for line in made:
            numbers = range(line["last_seq"] + 1)
            seqs = [seq for seq in numbers if (attempt, line["track"], line["media_epoch"], seq) not in self.kept]
            if seqs:
                found.append({"track": line["track"], "media_epoch": line["media_epoch"], "seqs": seqs})
        return found

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/connect/{attempt}", self._connect, methods=["POST"]),
                Route("/live/v1/media/manifest", self._manifest, methods=["POST"]),
                Route("/live/v1/media/{track}/{epoch:int}/{seq:int}", self._put, methods=["PUT"]),
                Route("/replay/{attempt}/{track}.m3u8", self._playlist),
                Route("/replay/{attempt}/{track}/{epoch:int}.mp4", self._reel),
                WebSocketRoute("/live/v1/desk", self._desk),
                Route("/page/{script:path}", self._page),
                Mount("/build", StaticFiles(directory=self.build)),
            ]
        )

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(PAGE.format(script=request.path_params["script"]))

    async def _connect(self, request: Request) -> Response:
        attempt = request.path_params["attempt"]
        now = datetime.now(UTC)
        entered_at = self._entered.setdefault(attempt, now - self.entered_before)
        self._tokens += 1
        return JSONResponse(
            {
                "attempt": attempt,
                "token": f"{attempt}.{self._tokens}",
                "server_now": now.isoformat(),
                "entered_at": entered_at.isoformat(),
                "next_media_epoch": {"webcam": 0, "screen": 0},
            }
        )

    async def _manifest(self, request: Request) -> Response:
        attempt = self._attempt_of(request)
        body = await request.json()
        return JSONResponse({"missing": self.missing(attempt, body["tracks"]), "server_now": _now()})

    async def _put(self, request: Request) -> Response:
        body = await request.body()
        status = self._take(request, body)
        with self._changed:
            self._changed.notify_all()
        if status == 201:
            await self._push(self.kept[self.order[-1]])
        if status >= 400:
            self.refusals.append((status, request.url.path))
        return JSONResponse({"server_now": _now(), "load": 0}, status_code=status)

    def _take(self, request: Request, body: bytes) -> int:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token in self.stale_tokens:
            return 401
        if self.down:
            return 503
        if hashlib.sha256(body).hexdigest() != request.headers["x-sha256"]:
            return 422
        row = Kept(
            attempt=self._attempt_of(request),
            track=request.path_params["track"],
            media_epoch=request.path_params["epoch"],
            seq=request.path_params["seq"],
            t_ms=int(request.headers["x-t-ms"]),
            d_ms=int(request.headers["x-d-ms"]),
            key=request.headers["x-key"] == "1",
            codecs=request.headers.get("x-codecs"),
            body=body,
        )
        name = (row.attempt, row.track, row.media_epoch, row.seq)
        if name in self.kept:
            return 200 if self.kept[name].body == body else 409
        self.kept[name] = row
        self.order.append(name)
        return 201

    async def _desk(self, socket: WebSocket) -> None:
        """Staff's side: after the token, each `watch` brings init and newest key fragment, then what arrives."""
        await socket.accept()
        await socket.receive_json()
        watched: set[tuple[str, str]] = set()
        self._watchers.append((socket, watched))
        try:
            while True:
                for line in (await socket.receive_json())["attempts"]:
                    watched.add((line["attempt"], line["track"]))
                    newest = self.fragments(line["attempt"], line["track"])[-1]
                    await _send_media(socket, self.kept[newest.attempt, newest.track, newest.media_epoch, 0])
                    await _send_media(socket, newest)
        except WebSocketDisconnect:
            self._watchers.remove((socket, watched))

    async def _push(self, row: Kept) -> None:
        for socket, watched in list(self._watchers):
            if (row.attempt, row.track) in watched:
                await _send_media(socket, row)

    async def _playlist(self, request: Request) -> Response:
        """Playlist time is attempt time; what was not recorded is an EXT-X-GAP entry, as the product writes it."""
        attempt, track = request.path_params["attempt"], request.path_params["track"]
        lines = ["#EXTM3U", "#EXT-X-VERSION:8", "#EXT-X-TARGETDURATION:12", "#EXT-X-PLAYLIST-TYPE:VOD"]
        at_ms, epoch, offset = 0, -1, 0
        for group in _groups_of_pictures(self.fragments(attempt, track)):
            first, last = group[0], group[-1]
            if first.t_ms > at_ms:
                lines += [f"#EXTINF:{(first.t_ms - at_ms) / 1000:.3f},", "#EXT-X-GAP", "gap.mp4"]
            address = f"{track}/{first.media_epoch}.mp4"
            if first.media_epoch != epoch:
                offset = len(self.kept[attempt, track, first.media_epoch, 0].body)
                lines += ["#EXT-X-DISCONTINUITY"] if epoch >= 0 else []
                lines += [f'#EXT-X-MAP:URI="{address}",BYTERANGE="{offset}@0"']
            length = sum(len(row.body) for row in group)
            at_ms, epoch = last.t_ms + last.d_ms, first.media_epoch
            lines += [f"#EXTINF:{(at_ms - first.t_ms) / 1000:.3f},", f"#EXT-X-BYTERANGE:{length}@{offset}", address]
            offset += length
        return Response("\n".join([*lines, "#EXT-X-ENDLIST", ""]), media_type="application/vnd.apple.mpegurl")

    async def _reel(self, request: Request) -> Response:
        whole = self.reel(*(request.path_params[name] for name in ("attempt", "track", "epoch")))
        first, last = request.headers["range"].removeprefix("bytes=").split("-")
        part = whole[int(first) : int(last) + 1]
        return Response(part, 206, {"content-range": f"bytes {first}-{last}/{len(whole)}"}, "video/mp4")

    def _attempt_of(self, request: Request) -> str:
        return request.headers["authorization"].removeprefix("Bearer ").rpartition(".")[0]


def _groups_of_pictures(rows: list[Kept]) -> list[list[Kept]]:
    groups: list[list[Kept]] = []
    for row in rows:
        if row.key or not groups:
            groups.append([])
        groups[-1].append(row)
    return groups


async def _send_media(socket: WebSocket, row: Kept) -> None:
    kind = {"kind": "init", "codecs": row.codecs} if row.seq == 0 else {"kind": "fragment"}
    header = {"type": "media", "attempt": row.attempt, "track": row.track, "media_epoch": row.media_epoch}
    times = {"seq": row.seq, "t_ms": row.t_ms, "d_ms": row.d_ms, "key": row.key}
    await socket.send_json({**header, **times, **kind})
    await socket.send_bytes(row.body)


def _now() -> str:
    return datetime.now(UTC).isoformat()
