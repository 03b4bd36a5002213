"""Help for each option of a profile (R-0.7): meaning, needs, what the browser can do, what candidates notice.

The product promises only what the plain browser can do, the one client there is (P6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from examhall.base.words import IncidentKind
from examhall.exam.rules.limits import LIMITED, Limit

__all__ = ["Ability", "Help", "help_of"]


class Ability(StrEnum):
    """What the browser can do about an option; `SERVER` needs nothing of it."""

    ENFORCED = "Enforced"
    DETECTED = "Detected"
    SERVER = "By the server"


@dataclass(frozen=True, slots=True)
class Help:
    meaning: str
    needs: str
    ability: Ability
    candidate: str
    note: str = ""
    """What to add to the ability, in three words."""


_E, _D, _S = Ability.ENFORCED, Ability.DETECTED, Ability.SERVER
_BROWSER, _NOTHING = "A current browser.", "Nothing of the candidate's computer."

_OPTIONS: Mapping[str, Help] = {
    "record.video": Help(
        "The camera is recorded from the agreement to the hand-in.",
        "A camera.",
        _E,
        "Without a camera they cannot start.",
    ),
    "record.audio": Help("The microphone is recorded with the camera.", "A microphone.", _E, "Their room is heard."),
    "record.screen": Help(
        "The entire screen is recorded; a window or a tab is refused.",
        "A browser that tells which surface is shared.",
        _E,
        "Everything on their screen is seen: they are told to close what is private.",
    ),
    "record.on_track_loss": Help(
        "What happens when a recording ends during the exam, after 20 s of grace.",
        "A recording that is on. Pause needs an invigilator.",
        _E,
        "Hide: the questions come back with the recording, the clock runs on.",
    ),
    "lock.full_screen": Help(
        "The exam must fill the screen. Time away adds up.",
        _BROWSER,
        _D,
        "Outside of full screen the questions are covered.",
        "covers the exam",
    ),
    "lock.full_screen_action": Help(
        "What happens when that time is used up.",
        "Full screen that is on. Pause needs an invigilator.",
        _E,
        "Flag changes nothing for them; stop ends the sitting until they are let in again.",
    ),
    "lock.one_screen": Help(
        "A second screen blocks the start.",
        "A browser that reports screens; otherwise the check says “not verifiable”.",
        _D,
        "They unplug the second screen, or cannot start.",
    ),
    "lock.tabs": Help(
        "Whether other tabs and windows are part of the exam.",
        _BROWSER,
        _D,
        "Leaving the page is written to the log; the browser cannot prevent it.",
    ),
    "allow.paper": Help(
        "Looking down at paper beside the screen is recorded, and not marked.",
        _NOTHING,
        _S,
        "They are told that they may use paper.",
    ),
    "allow.sites": Help(
        "What may be opened besides the exam, set apart by commas. A plain browser cannot tell where somebody went: "
        "leaving the page is marked, says so and counts half.",
        "Full screen that is off: otherwise each visit is time out of full screen.",
        _S,
        "They are told what they may open.",
    ),
    "ui.warn_live": Help(
        "Whoever sits in the dark is told first; for a minute a face that cannot be seen there is not marked.",
        "A camera that is recorded.",
        _D,
        "A line at the foot of the page, at most four times an hour with that minute.",
        "in the page",
    ),
    "lock.printing": Help("Printing gives a blank page.", _BROWSER, _E, "A try is written to the log.", "in the page"),
    "lock.clipboard": Help(
        "Internal: candidates move their own text, nothing in or out.",
        _BROWSER,
        _E,
        "A try is written to the log, never the text.",
        "in the page",
    ),
    "lock.right_click": Help(
        "The menu of the right mouse button does not open.",
        _BROWSER,
        _E,
        "People who use assistive technology may need the menu.",
        "in the page",
    ),
    "lock.developer_tools": Help(
        "Keys that open developer tools do nothing; tools that open inside the window are noticed.",
        _BROWSER,
        _D,
        "A try is written to the log. A side panel of the browser can look like the tools.",
        "keys in the page",
    ),
    "lock.prevent_reentry": Help(
        "Who lets a candidate in again after a stop.",
        "Approval needs an invigilator. By default: approval when one is assigned, else nobody is asked.",
        _S,
        "Never: they wait for a scheduler, and the clock runs.",
    ),
    "conn.heartbeat_s": Help("How often the exam page says it is there.", _NOTHING, _S, "They notice nothing."),
    "conn.heartbeat_lost_s": Help(
        "How long silence lasts until the connection counts as lost.",
        _NOTHING,
        _S,
        "After it they see the countdown of the reconnect window.",
    ),
    "conn.reconnect_window_s": Help(
        "How long somebody may be cut off and simply go on.",
        _NOTHING,
        _S,
        "They see it count down. Time lost to our own outage never counts.",
    ),
    "conn.on_window_expired": Help(
        "What happens when they are not back in that time.",
        "Pause needs an invigilator.",
        _S,
        "Stop: saved answers are kept, and they check in again.",
    ),
    "conn.offline_input": Help(
        "Whether they may go on typing while cut off.",
        _BROWSER,
        _E,
        "Block: after 15 s the questions are covered. Answers stay on their computer.",
    ),
    "conn.outage_credit": Help(
        "Time lost while our server was away is given back.", _NOTHING, _S, "Their deadline moves by as much."
    ),
    "live.ratio_target": Help(
        "With more candidates for each invigilator the schedule's to-do list warns.",
        "Invigilators.",
        _S,
        "None; it is advice for the scheduler.",
    ),
    "live.allow_interrupt": Help(
        "Invigilators may pause and resume.", "An invigilator.", _S, "While paused, the clock stands."
    ),
    "live.allow_stop": Help("Invigilators may stop an exam.", "An invigilator.", _S, "Their answers are kept."),
    "screen.listed_words": Help(
        "Each is looked for on the recorded screen after a large change, set apart by commas. Nothing else is kept.",
        "The screen's recording, the models for reading, and “Other content on screen” that is not off.",
        _D,
        "An incident that names the word. In a question of the exam it counts as well.",
    ),
    "screen.expected_words": Help(
        "One of these is on every page of the exam, such as its title. A screen with none is other content.",
        "The screen's recording, the models for reading, and “Other content on screen” that is not off.",
        _D,
        "An incident for a person to look at; it decides nothing.",
    ),
    "leniency": Help(
        "Sets every sensitivity below that says “by leniency”.",
        "The recordings each kind is seen in.",
        _S,
        "Stricter marks more for people to look at; nothing is decided by it.",
    ),
}

_CAMERA, _SOUND, _PAGE = "The camera's recording.", "The microphone's recording.", _BROWSER
_SCREEN = "The screen's recording."
_DETECTED: Mapping[IncidentKind, tuple[str, str]] = {
    IncidentKind.NAVIGATING_AWAY: ("The exam page was left for another window.", _PAGE),
    IncidentKind.KEY_COMBO: ("A listed key combination was pressed; never what was typed.", _PAGE),
    IncidentKind.COPY_PASTE: ("Text was copied, cut or pasted.", _PAGE),
    IncidentKind.RIGHT_CLICK: ("The right mouse button was used.", _PAGE),
    IncidentKind.BROWSER_RESIZE: ("The window was made smaller.", _PAGE),
    IncidentKind.LEFT_FULL_SCREEN: ("Full screen was left.", _PAGE),
    IncidentKind.INSPECTOR: ("Developer tools may be open.", _PAGE),
    IncidentKind.EXTRA_DISPLAY: ("Another display was connected.", "A browser that reports screens."),
    IncidentKind.LEFT_SESSION: ("No face is seen, or most of it is hidden; also in the dark.", _CAMERA),
    IncidentKind.HEAD_TURN: ("The head is turned away for longer than usual.", _CAMERA),
    IncidentKind.GAZE_OFF: ("The eyes are off the screen. Unreliable, so it is off by default.", _CAMERA),
    IncidentKind.MULTI_FACE: ("A second face is seen; a poster on the wall is left out.", _CAMERA),
    IncidentKind.IDENTITY_CHANGE: ("Somebody else may be sitting there.", "The camera, and a known picture."),
    IncidentKind.BACKGROUND_MOTION: ("Something moves behind the candidate.", _CAMERA),
    IncidentKind.BACKGROUND_AUDIO: ("A sound well above the room's own level; typing is left out.", _SOUND),
    IncidentKind.SPEECH: ("Somebody speaks.", _SOUND),
    IncidentKind.OBJECT_PHONE: ("A phone may be in view. Not proven enough to be on by default.", _CAMERA),
    IncidentKind.OBJECT_BOOK: (
        "A book may be held up. Often wrong, so it is off by default; never where paper is allowed.",
        _CAMERA,
    ),
    IncidentKind.CAMERA_BLOCKED: ("The camera is covered or black, stands still or plays a loop.", _CAMERA),
    IncidentKind.TOO_DARK: (
        "There is too little light to see a face well. Listed for reviewers, never marked.",
        _CAMERA,
    ),
    IncidentKind.MIC_MUTED: ("The microphone gives nothing at all.", _SOUND),
    IncidentKind.SECOND_CLIENT: ("The exam was opened in a second place.", _NOTHING),
    IncidentKind.MANY_INTERRUPTIONS: ("The connection was lost three times or more.", _NOTHING),
    IncidentKind.SHARE_ENDED: ("The sharing of the screen was ended three times or more.", _PAGE),
    IncidentKind.SCREEN_BLOCKED: (
        "The recorded screen is black, or stands still while the candidate goes on.",
        _SCREEN,
    ),
    IncidentKind.OTHER_CONTENT: (
        "The exam's page is gone from the screen. Not proven enough to be on by default.",
        _SCREEN,
    ),
    IncidentKind.EVIDENCE_GAP: ("More than 20 s of a recording are missing without a reason.", _NOTHING),
    IncidentKind.EVIDENCE_ALTERED: ("A stored piece is not what was received.", _NOTHING),
}


def help_of(key: str) -> Help:
    group, _, kind = key.partition(".")
    if group not in ("detect", "shortest_s", "limit"):
        return _OPTIONS[key]
    meaning, needs = _DETECTED[LIMITED[Limit(kind)].kind if group == "limit" else IncidentKind(kind)]
    ability = Ability.SERVER if needs == _NOTHING else Ability.DETECTED
    if group == "shortest_s":
        meaning = "Shorter stretches are not marked."
    if group == "limit":
        meaning = "What measures less is not marked."
    leads_to = (
        "Nothing is marked."
        if kind == IncidentKind.TOO_DARK
        else "An incident for a person to look at; it decides nothing."
    )
    return Help(meaning, needs, ability, leads_to)
