"""The sets of incidents of one session side by side: what each found, what only one has, and with which versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base.words import IncidentKind, Leniency, ReanalysisState
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.reads.reviewed import SessionRef, sessions_of
from examhall.exam.rules.attempt import TERMINAL
from examhall.incidents.reads.incident import IncidentRow, incidents_of
from examhall.incidents.reads.reanalysis import SetRow, set_difference, sets_of
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.reanalysis import Marked, Match, stricter
from examhall.incidents.rules.score import Score, score
from examhall.review.reads.session import bands

PARTS = (("rules", "Rules"), ("detectors", "Detectors"), ("models", "Models"))


@dataclass(frozen=True, slots=True)
class SetView:
    """One set with its incidents and the score they give."""

    row: SetRow
    incidents: tuple[IncidentRow, ...]
    score: Score


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of incident in both sets."""

    title: str
    before: int
    after: int
    only_before: int
    only_after: int


@dataclass(frozen=True, slots=True)
class VersionLine:
    """What one part was in each set; `same` when nothing about it differs."""

    part: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Pair:
    """Incidents of both sets that mean the same stretch; one side is empty where only the other has it."""

    before: tuple[IncidentRow, ...]
    after: tuple[IncidentRow, ...]

    @property
    def shown(self) -> IncidentRow:
        return (self.after or self.before)[0]


@dataclass(frozen=True, slots=True)
class SideBySide:
    before: SetView
    after: SetView
    kinds: tuple[KindLine, ...]
    versions: tuple[VersionLine, ...]
    only_before: tuple[Pair, ...]
    only_after: tuple[Pair, ...]
    both: tuple[Pair, ...]
    judged_again: int
    """Incidents judged in `before` that `after` has as well: there nobody has judged them yet."""
    late: bool
    """Evidence has arrived since one of the sets was made."""


def session_sets(attempt_id: UUID) -> list[SetRow]:
    """By number; empty when nothing has been analysed."""
    return sets_of([attempt_id])[attempt_id]


@dataclass(frozen=True, slots=True)
class SessionSets:
    """One session in the list of an exam's analyses."""

    ref: SessionRef
    current: SetRow | None
    newest: SetRow | None
    """The last one that was asked for and is not discarded; None when nobody asked."""
    waiting: SetRow | None
    """The one that waits for its worker or for a person."""

    @property
    def can_ask(self) -> bool:
        analysed = self.current is not None and self.current.finished_at is not None
        return self.ref.state in TERMINAL and analysed and self.waiting is None


def schedule_sets(schedule_id: UUID) -> list[SessionSets]:
    """Every session of an exam, those that wait first; the number of queries does not grow with them."""
    refs = sessions_of([schedule_id])
    sets = sets_of([ref.attempt for ref in refs])
    lines = [_session(ref, sets[ref.attempt]) for ref in refs]
    return sorted(lines, key=lambda line: line.waiting is None)


def _session(ref: SessionRef, sets: Sequence[SetRow]) -> SessionSets:
    asked = [row for row in sets if row.asked is not None and row.asked.state is not ReanalysisState.DISCARDED]
    return SessionSets(
        ref,
        current=next((row for row in sets if row.current), None),
        newest=asked[-1] if asked else None,
        waiting=next((row for row in asked if row.asked is not None and row.asked.outstanding), None),
    )


def chosen_pair(sets: Sequence[SetRow], wanted: int | None) -> tuple[SetRow, SetRow] | None:
    """Which two finished sets to show: the wanted one, or the newest, beside the current one.

    The current one itself is shown beside the set before it. None when there are not two.
    """
    done = [row for row in sets if row.finished_at is not None]
    current = next((row for row in done if row.current), None)
    others = [row for row in done if not row.current]
    if current is None or not others:
        return None
    asked = next((row for row in done if row.number == wanted), None)
    if asked is None:
        asked = others[-1] if others[-1].number > current.number else current
    if not asked.current:
        return current, asked
    earlier = [row for row in others if row.number < asked.number]
    return (earlier[-1] if earlier else others[-1]), asked


def side_by_side(ref: SessionRef, pair: tuple[SetRow, SetRow], *, first: SetRow, length_h: float) -> SideBySide:
    """`pair`: from `chosen_pair`. `first`: the set of the exam itself, which late evidence always reaches."""
    flagged = [i for i in incidents_of(ref.attempt) if i.kind is IncidentKind.MANUAL]
    before, after = (_view(row, flagged, length_h) for row in pair)
    found = set_difference(before.incidents, after.incidents)
    both = tuple(_pair(match, before, after) for match in found.both)
    return SideBySide(
        before=before,
        after=after,
        kinds=tuple(
            KindLine(
                SHOWN[one.kind].title,
                one.before,
                one.after,
                one.before - one.before_matched,
                one.after - one.after_matched,
            )
            for one in found.kinds
        ),
        versions=tuple(
            VersionLine(words, tuple(before.row.versions.get(part, ())), tuple(after.row.versions.get(part, ())))
            for part, words in PARTS
        ),
        only_before=tuple(_pair(match, before, after) for match in found.only_before),
        only_after=tuple(_pair(match, before, after) for match in found.only_after),
        both=both,
        judged_again=sum(one.decided is not None for match in both for one in match.before),
        late=any(_late(row, first.finished_at) for row in pair),
    )


def stricter_kinds(ref: SessionRef, leniency: Leniency | None) -> list[str]:
    """Kinds that a set made at `leniency` marks more readily than was agreed: it cannot become current (P5)."""
    return [SHOWN[kind].title for kind in stricter(policy_of_activation(ref.activation).detect, leniency)]


def _view(row: SetRow, flagged: Sequence[IncidentRow], length_h: float) -> SetView:
    found = tuple(incidents_of(row.attempt_id, number=row.number))
    counted = [i.counted for i in (*found, *flagged)]
    return SetView(row, found, score(counted, length_h=length_h, bands=bands()))


def _pair(match: Match, before: SetView, after: SetView) -> Pair:
    return Pair(_rows(match.before, before), _rows(match.after, after))


def _rows(marked: Sequence[Marked], view: SetView) -> tuple[IncidentRow, ...]:
    return tuple(view.incidents[one.place] for one in marked)


def _late(row: SetRow, first_finished_at: datetime | None) -> bool:
    """Late evidence starts the first set afresh: it has then ended, if at all, after the other was asked for."""
    return row.asked is not None and (first_finished_at is None or first_finished_at > row.asked.at)
