"""The lanes of the timeline: what was looked for, what was found, and what could not be seen and why."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from examhall.base.words import IncidentFamily, IncidentState
from examhall.incidents.reads.incident import IncidentRow
from examhall.incidents.reads.off import SETTINGS, Unseen
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.levels import FOLDED_KINDS
from examhall.review.rules.tier import BEYOND_TIER


@dataclass(frozen=True, slots=True)
class Lane:
    family: IncidentFamily
    count: int
    off: str
    beyond: str


def lanes(unseen: Collection[Unseen], incidents: Sequence[IncidentRow]) -> list[Lane]:
    """In the order of the families; a family that nothing could be found of says so."""
    counts = Counter(i.family for i in incidents if i.state is not IncidentState.DISMISSED)
    present = {i.family for i in incidents}
    off = {kind: one for one in unseen if one.whole for kind in one.kinds}
    out = []
    for family in IncidentFamily:
        kinds = {kind for kind in FOLDED_KINDS if SHOWN[kind].family is family}
        wholly = kinds <= set(off) and family not in present
        if family in present or kinds:
            why = _reason([off[kind] for kind in kinds]) if wholly else ""
            out.append(Lane(family, counts[family], why, BEYOND_TIER.get(family, "")))
    return out


def _reason(unseen: Collection[Unseen]) -> str:
    """Of a lane that stays empty: what everybody agreed to is told only where nothing else is to be told."""
    every = {one.short for one in unseen}
    particular = {one.short for one in unseen if one.words != SETTINGS}
    told = particular or every
    return told.pop() if len(told) == 1 else "Not looked for"
