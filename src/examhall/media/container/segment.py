"""What makes a piece of a recording acceptable, before anything is stored."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from examhall.base.errors import BadChecksum, BadInput, TooLarge
from examhall.base.words import Track
from examhall.media.container.boxes import Init, Times, parse_fragment, parse_init, times

INIT_SEQ = 0
MAX_NUMBER = 2_000_000_000  # fits every database's integer; a fragment a second fills it in 63 years
_CODECS_MAX = 100
_TRACKS: Mapping[str, Track] = {track.value: track for track in Track}


class Kind(StrEnum):
    INIT = "init"
    FRAGMENT = "fragment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece as it arrived, its bytes proven to be those announced."""

    attempt: UUID
    stream: UUID
    track: Track
    epoch: int
    seq: int
    content: bytes
    sha256: bytes
    times: Times
    codecs: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece belongs: the path of its PUT."""

    attempt: UUID
    stream: UUID
    track: Track
    epoch: int
    seq: int


def place(attempt: UUID, stream: UUID, *, track: str, epoch: str, seq: str) -> Place:
    """Raises BadInput naming the part of the path that is wrong."""
    known = _TRACKS.get(track)
    if known is None:
        raise BadInput(f"The track {track[:20]} is not known.", fields={"track": "webcam or screen"})
    return Place(attempt, stream, known, _number("media_epoch", epoch), _number("seq", seq))


def checked_digest(content: bytes, announced: str, *, max_bytes: int) -> bytes:
    """The digest of the content. Raises TooLarge, BadInput or BadChecksum."""
    if len(content) > max_bytes:
        raise TooLarge(f"A segment has at most {max_bytes} bytes. Cut it shorter.", fields={"body": "too large"})
    if len(announced) != 64:
        raise BadInput("Send the SHA-256 of the body as 64 hex digits.", fields={"x-sha256": "64 hex digits"})
    found = hashlib.sha256(content)
    if found.hexdigest() != announced.lower():
        raise BadChecksum("The bytes are not those announced. Send the segment again.", fields={"x-sha256": "differs"})
    return found.digest()


def checked_kind(headers: Mapping[str, str], seq: int) -> Kind:
    """Raises BadInput unless `x-kind` fits the number: 0 is the init segment, all others are fragments."""
    expected = Kind.INIT if seq == INIT_SEQ else Kind.FRAGMENT
    if headers.get("x-kind") != expected:
        raise BadInput(f"The segment {seq} is sent with x-kind {expected}.", fields={"x-kind": expected.value})
    for name in ("x-t-ms", "x-d-ms"):
        _number(name, headers.get(name, ""))
    return expected


def init_piece(at: Place, content: bytes, digest: bytes, headers: Mapping[str, str]) -> tuple[Piece, Init]:
    """Raises BadInput when the content is no init segment or its codecs are not named."""
    codecs = headers.get("x-codecs", "").strip()
    if not 0 < len(codecs) <= _CODECS_MAX or not codecs.isascii() or '"' in codecs:
        raise BadInput("Name the codecs of the init segment.", fields={"x-codecs": "such as avc1.42E01E,opus"})
    init = parse_init(content)
    t_ms = _number("x-t-ms", headers.get("x-t-ms", ""))
    return _piece(at, content, digest, Times(t_ms, 0, False), codecs), init


def fragment_piece(at: Place, content: bytes, digest: bytes, init: Init) -> Piece:
    """Times come from the bytes themselves, not from the headers. Raises BadInput when they are no fragment."""
    found = times(parse_fragment(content, init), init)
    return _piece(at, content, digest, found)


def _piece(at: Place, content: bytes, digest: bytes, found: Times, codecs: str = "") -> Piece:
    return Piece(
        attempt=at.attempt,
        stream=at.stream,
        track=at.track,
        epoch=at.epoch,
        seq=at.seq,
        content=content,
        sha256=digest,
        times=found,
        codecs=codecs,
    )


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > MAX_NUMBER:
        raise BadInput(f"{name} is a whole number.", fields={name: f"0 to {MAX_NUMBER}"})
    return int(text)


def chained(chain: bytes, digest: bytes) -> bytes:
    """The reel's chain after one more segment."""
    return hashlib.sha256(chain + digest).digest()
