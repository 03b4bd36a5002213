"""The viewer token of a desk page: signed, short-lived, bound to one person and one schedule."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.core.signing import BadSignature, Signer

from examhall.base import clock
from examhall.base.errors import NotSignedIn

LIFETIME = timedelta(seconds=900)
_SALT = "examhall.invigilation.viewer"


class Viewer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the server has vouched for. The rights themselves are asked for again while the socket lives."""

    user: UUID
    schedule: UUID
    expires_at: datetime


def sign(*, user: UUID, schedule: UUID) -> str:
    viewer = Viewer(user, schedule, clock.now() + LIFETIME)
    return Signer(salt=_SALT).sign_object(msgspec.to_builtins(viewer))


def verify(token: str) -> Viewer:
    """Raises NotSignedIn when the token is forged or has expired."""
    try:
        viewer = msgspec.convert(Signer(salt=_SALT).unsign_object(token), Viewer)
    except (BadSignature, ValueError) as forged:  # msgspec's ValidationError is a ValueError
        raise NotSignedIn("This page is not known. Reload it.") from forged
    if clock.now() >= viewer.expires_at:
        raise NotSignedIn("This page has been open for too long. Reload it.")
    return viewer
