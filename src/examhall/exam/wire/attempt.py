"""Connecting, starting, handing in: requests and answers (Live wire v1)."""

from typing import Annotated, Any

import msgspec

from examhall.base.answer import NO_NUL

ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=NO_NUL)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=NO_NUL)]
Response = str | list[str] | None


class ConnectRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    client_id: ClientId
    takeover: bool = False


class QuestionShape(msgspec.Struct, frozen=True):
    number: int
    item_id: str
    title: str
    kind: str
    max_score: float


class AnswerShape(msgspec.Struct, frozen=True):
    """The answer that counts now; `response` as the client sent it."""

    item_id: str
    client_seq: int
    response: Response
    saved_at: str


class BreachShape(msgspec.Struct, frozen=True):
    """A condition of the policy that is not met, or not acknowledged yet when `restored`."""

    cause: str
    what: str
    broken_at: str
    held_at: str | None
    restored: bool


class HoldShape(msgspec.Struct, frozen=True):
    """How the attempt stands with the hold rules: a client that comes back goes on from here."""

    full_screen_spent_s: float
    credit_left_s: float
    breaches: list[BreachShape]


class ConnectReply(msgspec.Struct, frozen=True):
    """What a player needs to go on, whether the exam has started or not. Times are ISO with milliseconds, UTC."""

    token: str
    epoch: int
    server_now: str
    entered_at: str
    state: str
    started_at: str | None
    deadline_at: str | None
    policy: dict[str, Any]
    questions: list[QuestionShape]
    answers: list[AnswerShape]
    next_media_epoch: dict[str, int]
    last_client_seq: int
    required_tracks: list[str]
    hold: HoldShape


class StartRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: int


class StartReply(msgspec.Struct, frozen=True):
    started_at: str
    deadline_at: str
    state: str
    server_now: str


class HandInRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: int
    idempotency_key: Key


class ReceiptShape(msgspec.Struct, frozen=True):
    number: str
    handed_in_at: str
    answered: int
    total: int


class HandInReply(msgspec.Struct, frozen=True):
    receipt: ReceiptShape
    server_now: str


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first thing a client says on the candidate's WebSocket."""

    token: str


class MessageRead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="message_read", tag_field="type"):
    """The only other thing it may say."""

    id: str


class StatePush(msgspec.Struct, frozen=True, tag="state", tag_field="type", omit_defaults=True):
    state: str
    deadline_at: str | None
    server_now: str
    reason: str | None = None
    end_reason: str | None = None
    """Why it stopped or ended (EndReason): the candidate may come back by themselves from some stops only."""


class MessagePush(msgspec.Struct, frozen=True, tag="message", tag_field="type", rename={"author": "from"}):
    id: str
    author: str
    body: str
    at: str


class TakenOverPush(msgspec.Struct, frozen=True, tag="taken_over", tag_field="type"):
    """Another client holds the attempt now; this one is read-only. A client's own reconnect is never told by it."""
