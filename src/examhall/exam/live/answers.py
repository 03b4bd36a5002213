"""Saving answers: the reply is sent after the commit, never before."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.base.errors import TooLarge
from examhall.base.writer import committed
from examhall.exam.actions.answers import SAVE_ANSWERS, Answer, Result, SaveAnswers
from examhall.exam.live.door import candidate_of, claims_of, ensure_own_epoch, ip_of, reply, sent
from examhall.exam.rules.answers import REFUSAL_SENTENCES
from examhall.exam.wire.answers import MAX_RESPONSE_BYTES, AnswerResult, AnswerSent, AnswersReply, AnswersRequest


async def post_answers(request: Request) -> Response:
    claims = claims_of(request)
    asked = await sent(request, AnswersRequest)
    ensure_own_epoch(claims, asked.epoch)
    command = SaveAnswers(
        attempt=claims.attempt,
        epoch=asked.epoch,
        by=candidate_of(claims, ip=ip_of(request)),
        answers=tuple(_answer(answer) for answer in asked.answers),
    )
    results = await committed(SAVE_ANSWERS, command)
    return reply(AnswersReply(iso_ms(clock.now()), [_shape(result) for result in results]))


def _answer(answer: AnswerSent) -> Answer:
    response = msgspec.json.encode(answer.response).decode()
    if len(response) > MAX_RESPONSE_BYTES:
        raise TooLarge(
            "An answer can hold 200,000 characters. Shorten it.", fields={f"answer {answer.client_seq}": "too long"}
        )
    return Answer(
        item_id=answer.item_id.lower(),
        question_number=answer.question_number,
        client_seq=answer.client_seq,
        client_at=answer.client_at,
        mono_ms=answer.mono_ms,
        response_json=response,
    )


def _shape(result: Result) -> AnswerResult:
    return AnswerResult(
        item_id=result.item_id,
        client_seq=result.client_seq,
        status=result.status.value,
        revision=result.revision,
        hash=result.digest or None,
        saved_at=iso_ms(result.saved_at) if result.saved_at else None,
        code=result.refusal.value if result.refusal else None,
        message=REFUSAL_SENTENCES[result.refusal] if result.refusal else None,
    )
