"""The desk's WebSocket: live pictures, log lines and hints of what changed, for those who may see them.

Facts are re-read by number and hints only say where to look; so a lost wake-up or a slow viewer costs seconds, never
a line. A viewer's queue of pictures is bounded by the relay: nothing here can slow the candidates' uploads.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from examhall.base import clock
from examhall.base.answer import decode, encode
from examhall.base.errors import BadInput, ExamhallError, NotSignedIn
from examhall.base.tasks import until_one_ends
from examhall.base.words import Track
from examhall.exam.live.door import in_thread
from examhall.exam.rules.rights import Act
from examhall.invigilation.access.token import Viewer, verify
from examhall.invigilation.reads.feed import (
    Standing,
    beginning,
    differing,
    init_frame,
    lines_after,
    reach,
    standings,
    watched_attempt,
)
from examhall.invigilation.wire.desk import ChangedPush, DeskHello, EntriesPush, Feed, MediaPush, Watch, WatchedTrack
from examhall.journal.bus import bus, topic_of_parent, topic_of_stream
from examhall.media.container.segment import Kind
from examhall.media.live.relay import MediaFrame, relay

log = structlog.get_logger(__name__)

HELLO_WITHIN_S = 10.0
LOOK_EVERY_S = 5.0
"""A lost wake-up, a weak connection or a move by the clock is seen after this at the latest; also the sign of life."""
GATHER_S = 0.25  # several changes of one moment are one look
RIGHTS_EVERY = timedelta(seconds=30)  # a removed assignment closes the socket well within a minute
NOT_SIGNED_IN, NOT_ALLOWED, BAD_INPUT = 4401, 4403, 4400
TOO_SLOW_S = 20.0
"""A viewer that takes nothing for so long is closed; it comes back by itself."""


class _Closed(Exception):
    """The socket was closed with a reason; everything that runs for it ends."""


@dataclass(slots=True, eq=False)
class _Desk:
    """One open page."""

    socket: WebSocket
    viewer: Viewer
    stream: UUID
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    watching: dict[WatchedTrack, "asyncio.Task[None]"] = field(default_factory=dict)
    feeding: "asyncio.Task[None] | None" = None
    failed: asyncio.Event = field(default_factory=asyncio.Event)

    async def say(self, push: msgspec.Struct) -> None:
        async with self.sending, asyncio.timeout(TOO_SLOW_S):
            await self.socket.send_text(encode(push).decode())

    async def show(self, frame: MediaFrame) -> None:
        """Header and bytes, with nothing between them."""
        header = MediaPush(
            attempt=frame.attempt,
            track=frame.track,
            media_epoch=frame.media_epoch,
            seq=frame.seq,
            kind=frame.kind.value,
            t_ms=frame.t_ms,
            d_ms=frame.d_ms,
            key=frame.key,
            codecs=frame.codecs,
        )
        async with self.sending, asyncio.timeout(TOO_SLOW_S):
            await self.socket.send_text(encode(header).decode())
            await self.socket.send_bytes(frame.content)

    async def close(self, code: int) -> None:
        with contextlib.suppress(RuntimeError):  # gone already
            await self.socket.close(code)

    def begin(self, doing: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run `doing` beside the rest; a fault of it ends the whole page's socket."""
        task = asyncio.create_task(doing)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        fault = None if task.cancelled() else task.exception()
        if fault is None:
            return
        self.failed.set()
        if not isinstance(fault, WebSocketDisconnect | RuntimeError | TimeoutError | ExamhallError):  # gone, or refused
            log.error("desk socket failed", exc_info=fault)

    async def stop(self) -> None:
        tasks = [*self.watching.values(), *([self.feeding] if self.feeding else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def desk_socket(socket: WebSocket) -> None:
    await socket.accept()
    desk = await _greeted(socket)
    if desk is None:
        return
    gone = (_Closed, WebSocketDisconnect, RuntimeError)  # nothing to say any more
    try:
        await until_one_ends(_listen(desk), _guard(desk), desk.failed.wait(), expected=gone)
    finally:
        await desk.stop()
    if desk.failed.is_set():
        await desk.close(1011)


async def _greeted(socket: WebSocket) -> _Desk | None:
    """The page, once it has shown a valid token of somebody who may see the desk; None after closing."""
    try:
        hello = decode((await asyncio.wait_for(socket.receive_text(), HELLO_WITHIN_S)).encode(), DeskHello)
        viewer = verify(hello.token)
        found = await in_thread(reach, viewer)
    except (NotSignedIn, BadInput, TimeoutError, KeyError):
        await _refuse(socket, NOT_SIGNED_IN)
        return None
    except ExamhallError:
        await _refuse(socket, NOT_ALLOWED)
        return None
    except WebSocketDisconnect:
        return None
    return _Desk(socket, viewer, found.stream)


async def _refuse(socket: WebSocket, code: int) -> None:
    with contextlib.suppress(RuntimeError):  # gone already
        await socket.close(code)


async def _listen(desk: _Desk) -> None:
    while True:
        text = await desk.socket.receive_text()
        try:
            await _hear(desk, text.encode())
        except NotSignedIn:
            await desk.close(NOT_SIGNED_IN)
            raise _Closed from None
        except ExamhallError as error:
            await desk.close(BAD_INPUT if isinstance(error, BadInput) else NOT_ALLOWED)
            raise _Closed from error


async def _hear(desk: _Desk, text: bytes) -> None:
    if b'"type"' not in text:
        _renew(desk, decode(text, DeskHello))
        return
    said: Watch | Feed = decode(text, Watch | Feed)  # type: ignore[arg-type] # a union of tagged structs
    if isinstance(said, Watch):
        await _watch(desk, said)
    else:
        await _feed(desk, said)


def _renew(desk: _Desk, hello: DeskHello) -> None:
    viewer = verify(hello.token)
    if (viewer.user, viewer.schedule) != (desk.viewer.user, desk.viewer.schedule):
        raise NotSignedIn("This token belongs to another page.")
    desk.viewer = viewer


async def _watch(desk: _Desk, said: Watch) -> None:
    wanted = set(said.attempts)
    for place in [place for place in desk.watching if place not in wanted]:
        desk.watching.pop(place).cancel()
    fresh = [place for place in said.attempts if place not in desk.watching]
    for attempt in {place.attempt for place in fresh}:
        await in_thread(watched_attempt, desk.viewer, attempt, Act.SEE_LIVE_MEDIA)
    for place in fresh:
        if place not in desk.watching:
            desk.watching[place] = desk.begin(_show(desk, place.attempt, place.track))


async def _show(desk: _Desk, attempt: UUID, track: Track) -> None:
    """What came before, then everything as it arrives; each fragment once, behind the init of its epoch."""
    async with relay.subscribe(attempt, track) as queue:
        epoch, seq = 0, 0
        for frame in await in_thread(beginning, attempt, track):
            await desk.show(frame)
            epoch, seq = frame.media_epoch, frame.seq
        async for frame in queue.frames():
            if (frame.media_epoch, frame.seq) <= (epoch, seq) and epoch:
                continue
            if frame.kind is Kind.FRAGMENT and frame.media_epoch != epoch:
                await desk.show(await in_thread(init_frame, attempt, track, frame.media_epoch, codecs=frame.codecs))
            await desk.show(frame)
            epoch, seq = frame.media_epoch, frame.seq


async def _feed(desk: _Desk, said: Feed) -> None:
    if said.schedule != desk.viewer.schedule:
        raise BadInput("The token belongs to another exam.", fields={"schedule": "the exam of this page"})
    if desk.feeding is not None:
        desk.feeding.cancel()
    doing = _follow(desk) if said.attempt is None else _follow_one(desk, said.attempt, said.after)
    desk.feeding = desk.begin(doing)


async def _follow(desk: _Desk) -> None:
    """A hint for each attempt of the schedule that changed, and a sign of life."""
    known: dict[UUID, Standing] = {}
    async with bus.listen(topic_of_parent(desk.stream)) as wakeups:
        woken: set[str] = set()
        while True:
            now = await in_thread(standings, desk.viewer.schedule)
            changed = dict.fromkeys(differing(known, now) if known else ())
            changed |= dict.fromkeys(attempt for attempt, one in now.items() if str(one.stream) in woken)
            for attempt in changed:
                await desk.say(ChangedPush(attempt))
            await desk.say(EntriesPush([]))
            known = now
            woken = await wakeups.wait(LOOK_EVERY_S)
            if woken:
                await asyncio.sleep(GATHER_S)
                woken |= await wakeups.wait(0)


async def _follow_one(desk: _Desk, attempt: UUID, after: int) -> None:
    """The log lines of one attempt behind `after`, and a hint whenever its row changed."""
    ref = await in_thread(watched_attempt, desk.viewer, attempt, Act.SEE_LOG)
    known: dict[UUID, Standing] = {}
    async with bus.listen(topic_of_stream(ref.stream)) as wakeups:
        while True:
            lines = await in_thread(lines_after, desk.viewer, ref, after)
            now = {attempt: (await in_thread(standings, desk.viewer.schedule))[attempt]}
            if lines or (known and differing(known, now)):
                await desk.say(ChangedPush(attempt))
            await desk.say(EntriesPush(lines))
            after, known = (lines[-1].number if lines else after), now
            await wakeups.wait(LOOK_EVERY_S)


async def _guard(desk: _Desk) -> None:
    """Close when the token ends or the right to look is gone."""
    while True:
        left = desk.viewer.expires_at - clock.now()
        if left <= timedelta(0):
            await desk.close(NOT_SIGNED_IN)
            return
        await asyncio.sleep(max(0.05, min(left, RIGHTS_EVERY).total_seconds()))
        try:
            found = await in_thread(reach, desk.viewer)
        except ExamhallError:
            await desk.close(NOT_ALLOWED)
            return
        if desk.watching and not found.media:
            await desk.close(NOT_ALLOWED)
            return
