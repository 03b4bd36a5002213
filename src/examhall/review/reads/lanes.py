"""The lanes of the timeline: what was looked for, what was found, and what could not be seen and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from examhall.base.words import IncidentFamily, IncidentKind, IncidentState
from examhall.exam.reads.reviewed import SessionRef, switched_off
from examhall.incidents.reads.analysis import AnalysisRow
from examhall.incidents.reads.incident import IncidentRow
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.levels import FOLDED_KINDS


@dataclass(frozen=True, slots=True)
class Lane:
    family: IncidentFamily
    count: int
    off: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A kind that was not looked for, and why."""

    title: str
    reason: str


def unseen(ref: SessionRef, analysis: AnalysisRow) -> list[Unseen]:
    """Every kind that could not become an incident here: absence of marks says nothing about the candidate."""
    reasons = dict.fromkeys(switched_off(ref.activation) & FOLDED_KINDS, "Off in the settings of this exam")
    for off in analysis.off:
        reasons |= dict.fromkeys(off.kinds, f"Not available here: {off.reason}")
    return [Unseen(SHOWN[kind].title, reasons[kind]) for kind in IncidentKind if kind in reasons]


def lanes(ref: SessionRef, analysis: AnalysisRow, incidents: Sequence[IncidentRow]) -> list[Lane]:
    """In the order of the families; a family that nothing could be found of says so."""
    counts = Counter(i.family for i in incidents if i.state is not IncidentState.DISMISSED)
    present = {i.family for i in incidents}
    switched = switched_off(ref.activation)
    missing = {kind for off in analysis.off for kind in off.kinds}
    out = []
    for family in IncidentFamily:
        kinds = {kind for kind in FOLDED_KINDS if SHOWN[kind].family is family}
        wanted = kinds - switched
        off = "Off in the settings" if not wanted else "Detector not installed" if wanted <= missing else ""
        if family in present or kinds:
            out.append(Lane(family, counts[family], "" if family in present else off))
    return out
