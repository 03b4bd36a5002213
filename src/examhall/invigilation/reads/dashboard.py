"""The rows of the invigilation dashboard: every registration, in a fixed number of queries (product.md I2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.base import clock
from examhall.base.words import AttemptState, SessionState
from examhall.checkin.reads.agreement import declined
from examhall.exam.reads.attempt import DeskRow, desk_rows
from examhall.exam.reads.desk import DeskSchedule, Enrolled, answered_counts, enrolled, granted_s
from examhall.exam.reads.hold import hidden_by
from examhall.exam.rules.accommodation import told_of
from examhall.incidents.reads.incident import open_counts
from examhall.invigilation.rules.desk import (
    CameraSign,
    Chip,
    Heard,
    Seen,
    camera_sign,
    chip_of,
    counts,
    heard,
    is_away,
    needs_attention,
    shared_addresses,
    time_left_s,
    urgency,
)
from examhall.invigilation.rules.detail import words_of_hold
from examhall.media.reads.recording import session_states


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One candidate on the dashboard. Times are UTC."""

    registration: UUID
    attempt: UUID | None
    attempt_number: int
    name: str
    number: str
    state: AttemptState | None
    chip: Chip
    connection: Heard
    lost_since: datetime | None
    offline: bool
    """What is done to them waits until they are back."""
    question: int | None
    answered: int
    total: int
    left_s: float | None
    deadline_at: datetime | None
    clock_stands: bool
    extra_min: int
    """Granted by people and given by arrangement, as far as it took effect."""
    unreviewed: int
    camera: CameraSign
    ip: str
    shared: bool
    arrangements: str
    reason: str
    hidden: str
    """Why the exam is hidden from the candidate, empty while it is not."""
    declined: bool
    """The agreement was declined, so the exam does not begin (R-0.21)."""
    attention: bool
    urgency: tuple[int, int]

    @property
    def on_camera(self) -> bool:
        return self.camera is CameraSign.RECORDING and self.connection is not Heard.LOST


@dataclass(frozen=True, slots=True)
class Totals:
    chips: dict[Chip, int]
    running: int
    on_camera: int
    unreviewed: int


def lines(schedule: DeskSchedule, *, attempts: Collection[UUID] | None = None) -> list[Line]:
    """What needs a person first, then by name; only the candidates of `attempts` when given. At most 10 queries."""
    every = desk_rows(schedule.id)
    newest = {row.registration: row for row in sorted(every, key=lambda row: row.number)}
    shared = shared_addresses((row.candidate, row.ip) for row in every)
    wanted = None
    if attempts is not None:
        asked = set(attempts)
        wanted = {row.registration for row in every if row.id in asked}
    people = enrolled(schedule.id, registrations=wanted)
    ids = [newest[one.registration].id for one in people if one.registration in newest]
    facts = _Facts(
        answered_counts(ids),
        granted_s(ids),
        open_counts(ids),
        session_states(ids),
        shared,
        hidden_by(ids),
        declined([row.id for row in newest.values() if row.state is AttemptState.ENTERING]),
        clock.now(),
    )
    found = [_line(schedule, one, newest.get(one.registration), facts) for one in people]
    return sorted(found, key=lambda line: line.urgency)


def totals(found: Collection[Line]) -> Totals:
    running = [line for line in found if line.chip in {Chip.IN_PROGRESS, Chip.PAUSED, Chip.DISCONNECTED}]
    return Totals(
        chips=counts([(line.chip, line.attention) for line in found]),
        running=len(running),
        on_camera=sum(line.on_camera for line in running),
        unreviewed=sum(line.unreviewed for line in found),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is read for all rows at once, by attempt."""

    answered: dict[UUID, int]
    granted_s: dict[UUID, float]
    unreviewed: dict[UUID, int]
    sessions: dict[UUID, SessionState]
    shared: frozenset[str]
    hidden: dict[UUID, str]
    declined: frozenset[UUID]
    now: datetime


def _line(schedule: DeskSchedule, one: Enrolled, row: DeskRow | None, facts: _Facts) -> Line:
    state = row.state if row else None
    chip = chip_of(state)
    seen = Seen(state=state, last_seen_at=row.last_seen_at if row else None, away_since=row.away_since if row else None)
    connection, lost_since = heard(seen, now=facts.now)
    unreviewed = facts.unreviewed.get(row.id, 0) if row else 0
    deadline_at, paused_at = (row.deadline_at, row.paused_at) if row else (None, None)
    has_declined = row is not None and row.id in facts.declined
    hidden = words_of_hold(facts.hidden.get(row.id, "")) if row else ""
    granted = facts.granted_s.get(row.id, 0.0) if row else 0.0
    return Line(
        registration=one.registration,
        attempt=row.id if row else None,
        attempt_number=row.number if row else 0,
        name=one.name,
        number=one.number,
        state=state,
        chip=chip,
        connection=connection,
        lost_since=lost_since,
        offline=is_away(seen, now=facts.now),
        question=row.current_question if row else None,
        answered=facts.answered.get(row.id, 0) if row else 0,
        total=schedule.questions,
        left_s=time_left_s(deadline_at=deadline_at, paused_at=paused_at, now=facts.now, chip=chip),
        deadline_at=deadline_at,
        clock_stands=paused_at is not None,
        extra_min=round((granted + one.extra_time_s) / 60),
        unreviewed=unreviewed,
        camera=camera_sign(facts.sessions.get(row.id) if row else None, unreviewed=unreviewed),
        ip=row.ip if row else "",
        shared=row is not None and row.ip in facts.shared,
        arrangements=_arrangements(one),
        reason=row.reason if row else "",
        hidden=hidden,
        declined=has_declined,
        attention=needs_attention(chip, connection, unreviewed=unreviewed, declined=has_declined) or bool(hidden),
        urgency=urgency(chip, unreviewed=unreviewed, declined=has_declined),
    )


def _arrangements(one: Enrolled) -> str:
    """What is arranged, never why (product.md §5.8)."""
    found = ["Extra time"] if one.extra_time_s else []
    found += ["later deadline"] if one.deadline_override else []
    found += [told_of(one.accommodations)] if one.accommodations else []
    return ", ".join(found).capitalize()
