"""What the client says of itself (Live wire v1)."""

from typing import Annotated

import msgspec

from examhall.exam.wire.answers import ClientSeq
from examhall.exam.wire.heartbeat import At, MonoMs, Number

MAX_ENTRIES = 500
Text = Annotated[str, msgspec.Meta(max_length=300)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class EntrySent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that happened. A `kind` the server does not take from clients is refused alone, not the sending."""

    client_seq: ClientSeq
    kind: Name
    client_at: At
    mono_ms: MonoMs
    question_number: Number | None = None
    item_id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    error: Annotated[str, msgspec.Meta(max_length=500)] = ""
    extra: Annotated[dict[Name, Text | int | float | bool], msgspec.Meta(max_length=20)] = {}


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
