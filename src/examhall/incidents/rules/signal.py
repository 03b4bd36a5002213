"""The values that flow through the rules engine: what was observed, what was muted, what a person is to judge.

All times are seconds since `attempt.entered_at` by the server's clock. What a detector measures is its own affair;
what a measurement leads to is `fold`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from examhall.base.errors import Conflict
from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.rules.levels import Level

FROZEN, LOOPED = "frozen", "looped"
"""Notes of `camera_blocked` and `screen_blocked`: the picture stands still; of the camera, a stretch comes again."""
DARK = "too dark"
"""Note of `left_session` and `head_turn` where no face was read: there was too little light to."""


class OutOfOrder(Conflict):
    """Signals must reach the engine in order: late evidence means folding that kind afresh from all its signals."""

    code = "out_of_order"


@dataclass(frozen=True, slots=True)
class Signal:
    """What one detector or client says about one stretch of time, before any rule has judged it."""

    kind: IncidentKind
    start_s: float
    end_s: float
    """Equal to `start_s` for an instant (a key, a paste)."""
    value: float
    """In the unit of the kind (`levels.UNITS`): degrees, dB over the noise floor, number of faces, characters …"""
    score: float = 1.0
    """0 to 1: how sure the detector is; comparable within a kind, not between kinds."""
    second: float | None = None
    """A second measurement with its own threshold (pitch for `head_turn`); one of the two suffices."""
    suppressed: Suppression | None = None
    """Set by a detector that saw it and knows why it is no incident (a poster, a fan); it is recorded, not folded."""
    detector: str = ""
    """Name and version of who said it."""
    note: str = ""
    """What a client adds in words: which key combination, which clipboard act. Of head, eyes and face: the time of the
    system check they were held against."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch in which some kinds do not count, and why (a pause, a requested scan)."""

    start_s: float
    end_s: float
    reason: Suppression
    kinds: frozenset[IncidentKind] | None = None
    """None: every kind."""

    def mutes(self, kind: IncidentKind) -> bool:
        return self.kinds is None or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A record that something was seen and led to no incident of its own; kept for the raw view."""

    kind: IncidentKind
    start_s: float
    end_s: float
    reason: Suppression
    value: float
    detector: str = ""


@dataclass(frozen=True, slots=True)
class FoldedIncident:
    """One thing for a person to judge, as far as it is known now."""

    kind: IncidentKind
    start_s: float
    end_s: float
    count: int
    """How many stretches (or instants, for counted kinds) met the rule; only the merge gap or cool-down joined them."""
    length_s: float
    """Of these stretches together, without the gaps between them."""
    longest_s: float
    """Of these stretches: with a rule that asks for more, this incident would not have been made."""
    severity: int
    """1 to 3 (product.md §5.6)."""
    level: Level
    value: float
    """The highest measured value, in the kind's unit."""
    second: float | None
    score: float
    """The highest score of its signals."""
    detected_s: float
    """When the rule was first met: the earliest moment an invigilator can be told."""
    ongoing: bool
    """More signals may still change it. The last report of an incident has False."""
    repeated: bool
    """Stands for all that came after the hourly cap."""
    detector: str
    rules_version: str
    note: str = ""

    @property
    def key(self) -> str:
        """Names this incident for good within its rule set: kind and opening time."""
        return f"{self.kind}:{round(self.start_s * 1000)}{':repeated' if self.repeated else ''}"


@dataclass(frozen=True, slots=True)
class Batch:
    """What became known since the last step for some kinds."""

    kinds: frozenset[IncidentKind]
    """The kinds whose knowledge now reaches `until_s`. Client kinds and webcam kinds move apart."""
    until_s: float
    """Everything up to here has been seen; no later batch brings a signal that starts before it."""
    signals: Sequence[Signal] = ()
    """Any order; each starts at or after the previous batch's `until_s` of its kind."""
    inputs_s: Sequence[float] = ()
    """Moments of typing, clicking or pointing; they hold back `left_session`."""
    quiet: Sequence[Quiet] = field(default=())
    """All known quiet stretches that reach past the previous `until_s`; repeating one is harmless."""
    final: bool = False
    """Nothing more will come: close everything."""
