"""Start and hand-in of a candidate's client."""

from starlette.requests import Request
from starlette.responses import Response

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.exam.actions.attempt import hand_in, start
from examhall.exam.live.door import candidate_of, claims_of, ensure_own_epoch, in_thread, ip_of, reply, sent
from examhall.exam.wire.attempt import HandInReply, HandInRequest, ReceiptShape, StartReply, StartRequest


async def post_start(request: Request) -> Response:
    claims = claims_of(request)
    asked = await sent(request, StartRequest)
    ensure_own_epoch(claims, asked.epoch)
    by = candidate_of(claims, ip=ip_of(request))
    started = await in_thread(start, claims.attempt, by=by, epoch=asked.epoch)
    return reply(
        StartReply(
            started_at=iso_ms(started.started_at),
            deadline_at=iso_ms(started.deadline_at),
            state=started.state.value,
            server_now=iso_ms(clock.now()),
        )
    )


async def post_hand_in(request: Request) -> Response:
    claims = claims_of(request)
    asked = await sent(request, HandInRequest)
    ensure_own_epoch(claims, asked.epoch)
    by = candidate_of(claims, ip=ip_of(request))
    kept = await in_thread(hand_in, claims.attempt, by=by, idempotency_key=asked.idempotency_key, epoch=asked.epoch)
    receipt = ReceiptShape(kept.number, iso_ms(kept.handed_in_at), kept.answered, kept.total)
    return reply(HandInReply(receipt, iso_ms(clock.now())))
