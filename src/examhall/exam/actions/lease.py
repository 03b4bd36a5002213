"""Which client holds an attempt: connecting, returning, taking over (product.md §2.5, §8.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.words import AttemptAct, AttemptState, EntryKind
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.actions.move import contact, keep, move
from examhall.exam.actions.outage import opened_row
from examhall.exam.models import Attempt, Lease
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.lease import Connect, Grant, Held, connect, ensure_current, fighting
from examhall.journal.actions import append
from examhall.journal.reads import tail
from examhall.people.rules.actor import Actor

MAX_CLIENT_ID, MAX_AGENT = 64, 300


@dataclass(frozen=True, slots=True)
class Connected:
    epoch: int
    how: Connect


@action
def take(attempt_id: UUID, *, by: Actor, client_id: str, takeover: bool = False, user_agent: str = "") -> Connected:
    """Give the lease to a connecting client (epoch + 1); being here, it also ends a loss of the heartbeat (A6).

    Raises HeldElsewhere while another client is heard and `takeover` is not asked for.
    """
    now = clock.now()
    attempt = opened_row(attempt_id, now=now)
    grant = _grant(attempt, client_id=client_id, takeover=takeover, now=now)
    if AttemptState(attempt.state) not in TERMINAL:
        contact(attempt, now=now)
    _write(attempt, grant, client_id=client_id, by=by, user_agent=user_agent, now=now)
    if attempt.ip != by.ip and attempt.ip:
        append(attempt.stream_id, EntryKind.IP_CHANGED, by=by, epoch=grant.epoch, extra={"from": attempt.ip})
    # The new page's monotonic clock is another one: until its first heartbeat there is nothing to count from.
    keep(attempt, last_seen_at=now, seen_mono_ms=None, ip=by.ip)
    if grant.how is Connect.TAKEN_OVER:
        _watch_fight(attempt, now=now)
    return Connected(grant.epoch, grant.how)


@step
def ensure_lease(attempt: Attempt, *, epoch: int) -> None:
    """Raise StaleLease unless `epoch` is the one of the attempt's lease."""
    ensure_current(epoch=epoch, current=current_epoch(attempt))


def current_epoch(attempt: Attempt) -> int:
    """0 when nobody has connected yet."""
    lease = _lease(attempt)
    return 0 if lease is None else lease.epoch


def _lease(attempt: Attempt) -> Lease | None:
    return getattr(attempt, "lease", None)


def _grant(attempt: Attempt, *, client_id: str, takeover: bool, now: datetime) -> Grant:
    lease = _lease(attempt)
    held = None
    if lease is not None:
        held = Held(lease.client_id, lease.epoch, max(lease.acquired_at, attempt.last_seen_at or lease.acquired_at))
    lost_s = policy_of_activation(attempt.activation_id).conn.heartbeat_lost_s
    lost = timedelta(seconds=lost_s)
    return connect(held, client_id=client_id, takeover=takeover, now=now, heartbeat_lost=lost)


def _write(attempt: Attempt, grant: Grant, *, client_id: str, by: Actor, user_agent: str, now: datetime) -> None:
    values = {
        "epoch": grant.epoch,
        "client_id": client_id[:MAX_CLIENT_ID],
        "acquired_at": now,
        "ip": by.ip,
        "user_agent": user_agent[:MAX_AGENT],
    }
    Lease.objects.update_or_create(attempt=attempt, defaults=values)
    elsewhere = grant.how is Connect.TAKEN_OVER
    kind = EntryKind.CLIENT_TAKEN_OVER if elsewhere else EntryKind.CLIENT_CONNECTED
    extra = {"how": grant.how.value, "client": client_id[:MAX_CLIENT_ID], "agent": user_agent[:MAX_AGENT]}
    append(attempt.stream_id, kind, by=by, at=now, epoch=grant.epoch, extra=extra)


def _watch_fight(attempt: Attempt, *, now: datetime) -> None:
    """§8.3: two people fighting for the exam: pause it and let the invigilator look."""
    taken = [line.at for line in tail(attempt.stream_id, limit=10, kinds=[EntryKind.CLIENT_TAKEN_OVER])]
    if attempt.state == AttemptState.IN_PROGRESS and fighting(taken, now=now):
        reason = "The exam was taken over by another window several times within ten minutes."
        move(attempt, AttemptAct.PAUSE, paused_at=now, paused_reason=reason)
        append(attempt.stream_id, EntryKind.EXAM_PAUSED, at=now, extra={"reason": reason})
