"""Replay: a playlist per track and byte ranges into the reels, for those who may see the recording."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from examhall.base.errors import NotFound
from examhall.base.words import EntryKind, Track
from examhall.exam.http.look import looked
from examhall.media.access import recording_for
from examhall.media.container.playlist import entries, write
from examhall.media.http.ranges import Unsatisfiable, byte_range
from examhall.media.http.token import ensure_viewer, viewer_token
from examhall.media.reads.recording import reel_end, track_index
from examhall.media.store.place import reels
from examhall.media.store.reel import ReelKey
from examhall.people.http.actor import actor_of

_PRIVATE = "private, no-store"


@require_safe
@gzip_page
def playlist(request: HttpRequest, attempt_id: UUID, track: str) -> HttpResponse:
    """GET /media/{attempt}/{track}.m3u8: VOD when closed, EVENT while it grows."""
    actor, wanted = actor_of(request), _track(track)
    ref = recording_for(actor, attempt_id)
    if actor.user_id is None:
        raise NotFound("There is no such recording.")
    looked(ref, EntryKind.RECORDING_VIEWED, by=actor, track=wanted.value)
    token = viewer_token(actor.user_id, attempt_id)
    index = track_index(attempt_id, wanted)
    text = write(
        entries(index.rows, running=not index.ended),
        index.heads,
        began_at=ref.entered_at,
        address=lambda epoch: f"/media/{attempt_id}/{wanted.value}/{epoch}.mp4?v={token}",
        ended=index.ended,
    )
    response = HttpResponse(text, content_type="application/vnd.apple.mpegurl")
    response.headers["Cache-Control"] = _PRIVATE
    return response


@require_safe
def reel(request: HttpRequest, attempt_id: UUID, track: str, epoch: int) -> HttpResponseBase:
    """GET /media/{attempt}/{track}/{epoch}.mp4?v=…: the stored bytes, whole or one range."""
    actor, wanted = actor_of(request), _track(track)
    ensure_viewer(request.GET.get("v", ""), user_id=actor.user_id, attempt_id=attempt_id)
    recording_for(actor, attempt_id)
    size = reel_end(attempt_id, wanted, epoch)
    try:
        asked = byte_range(request.headers.get("Range", ""), size)
    except Unsatisfiable:
        return _headed(HttpResponse(status=416), f"bytes */{size}")
    offset, length = asked or (0, size)
    body = reels().pieces(ReelKey(attempt_id, wanted, epoch), offset, length) if request.method == "GET" else ()
    response = StreamingHttpResponse(body, status=206 if asked else 200, content_type="video/mp4")
    response.headers["Content-Length"] = str(length)
    return _headed(response, f"bytes {offset}-{offset + length - 1}/{size}" if asked else "")


def _headed(response: HttpResponseBase, content_range: str) -> HttpResponseBase:
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = _PRIVATE
    if content_range:
        response.headers["Content-Range"] = content_range
    return response


def _track(name: str) -> Track:
    if name not in set(Track):
        raise NotFound("There is no such recording.")
    return Track(name)
