"""The heartbeat and its answer (Live wire v1)."""

from datetime import datetime
from typing import Annotated

import msgspec

from examhall.base.words import Track

MonoMs = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
Fps = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
At = Annotated[datetime, msgspec.Meta(tz=True)]


class Backlog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Media the client still holds."""

    segments: Count = 0
    bytes: Count = 0


class HeartbeatRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    epoch: int
    mono_ms: MonoMs
    client_at: At
    source_fps: dict[Track, Fps] = {}
    backlog: Backlog = Backlog()
    full_screen: bool = False
    visible: bool = True
    question_number: Number | None = None


class HeartbeatReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """`load` 0 to 10 asks the client to spread its sending; `token` only when it is renewed."""

    server_now: str
    state: str
    deadline_at: str | None
    load: int
    last_entry: int
    token: str | None = None
