"""The mixed load of an exam, durable: heartbeat and entry every 5 s, answer every 30 s, webcam each 1 s, screen 2 s.

The reference is the same requests answered by a Starlette door that stores nothing. The server is killed with SIGKILL
while the candidates send; loss is what was acknowledged and is not in the database afterwards.
"""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import psutil
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.film import reels
from bench.load import Reel, Seat, Tally, playing
from bench.place import Place, free_port, opened, serving
from bench.seats import seats as make_seats
from bench.setup import migrated
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.reads.attempt import revisions
from examhall.journal.reads import entries_after
from examhall.media.reads.recording import track_totals

SETTLE_S, RUN_S = 6.0, 20.0
P99_LIMIT_MS = 500.0  # product.md §10.2: an answer is acknowledged within 500 ms
STEPS = (25, 50, 100, 200, 300, 400, 600, 800, 1000)


@dataclass(frozen=True, slots=True)
class Figure:
    candidates: int
    cpu_us_per_candidate_second: float
    user_us: float
    p50_ms: float
    p99_ms: float
    answer_p99_ms: float
    requests_per_s: float
    refused: int
    lost: int = 0


def run() -> dict[str, float]:
    """Climb until the answers come too late or are refused; returns the keys of `make bench`."""
    migrated()
    film = reels()
    best: Figure | None = None
    chosen: list[Seat] = []
    for count in STEPS:
        seats = make_seats(count)
        figure = carried(seats, film)
        say(figure)
        if figure.p99_ms > P99_LIMIT_MS or figure.lost or figure.refused:
            break
        best, chosen = figure, seats
    if best is None:
        raise RuntimeError("not even the smallest load was carried")
    against = reference(chosen, film)
    ratio = best.cpu_us_per_candidate_second / against
    print(f"mixed load: reference door that stores nothing {against:.0f} µs; ratio {ratio:.1f}", flush=True)
    return {
        "mixed_load.cpu_us_per_candidate_second": round(best.cpu_us_per_candidate_second),
        "mixed_load.candidates": best.candidates,
        "mixed_load.p99_ms": round(best.p99_ms),
        "mixed_load.answer_p99_ms": round(best.answer_p99_ms),
        "mixed_load.lost": best.lost,
        "mixed_load.reference_us_per_candidate_second": round(against),
        "mixed_load.ratio_to_reference": round(ratio, 2),
    }


def carried(seats: Sequence[Seat], film: Sequence[Reel]) -> Figure:
    """Play the load against a fresh server, kill it under it, and count what is there."""
    with serving(migrated()) as place:
        figure, acknowledged = measure(place, seats, film)
    kept = stored(seats)
    lost = sum(max(0, getattr(acknowledged, p) - getattr(kept, p)) for p in ("answers", "entries", "segments"))
    return replace(figure, lost=lost)


def measure(place: Place, seats: Sequence[Seat], film: Sequence[Reel]) -> tuple[Figure, Tally]:
    """Figures of RUN_S seconds after everybody has come in; ends with the death of the server."""
    with playing(seats, port=place.port, reels=film) as load:
        time.sleep(SETTLE_S)
        load.settle()
        before, began = place.process.cpu_times(), time.monotonic()
        time.sleep(RUN_S)
        after, took_s = place.process.cpu_times(), time.monotonic() - began
        place.process.kill()
        tally = load.end()
    user_s, system_s = after.user - before.user, after.system - before.system
    candidate_s = len(seats) * took_s
    figure = Figure(
        candidates=len(seats),
        cpu_us_per_candidate_second=(user_s + system_s) / candidate_s * 1e6,
        user_us=user_s / candidate_s * 1e6,
        p50_ms=float(np.percentile(tally.took_ms, 50)),
        p99_ms=float(np.percentile(tally.took_ms, 99)),
        answer_p99_ms=float(np.percentile(tally.answer_ms or [0.0], 99)),
        requests_per_s=len(tally.took_ms) / took_s,
        refused=tally.refused,
    )
    return figure, tally


def say(figure: Figure) -> None:
    print(
        f"mixed load: {figure.candidates} candidates, {figure.cpu_us_per_candidate_second:.0f} µs CPU per "
        f"candidate-second (user {figure.user_us:.0f}), {figure.requests_per_s:.0f} requests/s, "
        f"p50 {figure.p50_ms:.0f} ms, p99 {figure.p99_ms:.0f} ms, of answers {figure.answer_p99_ms:.0f} ms, "
        f"lost {figure.lost}, refused {figure.refused}, load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def stored(seats: Sequence[Seat]) -> Tally:
    """What is in the database for these attempts."""
    found = Tally()
    for seat in seats:
        found.answers += len(revisions(seat.attempt))
        lines = entries_after(attempt_ref(seat.attempt).stream, 0, limit=10_000, kinds=[EntryKind.QUESTION_VISITED])
        found.entries += len(lines)
        found.segments += sum(total.segments for total in track_totals(seat.attempt))
    return found


def reference(seats: Sequence[Seat], film: Sequence[Reel]) -> float:
    """µs of processor per candidate-second of a door that stores nothing."""
    with _reference_place() as place:
        figure, _ = measure(place, seats, film)
    return figure.cpu_us_per_candidate_second


@contextmanager
def _reference_place() -> Iterator[Place]:
    port = free_port()
    door = multiprocessing.get_context("spawn").Process(target=_reference_door, args=(port,), daemon=True)
    door.start()
    try:
        asyncio.run(opened(port))
        yield Place(migrated(), f"http://127.0.0.1:{port}", port, psutil.Process(door.pid))
    finally:
        door.kill()
        door.join()


def _reference_door(port: int) -> None:
    async def answer(request: Request) -> Response:
        await request.body()
        return Response(b"{}", media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["POST", "PUT"])])
    uvicorn.run(app, port=port, log_level="error", http="httptools", loop="uvloop", timeout_keep_alive=30)
