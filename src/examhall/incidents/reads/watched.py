"""What each detector version gave in sessions that were analysed to their end, with the kinds it was looking for.

A kind counts in a session only if it was looked for from its beginning to its end: not where the profile, an
accommodation, a switch or unreliable face analysis had it off, nor where its detector was not available.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from examhall.base.words import Accommodation, IncidentKind, IncidentState, Leniency, Track
from examhall.exam.rules.accommodation import detections_off, expected_people, relaxed
from examhall.exam.rules.policy import Policy
from examhall.incidents.access.incident_set import of_current_sets
from examhall.incidents.access.rules import switches
from examhall.incidents.detectors import faces
from examhall.incidents.detectors.own import OWN_MARK
from examhall.incidents.detectors.pipeline import CARDS, OBJECT_KINDS, PICTURE_KINDS, SCREEN_KINDS, SOUND_KINDS
from examhall.incidents.models import Analysis, Incident
from examhall.incidents.rules.agreed import agreed_rules
from examhall.incidents.rules.client import CLIENT_KINDS
from examhall.incidents.rules.off import ALWAYS_ON, Switch, off_throughout, unreliable

EXAM_PAGE = "exam page"
"""Who tells what the candidate's client reports; its version is not kept with a session."""
_TOGETHER = " and "
"""Between versions that judged one session: an update came in the middle of it."""
_GONE = (IncidentState.MERGED, IncidentState.SUPERSEDED)


class Ended(Protocol):
    """A session that has ended, as far as this asks."""

    @property
    def attempt(self) -> UUID: ...
    @property
    def activation(self) -> UUID: ...
    @property
    def accommodations(self) -> tuple[Accommodation, ...]: ...
    @property
    def entered_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One kind in one session."""

    kind: IncidentKind
    detector: str
    """Name and version of what looked, and of the table of rules: "faces 4, rules 4"."""
    track: Track | None
    """On which it was looked for; None: what the exam's page tells."""
    incidents: int
    decided: int
    dismissed: int


@dataclass(frozen=True, slots=True)
class WatchedSession:
    watches: tuple[Watch, ...]
    faces: str
    """The version that looked for the face at the beginning; empty when none did."""
    face_unreliable: bool


def watched(sessions: Sequence[Ended], policies: Mapping[UUID, Policy]) -> dict[UUID, WatchedSession]:
    """By attempt; without those whose analysis has not finished. policies: by activation. Three queries."""
    ids = [one.attempt for one in sessions]
    analyses = {row.attempt_id: row for row in _finished(ids)}
    states = _states(ids)
    thrown = switches(since=min((one.entered_at for one in sessions), default=None))
    agreed = _Agreed(policies)
    out = {}
    for session in sessions:
        row = analyses.get(session.attempt)
        if row is not None:
            kinds = agreed.kinds(session, row.leniency) - _off(session, row, thrown)
            out[session.attempt] = _session(row, kinds, states)
    return out


class _Agreed:
    """The kinds of frozen policies, each worked out once."""

    def __init__(self, policies: Mapping[UUID, Policy]) -> None:
        self._policies = policies
        self._known: dict[tuple[UUID, tuple[Accommodation, ...], str], frozenset[IncidentKind]] = {}

    def kinds(self, session: Ended, leniency: str) -> frozenset[IncidentKind]:
        words = session.accommodations
        key = (session.activation, words, leniency)
        if key not in self._known:
            policy = relaxed(self._policies[session.activation], words)
            preset = Leniency(leniency) if leniency else None
            self._known[key] = agreed_rules(policy, preset, expected_people=expected_people(words)).on
        return self._known[key]


def _finished(ids: Collection[UUID]) -> Sequence[Analysis]:
    rows = Analysis.objects.filter(attempt_id__in=ids, current=True, finished_at__isnull=False)
    return list(rows.only("attempt_id", "leniency", "versions", "off", "seen_share", "fragments", "screen_fragments"))


def _states(ids: Collection[UUID]) -> Mapping[tuple[UUID, str], Counter[str]]:
    """How many incidents of each attempt and kind are in which state."""
    found = of_current_sets(Incident.objects.filter(attempt_id__in=ids)).exclude(state__in=_GONE)
    out: dict[tuple[UUID, str], Counter[str]] = {}
    for attempt_id, kind, state in found.values_list("attempt_id", "kind", "state"):
        out.setdefault((attempt_id, kind), Counter())[state] += 1
    return out


def _off(session: Ended, row: Analysis, thrown: Collection[Switch]) -> set[IncidentKind]:
    arranged = detections_off(session.accommodations)
    off = set(off_throughout(list(thrown), session.entered_at, accommodated=arranged, seen_share=row.seen_share))
    off |= {one.kind for one in thrown if one.touches(session.entered_at, until=session.ended_at)}
    off |= {IncidentKind(kind) for one in row.off for kind in one["kinds"]}
    if not row.fragments:
        off |= PICTURE_KINDS | SOUND_KINDS
    return off | ALWAYS_ON | (SCREEN_KINDS if not row.screen_fragments else set())


def _session(
    row: Analysis, kinds: Collection[IncidentKind], states: Mapping[tuple[UUID, str], Counter[str]]
) -> WatchedSession:
    rules = _TOGETHER.join(sorted({version.split("-")[0] for version in row.versions.get("rules", ())})) or "not kept"
    marks = row.versions.get("detectors", ())
    watches = []
    for kind in (one for one in IncidentKind if one in kinds):
        if not (detector := _detector(kind, marks)):
            continue
        counted = states.get((row.attempt_id, kind), Counter[str]())
        watch = Watch(
            kind=kind,
            detector=f"{detector}, rules {rules}",
            track=_track(kind),
            incidents=counted.total(),
            decided=counted.total() - counted[IncidentState.OPEN],
            dismissed=counted[IncidentState.DISMISSED],
        )
        watches.append(watch)
    looked = _named(faces.CARD.name, marks) if row.seen_share is not None else ""
    return WatchedSession(tuple(watches), f"{looked}, rules {rules}" if looked else "", unreliable(row.seen_share))


def _detector(kind: IncidentKind, marks: Sequence[str]) -> str:
    """Which of the versions that judged a session looked for this kind; empty when none did."""
    if kind in CLIENT_KINDS:
        return EXAM_PAGE
    packaged = _named(next((card.name for card in CARDS if kind in card.kinds), ""), marks)
    if packaged or kind not in OBJECT_KINDS:
        return packaged
    return _TOGETHER.join(mark for mark in marks if mark.startswith(OWN_MARK))


def _named(name: str, marks: Sequence[str]) -> str:
    return _TOGETHER.join(mark for mark in marks if mark.rpartition(" ")[0] == name)


def _track(kind: IncidentKind) -> Track | None:
    if kind in CLIENT_KINDS:
        return None
    return Track.SCREEN if kind in SCREEN_KINDS else Track.WEBCAM
