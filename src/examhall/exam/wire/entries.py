"""What the client says of itself (Live wire v1)."""

from typing import Annotated

import msgspec

from examhall.base.answer import NO_NUL
from examhall.exam.wire.answers import ClientSeq
from examhall.exam.wire.heartbeat import At, MonoMs, Number, ensure_plausible

MAX_ENTRIES = 500
Text = Annotated[str, msgspec.Meta(max_length=300, pattern=NO_NUL)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=NO_NUL)]
Whole = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class EntrySent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that happened. A `kind` the server does not take from clients is refused alone, not the sending."""

    client_seq: ClientSeq
    kind: Name
    client_at: At
    mono_ms: MonoMs
    question_number: Number | None = None
    item_id: Annotated[str, msgspec.Meta(max_length=64, pattern=NO_NUL)] = ""
    error: Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)] = ""
    extra: Annotated[dict[Name, Text | Whole | float | bool], msgspec.Meta(max_length=20)] = {}

    def __post_init__(self) -> None:
        ensure_plausible(self.client_at)


class EntriesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: int
    entries: Annotated[list[EntrySent], msgspec.Meta(min_length=1, max_length=MAX_ENTRIES)]


class EntryRefused(msgspec.Struct, frozen=True):
    client_seq: int
    code: str
    message: str


class EntriesReply(msgspec.Struct, frozen=True):
    server_now: str
    accepted: list[int]
    rejected: list[EntryRefused]
