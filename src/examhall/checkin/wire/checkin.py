"""What the entry page sends."""

from typing import Annotated

import msgspec

from examhall.base.answer import NO_NUL
from examhall.base.words import LookAt
from examhall.checkin.rules.check import Line, Result
from examhall.incidents.rules.baseline import MAX_BYTES

Short = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]


class CheckedLineIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line: Line
    result: Result
    measured: Short = ""
    needed: Short = ""


class CheckIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run of the system check."""

    lines: Annotated[list[CheckedLineIn], msgspec.Meta(min_length=1, max_length=20)]


class LookIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One picture of the system check; `jpeg` in base64."""

    look: LookAt
    jpeg: Annotated[bytes, msgspec.Meta(max_length=MAX_BYTES)]


class LooksIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pictures a candidate took at the system check, sent when the agreement is accepted."""

    looks: Annotated[list[LookIn], msgspec.Meta(min_length=1, max_length=len(LookAt))]


class AgreementIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sha256` of the text that was shown; `typed_name` counts only when accepted."""

    accepted: bool
    sha256: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
    typed_name: Annotated[str, msgspec.Meta(max_length=400, pattern=NO_NUL)] = ""


class ProgressOut(msgspec.Struct, frozen=True):
    """What is still to do before Start, in order."""

    to_do: list[str]
    passed: bool
