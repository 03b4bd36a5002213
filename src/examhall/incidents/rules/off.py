"""What is not looked for in one session, and why: switched off for the site, off by accommodation, faces unreliable.

A switch is thrown by a named person with a reason. One for exams to come holds for every session entered while it was
off, to its end; an emergency switch holds in every session from the moment it is thrown until it is taken back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.rules.levels import FOLDED_KINDS, RuleSet
from examhall.incidents.rules.signal import Quiet

ALWAYS_ON = frozenset({IncidentKind.EVIDENCE_GAP, IncidentKind.EVIDENCE_ALTERED})
"""What is wrong with the recording is no detector's opinion."""
SWITCHABLE = FOLDED_KINDS - ALWAYS_ON
FACE_KINDS = frozenset(
    {
        IncidentKind.LEFT_SESSION,
        IncidentKind.HEAD_TURN,
        IncidentKind.GAZE_OFF,
        IncidentKind.MULTI_FACE,
        IncidentKind.IDENTITY_CHANGE,
    }
)
"""Kinds that say nothing where faces are not found."""
RELIABLE_FROM = 0.6
"""product.md §8.7: a lower share of calibration frames with a face makes face analysis unreliable."""
FOREVER_S = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One kind switched off, and by whom; `on_at` None: it still is."""

    id: UUID
    kind: IncidentKind
    at_once: bool
    """In running exams too: the emergency switch."""
    off_at: datetime
    off_by: str
    reason: str
    on_at: datetime | None = None
    on_by: str = ""
    on_reason: str = ""

    def throughout(self, entered_at: datetime) -> bool:
        """Whether a session entered then runs without this kind from its first to its last moment."""
        entered_while_off = self.off_at <= entered_at and (self.on_at is None or entered_at < self.on_at)
        return not self.at_once and entered_while_off

    def touches(self, entered_at: datetime, *, until: datetime) -> bool:
        """Whether it says anything about a session from `entered_at` to `until`."""
        if not self.at_once:
            return self.throughout(entered_at)
        return self.off_at <= until and (self.on_at is None or self.on_at > entered_at)

    def holds_now(self, entered_at: datetime) -> bool:
        """Whether its detector may look at this session at the moment: an emergency may be a fault of the detector."""
        return self.throughout(entered_at) or (self.at_once and self.on_at is None)


def stretches(switches: Iterable[Switch], entered_at: datetime) -> list[Quiet]:
    """Where the emergency switches mute a session, in its own seconds."""
    return [
        Quiet(
            max(0.0, (switch.off_at - entered_at).total_seconds()),
            FOREVER_S if switch.on_at is None else (switch.on_at - entered_at).total_seconds(),
            Suppression.DETECTOR_OFF,
            frozenset({switch.kind}),
        )
        for switch in switches
        if switch.at_once and (switch.on_at is None or switch.on_at > entered_at)
    ]


def unreliable(seen_share: float | None) -> bool:
    return seen_share is not None and seen_share < RELIABLE_FROM


def off_throughout(
    switches: Sequence[Switch],
    entered_at: datetime,
    *,
    accommodated: frozenset[IncidentKind],
    seen_share: float | None,
) -> dict[IncidentKind, Suppression]:
    """Kinds that are off for the whole session; what was arranged for the person comes before what befell them."""
    off: dict[IncidentKind, Suppression] = {}
    if unreliable(seen_share):
        off |= dict.fromkeys(FACE_KINDS, Suppression.FACE_ANALYSIS_UNRELIABLE)
    off |= {switch.kind: Suppression.DETECTOR_OFF for switch in switches if switch.throughout(entered_at)}
    return off | dict.fromkeys(accommodated, Suppression.ACCOMMODATION)


def looked_for(rules: RuleSet, switches: Iterable[Switch], entered_at: datetime) -> frozenset[IncidentKind]:
    """Kinds whose detectors are to run now.

    What is off by accommodation is still heard, so that permitted speech is not taken for noise; but nobody compares
    a face that need not be shown.
    """
    held = {switch.kind for switch in switches if switch.holds_now(entered_at)}
    arranged = {kind for kind, reason in rules.off.items() if reason is Suppression.ACCOMMODATION}
    return (rules.on | (arranged - {IncidentKind.IDENTITY_CHANGE})) - held
