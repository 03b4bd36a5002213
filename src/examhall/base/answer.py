"""What every door shares: bytes in to a validated shape, an error out to one JSON body."""

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from examhall.base.errors import BadInput, ExamhallError, Unavailable, UnknownField

__all__ = ["NO_NUL", "ErrorBody", "decode", "encode", "error_body", "error_headers", "iso_ms"]

T = TypeVar("T")

RETRY_AFTER_S = 5  # longer than a crowded moment of the database, short for a person who waits

NO_NUL = r"^[^\u0000]*$"
"""Pattern of a text that PostgreSQL can store."""

_UNKNOWN = re.compile(r"unknown field `(?P<field>[^`]*)`")
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


class ErrorBody(msgspec.Struct, frozen=True):
    """`code` is for programs, `message` for the person, `fields` says field by field what to mend."""

    code: str
    message: str
    fields: dict[str, str]


def decode(body: bytes, shape: type[T]) -> T:
    """`body` (JSON) as `shape`. Raises UnknownField or BadInput naming the field."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as wrong:
        text = str(wrong)
        at = _AT.search(text)
        path = at["path"] if at else ""
        if unknown := _UNKNOWN.search(text):
            name = f"{path}.{unknown['field']}".strip(".")
            raise UnknownField(
                f"The field {name} is not known here. Leave it out.", fields={name: "unknown"}
            ) from wrong
        reason = "a NUL character stands in it, leave it out" if repr(NO_NUL) in text else text.split(" - at ")[0]
        raise BadInput(f"{path or 'The body'}: {reason}.", fields={path or "body": reason}) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        remedy = "Send UTF-8 encoded JSON, each text well-formed: no half of a surrogate pair."
        raise BadInput(f"The body is not JSON. {remedy}", fields={"body": "not JSON"}) from wrong


def encode(value: Any) -> bytes:  # noqa: ANN401 - any msgspec-encodable value
    return msgspec.json.encode(value)


def error_body(error: ExamhallError) -> ErrorBody:
    return ErrorBody(code=error.code, message=error.message, fields=error.fields)


def error_headers(error: ExamhallError) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, Unavailable) else {}


def iso_ms(at: datetime) -> str:
    """`2026-11-21T10:42:51.123Z`: how times stand on the wire."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
