"""The policy as a form: what each option can be, and which values a profile has to keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import Leniency
from examhall.exam.rules.policy import BUILT_IN, Level, Policy, Value
from examhall.exam.rules.policy_words import unit_of, value_in_words
from examhall.exam.rules.snapshot import Layer, Origin, Setting, resolve

__all__ = [
    "BY_LENIENCY",
    "GROUPS",
    "Group",
    "Kind",
    "Option",
    "follows_leniency",
    "layer_of",
    "options",
    "shown_values",
]

BY_LENIENCY = ""
"""Instead of a level: as the leniency says."""


class Kind(StrEnum):
    FLAG = "flag"
    CHOICE = "choice"
    WHOLE = "whole"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One key. `minimum` and `maximum` are set for whole numbers, `choices` (value, words) for choices,
    `pattern` for words.
    """

    key: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unit: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Options that stand together; `ident` is the anchor."""

    ident: str
    name: str
    says: str
    keys: tuple[str, ...]


_NOT_ACTED_ON = frozenset(
    {
        "record.video_quality",
        "record.screen_quality",
        "reentry.recheck_identity",
        "live.mode",
    }
)
"""Nothing in this version acts on them, or each schedule says it itself: a switch without effect would be a lie."""


def _group(ident: str, name: str, says: str, *starts: str) -> Group:
    keys = tuple(key for start in starts for key in BUILT_IN if key.startswith(start) and key not in _NOT_ACTED_ON)
    return Group(ident, name, says, keys)


GROUPS: tuple[Group, ...] = (
    _group("recording", "Recording", "Kept as evidence; candidates are told before any device is touched.", "record."),
    _group("lockdown", "Lockdown", "What the browser can really do. Candidates and reviewers see the same.", "lock."),
    _group("connection", "Connection and return", "What happens when somebody is cut off.", "conn."),
    _group("live", "Live proctoring", "What invigilators may do while the exam runs.", "live."),
    _group(
        "sensitivity",
        "Sensitivity",
        "What is marked for a person to look at.",
        "allow.",
        "ui.",
        "leniency",
        "detect.",
        "screen.",
    ),
    _group(
        "length",
        "Shortest stretch",
        "A kind is marked from this length on; 0 s: as its level asks. A level that asks for more keeps its own.",
        "shortest_s.",
    ),
    _group(
        "limit",
        "Limits",
        "A kind is marked from this value on; 0: as its level asks. A level that asks for more keeps its own.",
        "limit.",
    ),
)
_FULL_SCREEN = {
    "off": "Off",
    "lenient": "Lenient, 30 s in all",
    "moderate": "Moderate, 15 s in all",
    "severe": "Severe, at once",
}


@cache
def options() -> Mapping[str, Option]:
    """Every option of `GROUPS`, by key."""
    return {key: _option(key) for group in GROUPS for key in group.keys}


def shown_values(layer: Mapping[str, Value]) -> dict[str, Value]:
    """What a form shows for a profile's stored values: the built-in value, or BY_LENIENCY, where it sets none."""
    return {key: layer.get(key, BY_LENIENCY if follows_leniency(key) else BUILT_IN[key]) for key in BUILT_IN}


def layer_of(chosen: Mapping[str, Value], *, kept: Mapping[str, Value]) -> dict[str, Value]:
    """The values a profile has to store for what was chosen in the form.

    kept: its values until now; those of options the form does not show stay.
    """
    shown = options()
    layer = {key: value for key, value in kept.items() if key not in shown}
    for key, value in chosen.items():
        if value != (BY_LENIENCY if follows_leniency(key) else BUILT_IN[key]):
            layer[key] = value
    return {key: layer[key] for key in BUILT_IN if key in layer}


def _by_leniency(leniency: Leniency) -> Mapping[str, Setting]:
    return resolve([Layer(Origin.SITE, {"leniency": leniency.value})]).settings


_LENIENT, _STRICT = _by_leniency(Leniency.LENIENT), _by_leniency(Leniency.STRICT)


def follows_leniency(key: str) -> bool:
    """Whether `leniency` sets the level of this key."""
    return key.startswith("detect.") and _LENIENT[key].value != _STRICT[key].value


def _option(key: str) -> Option:
    group, _, name = key.partition(".")
    if group == "detect":
        return Option(key=key, kind=Kind.CHOICE, choices=_levels(key))
    if group == "shortest_s":
        return Option(key=key, kind=Kind.WHOLE, minimum=0, maximum=600, unit=unit_of(key))
    part = _fields(msgspec.inspect.type_info(Policy))[group]
    if name:
        part = _fields(part)[name]
    match part:
        case msgspec.inspect.BoolType():
            return Option(key=key, kind=Kind.FLAG)
        case msgspec.inspect.IntType(ge=low, le=high):
            return Option(key=key, kind=Kind.WHOLE, minimum=low, maximum=high, unit=unit_of(key))
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return Option(key=key, kind=Kind.WORDS, pattern=pattern)
        case msgspec.inspect.EnumType(cls=words):
            choices = tuple((one.value, _words(key, one.value)) for one in words)
            return Option(key=key, kind=Kind.CHOICE, choices=choices)
        case _:
            raise TypeError(f"{key} is of a kind no form shows")


def _fields(part: msgspec.inspect.Type) -> dict[str, msgspec.inspect.Type]:
    if not isinstance(part, msgspec.inspect.StructType):
        raise TypeError(f"{part} is no group of options")
    return {field.name: field.type for field in part.fields}


def _levels(key: str) -> tuple[tuple[str, str], ...]:
    if not follows_leniency(key) and BUILT_IN[key] != Level.OFF.value:  # what the server sees is on or off
        return ((Level.OFF.value, "Off"), (Level.MEDIUM.value, "On"))
    levels = tuple((level.value, level.value.capitalize()) for level in Level)
    return ((BY_LENIENCY, "By leniency"), *levels) if follows_leniency(key) else levels


def _words(key: str, value: str) -> str:
    if key == "lock.full_screen":
        return _FULL_SCREEN[value]
    words = value_in_words(key, value)
    return words[:1].upper() + words[1:]


def version_seen(text: str) -> int:
    """The number of the version a form was made from, as the form sends it. Raises BadInput for anything else."""
    if not text.isdecimal():
        raise BadInput("Reload the page and try again.", fields={"seen_version": "The version the page showed."})
    return int(text)
