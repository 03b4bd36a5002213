"""The one error tree. Doors translate it in one place: `code` and `status` go out, `fields` name what to mend.

ExamhallError
├── BadInput 400          the request is not of the shape asked for
│   └── UnknownField 400
├── NotSignedIn 401       forged, expired or absent token or session
├── NotAllowed 403        signed in, but this act is not theirs (with who can allow it)
├── NotFound 404          absent, or not to be seen by this person: the two look the same
├── Conflict 409
│   ├── IllegalMove 409   the state table has no such pair
│   ├── StaleLease 409    another client holds the attempt now
│   ├── StaleVersion 409  somebody else changed it first
│   └── AlteredRepeat 409 same number, other bytes
├── TooLarge 413
├── BadChecksum 422       the bytes are not those announced: send again
├── Late 422              after the deadline
└── Unavailable 503       nothing was stored, and trying again helps
    ├── Busy 503          others kept the database busy for too long
    └── StorageFull 507   nothing was stored: keep it and send again
"""

from collections.abc import Mapping

__all__ = [
    "AlteredRepeat",
    "BadChecksum",
    "BadInput",
    "Busy",
    "Conflict",
    "ExamhallError",
    "IllegalMove",
    "Late",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "StaleLease",
    "StaleVersion",
    "StorageFull",
    "TooLarge",
    "Unavailable",
    "UnknownField",
]


class ExamhallError(Exception):
    """`message` is a plain sentence for the person who meets it; `fields` maps a field's name to its remedy."""

    code = "error"
    status = 500

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields: dict[str, str] = dict(fields or {})


class BadInput(ExamhallError):
    code, status = "bad_input", 400


class UnknownField(BadInput):
    code = "unknown_field"


class NotSignedIn(ExamhallError):
    code, status = "not_signed_in", 401


class NotAllowed(ExamhallError):
    code, status = "not_allowed", 403


class NotFound(ExamhallError):
    code, status = "not_found", 404


class Conflict(ExamhallError):
    code, status = "conflict", 409


class IllegalMove(Conflict):
    code = "illegal_move"

    def __init__(self, state: str, act: str) -> None:
        super().__init__(f"{act.replace('_', ' ')} is not possible while the state is {state.replace('_', ' ')}")
        self.state, self.act = state, act


class StaleLease(Conflict):
    code = "stale_lease"


class StaleVersion(Conflict):
    code = "stale_version"


class AlteredRepeat(Conflict):
    code = "altered_repeat"


class TooLarge(ExamhallError):
    code, status = "too_large", 413


class BadChecksum(ExamhallError):
    code, status = "bad_checksum", 422


class Late(ExamhallError):
    code, status = "late", 422


class Unavailable(ExamhallError):
    code, status = "unavailable", 503


class Busy(Unavailable):
    code = "busy"

    def __init__(self) -> None:
        super().__init__(
            "Very much is being stored just now, and this had to wait for too long. Try again in a moment."
        )


class StorageFull(Unavailable):
    code, status = "storage_full", 507
