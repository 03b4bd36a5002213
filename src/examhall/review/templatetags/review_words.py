"""Words of the review pages that no look table has: why something does not count, what a line of the log says."""

from collections.abc import Mapping

from django import template

from examhall.base.words import EntryKind, IncidentFamily, IncidentKind, Suppression, Track
from examhall.incidents.rules.family import SHOWN
from examhall.review.rules.fairness import Measure, figure_words

register = template.Library()

_S = Suppression
_WHY: Mapping[Suppression, str] = {
    _S.STATIC_FACE: "A face that never moves: a picture or poster",
    _S.STATIC_OBJECT: "It was there from the start, such as a shelf",
    _S.REFLECTION: "The candidate's own face in a mirror or a pane",
    _S.NOISE_FLOOR: "No louder than the room itself",
    _S.PERIODIC_MOTION: "Regular motion, such as a fan",
    _S.CAMERA_MOTION: "The camera itself moved",
    _S.ALLOWED_MATERIALS: "Allowed materials",
    _S.ACCOMMODATION: "Off by accommodation",
    _S.SYSTEM_DIALOG: "Before Start, or a dialog of the system",
    _S.STAFF_ACTION: "The exam was paused or stopped",
    _S.INPUT_ACTIVITY: "The candidate was typing or pointing",
    _S.CAP: "Beyond the hourly cap; counted in one incident",
    _S.COOL_DOWN: "Shortly after an incident; counted in it",
    _S.CAMERA_BLOCKED: "The camera was covered",
    _S.FACE_ANALYSIS_UNRELIABLE: "Faces could not be analysed reliably",
    _S.DETECTOR_OFF: "The detector was off",
    _S.HINT_ONLY: "A hint only: it counts nowhere",
    _S.HINT_GRACE: "The candidate had just been told that the picture is too dark",
}
_LINES: Mapping[EntryKind, str] = {
    EntryKind.CLIENT_CONNECTED: "Connected",
    EntryKind.CLIENT_TAKEN_OVER: "Continued in another place",
    EntryKind.HEARTBEAT_LOST: "Connection lost",
    EntryKind.HEARTBEAT_RESTORED: "Connection restored",
    EntryKind.IP_CHANGED: "Address changed",
    EntryKind.CLOCK_SKEW: "Clock of the computer differs",
    EntryKind.TRACK_STARTED: "Recording began",
    EntryKind.TRACK_ENDED: "Recording ended",
}


@register.simple_tag
def suppression(reason: Suppression) -> str:
    return _WHY[reason]


@register.simple_tag
def track_name(track: Track) -> str:
    return "Camera" if track is Track.WEBCAM else "Screen"


@register.simple_tag
def entry_words(kind: EntryKind) -> str:
    return _LINES.get(kind, kind.value.replace("_", " ").capitalize())


@register.simple_tag
def kind_title(kind: IncidentKind) -> str:
    return SHOWN[kind].title


@register.simple_tag
def figure(value: float | None, measure: Measure) -> str:
    return figure_words(value, measure)


@register.inclusion_tag("review/family_count.html")
def family_count(family: IncidentFamily, number: int) -> dict[str, object]:
    """How many of one family: its swatch, and for whoever does not see it, its name."""
    return {"family": family, "number": number}
