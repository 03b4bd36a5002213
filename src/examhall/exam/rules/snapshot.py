"""How the value of each option is found, and the snapshot of all that a schedule freezes.

A value is looked for in layers (built-in, site profile, profile of the assessment, override of the schedule) and each
frozen value keeps its origin.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from examhall.base.errors import BadInput, UnknownField
from examhall.base.words import IncidentKind, Leniency
from examhall.exam.rules.policy import BUILT_IN, STANDARD_LEVELS, Level, Policy, ReentryRule, Value


class Origin(StrEnum):
    """Where a value came from; later ones win (R-0.41)."""

    BUILT_IN = "built_in"
    SITE = "site"
    ASSESSMENT = "assessment"
    SCHEDULE = "schedule"


_ON_OR_OFF = (
    IncidentKind.TOO_DARK,
    IncidentKind.SECOND_CLIENT,
    IncidentKind.MANY_INTERRUPTIONS,
    IncidentKind.EVIDENCE_GAP,
    IncidentKind.EVIDENCE_ALTERED,
)
"""What the server sees by itself, and a mere hint, is on or off; leniency does not move it."""

_LEVEL_OF: Mapping[Leniency, Level] = {Leniency.LENIENT: Level.LOW, Leniency.STRICT: Level.HIGH}


@dataclass(frozen=True, slots=True)
class Layer:
    """What one profile or override says; only the keys it sets."""

    origin: Origin
    values: Mapping[str, Value]
    version: int | None = None
    """Number of the profile version, or None for built-in and override."""


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One frozen value."""

    value: bool | int | str
    origin: Origin
    version: int | None = None


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an activation keeps: each key with value and origin, and the hash over the values alone."""

    settings: dict[str, Setting]
    sha256: str


def check_values(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of one layer, in the product's order.

    Raises UnknownField for a key that is not in `BUILT_IN`, BadInput for a value its option does not allow; both name
    the key in `fields`. `preset` is no key: a profile that starts from one stores the preset's values.
    """
    unknown = [key for key in values if key not in BUILT_IN]
    if unknown:
        raise UnknownField(
            f"There is no option called {', '.join(sorted(unknown))}.",
            fields=dict.fromkeys(unknown, "Remove this option."),
        )
    bad = {key: problem for key, value in values.items() if (problem := _problem(key, value))}
    if bad:
        raise BadInput("Some options have a value that is not allowed.", fields=bad)
    return {key: values[key] for key in BUILT_IN if key in values}


def resolve(layers: Sequence[Layer]) -> Snapshot:
    """The value of every key, from the last layer that sets it (R-0.41).

    layers: in the order site, assessment, schedule; the built-in defaults come before them by themselves. A layer that
    sets `leniency` sets every detection level that is not off by default; levels it names itself win over that.
    Raises what `check_values` raises.
    """
    settings = {key: Setting(value, Origin.BUILT_IN) for key, value in BUILT_IN.items()}
    for layer in layers:
        for key, value in _expanded(check_values(layer.values)).items():
            settings[key] = Setting(value, layer.origin, layer.version)
    return Snapshot(settings, _digest(settings))


def settle(snapshot: Snapshot, *, invigilated: bool) -> Snapshot:
    """The snapshot with `auto` answered, which can only be known at activation (product.md §5.3)."""
    reentry = snapshot.settings["lock.prevent_reentry"]
    if reentry.value != ReentryRule.AUTO.value:
        return snapshot
    rule = ReentryRule.APPROVAL if invigilated else ReentryRule.OFF
    settings = {**snapshot.settings, "lock.prevent_reentry": Setting(rule.value, reentry.origin, reentry.version)}
    return Snapshot(settings, _digest(settings))


def freeze(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as JSON values, as it is stored."""
    frozen: dict[str, Any] = msgspec.to_builtins(snapshot)
    return frozen


def thaw(frozen: Mapping[str, Any]) -> Snapshot:
    """The stored snapshot. Raises BadInput if its values do not give the hash it carries."""
    try:
        snapshot = msgspec.convert(frozen, Snapshot)
    except msgspec.ValidationError as error:
        raise BadInput("The frozen settings cannot be read.") from error
    if _digest(snapshot.settings) != snapshot.sha256:
        raise BadInput("The frozen settings were changed after they were frozen.")
    return snapshot


def policy_of(snapshot: Snapshot) -> Policy:
    """The typed policy. Raises BadInput if a key is missing or unknown here."""
    return _typed({key: setting.value for key, setting in snapshot.settings.items()})


def _typed(flat: Mapping[str, Value]) -> Policy:
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        group, _, name = key.partition(".")
        if name:
            tree.setdefault(group, {})[name] = value
        else:
            tree[group] = value
    try:
        return msgspec.convert(tree, Policy)
    except msgspec.ValidationError as error:
        raise BadInput(f"The settings cannot be read: {error}.") from error


def _problem(key: str, value: Value) -> str:
    """What to do about a value, or nothing."""
    try:
        _typed({**BUILT_IN, key: value})
    except BadInput as error:
        cause = str(error.__cause__).split(" - at ")[0]
        return f"Choose another value ({cause[:1].lower()}{cause[1:]})."
    return ""


def _expanded(values: Mapping[str, Value]) -> dict[str, Value]:
    if "leniency" not in values:
        return dict(values)
    level = _LEVEL_OF.get(Leniency(str(values["leniency"])))
    levels: dict[str, Value] = {
        f"detect.{kind.value}": (level or default).value
        for kind, default in STANDARD_LEVELS.items()
        if default is not Level.OFF and kind not in _ON_OR_OFF
    }
    return {**levels, **values}


def _digest(settings: Mapping[str, Setting]) -> str:
    """Over the values only: the same agreement gives the same hash, wherever its values came from."""
    values = {key: setting.value for key, setting in settings.items()}
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
