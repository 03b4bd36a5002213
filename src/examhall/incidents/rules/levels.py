"""From which measurement, for how long, a signal becomes an incident: the table of product.md §5.6 as typed values.

`rule_set` turns a frozen policy into one `Rule` per kind. How a rule is applied is `fold`'s affair.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Leniency, Suppression
from examhall.exam.rules.limits import LIMITED, Limit

TABLE_VERSION = "5"
"""Raised with every change of a number below, so that an old incident can name the table that made it."""

ANY = float("-inf")
"""A threshold that every value reaches."""
SAME_PERSON, OTHER_PERSON = 0.55, 0.65
"""Distances of two faces (detection.md §9): below the first the same person, from the second on another one; between
them only a person can tell. Detector, levels and explanation take them from here."""
TURNED_DEGREES, NODDED_DEGREES = 12.0, 16.0
"""Sideways, and up or down: what the strictest level asks of a turned head (decision 0015), so less is not told."""


class Level(StrEnum):
    """How easily a kind becomes an incident; `off` never does."""

    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Shape(StrEnum):
    """How stretches that reach the threshold are read."""

    DWELL = "dwell"
    """Sampled by a detector that flickers: hysteresis over a window decides where a stretch begins and ends."""
    SPAN = "span"
    """Reported exactly by a client or the server: taken as it is."""
    COUNT = "count"
    """Instants: so many within a window."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind asks for at one level."""

    kind: IncidentKind
    level: Level
    shape: Shape
    min_s: float
    """Shortest stretch that counts; 0: at once."""
    merge_s: float
    cool_down_s: float
    cap_per_hour: int
    pre_roll_s: float
    post_roll_s: float
    at_least: float = ANY
    """Threshold of `Signal.value`."""
    second_at_least: float | None = None
    """Threshold of `Signal.second`; one of the two suffices."""
    min_score: float = 0.0
    window_s: float = 2.0
    """DWELL: the hysteresis window. COUNT: the window to count in."""
    times: int = 1
    """COUNT: how many within the window."""
    severest: int = 3
    """No more than this, however often or long."""
    idle_s: float | None = None
    """Asks for this long without input as well …"""
    alone_s: float | None = None
    """… unless the stretch is at least this long."""
    second_allowed: bool = False
    """What reaches the second threshold alone is allowed, and recorded: eyes on permitted paper (§5.6)."""
    half: bool = False
    """It counts half: it may have been allowed, and nobody can tell (R-2.18)."""

    @property
    def join_s(self) -> float:
        """Stretches closer than this become one incident.

        The cool-down joins too: what comes within it extends the closed incident, so that a stricter level covers
        no less. Counted kinds join over their window, or "each" would cover less than "two within a minute".
        """
        return max(self.merge_s, self.cool_down_s, self.window_s if self.shape is Shape.COUNT else 0.0)

    @property
    def at_once(self) -> bool:
        return self.min_s == 0.0


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table: what is the same at all levels, and what each level changes."""

    shape: Shape
    merge_s: float
    cool_down_s: float
    roll_s: tuple[float, float]
    cap_per_hour: int
    low: Mapping[str, float | int | None] | None
    """None: off at this level."""
    medium: Mapping[str, float | int | None] | None
    high: Mapping[str, float | int | None] | None
    window_s: float = 2.0
    standard: Level = Level.MEDIUM
    """The level of the preset Standard (product.md §5.5)."""


def _row(shape: Shape, joins: tuple[float, float], roll_s: tuple[float, float], cap: int, *levels: object) -> _Row:
    low, medium, high = levels
    return _Row(shape, joins[0], joins[1], roll_s, cap, low, medium, high)  # type: ignore[arg-type]


def _lasting(
    low_s: float, medium_s: float, high_s: float
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    return {"min_s": low_s}, {"min_s": medium_s}, {"min_s": high_s}


_K, _S = IncidentKind, Shape
_AT_ONCE = (None, {"min_s": 0.0}, {"min_s": 0.0})
_ALWAYS = ({"min_s": 0.0}, {"min_s": 0.0}, {"min_s": 0.0})
_KEYS = ({"times": 5}, {"times": 2}, {"times": 1})

_HELD_UP = replace(
    _row(
        _S.DWELL,
        (10, 30),
        (5, 5),
        12,
        {"min_s": 6, "min_score": 0.6},
        {"min_s": 4, "min_score": 0.5},
        {"min_s": 2, "min_score": 0.4},
    ),
    window_s=4,
    standard=Level.OFF,
)

_TABLE: Mapping[IncidentKind, _Row] = {
    _K.NAVIGATING_AWAY: _row(_S.SPAN, (5, 0), (5, 5), 30, *_lasting(10, 3, 1)),
    _K.LEFT_FULL_SCREEN: _row(_S.SPAN, (5, 0), (5, 5), 30, *_lasting(10, 3, 0)),
    _K.KEY_COMBO: replace(_row(_S.COUNT, (30, 30), (5, 5), 20, *_KEYS), window_s=60),
    # product.md §5.6 has no line for the right click; it is a keystroke like any other.
    _K.RIGHT_CLICK: replace(_row(_S.COUNT, (30, 30), (5, 5), 20, *_KEYS), window_s=60, standard=Level.LOW),
    _K.COPY_PASTE: _row(_S.COUNT, (30, 30), (5, 5), 20, {"at_least": 200}, {"at_least": 1}, {"at_least": ANY}),
    _K.BROWSER_RESIZE: replace(
        _row(_S.COUNT, (10, 30), (5, 5), 10, {"at_least": 50}, {"at_least": 20}, {"at_least": ANY}),
        standard=Level.LOW,
    ),
    _K.LEFT_SESSION: _row(
        _S.DWELL,
        (10, 0),
        (10, 10),
        20,
        {"min_s": 30, "idle_s": 20},
        {"min_s": 15, "idle_s": 10, "alone_s": 30},
        {"min_s": 8},
    ),
    _K.HEAD_TURN: _row(
        _S.DWELL,
        (5, 30),
        (5, 5),
        20,
        {"min_s": 10, "at_least": 45, "second_at_least": 30},
        {"min_s": 5, "at_least": 35, "second_at_least": 25},
        {"min_s": 3, "at_least": TURNED_DEGREES, "second_at_least": NODDED_DEGREES},
    ),
    _K.GAZE_OFF: replace(_row(_S.DWELL, (5, 60), (5, 5), 15, *_lasting(15, 8, 5)), standard=Level.OFF),
    _K.MULTI_FACE: replace(
        _row(
            _S.DWELL,
            (10, 0),
            (10, 10),
            20,
            {"min_s": 5, "at_least": 2, "min_score": 0.8},
            {"min_s": 3, "at_least": 2, "min_score": 0.7},
            {"min_s": 1, "at_least": 2, "min_score": 0.6},
        ),
        window_s=1.5,
    ),
    # "6 of 6 over 30 s", "4 of 5 over 20 s", "3 of 4 over 10 s": each comparison stands until the next one. The limits
    # rise with the distances at which strangers were taken for the candidate in 1 and in 10 of 1,000 comparisons.
    _K.IDENTITY_CHANGE: replace(
        _row(
            _S.DWELL,
            (30, 60),
            (10, 10),
            6,
            {"min_s": 30, "at_least": OTHER_PERSON},
            {"min_s": 16, "at_least": 0.6},
            {"min_s": 7.5, "at_least": SAME_PERSON},
        ),
        window_s=10,
        standard=Level.OFF,
    ),
    _K.BACKGROUND_MOTION: replace(
        _row(
            _S.DWELL,
            (15, 120),
            (5, 5),
            6,
            {"min_s": 10, "at_least": 15},
            {"min_s": 5, "at_least": 10},
            {"min_s": 3, "at_least": 5},
        ),
        standard=Level.LOW,
    ),
    _K.BACKGROUND_AUDIO: _row(
        _S.DWELL,
        (10, 30),
        (5, 5),
        12,
        {"min_s": 5, "at_least": 25},
        {"min_s": 3, "at_least": 18},
        {"min_s": 2, "at_least": 12},
    ),
    _K.SPEECH: _row(_S.DWELL, (10, 15), (5, 5), 20, *_lasting(8, 4, 2)),
    _K.OBJECT_PHONE: _HELD_UP,
    _K.OBJECT_BOOK: _HELD_UP,
    _K.CAMERA_BLOCKED: _row(_S.DWELL, (10, 0), (10, 10), 10, *_lasting(20, 10, 5)),
    _K.TOO_DARK: _row(_S.DWELL, (10, 0), (5, 5), 10, *_ALWAYS),
    # One picture of the screen in ten seconds, and two that agree, decide what these can ask for.
    _K.SCREEN_BLOCKED: _row(_S.DWELL, (15, 0), (10, 10), 10, *_lasting(60, 30, 20)),
    _K.OTHER_CONTENT: replace(
        _row(_S.DWELL, (15, 30), (10, 10), 12, *_lasting(30, 20, 10)),
        standard=Level.OFF,
    ),
    _K.MIC_MUTED: _row(_S.DWELL, (60, 300), (5, 5), 4, *_lasting(300, 120, 60)),
    _K.EXTRA_DISPLAY: _row(_S.SPAN, (60, 60), (10, 10), 10, *_AT_ONCE),
    _K.INSPECTOR: _row(_S.SPAN, (60, 60), (10, 10), 10, *_AT_ONCE),
    _K.SECOND_CLIENT: _row(_S.SPAN, (60, 60), (10, 10), 10, *_AT_ONCE),
    _K.EVIDENCE_GAP: _row(_S.SPAN, (5, 0), (5, 5), 20, *_lasting(20, 20, 20)),
    _K.EVIDENCE_ALTERED: _row(_S.SPAN, (5, 0), (5, 5), 20, *_ALWAYS),
    _K.MANY_INTERRUPTIONS: replace(
        _row(_S.COUNT, (60, 60), (5, 5), 4, {"times": 3}, {"times": 3}, {"times": 3}), window_s=8 * 3600
    ),
    _K.SHARE_ENDED: replace(  # product.md §8.6: on purpose and repeatedly (3 times or more) is severity 2
        _row(_S.COUNT, (60, 60), (10, 10), 4, *[{"times": 3, "severest": 2}] * 3), window_s=8 * 3600
    ),
}
"""Every kind that signals can lead to. `manual` is not here: a person made it, no rule judges it."""

UNITS: Mapping[IncidentKind, str] = {
    _K.HEAD_TURN: "°",
    _K.GAZE_OFF: "% of the eye opening",
    _K.MULTI_FACE: "faces",
    _K.BACKGROUND_MOTION: "% of the background",
    _K.BACKGROUND_AUDIO: "dB above the room's own noise",
    _K.IDENTITY_CHANGE: "apart from the candidate's face",
    _K.COPY_PASTE: "characters",
    _K.BROWSER_RESIZE: "% smaller",
}

FOLDED_KINDS = frozenset(_TABLE)
HINT_KINDS = frozenset({_K.TOO_DARK})
"""Told to whoever reviews, and never an incident (product.md §5.5)."""
SHAPES: Mapping[IncidentKind, Shape] = {kind: row.shape for kind, row in _TABLE.items()}


def rule(kind: IncidentKind, level: Level) -> Rule | None:
    """What `kind` asks for at `level`; None where that means off."""
    row = _TABLE[kind]
    chosen = {Level.OFF: None, Level.LOW: row.low, Level.MEDIUM: row.medium, Level.HIGH: row.high}[level]
    if chosen is None:
        return None
    base = Rule(
        kind=kind,
        level=level,
        shape=row.shape,
        min_s=0.0,
        merge_s=row.merge_s,
        cool_down_s=row.cool_down_s,
        cap_per_hour=row.cap_per_hour,
        pre_roll_s=row.roll_s[0],
        post_roll_s=row.roll_s[1],
        window_s=row.window_s,
    )
    return replace(base, **chosen)  # type: ignore[arg-type]


_BY_SECOND = frozenset({Limit.HEAD_TURN_PITCH})
_BY_CERTAINTY = frozenset({Limit.MULTI_FACE, Limit.OBJECT_PHONE, Limit.OBJECT_BOOK})
"""Limits of the second measure and of the certainty; the others are of the measure of their kind."""


def asked_of(rule: Rule, limit: Limit) -> int:
    """What the rule asks for, in whole units of the limit; 0 where every value will do."""
    if limit in _BY_CERTAINTY:
        return round(rule.min_score * 100)
    asked = rule.second_at_least if limit in _BY_SECOND else rule.at_least
    return 0 if asked is None or asked == ANY else round(asked)


def raised(rule: Rule, limit: Limit, at: int) -> Rule:
    """The rule, asking for no less than `at`."""
    if limit in _BY_CERTAINTY:
        return replace(rule, min_score=max(rule.min_score, at / 100))
    if limit in _BY_SECOND:
        return replace(rule, second_at_least=max(rule.second_at_least or 0.0, at))
    return replace(rule, at_least=max(rule.at_least, at))


def lengthened(rule: Rule, length_s: float) -> Rule:
    """The rule, asking for no less than `length_s`."""
    return replace(rule, min_s=max(rule.min_s, length_s))


def measured_of(limit: Limit, *, value: float, second: float | None, percent: int) -> float:
    """What of a measurement the limit is about. percent: its certainty."""
    if limit in _BY_CERTAINTY:
        return percent
    return (second or 0.0) if limit in _BY_SECOND else value


def preset_level(leniency: Leniency, kind: IncidentKind) -> Level:
    """The level a preset gives a kind: Strict is high for all; Lenient keeps off what Standard has off."""
    standard = _TABLE[kind].standard
    if leniency is Leniency.STRICT:
        return Level.HIGH
    if leniency is Leniency.STANDARD or standard is Level.OFF:
        return standard
    return Level.LOW


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One rule per kind the policy asks for, and which of them are off for this session, each with its reason."""

    rules: Mapping[IncidentKind, Rule]
    off: Mapping[IncidentKind, Suppression] = field(default_factory=dict)
    """Signals that reach the rule leave a record with this reason, never an incident."""

    @property
    def on(self) -> frozenset[IncidentKind]:
        return frozenset(self.rules) - frozenset(self.off)

    @property
    def version(self) -> str:
        """Table version and a digest of the numbers in use: equal versions judge alike what they judge at all."""
        numbers = msgspec.json.encode([sorted(msgspec.to_builtins(r).items()) for _, r in sorted(self.rules.items())])
        return f"{TABLE_VERSION}-{hashlib.sha256(numbers).hexdigest()[:12]}"


def rule_set(
    leniency: Leniency,
    *,
    detect: Mapping[str, str] | None = None,
    off: Mapping[IncidentKind, Suppression] | None = None,
    shortest_s: Mapping[str, float] | None = None,
    limits: Mapping[Limit, int] | None = None,
    expected_people: int = 1,
    notes_allowed: bool = False,
    sites_allowed: bool = False,
) -> RuleSet:
    """The rules of one frozen policy, for one session.

    detect: per-kind levels that override the preset (`detect.<type>` of product.md §5.5).
    off: kinds switched off for this session, and why (product.md §5.8, §8.7).
    shortest_s, limits: what is asked for at least, unless the level asks for more; a kind that is off stays off.
    notes_allowed: a look down is a look at one's paper, and a book in view is one of the things allowed.
    sites_allowed: some sites or programs may be opened, and a plain browser cannot tell which one was.
    expected_people: 2 when a companion, reader or interpreter is allowed.
    Raises BadInput naming the field, if a kind or level is unknown.
    """
    chosen = {kind: preset_level(leniency, kind) for kind in _TABLE}
    for name, level in (detect or {}).items():
        chosen[_kind(name, f"detect.{name}")] = _level(level, f"detect.{name}")
    rules = {kind: made for kind, level in chosen.items() if (made := rule(kind, level))}
    _adjust(rules, shortest_s or {}, limits or {})
    if _K.MULTI_FACE in rules:
        rules[_K.MULTI_FACE] = replace(rules[_K.MULTI_FACE], at_least=expected_people + 1)
    if notes_allowed and _K.HEAD_TURN in rules:
        rules[_K.HEAD_TURN] = replace(rules[_K.HEAD_TURN], second_allowed=True)
    if sites_allowed and _K.NAVIGATING_AWAY in rules:
        rules[_K.NAVIGATING_AWAY] = replace(rules[_K.NAVIGATING_AWAY], half=True)
    out = {**dict.fromkeys(HINT_KINDS, Suppression.HINT_ONLY), **(off or {})}
    if notes_allowed:
        out.setdefault(_K.OBJECT_BOOK, Suppression.ALLOWED_MATERIALS)
    return RuleSet(rules=rules, off={kind: reason for kind, reason in out.items() if kind in rules})


def _adjust(rules: dict[IncidentKind, Rule], shortest_s: Mapping[str, float], limits: Mapping[Limit, int]) -> None:
    """Put in what the site set for kinds that are on."""
    for name, length_s in shortest_s.items():
        kind = _kind(name, f"shortest_s.{name}")
        if kind in rules:
            rules[kind] = lengthened(rules[kind], length_s)
    for limit, at in limits.items():
        kind = LIMITED[limit].kind
        if kind in rules:
            rules[kind] = raised(rules[kind], limit, at)


def _kind(name: str, where: str) -> IncidentKind:
    if name not in _TABLE:
        raise BadInput(f"{name} is not a kind of incident.", fields={where: "use a kind of product.md §5.5"})
    return IncidentKind(name)


def _level(name: str, where: str) -> Level:
    try:
        return Level(name)
    except ValueError as error:
        raise BadInput(f"{name} is not a level.", fields={where: "use off, low, medium or high"}) from error
