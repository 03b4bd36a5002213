"""How a kind of incident is shown: its family (the lane of the timeline), its words, its icon, its weight.

The words claim nothing: a label says what may have been seen, the person decides (look/README.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from examhall.base.words import IncidentFamily, IncidentKind


@dataclass(frozen=True, slots=True)
class Shown:
    """How one kind is shown."""

    family: IncidentFamily
    title: str
    """The name of the kind in lists and filters."""
    label: str
    """What an incident of it is called."""
    icon: str
    """Name of the icon in the product's icon set."""
    weight: int
    """0 to 5: how much it counts by default (product.md §5.5); 0 is hidden, and still stored."""


_F, _K = IncidentFamily, IncidentKind

SHOWN: Mapping[IncidentKind, Shown] = {
    _K.NAVIGATING_AWAY: Shown(_F.AID, "Navigating away", "Left the exam page", "external-link", 3),
    _K.LEFT_FULL_SCREEN: Shown(_F.AID, "Left full screen", "Left full screen", "minimize", 3),
    _K.INSPECTOR: Shown(_F.AID, "Developer tools", "Possible: developer tools open", "code", 4),
    _K.EXTRA_DISPLAY: Shown(_F.APPS, "Additional display", "Additional display connected", "monitor", 4),
    _K.SECOND_CLIENT: Shown(_F.APPS, "Second client", "Exam opened in a second place", "copy", 4),
    _K.BROWSER_RESIZE: Shown(_F.APPS, "Window size changed", "Window made smaller", "resize", 1),
    _K.KEY_COMBO: Shown(_F.KEYS, "Listed key combination", "Listed key combination", "keyboard", 1),
    _K.COPY_PASTE: Shown(_F.KEYS, "Copy, cut, paste", "Copy, cut or paste", "clipboard", 2),
    _K.RIGHT_CLICK: Shown(_F.KEYS, "Right click", "Right click", "mouse", 1),
    _K.LEFT_SESSION: Shown(_F.LEFT, "Left session", "Possible: left the session", "user-x", 4),
    _K.HEAD_TURN: Shown(_F.FACIAL, "Head turned away", "Possible: head turned away", "eye-off", 2),
    _K.GAZE_OFF: Shown(_F.FACIAL, "Eyes off screen", "Possible: eyes off the screen", "eye-off", 1),
    _K.IDENTITY_CHANGE: Shown(_F.PEOPLE, "Different person", "Possible: different person", "user-switch", 5),
    _K.MULTI_FACE: Shown(_F.PEOPLE, "Multiple people", "Possible: second person", "users", 4),
    _K.BACKGROUND_MOTION: Shown(_F.MOTION, "Background motion", "Possible: motion behind", "activity", 1),
    _K.BACKGROUND_AUDIO: Shown(_F.AUDIO, "Background audio", "Possible: background sound", "volume", 1),
    _K.SPEECH: Shown(_F.AUDIO, "Speech", "Possible: speech", "message", 2),
    _K.MIC_MUTED: Shown(_F.AUDIO, "Microphone silent", "Microphone silent", "mic-off", 2),
    _K.OBJECT_PHONE: Shown(_F.AID, "Phone or second device", "Possible: phone in view", "phone", 3),
    _K.OBJECT_BOOK: Shown(_F.AID, "Book or notes", "Possible: book in view", "book-open", 1),
    _K.CAMERA_BLOCKED: Shown(_F.RECORDING, "Camera covered or frozen", "Possible: camera covered", "camera-off", 4),
    _K.TOO_DARK: Shown(_F.RECORDING, "Too dark", "Hint: too dark", "moon", 0),
    _K.SCREEN_BLOCKED: Shown(
        _F.RECORDING, "Screen black or frozen", "Possible: screen black or frozen", "monitor-x", 3
    ),
    _K.OTHER_CONTENT: Shown(_F.AID, "Other content on screen", "Possible: other content on screen", "monitor", 3),
    _K.EVIDENCE_GAP: Shown(_F.RECORDING, "Recording gap", "Gap in the recording", "gap", 2),
    _K.EVIDENCE_ALTERED: Shown(_F.RECORDING, "Evidence check failed", "Evidence check failed", "shield-off", 5),
    _K.MANY_INTERRUPTIONS: Shown(_F.RECORDING, "Many interruptions", "Many interruptions", "wifi-off", 1),
    _K.SHARE_ENDED: Shown(_F.RECORDING, "Screen share ended", "Screen share ended again and again", "monitor-x", 2),
    _K.MANUAL: Shown(_F.PERSON, "Flag by a person", "Flag by a person", "flag", 3),
}


def family(kind: IncidentKind) -> IncidentFamily:
    return SHOWN[kind].family
