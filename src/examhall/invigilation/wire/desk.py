"""The desk's WebSocket: what a staff page says, and what it is told beside the media bytes."""

from typing import Annotated
from uuid import UUID

import msgspec

from examhall.base.words import Track
from examhall.invigilation.wire.log import LineOut

MAX_WATCHED = 72


class DeskHello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first message, and again whenever the page has a fresh token."""

    token: str


class WatchedTrack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    attempt: UUID
    track: Track


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="watch"):
    """Everything this page wants to see from now on; what is not in the list is no longer sent."""

    attempts: Annotated[list[WatchedTrack], msgspec.Meta(max_length=MAX_WATCHED)]


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="feed"):
    """News of a schedule: a hint for each attempt that changed; with `attempt` also its log lines after `after`."""

    schedule: UUID
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    attempt: UUID | None = None


class EntriesPush(msgspec.Struct, frozen=True, tag_field="type", tag="entries"):
    """Log lines in order; an empty list says that the connection lives."""

    entries: list[LineOut]


class ChangedPush(msgspec.Struct, frozen=True, tag_field="type", tag="changed"):
    attempt: UUID


class MediaPush(msgspec.Struct, frozen=True, tag_field="type", tag="media", omit_defaults=True):
    """Announces the one binary message that follows."""

    attempt: UUID
    track: Track
    media_epoch: int
    seq: int
    kind: str
    t_ms: int
    d_ms: int
    key: bool
    codecs: str = ""
