"""Pictures of the recorded screen: one for each key fragment, which needs no other to be decoded."""

from collections.abc import Iterator, Sequence

from examhall.base.errors import BadInput
from examhall.base.words import Track
from examhall.incidents.detectors.screen import ScreenPicture
from examhall.incidents.jobs.evidence import Piece, Recording
from examhall.media.container.decode import grey_picture

LEAST_APART_S = 4.0
"""The client makes a key picture every 10 s; a recorder that makes more costs no more than this."""


def screen_pictures(recording: Recording, pieces: Sequence[Piece], *, after_s: float | None) -> Iterator[ScreenPicture]:
    """after_s: of the last picture that was looked at. A fragment that cannot be decoded is left out."""
    last_s = after_s
    for piece in pieces:
        at_s = piece.t_ms / 1000
        if not piece.key or (last_s is not None and at_s - last_s < LEAST_APART_S):
            continue
        try:
            grey = grey_picture(recording.media(Track.SCREEN, [piece]))
        except BadInput:
            continue
        last_s = at_s
        yield ScreenPicture(at_s, grey)
