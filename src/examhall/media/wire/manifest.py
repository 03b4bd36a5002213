"""What a client says it recorded, and what the server still lacks of it."""

from typing import Annotated

import msgspec

from examhall.base.words import GapCause, Track

MAX_NUMBER = 2_000_000_000  # fits every database's integer
MAX_EPOCHS = 500  # starts of recorders in one exam: two tracks that start anew every two minutes of eight hours

Number = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]


class MadeTrack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`last_seq` is the highest number made; `ended`: the recorder of this epoch makes no more."""

    track: Track
    media_epoch: Number
    last_seq: Number
    ended: bool


class ClaimedGap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    track: Track
    from_ms: Number
    to_ms: Number
    cause: GapCause


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tracks: Annotated[list[MadeTrack], msgspec.Meta(max_length=MAX_EPOCHS)]
    gaps: Annotated[list[ClaimedGap], msgspec.Meta(max_length=500)]


class MissingSegments(msgspec.Struct, frozen=True):
    track: Track
    media_epoch: int
    seqs: list[int]


class ManifestReply(msgspec.Struct, frozen=True):
    missing: list[MissingSegments]
    server_now: str


class PutReply(msgspec.Struct, frozen=True):
    server_now: str
    load: int
