"""The addresses of this wing's live door, below /live/v1."""

from starlette.routing import BaseRoute, Route

from examhall.media.live.manifest import post_manifest
from examhall.media.live.segment import put_segment

ROUTES: list[BaseRoute] = [
    Route("/media/manifest", post_manifest, methods=["POST"]),
    Route("/media/{track}/{media_epoch}/{seq}", put_segment, methods=["PUT"]),
]
