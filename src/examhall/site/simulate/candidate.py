"""One simulated candidate: checks in, starts, answers, is recorded and sends signals as a real client does."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from examhall.base.words import InteractionKind
from examhall.site.simulate.answers import CHOICES, choices_of, response
from examhall.site.simulate.browser import Browser
from examhall.site.simulate.footage import Footage
from examhall.site.simulate.screenplay import LOOP_S, Screenplay

log = structlog.get_logger(__name__)

HEARTBEAT_S = 5.0
ANSWER_EVERY_S = 12.0
OVER = frozenset({"handed_in", "timed_out", "voided"})
PASTE = {"act": "paste", "chars": 240, "outside": True, "blocked": False}
TRACKS_FIRST = 2  # the init segment and one fragment: what Start waits for


@dataclass(slots=True)
class Counts:
    """What this candidate knows to be stored, for whoever measures."""

    segments: int = 0
    answers: int = 0
    entries: int = 0
    heartbeats: int = 0


@dataclass(slots=True)
class Candidate:
    """Plays `screenplay` before `films` (by track) until told to stop or the attempt is over."""

    browser: Browser
    login: str
    password: str
    screenplay: Screenplay
    films: dict[str, Footage]
    counts: Counts = field(default_factory=Counts)
    _seq: int = 0
    _epoch: int = 0
    _question: int = 1
    _items_url: str = ""
    _choices: dict[str, list[str]] = field(default_factory=dict)
    """Of the questions seen, by item."""
    _offset_s: float = 0.0
    """Server time minus this machine's monotonic clock."""

    async def sit(self) -> None:
        """From signing in to the end of the attempt. Raises Refused when the exam cannot be entered."""
        await self.browser.sign_in(self.login, self.password)
        start = await self.browser.enter(await self.browser.first_exam())
        if start["state"] in OVER:
            return
        await self._check_in(start)
        reply = await self._connect(start)
        entered_at = datetime.fromisoformat(reply["entered_at"])
        log.info("simulated candidate connected", login_pii=self.login, state=reply["state"])
        begun_ms = round((self._server_now() - entered_at).total_seconds() * 1000)
        recorders = {track: reply["next_media_epoch"][track] for track in reply["required_tracks"]}
        for track, media_epoch in recorders.items():
            await self._send_first(track, media_epoch, begun_ms)
        if reply["state"] == "entering":
            await self.browser.post_live("/live/v1/start", {"epoch": self._epoch})
        self._items_url = start["urls"]["items"]
        doings = [self._record(t, epoch, begun_ms, entered_at) for t, epoch in recorders.items()]
        await _together([*doings, self._live(), self._answer(reply["questions"]), self._signal()])

    async def _check_in(self, start: dict[str, Any]) -> None:
        if "check" in start["to_do"]:
            lines = [{"line": line, "result": "pass", "measured": "simulated"} for line in start["lines"]]
            await self.browser.post_page(start["urls"]["check"], {"lines": lines})
        if "agreement" in start["to_do"]:
            accepted = {"accepted": True, "sha256": start["agreement"]["sha256"], "typed_name": start["candidate"]}
            await self.browser.post_page(start["urls"]["agreement"], accepted)
        if start["state"] == "stopped":
            await self.browser.post_page(start["urls"]["again"], {})

    async def _connect(self, start: dict[str, Any]) -> dict[str, Any]:
        asked = {"client_id": f"simulated-{self.login}", "takeover": True}
        reply = await self.browser.post_page(start["urls"]["connect"], asked)
        self.browser.token, self._epoch, self._seq = reply["token"], reply["epoch"], reply["last_client_seq"]
        self._offset_s = datetime.fromisoformat(reply["server_now"]).timestamp() - time.monotonic()
        return reply

    async def _send_first(self, track: str, media_epoch: int, begun_ms: int) -> None:
        film = self.films[track]
        await self.browser.put_segment(track, media_epoch, film.init, film.codecs)
        first = await asyncio.to_thread(film.fragment, 0, start_ms=begun_ms)
        await self.browser.put_segment(track, media_epoch, first, film.codecs)
        self.counts.segments += TRACKS_FIRST

    async def _record(self, track: str, media_epoch: int, begun_ms: int, entered_at: datetime) -> None:
        film, index = self.films[track], 1
        while True:
            made = await asyncio.to_thread(film.fragment, index, start_ms=begun_ms)
            done_at = entered_at.timestamp() + (made.t_ms + made.d_ms) / 1000
            await asyncio.sleep(max(0.0, done_at - self._server_now().timestamp()))
            await self.browser.put_segment(track, media_epoch, made, film.codecs)
            self.counts.segments += 1
            index += 1

    async def _live(self) -> None:
        while True:
            beat = {
                "epoch": self._epoch,
                "question_number": self._question,
                "mono_ms": self._mono_ms(),
                "client_at": self._client_at(),
                "source_fps": {"webcam": 10.0, "screen": 2.0},
                "full_screen": True,
                "visible": True,
            }
            reply = await self.browser.post_live("/live/v1/heartbeat", beat)
            self.browser.token = reply.get("token") or self.browser.token
            self.counts.heartbeats += 1
            if reply["state"] in OVER or reply["state"] == "stopped":
                raise _Over
            await asyncio.sleep(HEARTBEAT_S)

    async def _answer(self, questions: Sequence[dict[str, Any]]) -> None:
        choose = random.Random(self.login)  # noqa: S311 - the same candidate answers the same way each time
        while True:
            for question in questions:
                self._question = question["number"]
                await self._say("question_visited", question_number=self._question, item_id=question["item_id"])
                await asyncio.sleep(ANSWER_EVERY_S * choose.uniform(0.5, 1.5))
                kind = InteractionKind(question["kind"])
                choices = await self._offered(question["item_id"]) if kind in CHOICES else []
                await self._save(question, response(kind, choices, choose))

    async def _offered(self, item: str) -> list[str]:
        if item not in self._choices:
            self._choices[item] = choices_of(await self.browser.get_page(f"{self._items_url}{item}.xml"))
        return self._choices[item]

    async def _save(self, question: dict[str, Any], response: object) -> None:
        answer = {
            "item_id": question["item_id"],
            "question_number": question["number"],
            "client_seq": self._next(),
            "client_at": self._client_at(),
            "mono_ms": self._mono_ms(),
            "response": response,
        }
        reply = await self.browser.post_live("/live/v1/answers", {"epoch": self._epoch, "answers": [answer]})
        self.counts.answers += sum(r["status"] != "rejected" for r in reply["results"])

    async def _signal(self) -> None:
        """Leave the page and paste when the screenplay says so."""
        began = time.monotonic()
        while True:
            loop_began = began + LOOP_S * ((time.monotonic() - began) // LOOP_S)
            moments = [(s.from_s, "focus_lost") for s in self.screenplay.elsewhere]
            moments += [(s.to_s, "focus_regained") for s in self.screenplay.elsewhere]
            moments += [(at_s, "clipboard_used") for at_s in self.screenplay.pasting_at_s]
            for at_s, kind in sorted(moments):
                await asyncio.sleep(max(0.0, loop_began + at_s - time.monotonic()))
                extra = PASTE if kind == "clipboard_used" else {}
                await self._say(kind, question_number=self._question, extra=extra)
            await asyncio.sleep(max(1.0, loop_began + LOOP_S - time.monotonic()))

    async def _say(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - the wire's own fields
        entry = {"client_seq": self._next(), "kind": kind, "client_at": self._client_at(), "mono_ms": self._mono_ms()}
        reply = await self.browser.post_live(
            "/live/v1/entries", {"epoch": self._epoch, "entries": [{**entry, **fields}]}
        )
        self.counts.entries += len(reply["accepted"])

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _mono_ms(self) -> int:
        return round(time.monotonic() * 1000)

    def _server_now(self) -> datetime:
        return datetime.fromtimestamp(time.monotonic() + self._offset_s, UTC)

    def _client_at(self) -> str:
        return self._server_now().isoformat(timespec="milliseconds")


class _Over(Exception):
    """The attempt is over or was stopped: the candidate leaves."""


async def _together(doings: Sequence[Any]) -> None:
    """Run `doings` until one of them says it is over; the others end with it."""
    try:
        async with asyncio.TaskGroup() as group:
            for doing in doings:
                group.create_task(doing)
    except ExceptionGroup as ended:
        _, faults = ended.split(_Over)
        if faults is not None:
            raise faults.exceptions[0] from ended
