"""Limits of what is measured that a site may raise, each beyond what the level of its kind asks (product.md §5.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from examhall.base.words import IncidentKind
from examhall.exam.rules.lengths import AS_LEVEL


class Limit(StrEnum):
    """One measured value that a rule asks for. The distance of two faces is none: where it lies is what is known of
    strangers (detection.md §9), not a matter of leniency.
    """

    HEAD_TURN = "head_turn"
    HEAD_TURN_PITCH = "head_turn_pitch"
    MULTI_FACE = "multi_face"
    BACKGROUND_MOTION = "background_motion"
    BACKGROUND_AUDIO = "background_audio"
    OBJECT_PHONE = "object_phone"
    OBJECT_BOOK = "object_book"
    COPY_PASTE = "copy_paste"
    BROWSER_RESIZE = "browser_resize"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The least that is asked for, in whole units; AS_LEVEL: as the level asks. A level that asks for more keeps its
    own, so that a stricter one never covers less.
    """

    head_turn: Annotated[int, msgspec.Meta(ge=0, le=60)] = AS_LEVEL
    head_turn_pitch: Annotated[int, msgspec.Meta(ge=0, le=45)] = AS_LEVEL
    multi_face: Annotated[int, msgspec.Meta(ge=0, le=95)] = AS_LEVEL
    background_motion: Annotated[int, msgspec.Meta(ge=0, le=50)] = AS_LEVEL
    background_audio: Annotated[int, msgspec.Meta(ge=0, le=40)] = AS_LEVEL
    object_phone: Annotated[int, msgspec.Meta(ge=0, le=95)] = AS_LEVEL
    object_book: Annotated[int, msgspec.Meta(ge=0, le=95)] = AS_LEVEL
    copy_paste: Annotated[int, msgspec.Meta(ge=0, le=1000)] = AS_LEVEL
    browser_resize: Annotated[int, msgspec.Meta(ge=0, le=90)] = AS_LEVEL


@dataclass(frozen=True, slots=True)
class Limited:
    """What a limit is about."""

    kind: IncidentKind
    what: str
    unit: str


LIMITED: Mapping[Limit, Limited] = {
    Limit.HEAD_TURN: Limited(IncidentKind.HEAD_TURN, "sideways", "°"),
    Limit.HEAD_TURN_PITCH: Limited(IncidentKind.HEAD_TURN, "up or down", "°"),
    Limit.MULTI_FACE: Limited(IncidentKind.MULTI_FACE, "certainty", "%"),
    Limit.BACKGROUND_MOTION: Limited(IncidentKind.BACKGROUND_MOTION, "share of the background", "%"),
    Limit.BACKGROUND_AUDIO: Limited(IncidentKind.BACKGROUND_AUDIO, "above the room's own noise", "dB"),
    Limit.OBJECT_PHONE: Limited(IncidentKind.OBJECT_PHONE, "certainty", "%"),
    Limit.OBJECT_BOOK: Limited(IncidentKind.OBJECT_BOOK, "certainty", "%"),
    Limit.COPY_PASTE: Limited(IncidentKind.COPY_PASTE, "characters pasted from outside", ""),
    Limit.BROWSER_RESIZE: Limited(IncidentKind.BROWSER_RESIZE, "loss of area", "%"),
}
LIMITED_KINDS = frozenset(about.kind for about in LIMITED.values())


def most_of(limit: Limit) -> int:
    """The highest value the policy allows."""
    return _MOST[limit]


def limits_of(kind: IncidentKind) -> tuple[Limit, ...]:
    """In the order of the policy; none for a kind that is marked by its presence."""
    return tuple(limit for limit, about in LIMITED.items() if about.kind is kind)


def _bounds() -> dict[Limit, int]:
    about = msgspec.inspect.type_info(Limits)
    fields = about.fields if isinstance(about, msgspec.inspect.StructType) else ()
    return {Limit(one.name): one.type.le or 0 for one in fields if isinstance(one.type, msgspec.inspect.IntType)}


_MOST = _bounds()
