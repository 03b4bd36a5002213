"""The stretches in which candidates could not reach us, as far as rows tell."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from examhall.exam.models import Liveness, Outage
from examhall.exam.rules.outage import credit, ledger_outages
from examhall.exam.rules.timing import Span

STILL_LASTING = timedelta(days=1)
"""How far an outage that has no end yet is thought to reach."""


def outages_of(schedule_id: UUID, *, since: datetime, now: datetime) -> tuple[Span, ...]:
    """The outages that touch `since` to `now` for this schedule, confirmed or presumed."""
    rows = Outage.objects.filter(
        Q(schedule_id=schedule_id) | Q(schedule_id__isnull=True), process="", from_at__lt=now
    ).filter(Q(to_at__isnull=True) | Q(to_at__gt=since))
    return tuple(Span(row.from_at, row.to_at or now + STILL_LASTING) for row in rows)


def installation_outages(*, since: datetime, until: datetime) -> list[Span]:
    """What the whole ledger says was our fault; given back to everyone as it was settled."""
    found = Outage.objects.filter(schedule=None, process="", confirmed=True, to_at__gt=since, from_at__lt=until)
    return [Span(row.from_at, row.to_at) for row in found if row.to_at is not None]


def process_outages(process: str, *, since: datetime, now: datetime) -> tuple[Span, ...]:
    """When one ingest process was down by the ledger, the outage that lasts included (§8.1 c)."""
    rows = Liveness.objects.filter(process=process)
    before = rows.filter(at__lte=since).order_by("-at").values_list("at", flat=True).first()
    times = list(rows.filter(at__gte=before or since, at__lte=now).order_by("at").values_list("at", flat=True))
    return tuple(ledger_outages({process: times}, now=now)[process]) if times else ()


def taken_by_process(process: str, *, away: Span) -> timedelta:
    """What the outages of the process that heard a client took while it was away, beyond those of everyone."""
    gaps = process_outages(process, since=away.since, now=away.until)
    everyones = installation_outages(since=away.since, until=away.until) if gaps else []
    return credit(gaps, sitting=away, pauses=everyones)
