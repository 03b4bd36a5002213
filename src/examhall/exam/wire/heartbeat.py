"""The heartbeat and its answer (Live wire v1)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from examhall.base.words import Track
from examhall.exam.wire.attempt import MessagePush

MonoMs = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
Fps = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
ReadIds = Annotated[list[UUID], msgspec.Meta(max_length=100)]
At = Annotated[datetime, msgspec.Meta(tz=True)]
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""A computer's clock may be wrong by decades; what lies beyond is no clock, and in another time zone no date."""


def ensure_plausible(client_at: datetime) -> None:
    """Raise ValueError, which a shape turns into a refusal, for a time that no computer's clock shows."""
    if not FIRST_YEAR <= client_at.year <= LAST_YEAR:
        raise ValueError(f"client_at lies outside the years {FIRST_YEAR} to {LAST_YEAR}, send the time of the computer")


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
    messages_read: ReadIds = []
    """Those the candidate has closed since the last answered heartbeat; saying it twice is harmless."""

    def __post_init__(self) -> None:
        ensure_plausible(self.client_at)


class HeartbeatReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """`load` 0 to 10 asks the client to spread its sending; `token` only when it is renewed.

    `reason`, `end_reason` and the unread `messages` as the socket pushes them, for a client whose proxy lets no socket
    through: it hears everything with the next heartbeat.
    """

    server_now: str
    state: str
    deadline_at: str | None
    load: int
    last_entry: int
    reason: str | None = None
    end_reason: str | None = None
    messages: list[MessagePush] = []
    token: str | None = None
