"""Saving answers (Live wire v1)."""

from typing import Annotated

import msgspec

from examhall.base.answer import NO_NUL
from examhall.exam.wire.attempt import Response
from examhall.exam.wire.heartbeat import At, MonoMs, Number, ensure_plausible

MAX_CLIENT_SEQ = 500_000
"""Each number is stored once, so this also bounds what a client can write; eight hours of steady typing need 50,000."""
ClientSeq = Annotated[int, msgspec.Meta(ge=1, le=MAX_CLIENT_SEQ)]
ItemId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=NO_NUL)]
MAX_RESPONSE_BYTES = 200_000
MAX_ANSWERS = 500


class AnswerSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer. `client_seq` grows over everything the client sends in this attempt."""

    item_id: ItemId
    client_seq: ClientSeq
    client_at: At
    mono_ms: MonoMs
    response: Response
    question_number: Number | None = None

    def __post_init__(self) -> None:
        ensure_plausible(self.client_at)


class AnswersRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: int
    answers: Annotated[list[AnswerSent], msgspec.Meta(min_length=1, max_length=MAX_ANSWERS)]


class AnswerResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """`saved` and `repeat` mean it is stored for good; `rejected` says why it does not count."""

    item_id: str
    client_seq: int
    status: str
    revision: int | None = None
    hash: str | None = None
    saved_at: str | None = None
    code: str | None = None
    message: str | None = None


class AnswersReply(msgspec.Struct, frozen=True):
    server_now: str
    results: list[AnswerResult]
