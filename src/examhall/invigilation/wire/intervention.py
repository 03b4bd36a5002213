"""What an invigilator's page sends to act on attempts, and what came of it."""

from typing import Annotated
from uuid import UUID

import msgspec

from examhall.base.answer import NO_NUL

MAX_AT_ONCE = 1000


class ActIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of all acts; each act asks for its own."""

    reason: Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)] = ""
    minutes: int | None = None
    body: Annotated[str, msgspec.Meta(max_length=1000, pattern=NO_NUL)] = ""
    give_back_min: Annotated[int, msgspec.Meta(ge=0, le=480)] = 0


class BulkIn(ActIn, frozen=True, forbid_unknown_fields=True, kw_only=True):
    attempts: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MAX_AT_ONCE)]


class Done(msgspec.Struct, frozen=True):
    """One attempt on which the act took effect."""

    attempt: UUID
    pending: bool = False
    """The candidate is away: in force in server time now, shown to them when they are back (R-1.12)."""
    effective_s: float | None = None
    deadline_at: str | None = None
    receipt: str | None = None


class Refused(msgspec.Struct, frozen=True):
    """One attempt on which it could not be done, and why."""

    attempt: UUID
    name: str
    code: str
    message: str
    fields: dict[str, str] = {}


class BulkOut(msgspec.Struct, frozen=True):
    done: list[Done]
    refused: list[Refused]


class Effective(msgspec.Struct, frozen=True):
    attempt: UUID
    name: str
    effective_min: float


class EffectiveOut(msgspec.Struct, frozen=True):
    """What a grant would really give each, before it is confirmed (product.md T3)."""

    minutes: int
    attempts: list[Effective]


class TokenOut(msgspec.Struct, frozen=True):
    token: str
    server_now: str
