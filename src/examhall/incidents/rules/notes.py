"""What has to be known beside an incident: what it does not show, what the client could see, what was arranged."""

from collections.abc import Collection, Mapping

from examhall.base.words import Accommodation, IncidentKind
from examhall.exam.rules.accommodation import told_of
from examhall.exam.rules.policy_help import Ability, help_of
from examhall.incidents.rules.client import CLIENT_KINDS

_BY_PERSON = "A person marked this. No program took part."
_BY_SERVER = "The server noted this by itself. No program on the candidate's computer was asked."
_BY_BROWSER = "A plain browser (T0) reported this. It can see it and cannot prevent it; a changed one could hide it."
_BY_RECORDING = (
    "A plain browser (T0) recorded this. It cannot rule out that a program plays to the camera or microphone."
)
_EXTRA_TIME = "Extra time was arranged for the candidate. No rule by which something is marked was changed by it."
_NONE_ARRANGED = "Nothing was arranged for the candidate that changes a rule by which something is marked."


_K = IncidentKind

NOT_SHOWN: Mapping[IncidentKind, str] = {
    _K.NAVIGATING_AWAY: (
        "It does not show where the candidate went or what they saw there. A message of the computer, an update or"
        " a slip of the hand takes a page away too."
    ),
    _K.LEFT_FULL_SCREEN: (
        "It does not show what else was on the screen, or that the candidate looked at it. Some computers leave "
        "full screen by themselves."
    ),
    _K.INSPECTOR: (
        "It does not show that the tools were used, or what for. A narrow window or an extension can look the same"
        " to the browser."
    ),
    _K.EXTRA_DISPLAY: (
        "It does not show what was on the other screen, or that anybody used it. Docks and some projectors count "
        "as screens."
    ),
    _K.SECOND_CLIENT: (
        "It does not show who opened the exam there. A candidate whose computer failed also goes on in a second place."
    ),
    _K.BROWSER_RESIZE: (
        "It does not show what filled the rest of the screen. Zoom, a screen that turns or a system bar can change"
        " the size."
    ),
    _K.KEY_COMBO: (
        "It does not show that the keys did anything, or that it was meant. Keys pressed out of habit look the same."
    ),
    _K.COPY_PASTE: (
        "It does not show what the text was or where it came from. Candidates also move their own text this way."
    ),
    _K.RIGHT_CLICK: (
        "It does not show that anything was chosen in the menu. A right click can be a slip, or a need of an aid "
        "for reading."
    ),
    _K.LEFT_SESSION: (
        "It does not show where the candidate was or why. A face can be there and not be found: bent low, in the "
        "dark, under a veil or a mask."
    ),
    _K.HEAD_TURN: (
        "It does not show what the candidate looked at. People turn their heads to think, to rest or because of "
        "their health."
    ),
    _K.GAZE_OFF: (
        "It does not show where on the screen or in the room somebody looked. Glasses, light and health can move "
        "the eyes."
    ),
    _K.IDENTITY_CHANGE: (
        "It does not show who the other person is, or that anybody changed seats. New glasses, another light or a "
        "hand on the face can look like another person."
    ),
    _K.MULTI_FACE: (
        "It does not show who the other person is or what they did. A picture on the wall, a mirror or a child at "
        "the door can be the second face."
    ),
    _K.BACKGROUND_MOTION: (
        "It does not show who or what moved. A curtain, a pet or the light of a screen moves the background too."
    ),
    _K.BACKGROUND_AUDIO: (
        "It does not show who or what made the sound, or that the candidate heard it. Doors, streets and pipes are"
        " loud too."
    ),
    _K.SPEECH: (
        "It does not show who spoke, to whom or what was said. Reading aloud, singing and a radio are voices too."
    ),
    _K.MIC_MUTED: (
        "It does not show why there was no sound, or that anything was said meanwhile. A loose plug or the "
        "computer itself can mute it."
    ),
    _K.OBJECT_PHONE: (
        "It does not show that the thing is a phone or was used. A calculator, a mug, a book or a dark chair can "
        "look like one."
    ),
    _K.OBJECT_BOOK: (
        "It does not show that the thing is a book, what it holds or that anybody read it. A box, a screen or a sheet"
        " of paper can look like one."
    ),
    _K.CAMERA_BLOCKED: (
        "It does not show who covered the camera, or that it was meant. A weak light, a lid or a stuck program "
        "gives the same picture. A camera program can play a film by mistake."
    ),
    _K.TOO_DARK: (
        "It shows nothing about the candidate. A window at dusk, a weak lamp or a simple camera makes a picture dark."
    ),
    _K.SCREEN_BLOCKED: (
        "It does not show why, or that it was meant. A sleeping screen, a fault of the computer or an exam on another"
        " display gives the same picture."
    ),
    _K.OTHER_CONTENT: (
        "It does not show what was on the screen, or that anybody read it. A message of the computer, a larger print or"
        " other colours can look the same."
    ),
    _K.EVIDENCE_GAP: (
        "It does not show what happened in the gap. A slow network or a full disk leaves gaps nobody meant."
    ),
    _K.EVIDENCE_ALTERED: (
        "It does not show who sent the other bytes, or what they hold. A fault in the browser or the network can do it."
    ),
    _K.SHARE_ENDED: (
        "It does not show why sharing ended. Some computers end it by themselves when a screen sleeps or is unplugged."
    ),
    _K.MANY_INTERRUPTIONS: (
        "It does not show why the line broke. Weak networks break often, and nobody in the room needs to do "
        "anything for it."
    ),
    _K.MANUAL: (
        "It shows what one person saw fit to mark. Nothing was measured, and others may see it in another way."
    ),
}
"""What an incident of a kind does not show: whoever judges reads this beside what was measured."""


def client_note(kind: IncidentKind) -> str:
    """How far the word of the client carries (P6)."""
    if kind is IncidentKind.MANUAL:
        return _BY_PERSON
    if help_of(f"detect.{kind}").ability is Ability.SERVER:
        return _BY_SERVER
    return _BY_BROWSER if kind in CLIENT_KINDS else _BY_RECORDING


def arranged_note(words: Collection[Accommodation] = (), *, extra_time: bool) -> str:
    """What accommodations change; never why there is one (product.md §5.8)."""
    if words:
        return f"Arranged for the candidate: {told_of(words).lower()}. What that covers is not marked."
    return _EXTRA_TIME if extra_time else _NONE_ARRANGED
