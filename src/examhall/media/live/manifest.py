"""Taking the client's manifest and telling it what is still missing."""

from starlette.requests import Request
from starlette.responses import Response

from examhall.base import clock
from examhall.base.answer import encode, iso_ms
from examhall.exam.live.door import in_thread, sent
from examhall.media.actions.recording import ClaimedStretch, MadeEpoch, note_manifest
from examhall.media.live.segment import evidence_claims
from examhall.media.wire.manifest import Manifest, ManifestReply, MissingSegments


async def post_manifest(request: Request) -> Response:
    """POST /media/manifest: what was made and why something was not; the answer names what is not stored."""
    claims = evidence_claims(request)
    told = await sent(request, Manifest)
    made = [MadeEpoch(t.track, t.media_epoch, t.last_seq, t.ended) for t in told.tracks]
    gaps = [ClaimedStretch(g.track, g.from_ms, g.to_ms, g.cause) for g in told.gaps]
    missing = await in_thread(note_manifest, claims.attempt, made=made, gaps=gaps)
    lines = [MissingSegments(lack.track, lack.epoch, lack.seqs) for lack in missing]
    return Response(encode(ManifestReply(lines, iso_ms(clock.now()))), media_type="application/json")
