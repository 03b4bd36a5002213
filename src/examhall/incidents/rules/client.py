"""What the candidate's client reports, read as signals: spans that stay open until their end is reported, and instants.

The same engine folds them as those of the detectors. The journal's entry kinds are known here, its tables are not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from examhall.base.words import EntryKind, GapCause, IncidentKind, Track
from examhall.incidents.rules.signal import Signal

CLIENT_DETECTOR = "client 1"
EVIDENCE_DETECTOR = "recording 1"

_OPENS: Mapping[EntryKind, IncidentKind] = {
    EntryKind.FOCUS_LOST: IncidentKind.NAVIGATING_AWAY,
    EntryKind.LEFT_FULL_SCREEN: IncidentKind.LEFT_FULL_SCREEN,
    EntryKind.DISPLAY_ADDED: IncidentKind.EXTRA_DISPLAY,
}
_CLOSES: Mapping[EntryKind, IncidentKind] = {
    EntryKind.FOCUS_REGAINED: IncidentKind.NAVIGATING_AWAY,
    EntryKind.RETURNED_FULL_SCREEN: IncidentKind.LEFT_FULL_SCREEN,
    EntryKind.DISPLAY_REMOVED: IncidentKind.EXTRA_DISPLAY,
}
_INSTANTS: Mapping[EntryKind, IncidentKind] = {
    EntryKind.KEY_COMBO: IncidentKind.KEY_COMBO,
    EntryKind.PRINT_ATTEMPT: IncidentKind.KEY_COMBO,
    EntryKind.CLIPBOARD_USED: IncidentKind.COPY_PASTE,
    EntryKind.RIGHT_CLICK: IncidentKind.RIGHT_CLICK,
    EntryKind.RESIZE: IncidentKind.BROWSER_RESIZE,
    EntryKind.INSPECTOR_DETECTED: IncidentKind.INSPECTOR,
    EntryKind.CLIENT_TAKEN_OVER: IncidentKind.SECOND_CLIENT,
    EntryKind.HEARTBEAT_LOST: IncidentKind.MANY_INTERRUPTIONS,
    EntryKind.EVIDENCE_ALTERED: IncidentKind.EVIDENCE_ALTERED,
    EntryKind.TRACK_ENDED: IncidentKind.SHARE_ENDED,
}
_CONNECTS = frozenset({EntryKind.CLIENT_CONNECTED, EntryKind.CLIENT_TAKEN_OVER})
"""A page that connects tells anew what goes on; the one before it, which may have crashed, ends nothing any more."""
_ACTS = frozenset({EntryKind.QUESTION_ANSWERED, EntryKind.QUESTION_VISITED})
_INPUTS = _ACTS | {EntryKind.KEY_COMBO}

CLIENT_KINDS = frozenset({*_OPENS.values(), *_INSTANTS.values()})
"""The kinds whose signals come from here."""
ALWAYS_COUNT = frozenset({IncidentKind.EVIDENCE_ALTERED})
"""Kinds that no check before Start and no pause mutes: a recording may not change, whatever the exam does."""
JUDGED_ENTRIES = frozenset({*_OPENS, *_CLOSES, *_INSTANTS, *_INPUTS})
"""The entry kinds that can bring an incident, or take one away."""
READ_ENTRIES = JUDGED_ENTRIES | _CONNECTS
"""The entry kinds a caller has to hand in; others are harmless."""
_MOST_CHARS, _MOST_SHARE = 1e6, 10.0


@dataclass(frozen=True, slots=True)
class Reported:
    """One journal entry, as far as it matters here."""

    kind: EntryKind
    at_s: float
    """Seconds since the attempt was entered, by the server's clock."""
    extra: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """clipboard_used: act (copy, cut, paste), chars, outside. key_combo: keys. resize: share of the area left.
    track_ended: track, cause."""


@dataclass(frozen=True, slots=True)
class ClientState:
    """Spans still open, by kind, and how far each has been told."""

    until_s: float = 0.0
    open_s: Mapping[IncidentKind, float] = field(default_factory=dict)
    connected_s: float = 0.0
    """When a page last connected: a leaving from before that, told late, is over."""


@dataclass(frozen=True, slots=True)
class ClientReading:
    state: ClientState
    signals: tuple[Signal, ...]
    inputs_s: tuple[float, ...]
    """Moments that show the candidate at work; they hold back `left_session`."""
    acts_s: tuple[float, ...]
    """Those among them after which the exam's page looks different."""


def read(state: ClientState, entries: Sequence[Reported], *, until_s: float) -> ClientReading:
    """Turn entries into signals; a span still open is told up to `until_s`, and from there on next time.

    entries: any order; those before the previous `until_s` count from it on (they came late and changed nothing
    that was judged). until_s: everything the client will report up to here is known.
    """
    open_s, connected_s = dict(state.open_s), state.connected_s
    signals: list[Signal] = []
    for entry in sorted(entries, key=lambda e: e.at_s):
        at_s = max(entry.at_s, state.until_s)
        if entry.kind in _CONNECTS:
            connected_s = max(connected_s, entry.at_s)
        elif entry.kind in _OPENS and entry.at_s >= connected_s:
            open_s.setdefault(_OPENS[entry.kind], at_s)
        signals += [_span(kind, open_s.pop(kind), at_s) for kind in _ends(entry.kind) if kind in open_s]
        if entry.kind in _INSTANTS and not _is_other_end(entry):
            signals.append(_instant(entry, at_s))
    signals += [_span(kind, since_s, until_s) for kind, since_s in open_s.items() if since_s < until_s]
    still_open = {kind: max(since_s, until_s) for kind, since_s in open_s.items()}
    inputs_s = tuple(entry.at_s for entry in entries if entry.kind in _INPUTS)
    acts_s = tuple(entry.at_s for entry in entries if entry.kind in _ACTS)
    return ClientReading(ClientState(until_s, still_open, connected_s), tuple(signals), inputs_s, acts_s)


def _is_other_end(entry: Reported) -> bool:
    """A track that ended, but no screen whose sharing was ended by the browser's own button (product.md §8.6)."""
    if entry.kind is not EntryKind.TRACK_ENDED:
        return False
    ended = entry.extra.get("track"), entry.extra.get("cause")
    return ended != (Track.SCREEN, GapCause.PERMISSION_REVOKED)


def _ends(kind: EntryKind) -> Collection[IncidentKind]:
    """The spans that end with an entry of this kind."""
    if kind in _CONNECTS:
        return _OPENS.values()
    return (_CLOSES[kind],) if kind in _CLOSES else ()


def _span(kind: IncidentKind, start_s: float, end_s: float) -> Signal:
    return Signal(kind, start_s, end_s, value=1.0, detector=CLIENT_DETECTOR)


def _instant(entry: Reported, at_s: float) -> Signal:
    value, note = _measured(entry)
    kind = _INSTANTS[entry.kind]
    detector = EVIDENCE_DETECTOR if kind is IncidentKind.EVIDENCE_ALTERED else CLIENT_DETECTOR
    return Signal(kind, at_s, at_s, value=value, detector=detector, note=note)


def _measured(entry: Reported) -> tuple[float, str]:
    """The value of an instant in its kind's unit, and what to call it."""
    extra = entry.extra
    if entry.kind is EntryKind.CLIPBOARD_USED:
        act = str(extra.get("act", "clipboard use"))
        from_outside = act == "paste" and extra.get("outside") is True
        return (_number(extra.get("chars"), 1.0, most=_MOST_CHARS) if from_outside else 0.0), act
    if entry.kind is EntryKind.RESIZE:
        return 100 * (1 - _number(extra.get("share"), 1.0, most=_MOST_SHARE)), ""
    if entry.kind is EntryKind.PRINT_ATTEMPT:
        return 1.0, "Print"
    if entry.kind is EntryKind.EVIDENCE_ALTERED:
        return 1.0, f"{extra.get('track', 'recording')}, part {extra.get('seq', '?')}"
    return 1.0, str(extra.get("keys", "")) if entry.kind is EntryKind.KEY_COMBO else ""


def _number(given: object, otherwise: float, *, most: float) -> float:
    """A client may send anything in `extra`; what is no number counts as the least that can be meant."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return otherwise
    return float(max(0, min(given, most)))
