"""Addresses of recordings that work for one person, one attempt and a few hours."""

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner

from examhall.base.errors import NotFound

LIFETIME = timedelta(hours=6)
"""A player loads the playlist of a finished recording once; a reviewer may need an afternoon. Session and right are
asked for again with every range all the same."""

_SALT = "examhall.media.reel"


def viewer_token(user_id: UUID, attempt_id: UUID) -> str:
    return TimestampSigner(salt=_SALT).sign(f"{user_id.hex}.{attempt_id.hex}")


def ensure_viewer(token: str, *, user_id: UUID | None, attempt_id: UUID) -> None:
    """Raises NotFound unless the token was made for this person and attempt and is young enough."""
    try:
        value = TimestampSigner(salt=_SALT).unsign(token, max_age=LIFETIME)
    except BadSignature as forged:
        raise NotFound("This address has expired. Reload the page.") from forged
    if user_id is None or value != f"{user_id.hex}.{attempt_id.hex}":
        raise NotFound("This address was made for somebody else.")
