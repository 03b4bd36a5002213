"""The mixed load of an exam, durable: heartbeat and entry every 5 s, answer every 30 s, webcam each 1 s, screen 2 s.

The reference is the same requests answered by a Starlette door that stores nothing. Loss is what was acknowledged and
is not in the database afterwards; it is counted after the server was killed with SIGKILL.
"""

import asyncio
import hashlib
import json
import multiprocessing
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import numpy as np
import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.place import Place, free_port, installation, serving
from bench.wire import Connection

HEARTBEAT_S, ENTRY_S, ANSWER_S, WEBCAM_S, SCREEN_S = 5.0, 5.0, 30.0, 1.0, 2.0
RUN_S = 20.0
P99_LIMIT_MS = 500.0  # product.md §10.2: an answer is acknowledged within 500 ms
STEPS = (25, 50, 100, 200, 300, 400, 600)


@dataclass(slots=True)
class Tally:
    """What the clients know to be acknowledged, and how long each request took."""

    answers: int = 0
    entries: int = 0
    segments: int = 0
    refused: int = 0
    took_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Film:
    """Fragments of one second of camera and two of screen, the same for everybody."""

    webcam_init: bytes
    webcam: bytes
    webcam_codecs: str
    screen_init: bytes
    screen: bytes
    screen_codecs: str


@dataclass(frozen=True, slots=True)
class Figure:
    candidates: int
    cpu_us_per_candidate_second: float
    p50_ms: float
    p99_ms: float
    lost: int
    refused: int


async def one(seat: Any, port: int, film: Film, tally: Tally, until: float, offset_s: float) -> None:  # noqa: ANN401
    """Play one candidate; the connection for media is its own, as a browser's worker has one."""
    control, media = Connection(port, seat.token), Connection(port, seat.token)
    sender = Sender(seat, control, media, film, tally)
    await sender.begin()
    await asyncio.sleep(offset_s)
    await asyncio.gather(
        every(HEARTBEAT_S, until, sender.beat),
        every(ENTRY_S, until, sender.entry),
        every(ANSWER_S, until, sender.answer, first_s=ANSWER_S * (offset_s % 1.0)),
        every(WEBCAM_S, until, sender.webcam),
        every(SCREEN_S, until, sender.screen),
    )
    await control.close()
    await media.close()


async def every(period_s: float, until: float, act: Any, *, first_s: float = 0.0) -> None:  # noqa: ANN401
    due = time.monotonic() + first_s
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await act()
        due += period_s


class Sender:
    """The requests of one candidate."""

    def __init__(self, seat: Any, control: Connection, media: Connection, film: Film, tally: Tally) -> None:  # noqa: ANN401
        self._seat, self._control, self._media, self._film, self._tally = seat, control, media, film, tally
        self._seq = 0
        self._made = {"webcam": 0, "screen": 0}

    async def begin(self) -> None:
        for track in ("webcam", "screen"):
            await self._put(track, 0)
            await self._put(track, 1)
            self._made[track] = 1
        await self._post("/live/v1/start", {"epoch": self._seat.epoch})

    async def beat(self) -> None:
        await self._post("/live/v1/heartbeat", {"epoch": self._seat.epoch, **self._stamp(), "visible": True})

    async def entry(self) -> None:
        self._seq += 1
        entry = {"client_seq": self._seq, "kind": "question_visited", **self._stamp(), "question_number": 1}
        if await self._post("/live/v1/entries", {"epoch": self._seat.epoch, "entries": [entry]}):
            self._tally.entries += 1

    async def answer(self) -> None:
        self._seq += 1
        item, number, _ = self._seat.items[self._seq % len(self._seat.items)]
        answer = {"item_id": item, "question_number": number, "client_seq": self._seq, **self._stamp(), "response": "A"}
        if await self._post("/live/v1/answers", {"epoch": self._seat.epoch, "answers": [answer]}):
            self._tally.answers += 1

    async def webcam(self) -> None:
        self._made["webcam"] += 1
        await self._put("webcam", self._made["webcam"])

    async def screen(self) -> None:
        self._made["screen"] += 1
        await self._put("screen", self._made["screen"])

    def _stamp(self) -> dict[str, Any]:
        return {"client_at": datetime.now(UTC).isoformat(), "mono_ms": round(time.monotonic() * 1000)}

    async def _post(self, path: str, body: dict[str, Any]) -> bool:
        return await self._timed(self._control, "POST", path, json.dumps(body).encode(), "")

    async def _put(self, track: str, seq: int) -> None:
        film = self._film
        first, rest = (film.webcam_init, film.webcam) if track == "webcam" else (film.screen_init, film.screen)
        codecs = film.webcam_codecs if track == "webcam" else film.screen_codecs
        content, length_ms = (first, 0) if seq == 0 else (rest, 1000 if track == "webcam" else 2000)
        if seq:
            content = moved(content, track, (seq - 1) * length_ms)
        head = f"x-sha256: {hashlib.sha256(content).hexdigest()}\r\nx-kind: {'fragment' if seq else 'init'}\r\n"
        head += f"x-t-ms: {max(0, seq - 1) * length_ms}\r\nx-d-ms: {length_ms}\r\nx-key: {1 if seq else 0}\r\n"
        head += "" if seq else f"x-codecs: {codecs}\r\n"
        if await self._timed(self._media, "PUT", f"/live/v1/media/{track}/1/{seq}", content, head):
            self._tally.segments += seq > 0  # an init segment is counted by nobody

    async def _timed(self, connection: Connection, method: str, path: str, body: bytes, head: str) -> bool:
        began = time.monotonic()
        status, said = await connection.send(method, path, body, head)
        self._tally.took_ms.append((time.monotonic() - began) * 1000)
        if status >= 400:
            self._tally.refused += 1
            if self._tally.refused <= 3:
                print(f"refused: {method} {path} {status} {said[:200]!r}", file=sys.stderr)
        return status < 400


_TIMESCALES = {1: 90_000, 2: 48_000}
_parsed: dict[str, Any] = {}


def moved(content: bytes, track: str, add_ms: int) -> bytes:
    """The fragment `add_ms` later (examhall.media.container.mux.shift)."""
    shift, fragments = _parsed["shift"], _parsed["fragments"]
    result: bytes = shift(content, fragments[track], add_ms / 1000, _TIMESCALES)
    return result


def make_film() -> Film:
    """Encode once; runs in this process, before anything is measured."""
    from examhall.media.container import boxes, encode, mux  # noqa: PLC0415

    webcam, screen = encode.Encoder(encode.WEBCAM), encode.Encoder(encode.SCREEN)
    noise = np.random.default_rng(1)
    still = noise.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    pieces = [m for _ in range(15) for m in webcam.add(np.roll(still, 1, 0), np.zeros(3200, np.int16))]
    page = np.full((1080, 1920, 3), 240, np.uint8)
    page[100:900:40, 200:1500] = 60
    shown = [m for _ in range(10) for m in screen.add(page)]
    film = Film(
        webcam.init().content,
        pieces[0].content,
        webcam.codecs,
        screen.init().content,
        shown[0].content,
        screen.codecs,
    )
    _parsed["shift"] = mux.shift
    _parsed["fragments"] = {
        "webcam": boxes.parse_fragment(film.webcam, boxes.parse_init(film.webcam_init)),
        "screen": boxes.parse_fragment(film.screen, boxes.parse_init(film.screen_init)),
    }
    return film


async def drive(seats: list[Any], port: int, film: Film, run_s: float) -> Tally:
    tally = Tally()
    until = time.monotonic() + run_s + 2
    step_s = ANSWER_S / max(1, len(seats))
    await asyncio.gather(*(one(s, port, film, tally, until, (n * step_s) % 1.0) for n, s in enumerate(seats)))
    return tally


def measure(place: Place, seats: list[Any], film: Film) -> tuple[Figure, Tally]:
    before, began = place.cpu_s(), time.monotonic()
    tally = asyncio.run(drive(seats, place.port, film, RUN_S))
    took_s, used_s = time.monotonic() - began, place.cpu_s() - before
    times = np.array(tally.took_ms)
    return (
        Figure(
            candidates=len(seats),
            cpu_us_per_candidate_second=used_s / (len(seats) * took_s) * 1e6,
            p50_ms=float(np.percentile(times, 50)),
            p99_ms=float(np.percentile(times, 99)),
            lost=0,
            refused=tally.refused,
        ),
        tally,
    )


def stored(seats: list[Any]) -> Tally:
    """What is in the database for these attempts."""
    from examhall.base.words import EntryKind  # noqa: PLC0415
    from examhall.exam.access.attempt import attempt_ref  # noqa: PLC0415
    from examhall.exam.reads.attempt import revisions  # noqa: PLC0415
    from examhall.journal.reads import entries_after  # noqa: PLC0415
    from examhall.media.reads.recording import track_totals  # noqa: PLC0415

    found = Tally()
    for seat in seats:
        found.answers += len(revisions(seat.attempt))
        lines = entries_after(attempt_ref(seat.attempt).stream, 0, limit=10_000, kinds=[EntryKind.QUESTION_VISITED])
        found.entries += len(lines)
        found.segments += sum(total.segments for total in track_totals(seat.attempt))
    return found


def _reference_door(port: int) -> None:
    async def answer(request: Request) -> Response:
        await request.body()
        return Response(b"{}", media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["POST", "PUT"])])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def reference(seats: list[Any], film: Film) -> float:
    """µs of processor per candidate-second of a door that stores nothing."""
    port = free_port()
    door = multiprocessing.get_context("spawn").Process(target=_reference_door, args=(port,), daemon=True)
    door.start()
    process = psutil.Process(door.pid)
    asyncio.run(_until_open(port))
    place = Place(Path(), "", port, process)
    figure, _ = measure(place, seats, film)
    door.terminate()
    door.join()
    return figure.cpu_us_per_candidate_second


async def _until_open(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise RuntimeError("the reference door did not open")


def run() -> dict[str, float]:
    """Climb until the answers come too late or are refused; returns the keys of `make bench`."""
    with installation() as var_dir:
        django.setup()
        film = make_film()
        from bench.seats import seats as make_seats  # noqa: PLC0415

        best: Figure | None = None
        chosen: list[Any] = []
        for count in STEPS:
            seats = make_seats(count)
            with serving(var_dir) as place:
                figure, acknowledged = measure(place, seats, film)
                place.process.kill()
            kept = stored(seats)
            lost = sum(
                max(0, getattr(acknowledged, part) - getattr(kept, part)) for part in ("answers", "entries", "segments")
            )
            figure = Figure(
                *(getattr(figure, f) for f in ("candidates", "cpu_us_per_candidate_second", "p50_ms", "p99_ms")),
                lost,
                figure.refused,
            )
            print(
                f"mixed load: {figure.candidates} candidates, {figure.cpu_us_per_candidate_second:.0f} µs CPU per "
                f"candidate-second, p50 {figure.p50_ms:.0f} ms, p99 {figure.p99_ms:.0f} ms, "
                f"lost {figure.lost}, refused {figure.refused}",
                flush=True,
            )
            if figure.p99_ms > P99_LIMIT_MS or figure.lost or figure.refused:
                break
            best, chosen = figure, seats
        if best is None:
            raise RuntimeError("not even the smallest load was carried")
        against = reference(chosen, film)
    ratio = best.cpu_us_per_candidate_second / against
    print(f"mixed load: reference door that stores nothing {against:.0f} µs; ratio {ratio:.1f}", flush=True)
    return {
        "mixed_load.cpu_us_per_candidate_second": best.cpu_us_per_candidate_second,
        "mixed_load.candidates": best.candidates,
        "mixed_load.p99_ms": best.p99_ms,
        "mixed_load.lost": best.lost,
        "mixed_load.ratio_to_reference": ratio,
    }
