"""Our own outages: the liveness ledger, what is given back for a gap in it, and outages only presumed (§8.1)."""

import platform
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import Conflict, NotFound
from examhall.base.rows import Statement, moment_of
from examhall.base.settings import settings
from examhall.base.words import AttemptState, EntryKind
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.actions.move import catch_up, give_back, keep, locked_row, locked_rows
from examhall.exam.models import Attempt, Liveness, Outage
from examhall.exam.rules.attempt import STARTED
from examhall.exam.rules.outage import FLEET_WITHIN, LEDGER_EVERY, credit, ledger_gap
from examhall.exam.rules.timing import ZERO, Span
from examhall.exam.rules.window import LossCause
from examhall.journal.actions import Actors, append
from examhall.people.rules.actor import SYSTEM

KEEP_LEDGER = timedelta(days=1)

_LAST_ROW_AT = Statement("SELECT at FROM exam_liveness ORDER BY at DESC LIMIT 1")


def this_process() -> str:
    """The name of this process in the ledger."""
    return (settings().process or platform.node())[:64]


@action
def beat() -> Span | None:
    """Write this process's row of the ledger, every 5 s. Returns the outage that had to be written down first."""
    now = clock.now()
    gap = settle(now) or _write_own_gap(now)
    if is_beat_due(now):
        Liveness.objects.create(process=this_process(), at=now)
    Liveness.objects.filter(at__lt=now - KEEP_LEDGER).delete()
    return gap


def is_beat_due(now: datetime) -> bool:
    """Whether it is time for this process's next row of the ledger."""
    last = _own_last_row_at()
    return last is None or now - last >= LEDGER_EVERY


def _write_own_gap(now: datetime) -> Span | None:
    """This process was down while another went on: its clients are covered one by one, as they are heard again (c)."""
    gap = ledger_gap(last_row_at=_own_last_row_at(), now=now)
    if gap is None:
        return None
    process = this_process()
    hit = Attempt.objects.filter(state__in=STARTED, heard_by=process).count()
    Outage.objects.create(process=process, from_at=gap.since, to_at=gap.until, confirmed=True, candidates=hit)
    return gap


@step
def settle(now: datetime) -> Span | None:
    """Before anything else is decided: find a gap in the ledger, write the outage, give its time back.

    A gap of the whole ledger is an outage of the installation; while any process writes, candidates can reach us.
    """
    gap = ledger_gap(last_row_at=_last_row_at(), now=now)
    if gap is None:
        return None
    # Only one settles: whoever comes second waits for this lock and then finds the row written below.
    Liveness.objects.select_for_update().filter(at=gap.since).first()
    gap = ledger_gap(last_row_at=_last_row_at(), now=now)
    if gap is None:
        return None
    Liveness.objects.create(process=this_process(), at=now)
    started = Attempt.objects.filter(state__in=STARTED).values_list("id", flat=True)
    touched = list(locked_rows(list(started)).values())
    Outage.objects.create(from_at=gap.since, to_at=gap.until, confirmed=True, credited_at=now, candidates=len(touched))
    for attempt in touched:
        _bridge(attempt, gap)
    return gap


def opened_row(attempt_id: UUID, *, now: datetime) -> Attempt:
    """The attempt under lock, after our own outages have been settled. Raises NotFound."""
    settle(now)
    return locked_row(attempt_id)


def opened_rows(attempt_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, Attempt]:
    """`opened_row` for a batch."""
    settle(now)
    return locked_rows(sorted(set(attempt_ids)))


def members(outage: Outage) -> list[UUID]:
    """The attempts whose loss belongs to a presumed outage."""
    if outage.schedule_id is None:
        return []
    found = Attempt.objects.filter(
        registration__schedule_id=outage.schedule_id,
        loss_at__gte=outage.from_at,
        loss_at__lte=outage.from_at + FLEET_WITHIN,
    )
    return list(found.order_by("id").values_list("id", flat=True))


@action
def presume(schedule_id: UUID, *, attempts: tuple[UUID, ...], since: datetime) -> UUID:
    """Write down that these losses look like one common cause: nobody is stopped for it while it lasts.

    The time is not given back by itself: pulling plugs together earns nothing (§8.1).
    """
    now = clock.now()
    lasting = Outage.objects.filter(schedule_id=schedule_id, confirmed=False, to_at__isnull=True)
    outage = lasting.filter(from_at__lte=since, from_at__gte=since - FLEET_WITHIN).first()
    if outage is None:
        outage = Outage(schedule_id=schedule_id, from_at=since, confirmed=False)
    outage.candidates += len(attempts)
    outage.save()
    for attempt in opened_rows(attempts, now=now).values():
        keep(attempt, loss_cause=LossCause.OUTAGE.value)
        extra = {"confirmed": False, "candidates": len(attempts)}
        append(attempt.stream_id, EntryKind.OUTAGE_STARTED, at=since, extra=extra)
    return outage.id


@action
def end_presumed(outage_id: UUID) -> None:
    """The greater part is back: from now on the windows of the others run on."""
    now = clock.now()
    outage = Outage.objects.select_for_update().get(id=outage_id)
    if outage.to_at is not None:
        return
    outage.to_at = now
    outage.save(update_fields=["to_at"])
    for attempt in opened_rows(members(outage), now=now).values():
        append(attempt.stream_id, EntryKind.OUTAGE_ENDED, at=now, extra={"confirmed": False})


@action
def credit_presumed(outage_id: UUID, *, by: Actors, reason: str) -> int:
    """Give back the time of a presumed outage to those it hit; returns how many got some.

    Raises Conflict while it lasts, or when it has been decided.
    """
    now = clock.now()
    outage, lasted = _undecided(outage_id)
    outage.credited_at = now
    outage.save(update_fields=["credited_at"])
    given = 0
    for attempt in opened_rows(members(outage), now=now).values():
        catch_up(attempt, now=now)
        given += _credit_member(attempt, lasted, by=by, reason=reason)
    return given


@action
def decline_presumed(outage_id: UUID, *, by: Actors, reason: str) -> None:
    """Decide not to give the time of a presumed outage back: it is proposed no more, and the log says why.

    Raises Conflict while it lasts, or when it has been decided.
    """
    outage, _ = _undecided(outage_id)
    outage.declined_at = clock.now()
    outage.save(update_fields=["declined_at"])
    for attempt in opened_rows(members(outage), now=outage.declined_at).values():
        append(attempt.stream_id, EntryKind.CREDIT_DECLINED, by=by, extra={"reason": reason})


def _undecided(outage_id: UUID) -> tuple[Outage, Span]:
    """A presumed outage that is over, under lock, and how long it lasted."""
    outage = Outage.objects.select_for_update().filter(id=outage_id, confirmed=False).first()
    if outage is None:
        raise NotFound("There is no such outage.")
    if outage.to_at is None:
        raise Conflict("This interruption still lasts. Decide about its time when it is over.")
    if outage.credited_at is not None:
        raise Conflict("The time of this interruption has been given back already.")
    if outage.declined_at is not None:
        raise Conflict("It was decided already that the time of this interruption is not given back.")
    return outage, Span(outage.from_at, outage.to_at)


def _credit_member(attempt: Attempt, outage: Span, *, by: Actors, reason: str) -> bool:
    if attempt.state not in STARTED or attempt.loss_at is None:
        return False
    away = Span(attempt.loss_at, attempt.returned_at or outage.until)
    return give_back(attempt, outage.cut(away).length, by=by, at=clock.now(), reason=reason) > ZERO


def _bridge(attempt: Attempt, gap: Span) -> None:
    """Settle what was due before the outage, then give the outage back; what comes after is due as usual."""
    catch_up(attempt, now=gap.since)
    if attempt.state not in STARTED:
        return
    append(attempt.stream_id, EntryKind.OUTAGE_STARTED, at=gap.since, extra={"confirmed": True})
    given = ZERO
    if attempt.state in {AttemptState.IN_PROGRESS, AttemptState.INTERRUPTED} and attempt.started_at is not None:
        sitting = Span(attempt.running_since or attempt.started_at, gap.until)
        if policy_of_activation(attempt.activation_id).conn.outage_credit:
            given = give_back(attempt, credit([gap], sitting=sitting), by=SYSTEM, at=clock.now(), reason="outage")
    extra = {"confirmed": True, "effective_s": given.total_seconds()}
    append(attempt.stream_id, EntryKind.OUTAGE_ENDED, at=gap.until, extra=extra)


def _last_row_at() -> datetime | None:
    found = _LAST_ROW_AT.rows()
    return moment_of(found[0][0]) if found else None


def _own_last_row_at() -> datetime | None:
    own = Liveness.objects.filter(process=this_process()).order_by("-at").values_list("at", flat=True)
    return own.first()
