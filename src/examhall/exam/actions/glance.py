"""A short look at many attempts under lock: the columns that heartbeats and entries decide by, without their models."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from examhall.base.action import step
from examhall.base.words import AttemptState
from examhall.exam.models import Attempt, Lease

SHORTEST_LOSS: Final = timedelta(seconds=10)  # product.md §5.4: the least heartbeat_lost_s a policy can have


@dataclass(frozen=True, slots=True)
class Glance:
    """One attempt, locked. `epoch` is 0 when nobody has connected yet."""

    id: UUID
    stream: UUID
    form_seed: int
    state: str
    ended_at: datetime | None
    deadline_at: datetime | None
    last_seen_at: datetime | None
    loss_at: datetime | None
    returned_at: datetime | None
    ip: str
    clock_skew_s: float | None
    current_question: int | None
    epoch: int

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing can be due and no loss is open, whatever the policy: only the time last seen moves on."""
        return (
            self.state == AttemptState.IN_PROGRESS
            and self.deadline_at is not None
            and now < self.deadline_at
            and self.last_seen_at is not None
            and now - self.last_seen_at < SHORTEST_LOSS
            and (self.loss_at is None or self.returned_at is not None)
        )


@step
def glances(attempt_ids: Collection[UUID]) -> dict[UUID, Glance]:
    """The attempts under lock, in order of id (`move.locked_rows`), with two queries however many they are."""
    rows = (
        Attempt.objects.select_for_update()
        .filter(id__in=attempt_ids)
        .order_by("id")
        .values_list(
            "id",
            "stream_id",
            "form_seed",
            "state",
            "ended_at",
            "deadline_at",
            "last_seen_at",
            "loss_at",
            "returned_at",
            "ip",
            "clock_skew_s",
            "current_question",
        )
    )
    found = list(rows)
    epochs = dict(Lease.objects.filter(attempt_id__in=attempt_ids).values_list("attempt_id", "epoch"))
    return {row[0]: Glance(*row, epoch=epochs.get(row[0], 0)) for row in found}
