"""Sessions as a reviewer's lists show them: counts per schedule, one row per session, and the head of one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from examhall.base import clock
from examhall.base.settings import settings
from examhall.base.words import SessionState
from examhall.exam.reads.reviewed import (
    ReviewedSchedule,
    SessionRef,
    required_of,
    reviewed_schedules,
    session_of,
    sessions_of,
)
from examhall.exam.rules.attempt import TERMINAL
from examhall.incidents.reads.analysis import AnalysisRow, analyses_of
from examhall.incidents.reads.incident import IncidentCounts, counts_of
from examhall.incidents.rules.score import Bands, Score, SystemStatus, needs_a_look, score, suggested
from examhall.media.reads.missing import missing_ms
from examhall.media.reads.recording import session_states
from examhall.people.rules.actor import Actor


class Standing(StrEnum):
    """Where a session stands for its reviewer; the order is that of attention."""

    TO_REVIEW = "to_review"
    REVIEWED = "reviewed"
    CALM = "calm"
    ANALYSING = "analysing"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session in a list."""

    ref: SessionRef
    recording: SessionState
    analysis: AnalysisRow
    counts: IncidentCounts
    score: Score
    status: SystemStatus
    standing: Standing
    coverage: float
    """0 to 1: the recorded share of the session, by the track that lacks most."""
    length: timedelta


@dataclass(frozen=True, slots=True)
class ScheduleCounts:
    """One schedule in the list of schedules (R-2.8)."""

    schedule: ReviewedSchedule
    total: int
    to_review: int
    done: int
    running: int


def schedule_counts(actor: Actor) -> list[ScheduleCounts]:
    """Every schedule this person may review, with counts; the number of queries does not grow with either."""
    schedules = reviewed_schedules(actor)
    rows = _rows(sessions_of([schedule.id for schedule in schedules]))
    return [_counted(schedule, [r for r in rows if r.ref.schedule == schedule.id]) for schedule in schedules]


def session_rows(schedule_id: UUID) -> list[SessionRow]:
    """What needs attention first: to review by score, then the rest by name."""
    rows = _rows(sessions_of([schedule_id]))
    order = list(Standing)
    return sorted(rows, key=lambda r: (order.index(r.standing), -r.score.points, -r.counts.gravest))


def bands() -> Bands:
    """Those of this site."""
    return Bands(settings().score_medium_from, settings().score_high_from)


def session_row(attempt_id: UUID) -> SessionRow:
    """One session; whether the person may see it was asked before."""
    return _rows([session_of(attempt_id)])[0]


def _rows(refs: Sequence[SessionRef]) -> list[SessionRow]:
    ids = [ref.attempt for ref in refs]
    states, analyses = session_states(ids), analyses_of(ids)
    counts, missing = counts_of(ids), missing_ms(ids)
    now = clock.now()
    return [
        _row(ref, states[ref.attempt], analyses[ref.attempt], counts[ref.attempt], missing[ref.attempt], now)
        for ref in refs
    ]


def _row(
    ref: SessionRef,
    recording: SessionState,
    analysis: AnalysisRow,
    counts: IncidentCounts,
    missing: int,
    now: datetime,
) -> SessionRow:
    length = (ref.ended_at or now) - ref.entered_at
    coverage = _coverage(ref, recording, missing, length)
    analysed = analysis.finished_at is not None
    scored = score(counts.counted, length_h=length.total_seconds() / 3600, bands=bands())
    status = suggested(scored, counts.counted, coverage=coverage, analysed=analysed)
    return SessionRow(
        ref=ref,
        recording=recording,
        analysis=analysis,
        counts=counts,
        score=scored,
        status=status,
        standing=_standing(ref, counts, scored, status, analysed=analysed),
        coverage=coverage,
        length=length,
    )


def _coverage(ref: SessionRef, recording: SessionState, missing: int, length: timedelta) -> float:
    if recording is SessionState.NOT_RECORDED:
        return 0.0 if required_of(ref.activation) else 1.0
    length_ms = length.total_seconds() * 1000
    return 1.0 if length_ms <= 0 else max(0.0, 1 - missing / length_ms)


def _standing(
    ref: SessionRef, counts: IncidentCounts, scored: Score, status: SystemStatus, *, analysed: bool
) -> Standing:
    if ref.state not in TERMINAL:
        return Standing.RUNNING
    if not analysed:
        return Standing.ANALYSING
    if counts.open and needs_a_look(scored, counts.counted, status):
        return Standing.TO_REVIEW
    if counts.decided and not counts.open:
        return Standing.REVIEWED
    return Standing.TO_REVIEW if needs_a_look(scored, counts.counted, status) else Standing.CALM


def _counted(schedule: ReviewedSchedule, rows: Collection[SessionRow]) -> ScheduleCounts:
    standings = [row.standing for row in rows]
    return ScheduleCounts(
        schedule=schedule,
        total=len(standings),
        to_review=standings.count(Standing.TO_REVIEW),
        done=standings.count(Standing.REVIEWED) + standings.count(Standing.CALM),
        running=standings.count(Standing.RUNNING) + standings.count(Standing.ANALYSING),
    )
