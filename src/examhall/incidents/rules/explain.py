"""One sentence that says why an incident exists: what was measured, and what the rule asks for."""

from collections.abc import Callable, Mapping

from examhall.base.words import IncidentKind
from examhall.incidents.rules.levels import OTHER_PERSON, SAME_PERSON, Rule, Shape
from examhall.incidents.rules.signal import DARK, FROZEN, LOOPED, FoldedIncident

_K = IncidentKind
_HALF = " Destination unknown: some sites and programs are allowed in this exam, so it counts half."


def explain(incident: FoldedIncident, rule: Rule) -> str:
    """Say what was measured against what the level asks for.

    rule: the one that made the incident, of its rule set.
    """
    if incident.repeated:
        return (
            f"{_times(incident.count)} more after the {rule.cap_per_hour} that one hour may list singly; "
            "they stand together here."
        )
    seen = _SEEN.get(incident.kind, _seen_plainly)(incident)
    return f"{seen}; level {rule.level} asks for {_asked(rule)}.{_HALF if rule.half else ''}"


def _asked(rule: Rule) -> str:
    if rule.shape is Shape.COUNT:
        amount = _AMOUNTS.get(rule.kind, _no_amount)(rule)
        often = "each one" if rule.times == 1 else f"{rule.times} within {_seconds(rule.window_s)}"
        return f"{often}{amount}"
    length = "any length" if rule.at_once else f"{_seconds(rule.min_s)} or longer"
    idle = f" without input for {_seconds(rule.idle_s)}" if rule.idle_s is not None else ""
    alone = f", or {_seconds(rule.alone_s)} in any case" if rule.alone_s is not None else ""
    return f"{_AMOUNTS.get(rule.kind, _no_amount)(rule)}{length}{idle}{alone}"


def _no_amount(_: Rule) -> str:
    return ""


def _own_middle(incident: FoldedIncident) -> str:
    """note: the time of the system check, where there was one."""
    against = f"from the system check of {incident.note}, followed since" if incident.note else "learnt during the exam"
    return f"the candidate's own middle ({against})"


def _own_face(incident: FoldedIncident) -> str:
    return f"the candidate's own of the {f'system check of {incident.note}' if incident.note else 'opening'}"


def _head_turn(incident: FoldedIncident) -> str:
    if incident.note == DARK:
        return f"Somebody in view and no face to be read, the picture too dark at times, for {_for(incident)}"
    pitch = f" and {incident.second:.0f}° up or down" if incident.second else ""
    return f"Head turned up to {incident.value:.0f}° sideways{pitch} from {_own_middle(incident)} for {_for(incident)}"


def _beyond(apart: float) -> str:
    if apart >= OTHER_PERSON:
        return f"from {OTHER_PERSON:.2f} on mostly another"
    return f"up to {OTHER_PERSON:.2f} only a person can tell"


def _seen_plainly(incident: FoldedIncident) -> str:
    if incident.start_s == incident.end_s or incident.count > 1:
        return f"Seen {_times(incident.count)}, {_for(incident)} in all"
    return f"Seen for {_for(incident)}"


_PICTURES: Mapping[str, str] = {
    FROZEN: "The same picture stood still",
    LOOPED: "Pictures came again in the order of an earlier stretch, as when a recording is played,",
}

_SEEN: Mapping[IncidentKind, Callable[[FoldedIncident], str]] = {
    _K.NAVIGATING_AWAY: lambda i: f"Away from the exam page for {_for(i)}",
    _K.LEFT_FULL_SCREEN: lambda i: f"Out of full screen for {_for(i)}",
    _K.KEY_COMBO: lambda i: f"{i.note or 'A listed key combination'} {_times(i.count)}",
    _K.RIGHT_CLICK: lambda i: f"Right click {_times(i.count)}",
    _K.COPY_PASTE: lambda i: (
        f"{(i.note or 'clipboard use').capitalize()} {_times(i.count)}"
        + (f", up to {i.value:.0f} characters" if i.value > 0 else "")
    ),
    _K.BROWSER_RESIZE: lambda i: f"Window changed {_times(i.count)}, at most {max(i.value, 0):.0f} % smaller",
    _K.LEFT_SESSION: lambda i: (
        f"No face in view{', the picture too dark at times,' if i.note == DARK else ''} for {_for(i)}"
    ),
    _K.HEAD_TURN: _head_turn,
    _K.GAZE_OFF: lambda i: f"Eyes up to {i.value:.0f} % of their opening off {_own_middle(i)} for {_for(i)}",
    _K.MULTI_FACE: lambda i: f"Up to {i.value:.0f} faces in view for {_for(i)} (certainty {i.score:.2f})",
    _K.IDENTITY_CHANGE: lambda i: (
        f"The face was up to {i.value:.2f} apart from {_own_face(i)} for {_for(i)} "
        f"(below {SAME_PERSON:.2f} the same person; {_beyond(i.value)})"
    ),
    _K.BACKGROUND_MOTION: lambda i: f"Up to {i.value:.0f} % of the background moved for {_for(i)}",
    _K.BACKGROUND_AUDIO: lambda i: f"Sound up to {i.value:.0f} dB above the room's own noise for {_for(i)}",
    _K.SPEECH: lambda i: f"Voice for {_for(i)} (certainty {i.score:.2f})",
    _K.OBJECT_PHONE: lambda i: f"An object like a phone for {_for(i)} (certainty {i.score:.2f})",
    _K.OBJECT_BOOK: lambda i: f"An object like a book for {_for(i)} (certainty {i.score:.2f})",
    _K.CAMERA_BLOCKED: lambda i: f"{_PICTURES.get(i.note, 'Picture covered or black')} for {_for(i)}",
    _K.MIC_MUTED: lambda i: f"No sound at all for {_for(i)}",
    _K.EVIDENCE_ALTERED: lambda i: (
        f"Other bytes were sent {_times(i.count)} under a number of the recording that is stored already ({i.note}); "
        "the stored ones stay"
    ),
    _K.SHARE_ENDED: lambda i: f"The sharing of the screen was ended {_times(i.count)}",
    _K.SCREEN_BLOCKED: lambda i: (
        f"Recorded screen {'the same although the candidate went on' if i.note == FROZEN else 'black'} for {_for(i)}"
    ),
    _K.OTHER_CONTENT: lambda i: (
        f"{i.note[:1].upper()}{i.note[1:]} read on the recorded screen for {_for(i)}"
        if i.note
        else f"The exam's page was not on the recorded screen for {_for(i)}"
    ),
    _K.EVIDENCE_GAP: lambda i: f"No recording for {_for(i)} without a known cause",
}

_AMOUNTS: Mapping[IncidentKind, Callable[[Rule], str]] = {
    _K.HEAD_TURN: lambda r: f"more than {r.at_least:.0f}° sideways or {r.second_at_least or 0:.0f}° up or down for ",
    _K.MULTI_FACE: lambda r: f"{r.at_least:.0f} faces with certainty {r.min_score:.2f} for ",
    _K.IDENTITY_CHANGE: lambda r: f"{r.at_least:.2f} or more for ",
    _K.BACKGROUND_MOTION: lambda r: f"more than {r.at_least:.0f} % for ",
    _K.BACKGROUND_AUDIO: lambda r: f"more than {r.at_least:.0f} dB for ",
    _K.OBJECT_PHONE: lambda r: f"certainty {r.min_score:.2f} for ",
    _K.OBJECT_BOOK: lambda r: f"certainty {r.min_score:.2f} for ",
    _K.COPY_PASTE: lambda r: f" of {r.at_least:.0f} characters or more from outside" if r.at_least > 0 else "",
    _K.BROWSER_RESIZE: lambda r: f" by {r.at_least:.0f} % or more" if r.at_least > 0 else "",
}


def _for(incident: FoldedIncident) -> str:
    return _seconds(incident.length_s)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _seconds(length_s: float) -> str:
    if length_s >= 120:
        return f"{length_s / 60:.1f} min"
    return f"{length_s:.0f} s" if length_s >= 10 or length_s == int(length_s) else f"{length_s:.1f} s"
