"""The attempt token: signed, short-lived, checked without a query."""

from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec
from django.core.signing import BadSignature, Signer

from examhall.base import clock
from examhall.base.errors import NotSignedIn

LIFETIME = timedelta(seconds=900)
RENEW_BEFORE = timedelta(seconds=600)
"""A heartbeat renews a token that ends within this time: every few minutes, and long before it is needed."""

_SALT = "examhall.exam.attempt"


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the server has vouched for. `epoch` is the lease's epoch when the token was made."""

    attempt: UUID
    registration: UUID
    user: UUID
    stream: UUID
    name: str
    """What the journal calls the candidate."""
    client: str
    """Which client it was made for: when another one holds the attempt, this one was taken over."""
    epoch: int
    expires_at: datetime


def sign(*, attempt: UUID, registration: UUID, user: UUID, stream: UUID, name: str, client: str, epoch: int) -> str:
    """A token for one client's hold on one attempt."""
    return _signed(Claims(attempt, registration, user, stream, name, client, epoch, clock.now() + LIFETIME))


def renew(claims: Claims) -> str | None:
    """A fresh token with the same claims when this one ends soon; None while it lasts."""
    if claims.expires_at - clock.now() > RENEW_BEFORE:
        return None
    return _signed(msgspec.structs.replace(claims, expires_at=clock.now() + LIFETIME))


def verify(token: str, *, expired_for: timedelta = timedelta(0)) -> Claims:
    """The claims of a token. Raises NotSignedIn when it is forged or expired.

    expired_for: how long ago it may have expired; evidence kept by a client that was away is taken late.
    """
    claims = _vouched(token)
    if clock.now() >= claims.expires_at + expired_for:
        raise NotSignedIn("This exam session has expired. Reload the page to continue.")
    return claims


@lru_cache(maxsize=16_384)
def _vouched(token: str) -> Claims:
    """The claims under a good signature, expired or not. Kept, because a client sends the same token for minutes."""
    try:
        return msgspec.convert(Signer(salt=_SALT).unsign_object(token), Claims)
    except (BadSignature, ValueError) as forged:  # msgspec's ValidationError is a ValueError
        raise NotSignedIn("This exam session is not known. Reload the page.") from forged


def bearer(header: str) -> str:
    """The token of an `Authorization: Bearer` header. Raises NotSignedIn without one."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("Send the attempt token in the Authorization header.")
    return token.strip()


def _signed(claims: Claims) -> str:
    return Signer(salt=_SALT).sign_object(msgspec.to_builtins(claims))
