"""The answer key of an item: all that scoring needs, and nothing that may ever reach a candidate."""

from enum import StrEnum

import msgspec

from examhall.base.words import InteractionKind

__all__ = ["EXACT", "ItemKey", "Mapped", "Method", "Tolerance", "ToleranceMode"]


class Method(StrEnum):
    """How points are found."""

    MATCH = "match"
    """All the points for exactly the correct response, else none."""
    MAP = "map"
    """Points for each mapped value."""
    MANUAL = "manual"
    """A person marks it."""


class ToleranceMode(StrEnum):
    EXACT = "exact"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Stored as JSON; an unknown field is an error."""


class Tolerance(_Part, frozen=True):
    """How far a number may lie from the correct one; decimal strings, so that 0.1 stays 0.1."""

    mode: ToleranceMode = ToleranceMode.EXACT
    below: str = "0"
    """Absolute: in the number's unit. Relative: in percent of the correct number."""
    above: str = "0"
    include_below: bool = True
    include_above: bool = True


EXACT = Tolerance()


class Mapped(_Part, frozen=True):
    value: str
    points: float
    case_sensitive: bool = False


class ItemKey(_Part, frozen=True):
    kind: InteractionKind
    method: Method
    max_score: float
    correct: tuple[str, ...] = ()
    """Choices: identifiers as in the public XML. Text and numbers: any one of these is right."""
    case_sensitive: bool = True
    mapped: tuple[Mapped, ...] = ()
    default_points: float = 0.0
    lower_bound: float | None = None
    upper_bound: float | None = None
    tolerance: Tolerance = EXACT
