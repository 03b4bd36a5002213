"""How good the analysis is, by labelled clips: what was found, what was cried wolf, how late, and for whom.

A prediction counts for an incident of its type when the two overlap, the incident widened by TOLERANCE_S. Several
predictions of one incident count once; one that meets no incident is a false alarm, unless the labels tolerate its
type at that time. Reads and writes nothing; running the clips is left to the job.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import msgspec

from examhall.base.errors import BadInput

TOLERANCE_S = 3.0
TYPES = (
    "left_session",
    "multiple_people",
    "facial_suspicion",
    "background_motion",
    "background_audio",
    "different_person",
    "phone_visible",
    "book_visible",
    "covered_or_dark_camera",
)
"""How labelled clips name what is to be found."""
GROUPS = ("lighting", "glasses", "skin_tone", "material", "case")
"""Labels of a clip by which the figures are told apart as well."""
COMPARED = ("lighting", "glasses", "skin_tone")
"""Groups of which none may be served worse than another."""
MOST_APART = 0.05
"""No group's balanced recall may be further below another's (issue 3)."""
FEWEST_INCIDENTS = round(1 / MOST_APART)
"""With fewer, one incident more or less moves a recall by more than MOST_APART."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One incident of one clip, in the terms of the labelled clips."""

    type: str
    start_s: float
    end_s: float
    confidence: float
    detected_s: float


class Label(msgspec.Struct, frozen=True):
    """One stretch a person labelled."""

    type: str
    start_s: float
    end_s: float

    def meets(self, seen: Prediction, tolerance_s: float) -> bool:
        return seen.start_s <= self.end_s + tolerance_s and self.start_s - tolerance_s <= seen.end_s


class Clip(msgspec.Struct, frozen=True):
    """One labelled clip; every report on a clean one is a false alarm."""

    clip: str
    duration_s: float
    clean: bool
    incidents: tuple[Label, ...] = ()
    tolerated: tuple[Label, ...] = ()
    lighting: str | None = None
    glasses: str | bool | None = None
    skin_tone: str | None = None
    material: str | None = None
    case: str | None = None

    def groups(self) -> Iterable[str]:
        for name in GROUPS:
            value = getattr(self, name)
            if value is not None:
                yield f"{name.replace('_', ' ')}: {str(value).lower()}"


class Truth(msgspec.Struct, frozen=True):
    """The content of a truth.json; what else stands in it is left unread."""

    clips: tuple[Clip, ...]


@dataclass(slots=True)
class Figures:
    """Counts of one type, or of all, over some clips."""

    incidents: int = 0
    found: int = 0
    right: int = 0
    """Predictions that were the first to meet an incident."""
    false_alarms: int = 0
    clean_false_alarms: int = 0
    delays_s: list[float] = field(default_factory=list)
    """From the start of an incident to the moment it was known."""
    late_s: list[float] = field(default_factory=list)
    """The same behind the moment when the shortest stretch that the rule asks for was complete."""

    @property
    def precision(self) -> float | None:
        said = self.right + self.false_alarms
        return self.right / said if said else None

    @property
    def recall(self) -> float | None:
        return self.found / self.incidents if self.incidents else None

    @property
    def f1(self) -> float | None:
        """None where there was neither anything to find nor a false alarm."""
        if not self.incidents and not self.false_alarms:
            return None
        precision, recall = self.precision or 0.0, self.recall or 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    @property
    def median_delay_s(self) -> float | None:
        return median(self.delays_s) if self.delays_s else None

    @property
    def median_late_s(self) -> float | None:
        return median(self.late_s) if self.late_s else None

    def add(self, other: "Figures") -> None:
        self.incidents += other.incidents
        self.found += other.found
        self.right += other.right
        self.false_alarms += other.false_alarms
        self.clean_false_alarms += other.clean_false_alarms
        self.delays_s += other.delays_s
        self.late_s += other.late_s


@dataclass(slots=True)
class Group:
    """The figures of some clips: per type, and over all types."""

    clips: int = 0
    seconds: float = 0.0
    clean_seconds: float = 0.0
    types: dict[str, Figures] = field(default_factory=lambda: {name: Figures() for name in TYPES})

    @property
    def total(self) -> Figures:
        out = Figures()
        for figures in self.types.values():
            out.add(figures)
        return out

    def per_clean_hour(self, figures: Figures) -> float | None:
        return figures.clean_false_alarms * 3600 / self.clean_seconds if self.clean_seconds else None


@dataclass(frozen=True, slots=True)
class Balance:
    """How the values of one group name, such as "skin tone", compare."""

    types: tuple[str, ...]
    """Those of which each value has incidents; other types would compare what was labelled, not what was found."""
    recalls: Mapping[str, float]
    """By value: balanced recall, the mean of the recalls of `types`. Empty when there is nothing to compare."""
    few: Mapping[str, int]
    """Values with fewer than FEWEST_INCIDENTS incidents of `types`, and how many they have."""

    @property
    def best(self) -> str:
        return max(self.recalls, key=lambda value: self.recalls[value])

    @property
    def worst(self) -> str:
        return min(self.recalls, key=lambda value: self.recalls[value])

    @property
    def gap(self) -> float:
        return max(self.recalls.values(), default=0.0) - min(self.recalls.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything that was counted."""

    everything: Group
    groups: Mapping[str, Group]
    """By "name: value", such as "skin tone: dark"."""
    balances: Mapping[str, Balance]
    """By name, for each of COMPARED that has two values or more."""


def truth_of(raw: bytes) -> Truth:
    """Raises BadInput naming what is wrong with a truth.json."""
    try:
        truth = msgspec.json.decode(raw, type=Truth)
    except msgspec.MsgspecError as error:
        raise BadInput(f"The labels cannot be read: {error}", fields={"truth": "see docs/quality"}) from error
    known = set(TYPES)
    if odd := sorted({i.type for clip in truth.clips for i in clip.incidents} - known):
        raise BadInput(f"{odd[0]} is no type of incident.", fields={"truth": f"use {', '.join(TYPES)}"})
    return truth


def measure(
    truth: Truth, predictions: Mapping[str, Sequence[Prediction]], *, needed_s: Mapping[str, float] | None = None
) -> Quality:
    """predictions: by clip name; a clip without an entry predicts nothing.

    needed_s: by type, how long a stretch its rules ask for at least; 0 for those not named.
    """
    asked_s = needed_s or {}
    everything, groups = Group(), defaultdict[str, Group](Group)
    for clip in truth.clips:
        counted = {name: _counted(clip, name, predictions.get(clip.clip, ()), asked_s.get(name, 0.0)) for name in TYPES}
        for group in (everything, *(groups[name] for name in clip.groups())):
            group.clips += 1
            group.seconds += clip.duration_s
            group.clean_seconds += clip.duration_s * clip.clean
            for name, figures in counted.items():
                group.types[name].add(figures)
    return Quality(everything, dict(sorted(groups.items())), _balances(groups))


def _counted(clip: Clip, type_: str, predictions: Sequence[Prediction], needed_s: float) -> Figures:
    wanted = [label for label in clip.incidents if label.type == type_]
    tolerated = [label for label in clip.tolerated if label.type == type_]
    out = Figures(incidents=len(wanted))
    delays: dict[int, float] = {}
    for seen in sorted((p for p in predictions if p.type == type_), key=lambda p: p.start_s):
        met = [place for place, label in enumerate(wanted) if label.meets(seen, TOLERANCE_S)]
        out.right += any(place not in delays for place in met)
        for place in met:
            delay_s = max(0.0, seen.detected_s - wanted[place].start_s)
            delays[place] = min(delays.get(place, delay_s), delay_s)
        if not met and not any(label.meets(seen, 0.0) for label in tolerated):
            out.false_alarms += 1
            out.clean_false_alarms += clip.clean
    out.found, out.delays_s = len(delays), list(delays.values())
    out.late_s = [max(0.0, delay_s - needed_s) for delay_s in out.delays_s]
    return out


def _balances(groups: Mapping[str, Group]) -> dict[str, Balance]:
    out: dict[str, Balance] = {}
    for name in (g.replace("_", " ") for g in COMPARED):
        values = {key.removeprefix(f"{name}: "): group for key, group in groups.items() if key.startswith(f"{name}: ")}
        if len(values) < 2:
            continue
        types = tuple(t for t in TYPES if all(group.types[t].incidents for group in values.values()))
        known = {value: [group.types[t] for t in types] for value, group in sorted(values.items())}
        counts = {value: sum(one.incidents for one in mine) for value, mine in known.items()}
        out[name] = Balance(
            types,
            {value: sum(one.recall or 0.0 for one in mine) / len(types) for value, mine in known.items() if types},
            {value: count for value, count in counts.items() if count < FEWEST_INCIDENTS},
        )
    return out
