"""Candidates of the mixed load: heartbeat and entry every 5 s, answer every 30 s, webcam each 1 s, screen each 2 s.

Runs in processes of its own, so that what it costs is not taken for the server's; knows nothing of Django.
"""

import asyncio
import hashlib
import json
import multiprocessing
import random
import struct
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from typing import Any
from uuid import UUID

from bench.wire import Connection

HEARTBEAT_S, ENTRY_S, ANSWER_S, WEBCAM_S, SCREEN_S = 5.0, 5.0, 30.0, 1.0, 2.0
BEGIN_TOGETHER = 20  # candidates of one process that come in at a time
STOPPED_WITHIN_S = 60

_spawned = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Seat:
    """What a client needs to send."""

    attempt: UUID
    token: str
    epoch: int
    items: tuple[tuple[str, int, str], ...]
    """(item id, question number, kind)."""


@dataclass(frozen=True, slots=True)
class Reel:
    """One track's init segment and one fragment, the same for everybody; `clocks` are where its times stand."""

    track: str
    codecs: str
    init: bytes
    fragment: bytes
    length_ms: int
    clocks: tuple[tuple[int, bool, int, int], ...]
    """Of each track in the fragment: position of its base time, whether that is 64-bit, base time, units a second."""

    def at(self, number: int) -> bytes:
        """Fragment `number`, counted from 1, moved to its time."""
        moved = bytearray(self.fragment)
        for position, wide, base, timescale in self.clocks:
            units = base + (number - 1) * self.length_ms * timescale // 1000
            struct.pack_into(">Q" if wide else ">I", moved, position, units)
        return bytes(moved)


@dataclass(slots=True)
class Tally:
    """What clients know to be acknowledged, and how long each request took after the load had settled."""

    answers: int = 0
    entries: int = 0
    segments: int = 0
    refused: int = 0
    took_ms: list[float] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.answers += other.answers
        self.entries += other.entries
        self.segments += other.segments
        self.refused += other.refused
        self.took_ms += other.took_ms
        self.answer_ms += other.answer_ms


@dataclass(slots=True)
class Load:
    """Processes that play candidates; everybody has begun when the block of `playing` is entered."""

    _parts: list[tuple[Any, Any]]
    _settled: Event
    _ending: Event

    def settle(self) -> None:
        """From now on the time of each request is kept."""
        self._settled.set()

    def end(self) -> Tally:
        """What was acknowledged in all; clients whose server is gone have ended already."""
        self._ending.set()
        total = Tally()
        for _, pipe in self._parts:
            if not pipe.poll(STOPPED_WITHIN_S):
                raise RuntimeError("a process of the load does not end")
            total.add(pipe.recv())
        return total


@contextmanager
def playing(seats: Sequence[Seat], *, port: int, reels: Sequence[Reel], processes: int = 2) -> Iterator[Load]:
    """Play the candidates of `seats` against `port` until `end`, or until the server is gone."""
    settled, ending = _spawned.Event(), _spawned.Event()
    parts = []
    for index in range(min(processes, len(seats))):
        ours, theirs = _spawned.Pipe()
        given = (list(seats[index::processes]), port, list(reels), theirs, settled, ending)
        process = _spawned.Process(target=_play, args=given, daemon=True)
        process.start()
        parts.append((process, ours))
    try:
        for _, pipe in parts:
            if pipe.recv() != "begun":
                raise RuntimeError("a process of the load did not begin")
        yield Load(parts, settled, ending)
    finally:
        for process, _ in parts:
            process.terminate()
            process.join()


def _play(seats: list[Seat], port: int, reels: list[Reel], pipe: Any, settled: Event, ending: Event) -> None:  # noqa: ANN401
    tally = Tally()
    asyncio.run(_all(seats, port, reels, tally, pipe, settled, ending))
    pipe.send(tally)


async def _all(
    seats: list[Seat],
    port: int,
    reels: list[Reel],
    tally: Tally,
    pipe: Any,  # noqa: ANN401
    settled: Event,
    ending: Event,
) -> None:
    places = asyncio.Semaphore(BEGIN_TOGETHER)
    candidates = [_Candidate(seat, port, reels, tally, settled, ending) for seat in seats]
    await asyncio.gather(*(one.begin(places) for one in candidates))
    pipe.send("begun")
    await asyncio.gather(*(one.sit() for one in candidates))


class _Candidate:
    """The requests of one candidate; media have their own connection, as a browser's worker has one."""

    def __init__(
        self, seat: Seat, port: int, reels: Sequence[Reel], tally: Tally, settled: Event, ending: Event
    ) -> None:
        self._seat, self._tally = seat, tally
        self._settled, self._ending = settled, ending
        self._control, self._media = Connection(port, seat.token), Connection(port, seat.token)
        self._reels = {reel.track: reel for reel in reels}
        self._made = dict.fromkeys(self._reels, 1)
        self._seq = 0

    async def begin(self, places: asyncio.Semaphore) -> None:
        async with places:
            for reel in self._reels.values():
                await self._put(reel, 0)
                await self._put(reel, 1)
            await self._post("/live/v1/start", {"epoch": self._seat.epoch})

    async def sit(self) -> None:
        screen = self._reels["screen"]
        webcam = self._reels["webcam"]
        await asyncio.gather(
            self._every(HEARTBEAT_S, self._beat),
            self._every(ENTRY_S, self._entry),
            self._every(ANSWER_S, self._answer),
            self._every(WEBCAM_S, lambda: self._next(webcam)),
            self._every(SCREEN_S, lambda: self._next(screen)),
        )
        await self._control.close()
        await self._media.close()

    async def _every(self, period_s: float, act: Callable[[], Awaitable[None]]) -> None:
        """`act` every `period_s`, from a random moment on, until told to end or until the server is gone."""
        due = time.monotonic() + random.random() * period_s
        while not self._ending.is_set():
            await asyncio.sleep(min(0.5, max(0.0, due - time.monotonic())))
            if time.monotonic() < due:
                continue
            try:
                await act()
            except (OSError, asyncio.IncompleteReadError):
                return
            due += period_s

    async def _beat(self) -> None:
        await self._post("/live/v1/heartbeat", {"epoch": self._seat.epoch, **_stamp(), "visible": True})

    async def _entry(self) -> None:
        self._seq += 1
        entry = {"client_seq": self._seq, "kind": "question_visited", **_stamp(), "question_number": 1}
        if await self._post("/live/v1/entries", {"epoch": self._seat.epoch, "entries": [entry]}):
            self._tally.entries += 1

    async def _answer(self) -> None:
        self._seq += 1
        item, number, _ = self._seat.items[self._seq % len(self._seat.items)]
        answer = {"item_id": item, "question_number": number, "client_seq": self._seq, **_stamp(), "response": "A"}
        began = time.monotonic()
        if await self._post("/live/v1/answers", {"epoch": self._seat.epoch, "answers": [answer]}):
            self._tally.answers += 1
        if self._settled.is_set():
            self._tally.answer_ms.append((time.monotonic() - began) * 1000)

    async def _next(self, reel: Reel) -> None:
        self._made[reel.track] += 1
        await self._put(reel, self._made[reel.track])

    async def _post(self, path: str, body: dict[str, Any]) -> bool:
        return await self._timed(self._control, "POST", path, json.dumps(body).encode(), "")

    async def _put(self, reel: Reel, seq: int) -> None:
        content = reel.at(seq) if seq else reel.init
        head = f"x-sha256: {hashlib.sha256(content).hexdigest()}\r\nx-kind: {'fragment' if seq else 'init'}\r\n"
        head += f"x-t-ms: {max(0, seq - 1) * reel.length_ms}\r\nx-d-ms: {reel.length_ms if seq else 0}\r\n"
        head += "x-key: 1\r\n" if seq else f"x-key: 0\r\nx-codecs: {reel.codecs}\r\n"
        if await self._timed(self._media, "PUT", f"/live/v1/media/{reel.track}/1/{seq}", content, head):
            self._tally.segments += seq > 0  # an init segment is counted by nobody

    async def _timed(self, connection: Connection, method: str, path: str, body: bytes, head: str) -> bool:
        began = time.monotonic()
        status, said = await connection.send(method, path, body, head)
        if self._settled.is_set():
            self._tally.took_ms.append((time.monotonic() - began) * 1000)
        if status >= 400:
            self._tally.refused += 1
            if self._tally.refused <= 3:
                print(f"refused: {method} {path} {status} {said[:200]!r}", file=sys.stderr)
        return status < 400


def _stamp() -> dict[str, Any]:
    return {"client_at": datetime.now(UTC).isoformat(), "mono_ms": round(time.monotonic() * 1000)}
