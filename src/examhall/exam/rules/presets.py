"""Named starting points of a profile, and what an assessment without proctoring sets (product.md §5.1)."""

from collections.abc import Mapping
from enum import StrEnum

from examhall.base.words import IncidentKind, Leniency
from examhall.exam.rules.policy import (
    STANDARD_LEVELS,
    Clipboard,
    FullScreen,
    Level,
    OnLeftFullScreen,
    TabRule,
    Value,
)


class Preset(StrEnum):
    LENIENT = "lenient"
    STANDARD = "standard"
    STRICT = "strict"
    LOCKDOWN_ONLY = "lockdown_only"
    RECORD_ONLY = "record_only"
    OPEN_BOOK = "open_book"


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

UNPROCTORED: Mapping[str, Value] = {
    **_NO_RECORDING,
    **_NO_LOCK,
    **{f"detect.{kind.value}": Level.OFF.value for kind in STANDARD_LEVELS},
}
"""What an assessment without proctoring sets: nothing is recorded, locked or flagged."""
