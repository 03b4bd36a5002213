"""The fairness report: how often each detector version marks and is dismissed, and for whom more often (§11.4, V7)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.words import Permission, Track
from examhall.checkin.reads.check import dark_at_check
from examhall.exam.access.policy import policies_of
from examhall.exam.reads.ended import EndedSession, ended_sessions
from examhall.exam.rules.candidates_csv import RowError
from examhall.incidents.reads.watched import Watch, WatchedSession, watched
from examhall.incidents.rules.family import SHOWN
from examhall.media.reads.missing import unrecorded_ms
from examhall.people.access import required
from examhall.people.reads.people import people_by_login, people_by_student_id, root_unit, unit_path
from examhall.people.rules.actor import Actor
from examhall.review.rules.device import device_class
from examhall.review.rules.fairness import GroupLine, Line, Measure, Observation, Sitting, fairness
from examhall.review.rules.groups_csv import GroupRow, refuse

PERIOD = timedelta(days=365)
MOST_SESSIONS = 20_000
"""The newest ones: more would take too long for a page and more keys than one question to the database may have."""
DEVICE, LIGHT = "Device", "Light at the system check"
DIMENSIONS = (DEVICE, LIGHT)
_LIGHT = {True: "Very dark", False: "Bright enough"}
FACE_NOT_FOUND = "Face analysis unreliable"

Labels = Mapping[UUID, Mapping[str, str]]
"""By person: kind of label and label. Handed in for one report and kept nowhere."""


@dataclass(frozen=True, slots=True)
class DetectorReport:
    """One detector version."""

    detector: str
    lines: tuple[Line, ...]

    def of(self, measure: Measure) -> dict[str, Line]:
        """By kind."""
        return {line.subject: line for line in self.lines if line.measure is measure}


@dataclass(frozen=True, slots=True)
class FairnessReport:
    since: datetime
    sessions: int
    """Those that were analysed to their end."""
    left_out: bool
    """There were more than MOST_SESSIONS."""
    detectors: tuple[DetectorReport, ...]
    dimensions: tuple[str, ...]
    """By which groups were told apart."""

    @property
    def warnings(self) -> list[tuple[Line, GroupLine]]:
        lines = [line for report in self.detectors for line in report.lines]
        return [(line, one) for line in lines for dimension in line.groups for one in line.warnings(dimension)]


def fairness_page(actor: Actor) -> FairnessReport:
    """Raises NotAllowed unless this person manages the site's proctoring."""
    required(actor, Permission.PROCTORING_ACTIVATE, unit_path(root_unit()))
    return fairness_report(clock.now() - PERIOD)


def fairness_report(since: datetime, labels: Labels | None = None) -> FairnessReport:
    """Of the sessions entered since then. The number of queries does not grow with them."""
    found = ended_sessions(since, limit=MOST_SESSIONS)
    ids = [one.attempt for one in found]
    seen = watched(found, policies_of([one.activation for one in found]))
    dark, lacking = dark_at_check(ids), unrecorded_ms(ids)
    observations: list[Observation] = []
    for session in found:
        if one := seen.get(session.attempt):
            sitting = Sitting(session.candidate, _groups(session, dark, (labels or {}).get(session.candidate, {})))
            observations += _observed(session, one, sitting, lacking[session.attempt])
    lines = fairness(observations)
    named = sorted({line.detector for line in lines}, key=str.casefold)
    of_each = {name: tuple(line for line in lines if line.detector == name) for name in named}
    used = {dimension for line in lines for dimension in line.groups}
    return FairnessReport(
        since=since,
        sessions=len(seen),
        left_out=len(found) == MOST_SESSIONS,
        detectors=tuple(DetectorReport(name, mine) for name, mine in of_each.items()),
        dimensions=tuple(sorted(used, key=lambda one: (one not in DIMENSIONS, one))),
    )


def labels_of(rows: Sequence[GroupRow]) -> Labels:
    """The labels by person. Raises BadInput naming each row whose person there is not, or who is in another row too.

    Two queries.
    """
    by_login = people_by_login({row.login for row in rows if row.login})
    by_id = people_by_student_id({row.student_id for row in rows if not row.login})
    out: dict[UUID, dict[str, str]] = {}
    faults = []
    for row in rows:
        person = by_login.get(row.login) if row.login else by_id.get(row.student_id)
        if person is None:
            said = f"There is no person “{row.who}”. Correct it, or remove the row."
            faults.append(RowError(row.row, row.column, said))
        elif row.kind in out.setdefault(person.id, {}):
            faults.append(RowError(row.row, row.column, f"“{row.who}” has a {row.kind} in another row. Keep one."))
        else:
            out[person.id][row.kind] = row.label
    refuse(faults)
    return out


def _groups(session: EndedSession, dark: Mapping[UUID, bool], labels: Mapping[str, str]) -> dict[str, str]:
    device, light = device_class(session.user_agent), dark.get(session.attempt)
    return {
        **({DEVICE: device} if device is not None else {}),
        **({LIGHT: _LIGHT[light]} if light is not None else {}),
        **labels,
    }


def _observed(
    session: EndedSession, seen: WatchedSession, sitting: Sitting, lacking: Mapping[Track, int]
) -> Iterator[Observation]:
    length_ms = (session.ended_at - session.started_at).total_seconds() * 1000
    for one in seen.watches:
        hours = max(0.0, length_ms - (lacking.get(one.track, 0) if one.track else 0)) / 3_600_000
        if hours > 0:
            yield _observation(one, Measure.PER_HOUR, sitting, one.incidents, hours)
            yield _observation(one, Measure.DISMISSED, sitting, one.dismissed, one.decided)
    if seen.faces:
        yield Observation(
            detector=seen.faces,
            subject=FACE_NOT_FOUND,
            measure=Measure.NOT_FOUND,
            sitting=sitting,
            events=int(seen.face_unreliable),
            exposure=1,
        )


def _observation(one: Watch, measure: Measure, sitting: Sitting, events: int, exposure: float) -> Observation:
    return Observation(
        detector=one.detector,
        subject=SHOWN[one.kind].title,
        measure=measure,
        sitting=sitting,
        events=events,
        exposure=exposure,
    )
