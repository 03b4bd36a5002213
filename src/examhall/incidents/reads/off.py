"""What was not looked for in a session, and why: where this says so, no mark says nothing about the candidate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.access.rules import Session, rules_of, switches
from examhall.incidents.reads.analysis import AnalysisRow
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.levels import FOLDED_KINDS
from examhall.incidents.rules.off import Switch

SETTINGS = "Off in the settings of this exam"
_ACCOMMODATION = "Off by accommodation"
_ALLOWED = "Not looked for: paper is allowed on the desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Kinds that were not looked for, from the first to the last moment or for a while."""

    kinds: tuple[IncidentKind, ...]
    words: str
    short: str
    """For the timeline's lane."""
    switch: Switch | None = None
    """The switch that says it, if it was one."""
    whole: bool = True
    """False: only while the emergency switch was off."""
    day_told: bool = False
    """It was thrown on another day than the session's."""

    @property
    def titles(self) -> str:
        return ", ".join(SHOWN[kind].title for kind in self.kinds)

    @property
    def notable(self) -> bool:
        """More than what everybody agreed to: shown wherever the session is."""
        return self.words != SETTINGS


def unseen(session: Session, analysis: AnalysisRow, *, until: datetime) -> list[Unseen]:
    """In the order of the kinds; one more for each emergency switch. until: the session's end, or now. Two queries."""
    thrown = [one for one in switches(since=session.entered_at) if one.touches(session.entered_at, until=until)]
    rules = rules_of(session, switches=thrown, seen_share=analysis.seen_share)
    why = dict.fromkeys(FOLDED_KINDS - set(rules.rules), (SETTINGS, "Off in the settings"))
    for off in analysis.off:
        why |= dict.fromkeys(off.kinds, (f"Not available here: {off.reason}", "Detector not available"))
    for kind, reason in rules.off.items():
        if reason is Suppression.ACCOMMODATION:
            why[kind] = (_ACCOMMODATION, _ACCOMMODATION)
        elif reason is Suppression.ALLOWED_MATERIALS:
            why[kind] = (_ALLOWED, "Allowed here")
        elif reason is Suppression.FACE_ANALYSIS_UNRELIABLE:
            why[kind] = (_unreliable(analysis.seen_share or 0.0), "Face analysis unreliable")
    switched = [one for one in thrown if one.kind in rules.rules and one.kind not in why]
    found = [Unseen(kinds=(kind,), words=why[kind][0], short=why[kind][1]) for kind in IncidentKind if kind in why]
    return found + [_switched(one, session.entered_at) for one in switched]


def notices(found: Sequence[Unseen]) -> list[Unseen]:
    """What has to be said at the head of a page: kinds that are off for one reason in one line."""
    lines: dict[object, Unseen] = {}
    for one in found:
        if one.notable:
            said = (one.words, one.switch.off_at if one.switch else None, one.switch.on_at if one.switch else None)
            before = lines.get(said)
            lines[said] = replace(one, kinds=(*(before.kinds if before else ()), *one.kinds))
    return list(lines.values())


def thrown_now(now: datetime) -> list[Unseen]:
    """Every switch of the site that is off now, for pages on more than one session. One query."""
    return notices([_switched(one, now) for one in switches(since=now)])


def _switched(switch: Switch, entered_at: datetime) -> Unseen:
    return Unseen(
        kinds=(switch.kind,),
        words="Switched off",
        short="Switched off",
        switch=switch,
        whole=not switch.at_once,
        day_told=switch.off_at.date() != entered_at.date(),
    )


def _unreliable(share: float) -> str:
    percent = round(share * 100)
    return f"Face analysis unreliable: a face was found in {percent} % of the first minute's pictures"
