"""Addresses of stills that work for one person and a few hours."""

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from examhall.base.errors import NotFound

LIFETIME = timedelta(hours=6)
"""As long as the recording's own addresses: a reviewer may need an afternoon. Rights are asked for each time."""
_SALT = "examhall.incidents.still"


def still_url(still_id: UUID, *, viewer: UUID) -> str:
    signed = TimestampSigner(salt=_SALT).sign(f"{viewer.hex}.{still_id.hex}").split(":", 1)[1]
    return f"{reverse('incident-still', args=[still_id])}?v={signed}"


def ensure_viewer(token: str, *, viewer: UUID | None, still_id: UUID) -> None:
    """Raises NotFound unless the address was made for this person and is young enough."""
    if viewer is None:
        raise NotFound("There is no such picture.")
    try:
        TimestampSigner(salt=_SALT).unsign(f"{viewer.hex}.{still_id.hex}:{token}", max_age=LIFETIME)
    except BadSignature as forged:
        raise NotFound("This address has expired or was made for somebody else. Reload the page.") from forged
