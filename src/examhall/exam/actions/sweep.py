"""The sweeper: what the clock decides, decided every second and caught up after any pause of the server (§2.5, §8.1).

It holds nothing in memory: what is overdue follows from rows, so a server that was killed goes on where it stopped.
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from examhall.base import clock
from examhall.base.action import action
from examhall.base.each import each
from examhall.base.words import AttemptState
from examhall.exam.actions.glance import SHORTEST_LOSS
from examhall.exam.actions.hold import follow_holds, unsettled
from examhall.exam.actions.move import catch_up, watched
from examhall.exam.actions.outage import beat, end_presumed, is_beat_due, members, opened_row, presume
from examhall.exam.models import Attempt, Outage
from examhall.exam.rules.attempt import CLOCK_RUNS
from examhall.exam.rules.outage import FLEET_WITHIN, Loss, presumed_common
from examhall.exam.rules.window import LossCause, due

LOOK_BACK = 4 * FLEET_WITHIN
"""Losses older than this have had their chance to be seen as one burst."""


def sweep() -> int:
    """Apply everything overdue, each attempt in its own transaction; returns how many moves. The ledger comes first."""
    now = clock.now()
    if is_beat_due(now):
        beat()
    each(follow_holds, unsettled())
    moves = sum(each(bring_up_to_now, _overdue(now)))
    _presume_common(now)
    _end_presumed()
    return moves


@action
def bring_up_to_now(attempt_id: UUID) -> int:
    """Apply what is overdue to one attempt; returns how many moves."""
    now = clock.now()
    return catch_up(opened_row(attempt_id, now=now), now=now)


def _overdue(now: datetime) -> list[UUID]:
    """The attempts with something due, those due first in front."""
    silent = Q(last_seen_at__lte=now - SHORTEST_LOSS)
    candidates = Attempt.objects.select_related("registration__schedule").filter(
        Q(state__in=CLOCK_RUNS, deadline_at__lte=now)
        | Q(state=AttemptState.IN_PROGRESS) & silent
        | Q(state=AttemptState.INTERRUPTED)
        | Q(state=AttemptState.PAUSED)
    )
    rows = {attempt.id: attempt for attempt in candidates}

    def due_first(attempt_id: UUID) -> tuple[datetime, UUID] | None:
        at = _due_at(rows[attempt_id], now=now)
        return None if at is None else (at, attempt_id)

    return [attempt_id for _, attempt_id in sorted(filter(None, each(due_first, rows)))]


def _due_at(attempt: Attempt, *, now: datetime) -> datetime | None:
    """When the first of what is due of it was; None when nothing is."""
    seen = watched(attempt, now=now)
    steps = due(seen, now=now) if seen else []
    if steps:
        return steps[0].at
    return now if seen and _is_newly_silent(attempt, now=now) else None


def _is_newly_silent(attempt: Attempt, *, now: datetime) -> bool:
    """A paused attempt has nothing due, but its lost heartbeat is logged."""
    if attempt.state != AttemptState.PAUSED or attempt.last_seen_at is None:
        return False
    noted = attempt.loss_at == attempt.last_seen_at and attempt.returned_at is None
    return not noted and now - attempt.last_seen_at >= SHORTEST_LOSS


def _presume_common(now: datetime) -> None:
    """The fleet rule: a burst of losses is presumed to have a common cause before any window runs out."""
    lost = Attempt.objects.filter(
        state=AttemptState.INTERRUPTED, loss_cause=LossCause.CONNECTION, loss_at__gte=now - LOOK_BACK
    ).values_list("id", "registration__schedule_id", "loss_at")
    losses = {str(attempt): Loss(str(attempt), str(schedule), at) for attempt, schedule, at in lost if at is not None}
    if not losses:
        return
    sitting = Attempt.objects.filter(state__in=[AttemptState.IN_PROGRESS, AttemptState.INTERRUPTED])
    active = Counter(str(schedule) for schedule in sitting.values_list("registration__schedule_id", flat=True))
    common = presumed_common(losses.values(), active=active)
    for schedule in sorted({loss.schedule for loss in common}):
        mine = [loss for loss in common if loss.schedule == schedule]
        presume(UUID(schedule), attempts=tuple(UUID(loss.attempt) for loss in mine), since=mine[0].at)


def _end_presumed() -> None:
    for outage in Outage.objects.filter(confirmed=False, to_at__isnull=True):
        hit = members(outage)
        away = Attempt.objects.filter(id__in=hit, state=AttemptState.INTERRUPTED).count()
        if 2 * away <= len(hit):
            end_presumed(outage.id)
