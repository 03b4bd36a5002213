"""The detail of a log line in words: what its extra fields say, never what a candidate wrote."""

from collections.abc import Callable, Mapping
from typing import Any

from examhall.base.words import EntryKind, IncidentKind
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.hints import DARK_HINT

Extra = Mapping[str, Any]

_INCIDENTS = frozenset(kind.value for kind in IncidentKind)
_CAUSES: Mapping[str, str] = {
    "connection_lost": "connection lost",
    "invigilator": "by an invigilator",
    "rule": "by a rule of this exam",
    "candidate": "by the candidate",
    "time": "time ran out",
    "voided": "voided",
}
_REFUSALS: Mapping[str, str] = {
    "stale_lease": "from a client that had lost the exam",
    "after_deadline": "after the deadline",
    "after_stop": "after the stop",
    "paused": "while paused",
    "handed_in": "after the hand-in",
    "altered_repeat": "other content under the same number",
    "unknown_item": "not a question of this exam",
}


def detail(kind: EntryKind, extra: Extra, *, error: str = "", actor: str = "") -> str:
    """`actor`: the name of the person who acted, empty for the candidate and the system."""
    make = _WORDS.get(kind)
    said = make(extra, error) if make else _plain(extra)
    return " · ".join(part for part in (said, actor) if part)


def words_of_refusal(refusal: str) -> str:
    """Why an answer does not count."""
    return _REFUSALS.get(refusal, refusal.replace("_", " "))


def words_of_length(seconds: float) -> str:
    """`4 s`, `95 s`, `2 min 5 s`, `1 h 36 min`; the same words as everywhere in the product."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if whole < 120:
        return f"{whole} s"
    if minutes <= 90:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}".removesuffix(".0")


def _amount(seconds: float) -> str:
    return f"{_minutes(seconds)} min" if seconds >= 60 else words_of_length(seconds)


def _number(extra: Extra, name: str) -> float:
    value = extra.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0


def _text(extra: Extra, name: str) -> str:
    return str(extra.get(name, "") or "")


def _paused(extra: Extra, _: str) -> str:
    waiting = "pending until reconnect" if extra.get("pending") else ""
    return " · ".join(part for part in (_text(extra, "reason"), waiting) if part)


def _resumed(extra: Extra, _: str) -> str:
    length = f"after {words_of_length(_number(extra, 'paused_s'))}" if "paused_s" in extra else ""
    return " · ".join(part for part in (length, _text(extra, "reason")) if part)


def _granted(extra: Extra, _: str) -> str:
    effective = _amount(_number(extra, "effective_s"))
    asked = _amount(_number(extra, "minutes") * 60 or _number(extra, "seconds"))
    reason = _text(extra, "reason")
    return f"{asked} asked, {effective} effective" + (f" · {reason}" if reason else "")


def _stopped(extra: Extra, _: str) -> str:
    cause = _text(extra, "reason")
    return " · ".join(part for part in (_CAUSES.get(cause, cause), _text(extra, "text")) if part)


def _reopened(extra: Extra, _: str) -> str:
    given = _number(extra, "given_back_s")
    back = f"{_minutes(given)} min given back" if given else ""
    minutes = f"{extra['minutes']} min from now" if "minutes" in extra else ""
    return " · ".join(part for part in (_text(extra, "reason"), back, minutes) if part)


def _completed(extra: Extra, _: str) -> str:
    by = _CAUSES.get(_text(extra, "by"), "")
    receipt = f"receipt {extra['receipt']}" if extra.get("receipt") else ""
    return ", ".join(part for part in (by, receipt) if part)


def _lost(extra: Extra, _: str) -> str:
    window = "reconnect window ran out" if extra.get("window") else ""
    return window or ("server outage" if extra.get("cause") == "server_outage" else "")


def _saved(extra: Extra, _: str) -> str:
    return f"revision {extra['revision']}" if "revision" in extra else ""


def _rejected(extra: Extra, error: str) -> str:
    return words_of_refusal(error)


def _track(extra: Extra, _: str) -> str:
    names = {"webcam": "camera and microphone", "screen": "screen"}
    cause = _text(extra, "cause").replace("_", " ")
    length = ""
    if "from_ms" in extra and "to_ms" in extra:
        length = words_of_length((_number(extra, "to_ms") - _number(extra, "from_ms")) / 1000)
    return ", ".join(part for part in (names.get(_text(extra, "track"), ""), length, cause) if part)


def _incident(extra: Extra, _: str) -> str:
    kind = _text(extra, "kind")
    words = SHOWN[IncidentKind(kind)].label if kind in _INCIDENTS else ""
    verdict = _text(extra, "verdict")
    return " · ".join(part for part in (words, verdict or _text(extra, "state")) if part)


def _clipboard(extra: Extra, _: str) -> str:
    outside = "from outside the exam" if extra.get("outside") else ""
    size = f"{extra['chars']} characters" if "chars" in extra else ""
    blocked = "blocked" if extra.get("blocked") else ""
    return ", ".join(part for part in (_text(extra, "act"), size, outside, blocked) if part)


def _resized(extra: Extra, _: str) -> str:
    return f"from {_text(extra, 'from')} to {_text(extra, 'to')}" if "to" in extra else ""


_HIDDEN_FOR: Mapping[str, str] = {
    "full_screen": "left full screen for too long",
    "display": "second display",
    "device": "device lost",
    "webcam": "camera lost",
    "microphone": "microphone lost",
    "screen": "screen no longer shared",
}


def words_of_hold(by: str) -> str:
    """Why an exam is hidden, by the lost device or the cause."""
    return _HIDDEN_FOR.get(by, "")


def _hold(extra: Extra, _: str) -> str:
    why = words_of_hold(_text(extra, "what")) or words_of_hold(_text(extra, "cause"))
    length = f"after {words_of_length(_number(extra, 'held_s'))}" if "held_s" in extra else ""
    return ", ".join(part for part in (why, length) if part)


def _hint(extra: Extra, _: str) -> str:
    """What a client made up is not repeated."""
    return "the picture is too dark" if _text(extra, "hint") == DARK_HINT else ""


def _altered(extra: Extra, _: str) -> str:
    return f"{_track(extra, '')}, part {extra.get('seq', '?')} came again with other bytes, which were refused"


def _accepted(extra: Extra, _: str) -> str:
    why = words_of_refusal(_text(extra, "refusal"))
    number = f"revision {extra['revision']}" if "revision" in extra else ""
    return " · ".join(part for part in (number, why, _text(extra, "reason")) if part)


def _switched(extra: Extra, _: str) -> str:
    kinds = ", ".join(SHOWN[IncidentKind(kind)].title for kind in extra.get("kinds", ()) if kind in _INCIDENTS)
    return f"{kinds} {'off' if extra.get('off') else 'on again'}: {_text(extra, 'reason')}"


def _device_check(extra: Extra, _: str) -> str:
    return "passed" if extra.get("passed") else "not passed"


def _set(extra: Extra, _: str) -> str:
    name = f"set {extra['set']}" if extra.get("set") else "original set"
    count = f"{extra['incidents']} incidents" if "incidents" in extra else ""
    return " · ".join(part for part in (name, count, _text(extra, "reason")) if part)


def _plain(extra: Extra) -> str:
    """Short plain values of a kind without words of its own; numbers of machines are left out."""
    shown = (str(value) for name, value in extra.items() if name in {"reason", "page", "keys", "source", "tier"})
    return ", ".join(text for text in shown if text)


_WORDS: Mapping[EntryKind, Callable[[Extra, str], str]] = {
    EntryKind.PAGE_VISITED: lambda extra, _: _text(extra, "page").replace("_", " ").capitalize(),
    EntryKind.EXAM_PAUSED: _paused,
    EntryKind.EXAM_RESUMED: _resumed,
    EntryKind.EXTRA_TIME_GRANTED: _granted,
    EntryKind.CREDIT_DECLINED: lambda extra, _: _text(extra, "reason"),
    EntryKind.ATTEMPT_STOPPED: _stopped,
    EntryKind.ATTEMPT_REOPENED: _reopened,
    EntryKind.EXAM_COMPLETED: _completed,
    EntryKind.HEARTBEAT_LOST: _lost,
    EntryKind.HEARTBEAT_RESTORED: lambda extra, _: f"gap {words_of_length(_number(extra, 'gap_s'))}",
    EntryKind.ANSWER_SAVED: _saved,
    EntryKind.ANSWER_REJECTED: _rejected,
    EntryKind.IP_CHANGED: lambda extra, _: f"from {_text(extra, 'from')}",
    EntryKind.CLOCK_SKEW: lambda extra, _: f"by {words_of_length(abs(_number(extra, 'skew_s')))}",
    EntryKind.CLIENT_CONNECTED: lambda extra, _: _text(extra, "how").replace("_", " "),
    EntryKind.TRACK_STARTED: _track,
    EntryKind.TRACK_ENDED: _track,
    EntryKind.TRACK_GAP: _track,
    EntryKind.INCIDENT_OPENED: _incident,
    EntryKind.INCIDENT_CHANGED: _incident,
    EntryKind.INCIDENT_DECIDED: _incident,
    EntryKind.REANALYSIS_STARTED: _set,
    EntryKind.REANALYSIS_FINISHED: _set,
    EntryKind.REANALYSIS_ADOPTED: _set,
    EntryKind.REANALYSIS_DISCARDED: _set,
    EntryKind.CLIPBOARD_USED: _clipboard,
    EntryKind.HOLD_STARTED: _hold,
    EntryKind.HOLD_ENDED: _hold,
    EntryKind.WARNING_ACK: _hold,
    EntryKind.HINT_SHOWN: _hint,
    EntryKind.EVIDENCE_ALTERED: _altered,
    EntryKind.ANSWER_ACCEPTED: _accepted,
    EntryKind.RESIZE: _resized,
    EntryKind.DEVICE_CHECK: _device_check,
    EntryKind.DETECTOR_SWITCHED: _switched,
}
