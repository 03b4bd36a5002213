"""How long after it happened an incident stands on the invigilator's screen: 15 candidates at real pace, and one alone.

Simulated candidates come in one after the other, act out FILM (an empty chair, a visitor, a covered camera at
known times) before a drawn camera encoded beforehand, and send everything a real client sends. One worker analyses at
*strict*, as `examhall serve` runs it. The invigilator's dashboard is played as its page does: its socket hints, the
rows are read again, and the moment is noted at which a row counts one incident more.
"""

import asyncio
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from bench.analysis import MODELS
from bench.delay import Arrival, Delay, Event, Opened, met_by, shown, summed
from bench.place import serving
from bench.seats import Sitting, open_sitting
from bench.setup import migrated
from examhall.base import clock
from examhall.base.settings import settings
from examhall.base.words import IncidentKind, Leniency, Track
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.reads.attempt import desk_rows
from examhall.incidents import store
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import incidents_of
from examhall.incidents.rules.levels import rule_set
from examhall.invigilation.wire.desk import ChangedPush, DeskHello, EntriesPush, Feed
from examhall.media.reads.order import OrderedFragment, fragments_behind
from examhall.people.actions.people import set_password
from examhall.site.simulate.browser import Browser
from examhall.site.simulate.candidate import Candidate
from examhall.site.simulate.footage import Footage, camera, screen
from examhall.site.simulate.run import play
from examhall.site.simulate.screenplay import LOOP_S, Screenplay, Stretch

CANDIDATES = int(os.environ.get("BENCH_CANDIDATES", "15"))
COME_EVERY_S = 3.0
FILM = Screenplay("events", away=[Stretch(30, 42)], visited=[Stretch(52, 62)], covered=[Stretch(72, 80)])
SHOWS = {
    IncidentKind.LEFT_SESSION: FILM.away,
    IncidentKind.MULTI_FACE: FILM.visited,
    IncidentKind.CAMERA_BLOCKED: FILM.covered,
}
EVENTS = sum(map(len, SHOWS.values()))
FILM_S, GRACE_S = 80, 25
SEGMENTS = (FILM_S + GRACE_S) * 3 // 2  # a second of camera each, two of the screen
PATIENCE_S = 300
BROWSER_WAITS_S = 60.0  # signing in again after a shorter wait would only add to what the machine has to do
GATHER_S = 0.4  # the page's own patience (client/src/desk/dashboard.ts)
PASSWORD = "a-long-throw-away-password"  # noqa: S105 - of accounts that live as long as the measurement
TARGET_S = 10.0
ROW = re.compile(r'<tr [^>]*data-attempt="(?P<attempt>[0-9a-f-]{36})"[^>]*data-open="(?P<open>\d+)"')


def run() -> dict[str, float]:
    """Seconds; nothing when the models are not installed."""
    migrated()
    folder = MODELS if settings().models_dir is None else settings().models_root
    if store.missing(folder):
        print(f"incident_delay: the models are not in {folder}; run `examhall models install`")
        return {}
    os.environ["EXAMHALL_MODELS_DIR"] = str(folder.resolve())
    film = camera(FILM, person=0)
    film.fragment(LOOP_S - 1, start_ms=0)  # encoded now: drawing takes no processor from what is measured
    alone, together = (_measured(count, film) for count in (1, CANDIDATES))
    ratio = together.p95_s / alone.p95_s
    print(
        f"incident_delay: {ratio:.1f} x one candidate alone; target {TARGET_S:.0f} s behind the rule, p95", flush=True
    )
    return {
        "incident_delay.candidates": CANDIDATES,
        "incident_delay.s_p50": round(together.p50_s, 1),
        "incident_delay.s_p95": round(together.p95_s, 1),
        "incident_delay.from_beginning_s_p50": round(together.raw_p50_s, 1),
        "incident_delay.from_beginning_s_p95": round(together.raw_p95_s, 1),
        "incident_delay.analysis_share": round(together.analysis_share, 2),
        "incident_delay.missed": together.events - together.arrived,
        "incident_delay.alone_s_p95": round(alone.p95_s, 1),
        "incident_delay.ratio_to_alone": round(ratio, 2),
    }


def _measured(count: int, film: Footage) -> Delay:
    sitting = open_sitting(count, overrides={"leniency": Leniency.STRICT.value})
    for user in (sitting.watching, *(user for _, user in sitting.registered)):
        set_password(user, password=PASSWORD)
    with serving(migrated(), worker=True) as place:
        desk = asyncio.run(_played(place.url, sitting, film))
    found = _figures(sitting, desk)
    print(
        f"incident_delay: {count} candidates, behind the rule p50 {found.p50_s:.1f} s, p95 {found.p95_s:.1f} s; behind "
        f"the event p50 {found.raw_p50_s:.1f} s, p95 {found.raw_p95_s:.1f} s; {found.arrived} of {found.events} events "
        f"arrived, load average {os.getloadavg()[0]:.1f}\n"
        f"incident_delay: on average segment {found.segment_s:.1f} s, analysis {found.analysis_s:.1f} s "
        f"({found.analysis_share:.0%}), screen {found.screen_s:.1f} s; {_halved_s(sitting):.0f} s looked at by half",
        flush=True,
    )
    return found


async def _played(url: str, sitting: Sitting, film: Footage) -> "_Desk":
    page = screen("Bench")
    people = [
        Candidate(Browser(url), f"{sitting.code}-{n}", PASSWORD, FILM, {"webcam": film, "screen": page})
        for n in range(len(sitting.registered))
    ]
    for one in people:
        one.browser.client.timeout = BROWSER_WAITS_S
    desk = _Desk(Browser(url), sitting.schedule)
    await desk.browser.sign_in(f"watching-{sitting.code}", PASSWORD)
    doing = [asyncio.create_task(desk.watch()), asyncio.create_task(play(people, every_s=COME_EVERY_S))]
    try:
        await _acted(people)
    finally:
        for task in doing:
            task.cancel()
        ended = await asyncio.gather(*doing, return_exceptions=True)
        await desk.browser.close()
    for fault in ended:
        if fault is not None and not isinstance(fault, asyncio.CancelledError):
            raise fault
    return desk


async def _acted(people: Sequence[Candidate]) -> None:
    """Until everybody has sent the whole film and some seconds more."""
    until = time.monotonic() + PATIENCE_S
    while min(one.counts.segments for one in people) < SEGMENTS:
        if time.monotonic() > until:
            late = sum(one.counts.segments < SEGMENTS for one in people)
            print(f"incident_delay: {late} of {len(people)} did not come to the end within {PATIENCE_S} s")
            return
        await asyncio.sleep(0.5)


@dataclass(slots=True)
class _Desk:
    """The dashboard of one schedule, open in a browser."""

    browser: Browser
    schedule: UUID
    counted: dict[UUID, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))
    """By attempt: when its row showed how many incidents."""

    async def watch(self) -> None:
        token = (await self.browser.post_page(f"/invigilation/{self.schedule}/token", {}))["token"]
        self.browser.token = token
        url = self.browser.url.replace("http", "ws", 1)
        async with connect(f"{url}/live/v1/desk", max_queue=None) as socket:
            for said in (DeskHello(token), Feed(self.schedule)):
                await socket.send(msgspec.json.encode(said).decode())
            await self._follow(socket)

    async def _follow(self, socket: ClientConnection) -> None:
        """As the page does: hints are gathered for a moment, then their rows are read again."""
        hinted: set[UUID] = set()
        async with asyncio.TaskGroup() as readings:
            async for message in socket:
                push = msgspec.json.decode(message, type=ChangedPush | EntriesPush)
                if isinstance(push, ChangedPush):
                    if not hinted:
                        readings.create_task(self._read(hinted))
                    hinted.add(push.attempt)

    async def _read(self, hinted: set[UUID]) -> None:
        await asyncio.sleep(GATHER_S)
        asked = "&".join(f"attempt={attempt}" for attempt in hinted)
        hinted.clear()
        html = (await self.browser.get_page(f"/invigilation/{self.schedule}/rows?{asked}")).decode()
        now = clock.now()
        for row in ROW.finditer(html):
            self.counted[UUID(row["attempt"])].append((now, int(row["open"])))


def _figures(sitting: Sitting, desk: _Desk) -> Delay:
    arrivals: list[Arrival] = []
    attempts = [row.id for row in desk_rows(sitting.schedule)]
    for attempt in attempts:
        arrivals += _arrived(attempt, desk.counted[attempt])
    return summed(arrivals, events=len(attempts) * EVENTS)


def _happened(attempt: UUID) -> Iterator[Event]:
    """The events of the film, on the clock of the server."""
    rules = rule_set(Leniency.STRICT).rules
    began_at = attempt_ref(attempt).entered_at + timedelta(milliseconds=_webcam(attempt)[0].t_ms)
    for kind, stretches in SHOWS.items():
        for stretch in stretches:
            yield Event(kind, began_at + timedelta(seconds=stretch.from_s), rules[kind].min_s)


def _arrived(attempt: UUID, counted: Sequence[tuple[datetime, int]]) -> Iterator[Arrival]:
    entered_at, webcam = attempt_ref(attempt).entered_at, _webcam(attempt)
    opened = [
        Opened(row.kind, entered_at + timedelta(milliseconds=row.start_ms), row.opened_at)
        for row in incidents_of(attempt)
    ]
    seen = shown(opened, counted)
    for event in _happened(attempt):
        place = met_by(event, opened)
        shown_at = None if place is None else seen[place]
        if place is None or shown_at is None:
            print(f"incident_delay: {event.kind} of {event.at:%H:%M:%S} did not arrive")
            continue
        met_ms = (event.met_at - entered_at) / timedelta(milliseconds=1)
        stored_at = next(one.received_at for one in webcam if one.t_ms + one.d_ms >= met_ms)
        yield Arrival(event, stored_at, opened[place].opened_at, shown_at)


def _webcam(attempt: UUID) -> list[OrderedFragment]:
    return fragments_behind(attempt, Track.WEBCAM, epoch=0, seq=0, limit=10_000)


def _halved_s(sitting: Sitting) -> float:
    return sum(analysis_of(row.id).halved_ms for row in desk_rows(sitting.schedule)) / 1000
