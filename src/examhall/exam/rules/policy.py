"""The policy: every proctoring option this version knows, with the built-in value of each.

Keys and defaults are those of product.md §5.2 to §5.5. How a value is found and frozen is `snapshot`'s affair, named
starting points are `presets`'. Nothing else may read a profile: whatever runs, runs by a `Policy` made from a snapshot.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from examhall.base.words import IncidentKind, Leniency, Track
from examhall.exam.rules.lengths import AS_LEVEL, LENGTH_KINDS
from examhall.exam.rules.limits import Limits
from examhall.exam.rules.screen_words import Screen, Words

Value = bool | int | str


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
    sites: Words = ""
    """Sites and programs that may be opened in the exam (R-2.18)."""


class Ui(_Part, frozen=True):
    warn_live: bool = True


STANDARD_LEVELS: Mapping[IncidentKind, Level] = {
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
"""Of the preset Standard. A kind left out (a flag by a person) is no option."""


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
    detect: Mapping[IncidentKind, Level] = msgspec.field(default_factory=lambda: dict(STANDARD_LEVELS))
    shortest_s: Mapping[IncidentKind, Annotated[int, msgspec.Meta(ge=0, le=600)]] = msgspec.field(
        default_factory=lambda: dict.fromkeys(LENGTH_KINDS, AS_LEVEL)
    )
    """The least length at which a kind is marked; a level that asks for more keeps its own (R-0.34)."""
    limit: Limits = Limits()
    leniency: Leniency = Leniency.STANDARD


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


def required_tracks(policy: Policy) -> tuple[Track, ...]:
    """The recorded tracks without which an attempt may not start. The microphone travels inside the webcam's."""
    webcam = policy.record.video or policy.record.audio
    return tuple(track for track, needed in ((Track.WEBCAM, webcam), (Track.SCREEN, policy.record.screen)) if needed)
