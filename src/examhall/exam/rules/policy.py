"""The policy: every proctoring option this version knows, how its value is found, and the snapshot a schedule freezes.

Keys and defaults are those of product.md §5.2 to §5.5. A value is looked for in layers (built-in, site profile, profile
of the assessment, override of the schedule) and each frozen value keeps its origin. Nothing else may read a profile:
whatever runs, runs by a `Policy` made from a snapshot.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from examhall.base.errors import BadInput, UnknownField
from examhall.base.words import IncidentKind, Leniency, Track
from examhall.exam.rules.lengths import AS_LEVEL, LENGTH_KINDS
from examhall.exam.rules.limits import Limits
from examhall.exam.rules.screen_words import Screen

__all__ = [
    "BUILT_IN",
    "PRESETS",
    "UNPROCTORED",
    "Clipboard",
    "Conn",
    "FullScreen",
    "Layer",
    "Level",
    "Live",
    "LiveMode",
    "Lock",
    "OfflineInput",
    "OnLeftFullScreen",
    "OnTrackLoss",
    "OnWindowExpired",
    "Origin",
    "Policy",
    "Preset",
    "Quality",
    "Recheck",
    "Record",
    "Reentry",
    "ReentryRule",
    "Setting",
    "Snapshot",
    "TabRule",
    "Ui",
    "Value",
    "check_values",
    "freeze",
    "policy_of",
    "required_tracks",
    "resolve",
    "settle",
    "thaw",
]

Value = bool | int | str


class Origin(StrEnum):
    """Where a value came from; later ones win (R-0.41)."""

    BUILT_IN = "built_in"
    SITE = "site"
    ASSESSMENT = "assessment"
    SCHEDULE = "schedule"


class Level(StrEnum):
    """How readily a kind of incident is opened (product.md §5.5)."""

    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Quality(StrEnum):
    LOW = "low"
    STANDARD = "standard"
    HIGH = "high"


class FullScreen(StrEnum):
    """Cumulative time away: lenient 30 s, moderate 15 s, severe 0 s."""

    OFF = "off"
    LENIENT = "lenient"
    MODERATE = "moderate"
    SEVERE = "severe"


class OnTrackLoss(StrEnum):
    """What happens when a required track ends during the exam, after a grace of 20 s."""

    WARN = "warn"
    HOLD = "hold"
    PAUSE = "pause"
    STOP = "stop"
    CONTINUE_FLAGGED = "continue_flagged"


class OnLeftFullScreen(StrEnum):
    """What happens when the time away from full screen is used up."""

    FLAG = "flag"
    HOLD = "hold"
    PAUSE = "pause"
    STOP = "stop"


class OnWindowExpired(StrEnum):
    """R-0.38: what happens to an attempt whose candidate does not come back in the reconnect window."""

    STOP = "stop"
    PAUSE = "pause"
    CONTINUE_FLAGGED = "continue_flagged"


class TabRule(StrEnum):
    ALLOWED = "allowed"
    LINKS_ONLY = "links_only"
    NONE = "none"


class Clipboard(StrEnum):
    ALLOWED = "allowed"
    INTERNAL = "internal"
    DISABLED = "disabled"


class ReentryRule(StrEnum):
    """`auto` = approval if an invigilator is assigned, else off; settled when the schedule is activated."""

    AUTO = "auto"
    OFF = "off"
    APPROVAL = "approval"
    NEVER = "never"


class OfflineInput(StrEnum):
    """`block` takes effect after 15 s of reconnecting (product.md §5.4)."""

    BLOCK = "block"
    ALLOW = "allow"


class Recheck(StrEnum):
    NEVER = "never"
    AFTER_WINDOW = "after_window"
    ALWAYS = "always"


class LiveMode(StrEnum):
    NONE = "none"
    AUTOMATED = "automated"
    LIVE = "live"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One group of options; the field's name is the second half of the key."""


class Record(_Part, frozen=True):
    video: bool = True
    audio: bool = True
    screen: bool = True
    video_quality: Quality = Quality.STANDARD
    screen_quality: Quality = Quality.STANDARD
    on_track_loss: OnTrackLoss = OnTrackLoss.HOLD


class Lock(_Part, frozen=True):
    full_screen: FullScreen = FullScreen.MODERATE
    full_screen_action: OnLeftFullScreen = OnLeftFullScreen.HOLD
    one_screen: bool = True
    tabs: TabRule = TabRule.NONE
    printing: bool = True
    clipboard: Clipboard = Clipboard.INTERNAL
    right_click: bool = True
    developer_tools: bool = True
    prevent_reentry: ReentryRule = ReentryRule.AUTO


class Conn(_Part, frozen=True):
    heartbeat_s: Annotated[int, msgspec.Meta(ge=2, le=15)] = 5
    heartbeat_lost_s: Annotated[int, msgspec.Meta(ge=10, le=120)] = 15
    reconnect_window_s: Annotated[int, msgspec.Meta(ge=30, le=900)] = 120
    """R-0.37: two minutes, counted from the last accepted heartbeat."""
    on_window_expired: OnWindowExpired = OnWindowExpired.STOP
    offline_input: OfflineInput = OfflineInput.BLOCK
    outage_credit: bool = True


class Reentry(_Part, frozen=True):
    recheck_identity: Recheck = Recheck.AFTER_WINDOW


class Live(_Part, frozen=True):
    mode: LiveMode = LiveMode.AUTOMATED
    ratio_target: Annotated[int, msgspec.Meta(ge=1, le=60)] = 20
    allow_interrupt: bool = True
    allow_stop: bool = True


class Allow(_Part, frozen=True):
    paper: bool = False


class Ui(_Part, frozen=True):
    warn_live: bool = True


_DETECT: Mapping[IncidentKind, Level] = {
    IncidentKind.NAVIGATING_AWAY: Level.MEDIUM,
    IncidentKind.KEY_COMBO: Level.MEDIUM,
    IncidentKind.COPY_PASTE: Level.MEDIUM,
    IncidentKind.RIGHT_CLICK: Level.MEDIUM,
    IncidentKind.BROWSER_RESIZE: Level.LOW,
    IncidentKind.LEFT_FULL_SCREEN: Level.MEDIUM,
    IncidentKind.INSPECTOR: Level.MEDIUM,
    IncidentKind.EXTRA_DISPLAY: Level.MEDIUM,
    IncidentKind.LEFT_SESSION: Level.MEDIUM,
    IncidentKind.HEAD_TURN: Level.MEDIUM,
    IncidentKind.GAZE_OFF: Level.OFF,
    IncidentKind.MULTI_FACE: Level.MEDIUM,
    IncidentKind.IDENTITY_CHANGE: Level.OFF,
    IncidentKind.BACKGROUND_MOTION: Level.LOW,
    IncidentKind.BACKGROUND_AUDIO: Level.MEDIUM,
    IncidentKind.SPEECH: Level.MEDIUM,
    IncidentKind.OBJECT_PHONE: Level.OFF,
    IncidentKind.OBJECT_BOOK: Level.OFF,
    IncidentKind.CAMERA_BLOCKED: Level.MEDIUM,
    IncidentKind.TOO_DARK: Level.MEDIUM,
    IncidentKind.MIC_MUTED: Level.MEDIUM,
    IncidentKind.SECOND_CLIENT: Level.MEDIUM,
    IncidentKind.MANY_INTERRUPTIONS: Level.MEDIUM,
    IncidentKind.SHARE_ENDED: Level.MEDIUM,
    IncidentKind.SCREEN_BLOCKED: Level.MEDIUM,
    IncidentKind.OTHER_CONTENT: Level.OFF,
    IncidentKind.EVIDENCE_GAP: Level.MEDIUM,
    IncidentKind.EVIDENCE_ALTERED: Level.MEDIUM,
}
"""Standard. A kind left out (a flag by a person) is no option."""


class Policy(_Part, frozen=True):
    """What one schedule runs by. Made from a frozen snapshot by `policy_of`; never from a profile."""

    record: Record = Record()
    lock: Lock = Lock()
    conn: Conn = Conn()
    reentry: Reentry = Reentry()
    live: Live = Live()
    allow: Allow = Allow()
    screen: Screen = Screen()
    ui: Ui = Ui()
    detect: Mapping[IncidentKind, Level] = msgspec.field(default_factory=lambda: dict(_DETECT))
    shortest_s: Mapping[IncidentKind, Annotated[int, msgspec.Meta(ge=0, le=600)]] = msgspec.field(
        default_factory=lambda: dict.fromkeys(LENGTH_KINDS, AS_LEVEL)
    )
    """The least length at which a kind is marked; a level that asks for more keeps its own (R-0.34)."""
    limit: Limits = Limits()
    leniency: Leniency = Leniency.STANDARD


class Preset(StrEnum):
    """Named starting points of a profile (product.md §5.1)."""

    LENIENT = "lenient"
    STANDARD = "standard"
    STRICT = "strict"
    LOCKDOWN_ONLY = "lockdown_only"
    RECORD_ONLY = "record_only"
    OPEN_BOOK = "open_book"


def _flat(policy: Policy) -> dict[str, Value]:
    tree: dict[str, Any] = msgspec.to_builtins(policy)
    flat: dict[str, Value] = {}
    for group, inside in tree.items():
        if isinstance(inside, dict):
            flat.update({f"{group}.{name}": value for name, value in inside.items()})
        else:
            flat[group] = inside
    return flat


BUILT_IN: Mapping[str, Value] = _flat(Policy())
"""Every key with its built-in default, in the order of the product's tables."""

_NO_RECORDING: Mapping[str, Value] = {"record.video": False, "record.audio": False, "record.screen": False}
_NO_LOCK: Mapping[str, Value] = {
    "lock.full_screen": FullScreen.OFF.value,
    "lock.one_screen": False,
    "lock.tabs": TabRule.ALLOWED.value,
    "lock.printing": False,
    "lock.clipboard": Clipboard.ALLOWED.value,
    "lock.right_click": False,
    "lock.developer_tools": False,
}
_NO_LOCK_INCIDENTS: Mapping[str, Value] = {
    f"detect.{kind.value}": Level.OFF.value
    for kind in (
        IncidentKind.NAVIGATING_AWAY,
        IncidentKind.KEY_COMBO,
        IncidentKind.COPY_PASTE,
        IncidentKind.RIGHT_CLICK,
        IncidentKind.BROWSER_RESIZE,
        IncidentKind.LEFT_FULL_SCREEN,
        IncidentKind.INSPECTOR,
        IncidentKind.EXTRA_DISPLAY,
    )
}

PRESETS: Mapping[Preset, Mapping[str, Value]] = {
    Preset.LENIENT: {
        "leniency": Leniency.LENIENT.value,
        "lock.full_screen": FullScreen.LENIENT.value,
        "lock.full_screen_action": OnLeftFullScreen.FLAG.value,
    },
    Preset.STANDARD: {"leniency": Leniency.STANDARD.value},
    Preset.STRICT: {
        "leniency": Leniency.STRICT.value,
        "lock.full_screen": FullScreen.SEVERE.value,
        "lock.clipboard": Clipboard.DISABLED.value,
    },
    Preset.LOCKDOWN_ONLY: {"leniency": Leniency.STANDARD.value, **_NO_RECORDING},
    Preset.RECORD_ONLY: {"leniency": Leniency.STANDARD.value, **_NO_LOCK, **_NO_LOCK_INCIDENTS},
    Preset.OPEN_BOOK: {
        "allow.paper": True,
        "leniency": Leniency.STANDARD.value,
        "lock.full_screen": FullScreen.OFF.value,
        "lock.tabs": TabRule.ALLOWED.value,
        "lock.clipboard": Clipboard.ALLOWED.value,
        "detect.navigating_away": Level.OFF.value,
        "detect.left_full_screen": Level.OFF.value,
        "detect.copy_paste": Level.OFF.value,
        "detect.key_combo": Level.OFF.value,
    },
}

_ON_OR_OFF = (
    IncidentKind.TOO_DARK,
    IncidentKind.SECOND_CLIENT,
    IncidentKind.MANY_INTERRUPTIONS,
    IncidentKind.EVIDENCE_GAP,
    IncidentKind.EVIDENCE_ALTERED,
)
"""What the server sees by itself, and a mere hint, is on or off; leniency does not move it."""

UNPROCTORED: Mapping[str, Value] = {
    **_NO_RECORDING,
    **_NO_LOCK,
    **{f"detect.{kind.value}": Level.OFF.value for kind in _DETECT},
}
"""What an assessment without proctoring sets: nothing is recorded, locked or flagged."""

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


def required_tracks(policy: Policy) -> tuple[Track, ...]:
    """The recorded tracks without which an attempt may not start. The microphone travels inside the webcam's."""
    webcam = policy.record.video or policy.record.audio
    return tuple(track for track, needed in ((Track.WEBCAM, webcam), (Track.SCREEN, policy.record.screen)) if needed)


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
        for kind, default in _DETECT.items()
        if default is not Level.OFF and kind not in _ON_OR_OFF
    }
    return {**levels, **values}


def _digest(settings: Mapping[str, Setting]) -> str:
    """Over the values only: the same agreement gives the same hash, wherever its values came from."""
    values = {key: setting.value for key, setting in settings.items()}
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
