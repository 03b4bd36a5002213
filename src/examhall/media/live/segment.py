"""Taking segments: checked, stored durably, answered, and only then handed to whoever watches.

The token may be of an older lease, or have expired while the client was away: evidence is never refused for that
(COMMON "Live wire"), since it proves what was recorded and changes nothing.
"""

from collections import OrderedDict
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from examhall.base import clock
from examhall.base.answer import encode, iso_ms
from examhall.base.arrived import JsonReply, body_of
from examhall.base.errors import NotFound, TooLarge, Unavailable
from examhall.base.settings import settings
from examhall.base.words import Track
from examhall.base.writer import committed
from examhall.exam.access.token import Claims, bearer, verify
from examhall.exam.live.door import in_thread, load_figure
from examhall.media.actions.segment import KEEP_SEGMENT, KEEP_WATCHED, Stored
from examhall.media.container.boxes import Init
from examhall.media.container.segment import (
    Kind,
    Piece,
    Place,
    checked_digest,
    checked_kind,
    fragment_piece,
    init_piece,
    place,
)
from examhall.media.live.relay import frame_of, relay
from examhall.media.reads.recording import init_of
from examhall.media.wire.manifest import PutReply

LATE_UPLOAD: Final = timedelta(hours=48)  # product.md §8.9: how long kept media may still be brought
_KEPT_INITS = 20_000  # some 600 bytes each; two tracks of every candidate of the largest sitting

_STATUS = {Stored.NEW: 201, Stored.REPEAT: 200}


class _Inits:
    """Parsed init segments of the media epochs seen lately, so that a fragment costs no read."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, Track, int], Init] = OrderedDict()

    def keep(self, at: Place, init: Init) -> None:
        self._kept[(at.attempt, at.track, at.epoch)] = init
        while len(self._kept) > _KEPT_INITS:
            self._kept.popitem(last=False)

    async def of(self, at: Place) -> Init:
        """Raises Unavailable while the init segment has not arrived: the client sends both again."""
        known = self._kept.get((at.attempt, at.track, at.epoch))
        if known is None:
            try:
                known = await in_thread(init_of, at.attempt, at.track, at.epoch)
            except NotFound as missing:
                raise Unavailable("Send the init segment of this media epoch first, then this one again.") from missing
            self.keep(at, known)
        return known


_inits = _Inits()


def evidence_claims(request: Request) -> Claims:
    """The verified token, which may have expired up to LATE_UPLOAD ago. Raises NotSignedIn."""
    return verify(bearer(request.headers.get("authorization", "")), expired_for=LATE_UPLOAD)


async def put_segment(request: Request) -> Response:
    """PUT /media/{track}/{media_epoch}/{seq}: 201 stored, 200 was stored before; both mean durable."""
    claims, path = evidence_claims(request), request.path_params
    at = place(claims.attempt, claims.stream, track=path["track"], epoch=path["media_epoch"], seq=path["seq"])
    kind = checked_kind(request.headers, at.seq)
    piece, init = await _piece(request, at, kind)
    is_watched = relay.watched(piece.attempt, piece.track)
    stored = await committed(KEEP_WATCHED if is_watched else KEEP_SEGMENT, piece)
    if init is not None:
        _inits.keep(at, init)
    if stored is Stored.NEW and relay.watched(piece.attempt, piece.track):
        relay.publish(frame_of(piece))
    reply = PutReply(iso_ms(clock.now()), load_figure())
    return JsonReply(encode(reply), status=_STATUS[stored])


async def _piece(request: Request, at: Place, kind: Kind) -> tuple[Piece, Init | None]:
    limit = settings().max_segment_bytes
    content = await body_of(request, max_bytes=limit, too_large=_too_large)
    digest = checked_digest(content, request.headers.get("x-sha256", ""), max_bytes=limit)
    if kind is Kind.INIT:
        return init_piece(at, content, digest, request.headers)
    return fragment_piece(at, content, digest, await _inits.of(at)), None


def _too_large() -> TooLarge:
    limit = settings().max_segment_bytes
    return TooLarge(f"A segment has at most {limit} bytes. Cut it shorter.", fields={"body": "too large"})
