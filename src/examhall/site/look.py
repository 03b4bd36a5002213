"""How every state and incident family is shown: icon, word, tone. Shape, word and colour always go together.

Source: look/README.md §3, §6 (state = shape + word + colour; say what was seen, not what it means).
The client has those of incidents in client/src/base/look-words.json, written by tools/look_words.py.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from examhall.base.words import (
    AttemptState,
    IncidentFamily,
    IncidentState,
    RegistrationState,
    ScheduleState,
    SessionState,
)


class Tone(StrEnum):
    """The seven tones; the value is the CSS class."""

    OK = "ok"
    ATTENTION = "attention"
    INCIDENT = "incident"
    PAUSED = "paused"
    OFFLINE = "offline"
    STOPPED = "stopped"
    NEUTRAL = "neutral"


CALM = frozenset({Tone.OK, Tone.NEUTRAL})
"""Tones that are quiet text inside tables; the others keep their tint."""


@dataclass(frozen=True, slots=True)
class Sign:
    icon: str
    """Name in the sprite (client/src/icons.txt)."""
    word: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Family:
    icon: str
    word: str
    css: str
    """Sets `--f`; also the name of the swatch (`sw-` instead of `f-`) and of the pattern (`pt-`)."""


class Connection(StrEnum):
    """How the candidate's client is heard, as the dashboard says it."""

    ONLINE = "online"
    WEAK = "weak"
    LOST = "lost"
    AWAY = "away"
    NONE = "none"


class Camera(StrEnum):
    """The camera icon of a candidate (R-0.29)."""

    NO_RECORDING = "no_recording"
    RECORDING = "recording"
    PROCESSING = "processing"
    READY = "ready"
    UNREVIEWED = "unreviewed"


NOT_STARTED = Sign("circle-dashed", "Not started", Tone.NEUTRAL)

ATTEMPT: Mapping[AttemptState, Sign] = {
    AttemptState.ENTERING: Sign("circle-dot", "Getting ready", Tone.NEUTRAL),
    AttemptState.IN_PROGRESS: Sign("circle-play", "In progress", Tone.OK),
    AttemptState.PAUSED: Sign("circle-pause", "Paused", Tone.PAUSED),
    AttemptState.INTERRUPTED: Sign("wifi-off", "Disconnected", Tone.OFFLINE),
    AttemptState.STOPPED: Sign("octagon-x", "Stopped", Tone.STOPPED),
    AttemptState.HANDED_IN: Sign("circle-check-big", "Handed in", Tone.NEUTRAL),
    AttemptState.TIMED_OUT: Sign("timer-off", "Time ran out", Tone.NEUTRAL),
    AttemptState.VOIDED: Sign("ban", "Voided", Tone.NEUTRAL),
}

SCHEDULE: Mapping[ScheduleState, Sign] = {
    ScheduleState.DRAFT: Sign("pencil-line", "Draft", Tone.NEUTRAL),
    ScheduleState.SCHEDULED: Sign("calendar-check", "Scheduled", Tone.OK),
    ScheduleState.CANCELLED: Sign("calendar-x", "Cancelled", Tone.ATTENTION),
    ScheduleState.ARCHIVED: Sign("archive", "Archived", Tone.NEUTRAL),
}

REGISTRATION: Mapping[RegistrationState, Sign] = {
    RegistrationState.INVITED: Sign("mail", "Invited", Tone.NEUTRAL),
    RegistrationState.CHECKED: Sign("clipboard-check", "System checked", Tone.OK),
    RegistrationState.PRESENT: Sign("user-check", "Present", Tone.OK),
    RegistrationState.SITTING: Sign("circle-play", "Sitting", Tone.OK),
    RegistrationState.FINISHED: Sign("circle-check-big", "Finished", Tone.NEUTRAL),
    RegistrationState.ABSENT: Sign("user-minus", "Absent", Tone.NEUTRAL),
    RegistrationState.WITHDRAWN: Sign("ban", "Withdrawn", Tone.NEUTRAL),
    RegistrationState.BARRED: Sign("lock", "Barred", Tone.ATTENTION),
}

SESSION: Mapping[SessionState, Sign] = {
    SessionState.PREPARING: Sign("circle-dashed", "Preparing", Tone.NEUTRAL),
    SessionState.RECORDING: Sign("video", "Recording", Tone.OK),
    SessionState.CLOSING: Sign("hourglass", "Closing", Tone.NEUTRAL),
    SessionState.AWAITING_UPLOAD: Sign("cloud-upload", "Awaiting upload", Tone.OFFLINE),
    SessionState.ANALYSING: Sign("scan", "Being analysed", Tone.NEUTRAL),
    SessionState.REVIEW_READY: Sign("circle-check", "Ready for review", Tone.OK),
    SessionState.NOT_RECORDED: Sign("video-off", "Not recorded", Tone.NEUTRAL),
}

INCIDENT: Mapping[IncidentState, Sign] = {
    IncidentState.OPEN: Sign("circle", "Open", Tone.NEUTRAL),
    IncidentState.CONFIRMED: Sign("check", "Confirmed", Tone.INCIDENT),
    IncidentState.DISMISSED: Sign("x", "Dismissed", Tone.NEUTRAL),
    IncidentState.UNSURE: Sign("circle-question-mark", "Unsure", Tone.ATTENTION),
    IncidentState.MERGED: Sign("link-2", "Merged", Tone.NEUTRAL),
    IncidentState.SUPERSEDED: Sign("history", "Superseded", Tone.NEUTRAL),
}

CONNECTION: Mapping[Connection, Sign] = {
    Connection.ONLINE: Sign("wifi", "Online", Tone.OK),
    Connection.WEAK: Sign("triangle-alert", "Weak", Tone.ATTENTION),
    Connection.LOST: Sign("wifi-off", "Lost", Tone.OFFLINE),
    Connection.AWAY: Sign("unplug", "Away", Tone.NEUTRAL),
    Connection.NONE: Sign("minus", "None", Tone.NEUTRAL),
}

CAMERA: Mapping[Camera, Sign] = {
    Camera.NO_RECORDING: Sign("video-off", "No recording", Tone.NEUTRAL),
    Camera.RECORDING: Sign("video", "Recording now", Tone.OK),
    Camera.PROCESSING: Sign("hourglass", "Recording is being processed", Tone.NEUTRAL),
    Camera.READY: Sign("circle-play", "Recording ready", Tone.OK),
    Camera.UNREVIEWED: Sign("flag", "Recording with incidents nobody has reviewed", Tone.INCIDENT),
}

FAMILY: Mapping[IncidentFamily, Family] = {
    IncidentFamily.AID: Family("globe", "Online aid", "f-aid"),
    IncidentFamily.APPS: Family("monitor-smartphone", "Applications and devices", "f-apps"),
    IncidentFamily.KEYS: Family("keyboard", "Keystrokes", "f-keys"),
    IncidentFamily.LEFT: Family("user-x", "Left session", "f-left"),
    IncidentFamily.FACIAL: Family("eye-off", "Facing away", "f-facial"),
    IncidentFamily.PEOPLE: Family("users", "Multiple people", "f-people"),
    IncidentFamily.MOTION: Family("move", "Background motion", "f-motion"),
    IncidentFamily.AUDIO: Family("volume-2", "Background audio", "f-audio"),
    IncidentFamily.RECORDING: Family("video-off", "Recording", "f-recording"),
    IncidentFamily.PERSON: Family("flag", "Flag by a person", "f-person"),
}

# Every letter of Atkinson Hyperlegible Next 5.3.0 (latin, latin-ext) in hexadecimal; read from the font's own table.
_FIRST_FONT = (
    "20-7E,A0-AC,AE-B4,B6-107,10A-113,116-11B,11E-123,126-127,12A-12B,12E-133,136-137,139-13E,141-148,150-155,158-15B,"
    "15E-165,16A-16B,16E-17E,192,218-21B,237,2C6-2C7,2C9,2DA,2DC-2DD,300-301,303-304,308,1E80-1E85,1E9E,1EF2-1EF3,2009,"
    "2013-2014,2018-201A,201C-201E,2020,2022,2026,2039-203A,2044,20AC,20B9,2113,2122,2212,2215"
)


def _codepoints(ranges: str) -> frozenset[int]:
    pairs = (piece.partition("-") for piece in ranges.split(","))
    return frozenset(c for low, _, high in pairs for c in range(int(low, 16), int(high or low, 16) + 1))


_IN_FIRST_FONT = _codepoints(_FIRST_FONT)


def needs_wide_font(word: str) -> bool:
    """Whether a letter or combining mark of `word` is missing in the first font; digits and signs never decide."""
    return any(ord(c) not in _IN_FIRST_FONT for c in word if unicodedata.category(c)[0] in "LM")


def duration_words(seconds: float) -> str:
    """`14 s`, `95 s`, `2 min 5 s`, `90 min`, `1 h 36 min`: seconds alone below two minutes, hours above ninety."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if whole < 120:
        return f"{whole} s"
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes <= 90:
        return f"{minutes} min"
    hours, over = divmod(minutes, 60)
    return f"{hours} h {over} min" if over else f"{hours} h"


def countdown_figures(seconds: float) -> str:
    """`57:09` or `1:38:45`; never below zero."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours}:{minutes_left:02}:{rest:02}" if hours else f"{minutes_left}:{rest:02}"
