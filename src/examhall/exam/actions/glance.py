"""A short look at many attempts under lock: the columns that frequent verbs decide by, without their models."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from examhall.base.action import step
from examhall.base.rows import Statement, id_of, keys, moment_of
from examhall.base.words import AttemptState
from examhall.exam.actions.move import catch_up, locked_rows

SHORTEST_LOSS: Final = timedelta(seconds=10)  # product.md §5.4: the least heartbeat_lost_s a policy can have

_ATTEMPTS: Final = Statement(
    "SELECT id, stream_id, form_seed, state, ip, clock_skew_s, current_question, loss_mono_ms, entered_at, deadline_at,"
    " last_seen_at, loss_at, returned_at, paused_at, stopped_at, ended_at"
    " FROM exam_attempt WHERE id IN {ids} ORDER BY id{lock}"
)
_EPOCHS: Final = Statement("SELECT attempt_id, epoch FROM exam_lease WHERE attempt_id IN {ids}")


@dataclass(frozen=True, slots=True)
class Glance:
    """One attempt, locked. `epoch` is 0 when nobody has connected yet."""

    id: UUID
    stream: UUID
    epoch: int
    form_seed: int
    state: AttemptState
    ip: str
    clock_skew_s: float | None
    current_question: int | None
    loss_mono_ms: int | None
    entered_at: datetime
    deadline_at: datetime | None
    last_seen_at: datetime | None
    loss_at: datetime | None
    returned_at: datetime | None
    paused_at: datetime | None
    stopped_at: datetime | None
    ended_at: datetime | None

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing can be due and no loss is open, whatever the policy: only the time last seen moves on."""
        return (
            self.state is AttemptState.IN_PROGRESS
            and self.deadline_at is not None
            and now < self.deadline_at
            and self.last_seen_at is not None
            and now - self.last_seen_at < SHORTEST_LOSS
            and (self.loss_at is None or self.returned_at is not None)
        )


@step
def glances(attempt_ids: Collection[UUID]) -> dict[UUID, Glance]:
    """The attempts under lock, in order of id (`move.locked_rows`), with two queries however many they are."""
    wanted = keys(attempt_ids)
    rows = _ATTEMPTS.rows(wanted)
    epochs = dict(_EPOCHS.rows(wanted))  # asked after the lock, so it is the epoch that holds
    found: dict[UUID, Glance] = {}
    for id, stream, seed, state, ip, skew_s, question, loss_mono_ms, *moments in rows:
        attempt, epoch = id_of(id), epochs.get(id, 0)
        plain = seed, AttemptState(state), ip, skew_s, question, loss_mono_ms
        found[attempt] = Glance(attempt, id_of(stream), epoch, *plain, *[moment_of(at) for at in moments])
    return found


@step
def caught_up(attempt_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Glance]:
    """`glances` after everything overdue has been applied."""
    seen = glances(attempt_ids)
    due = [attempt.id for attempt in seen.values() if not attempt.is_quiet(now)]
    if due:
        for attempt in locked_rows(due).values():
            catch_up(attempt, now=now)
        seen |= glances(due)
    return seen
