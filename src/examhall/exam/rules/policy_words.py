"""The policy in words people read: a name for each key, and the frozen settings of a schedule in eight lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from examhall.base.words import IncidentKind
from examhall.exam.rules.lengths import AS_LEVEL
from examhall.exam.rules.limits import LIMITED, Limit
from examhall.exam.rules.policy import Level, Value
from examhall.exam.rules.snapshot import Origin, Setting, Snapshot

__all__ = [
    "Line",
    "Summary",
    "lines",
    "name_of",
    "origin_in_words",
    "summary",
    "unit_of",
    "value_in_words",
    "with_unit",
]

_NAMES: Mapping[str, str] = {
    "record.video": "Record the camera",
    "record.audio": "Record the microphone",
    "record.screen": "Record the entire screen",
    "record.video_quality": "Camera quality",
    "record.screen_quality": "Screen quality",
    "record.on_track_loss": "When a recording breaks off",
    "lock.full_screen": "Full screen",
    "lock.full_screen_action": "When full screen is left too long",
    "lock.one_screen": "One screen only",
    "lock.tabs": "New tabs and windows",
    "lock.printing": "Printing disabled",
    "lock.clipboard": "Clipboard",
    "lock.right_click": "Right click disabled",
    "lock.developer_tools": "Developer tools disabled",
    "lock.prevent_reentry": "Coming back after a stop",
    "conn.heartbeat_s": "Sign of life every",
    "conn.heartbeat_lost_s": "Connection counts as lost after",
    "conn.reconnect_window_s": "Reconnect window",
    "conn.on_window_expired": "When the reconnect window has passed",
    "conn.offline_input": "Typing while reconnecting",
    "conn.outage_credit": "Time lost to our outage is given back",
    "reentry.recheck_identity": "Check identity again on return",
    "live.mode": "Proctoring",
    "live.ratio_target": "Candidates per invigilator",
    "live.allow_interrupt": "Invigilators may pause",
    "live.allow_stop": "Invigilators may stop",
    "allow.paper": "Paper on the desk allowed",
    "allow.sites": "Sites and programs allowed",
    "ui.warn_live": "Tell candidates when their picture is too dark",
    "leniency": "Leniency",
    "screen.listed_words": "Words that do not belong on the screen",
    "screen.expected_words": "Words of which one is always on the screen",
}
_KINDS: Mapping[IncidentKind, str] = {
    IncidentKind.KEY_COMBO: "Listed key combination",
    IncidentKind.COPY_PASTE: "Copy, cut, paste",
    IncidentKind.BROWSER_RESIZE: "Window size changed",
    IncidentKind.INSPECTOR: "Developer tools",
    IncidentKind.EXTRA_DISPLAY: "Additional display",
    IncidentKind.LEFT_SESSION: "Face not visible",
    IncidentKind.HEAD_TURN: "Head turned away",
    IncidentKind.GAZE_OFF: "Eyes off screen",
    IncidentKind.MULTI_FACE: "Second person",
    IncidentKind.IDENTITY_CHANGE: "Different person",
    IncidentKind.OBJECT_PHONE: "Phone or second device",
    IncidentKind.OBJECT_BOOK: "Book or notes",
    IncidentKind.CAMERA_BLOCKED: "Camera covered or frozen",
    IncidentKind.MIC_MUTED: "Microphone silent",
    IncidentKind.SCREEN_BLOCKED: "Screen black or frozen",
    IncidentKind.OTHER_CONTENT: "Other content on screen",
}
_UNITS = {"heartbeat_s": "s", "heartbeat_lost_s": "s", "reconnect_window_s": "s"}
_VALUES: Mapping[str, str] = {
    "auto": "by whether somebody watches",
    "approval": "an invigilator lets them in",
    "none": "none",
    "links_only": "links of the exam only",
    "continue_flagged": "go on, flagged",
    "after_window": "after the reconnect window",
    "hold": "hide the exam until it is back",
}

_REENTRY: Mapping[str, str] = {
    "off": "After a stop candidates check in again while time remains",
    "approval": "After a stop an invigilator lets them in",
    "never": "After a stop only a scheduler can let them in",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One setting."""

    key: str
    name: str
    value: str
    origin: str
    own: bool
    """Set by this schedule or assessment, not by the site's profile."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One group of settings in a sentence."""

    name: str
    text: str
    origin: str
    own: bool


def name_of(key: str) -> str:
    """What a key is called on a page: `detect.speech` is "Sensitivity, Speech"."""
    if key.startswith("detect."):
        kind = IncidentKind(key.removeprefix("detect."))
        return f"Sensitivity, {_KINDS.get(kind) or kind.value.replace('_', ' ').capitalize()}"
    if key.startswith("shortest_s."):
        return name_of(key.replace("shortest_s.", "detect.")).replace("Sensitivity", "Shortest stretch")
    if key.startswith("limit."):
        about = LIMITED[Limit(key.removeprefix("limit."))]
        return f"{name_of(f'detect.{about.kind.value}').replace('Sensitivity', 'Limit')}, {about.what}"
    return _NAMES[key]


def value_in_words(key: str, value: Value | None) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.startswith("screen."):
        return str(value) or "none"
    if key.startswith(("shortest_s.", "limit.")) and value == AS_LEVEL:
        return "as the level asks"
    unit = unit_of(key)
    return with_unit(value, unit) if unit else _VALUES.get(str(value), str(value).replace("_", " "))


def with_unit(value: Value | float, unit: str) -> str:
    """ "6 s", "40°"."""
    return f"{value}{'' if unit in ('', '°') else ' '}{unit}"


def unit_of(key: str) -> str:
    """Of a number; empty when it has none."""
    if key.startswith("limit."):
        return LIMITED[Limit(key.removeprefix("limit."))].unit
    return "s" if key.startswith("shortest_s.") else _UNITS.get(key.rpartition(".")[2], "")


def origin_in_words(origin: Origin, version: int | None) -> str:
    match origin:
        case Origin.BUILT_IN:
            return "Built in"
        case Origin.SITE:
            return f"From the site profile, version {version}"
        case Origin.ASSESSMENT:
            return f"From the assessment, version {version}"
        case Origin.SCHEDULE:
            return "Set for this schedule"


def lines(snapshot: Snapshot) -> list[Line]:
    """Every setting, in the product's order."""
    return [
        Line(
            key,
            name_of(key),
            value_in_words(key, setting.value),
            origin_in_words(setting.origin, setting.version),
            setting.origin in _OWN,
        )
        for key, setting in snapshot.settings.items()
    ]


def summary(snapshot: Snapshot) -> list[Summary]:
    """The settings in the lines a schedule's page shows."""
    at = {key: setting.value for key, setting in snapshot.settings.items()}
    grouped = [
        ("Recording", _recording(at), "record."),
        ("Lockdown", _lockdown(at), "lock."),
        ("Connection", _connection(at), "conn."),
        ("Coming back", _REENTRY.get(str(at["lock.prevent_reentry"]), "Not settled yet"), "lock.prevent_reentry"),
        ("Sensitivity", _sensitivity(at), "detect."),
    ]
    mode = Summary("Proctoring", value_in_words("", at["live.mode"]).capitalize(), "Chosen in the schedule", False)
    return [*(Summary(name, text, *_group_origin(snapshot, prefix)) for name, text, prefix in grouped), mode]


_OWN = (Origin.ASSESSMENT, Origin.SCHEDULE)
_RANK = list(Origin)


def _group_origin(snapshot: Snapshot, prefix: str) -> tuple[str, bool]:
    """Where the group's least general value came from."""
    found: list[Setting] = [setting for key, setting in snapshot.settings.items() if key.startswith(prefix)]
    least = max(found, key=lambda setting: _RANK.index(setting.origin))
    return origin_in_words(least.origin, least.version), least.origin in _OWN


def _recording(at: Mapping[str, Value]) -> str:
    parts = [("record.video", "camera"), ("record.audio", "microphone"), ("record.screen", "entire screen")]
    return _listed([word for key, word in parts if at[key]]) or "Nothing is recorded"


def _lockdown(at: Mapping[str, Value]) -> str:
    words = []
    if at["lock.full_screen"] != "off":
        words.append(f"full screen {at['lock.full_screen']}")
    words += [word for key, word in (("lock.one_screen", "one screen"), ("lock.printing", "no printing")) if at[key]]
    words += {"none": ["no new tabs"], "links_only": ["links of the exam only"]}.get(str(at["lock.tabs"]), [])
    words += {"internal": ["internal clipboard"], "disabled": ["no clipboard"]}.get(str(at["lock.clipboard"]), [])
    return _listed(words) or "Nothing is locked"


def _connection(at: Mapping[str, Value]) -> str:
    return (
        f"Reconnect within {at['conn.reconnect_window_s']} s, then {value_in_words('', at['conn.on_window_expired'])}"
    )


def _sensitivity(at: Mapping[str, Value]) -> str:
    levels = [value for key, value in at.items() if key.startswith("detect.")]
    off = sum(level == Level.OFF.value for level in levels)
    if off == len(levels):
        return "Nothing is flagged"
    return f"{str(at['leniency']).capitalize()}; {len(levels) - off} kinds of incident, {off} switched off{_own(at)}"


def _own(at: Mapping[str, Value]) -> str:
    """How many lengths and limits are not those of the levels."""
    groups = (("shortest_s.", "length"), ("limit.", "limit"))
    own = {word: sum(k.startswith(start) and v != AS_LEVEL for k, v in at.items()) for start, word in groups}
    return "".join(f", {count} own {word}{'s' * (count > 1)}" for word, count in own.items() if count)


def _listed(words: Sequence[str]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:]
