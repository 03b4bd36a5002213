"""The heartbeat of a candidate's client."""

from starlette.requests import Request
from starlette.responses import Response

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.base.writer import committed
from examhall.exam.access.token import renew
from examhall.exam.actions.heartbeat import HEAR, Heartbeat
from examhall.exam.live.door import (
    candidate_of,
    claims_of,
    ensure_own_epoch,
    ip_of,
    load_figure,
    reply,
    sent,
)
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.wire.attempt import MessagePush
from examhall.exam.wire.heartbeat import HeartbeatReply, HeartbeatRequest


async def post_heartbeat(request: Request) -> Response:
    claims = claims_of(request)
    beat = await sent(request, HeartbeatRequest)
    ensure_own_epoch(claims, beat.epoch)
    command = Heartbeat(
        attempt=claims.attempt,
        epoch=beat.epoch,
        by=candidate_of(claims, ip=ip_of(request)),
        mono_ms=beat.mono_ms,
        client_at=beat.client_at,
        question_number=beat.question_number,
        messages_read=beat.messages_read,
    )
    heard = await committed(HEAR, command)
    return reply(
        HeartbeatReply(
            server_now=iso_ms(clock.now()),
            state=heard.state.value,
            deadline_at=iso_ms(heard.deadline_at) if heard.deadline_at else None,
            load=load_figure(),
            last_entry=heard.last_entry,
            reason=heard.reason or None,
            end_reason=heard.end_reason or None,
            messages=[MessagePush(str(m.id), m.author, m.body, iso_ms(m.sent_at)) for m in heard.unread],
            token=None if heard.state in TERMINAL else renew(claims),
        )
    )
