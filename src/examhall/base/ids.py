"""Identifiers: UUIDv7 for rows (they sort by time), short codes for what people read aloud."""

import secrets
import uuid

import uuid_utils.compat

__all__ = ["CODE_SYMBOLS", "new_id", "short_code"]

CODE_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base 32: no I, L, O, U (product.md §2.1)."""


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562)."""
    return uuid_utils.compat.uuid7()


def short_code(prefix: str, *, symbols: int = 4) -> str:
    """A code such as `S-7K3M`; the caller holds the unique constraint and tries again on a clash."""
    return prefix + "-" + "".join(secrets.choice(CODE_SYMBOLS) for _ in range(symbols))
