"""The candidate's WebSocket: state, messages and take-overs are pushed; facts are re-read, wake-ups only say when."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from examhall.base import clock
from examhall.base.answer import decode, encode, iso_ms
from examhall.base.errors import BadInput, ExamhallError, NotSignedIn
from examhall.base.tasks import until_one_ends
from examhall.exam.access.token import Claims, verify
from examhall.exam.actions.intervention import read_message
from examhall.exam.live.door import candidate_of, in_thread
from examhall.exam.reads.attempt import CandidateMessage, Standing, messages, standing
from examhall.exam.wire.attempt import Hello, MessagePush, MessageRead, StatePush, TakenOverPush
from examhall.journal.bus import bus, topic_of_stream

HELLO_WITHIN_S = 10.0
LOOK_EVERY_S = 30.0  # a lost wake-up costs no more: the heartbeat tells the state every 5 s anyway
NOT_SIGNED_IN, TAKEN_OVER, BAD_INPUT = 4401, 4409, 4400
SAY_HELLO_AGAIN = 4410
"""The same client has connected anew: it opens another socket with the token it got by that."""


@dataclass(slots=True)
class _Told:
    """What this client has been told already."""

    state: str = ""
    deadline_at: datetime | None = None
    reason: str = ""
    messages: set[UUID] = field(default_factory=set)


async def candidate_socket(socket: WebSocket) -> None:
    await socket.accept()
    try:
        hello = decode((await asyncio.wait_for(socket.receive_text(), HELLO_WITHIN_S)).encode(), Hello)
        claims = verify(hello.token)
    except (NotSignedIn, BadInput, TimeoutError, WebSocketDisconnect, KeyError):
        with contextlib.suppress(RuntimeError):  # gone already
            await socket.close(NOT_SIGNED_IN)
        return
    gone = (WebSocketDisconnect, RuntimeError)  # nothing to say any more
    await until_one_ends(_listen(socket, claims), _push(socket, claims), expected=gone)


async def _listen(socket: WebSocket, claims: Claims) -> None:
    ip = socket.client.host if socket.client else ""
    by = candidate_of(claims, ip=ip)
    while True:
        text = await socket.receive_text()
        try:
            read = decode(text.encode(), MessageRead)
            await in_thread(read_message, UUID(read.id), attempt_id=claims.attempt, by=by)
        except (ExamhallError, ValueError):
            await socket.close(BAD_INPUT)
            return


async def _push(socket: WebSocket, claims: Claims) -> None:
    told = _Told()
    async with bus.listen(topic_of_stream(claims.stream)) as wakeups:
        while True:
            now_is = await in_thread(standing, claims.attempt)
            if now_is.epoch != claims.epoch:
                await _let_go(socket, now_is, claims)
                return
            await _tell_state(socket, now_is, told)
            if now_is.has_unread:
                await _tell_messages(socket, await in_thread(messages, claims.attempt), told)
            await wakeups.wait(LOOK_EVERY_S)


async def _let_go(socket: WebSocket, now_is: Standing, claims: Claims) -> None:
    if now_is.client == claims.client:
        await socket.close(SAY_HELLO_AGAIN)
        return
    await _say(socket, TakenOverPush())
    await socket.close(TAKEN_OVER)


async def _tell_state(socket: WebSocket, now_is: Standing, told: _Told) -> None:
    if (now_is.state.value, now_is.deadline_at, now_is.reason) == (told.state, told.deadline_at, told.reason):
        return
    told.state, told.deadline_at, told.reason = now_is.state.value, now_is.deadline_at, now_is.reason
    await _say(
        socket,
        StatePush(
            state=now_is.state.value,
            deadline_at=iso_ms(now_is.deadline_at) if now_is.deadline_at else None,
            server_now=iso_ms(clock.now()),
            reason=now_is.reason or None,
            end_reason=now_is.end_reason.value if now_is.end_reason else None,
        ),
    )


async def _tell_messages(socket: WebSocket, found: list[CandidateMessage], told: _Told) -> None:
    for message in found:
        if message.read_at is None and message.id not in told.messages:
            told.messages.add(message.id)
            push = MessagePush(str(message.id), message.author, message.body, iso_ms(message.sent_at))
            await _say(socket, push)


async def _say(socket: WebSocket, push: msgspec.Struct) -> None:
    await socket.send_text(encode(push).decode())
