"""Keeping what the analysis of an attempt found: each step whole or not at all, each incident once.

A step carries the number of the step it started from (`Analysis.progress`). If another worker has stored one since,
nothing of it is kept; so a job that was killed, or ran twice, neither loses nor doubles anything.

An attempt has one analysis that follows the exam (number 0, told to the log) and one for each time a person asked for
another (`actions.reanalysis`). Those make sets of their own, touch no other, and are told to the log as a whole.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.queue import PATIENT, URGENT, backlog, enqueue, hasten
from examhall.base.words import EntryKind, IncidentKind, IncidentState, ReanalysisAct, ReanalysisState
from examhall.incidents.models import Analysis, Incident, Reanalysis, Suppressed
from examhall.incidents.rules.found import Found
from examhall.incidents.rules.off import FACE_KINDS, unreliable
from examhall.incidents.rules.queue import JOB_LOST_AFTER, NOTHING_YET, Reached
from examhall.incidents.rules.reanalysis import after
from examhall.incidents.rules.signal import Suppressed as SuppressedRecord
from examhall.journal.actions import NewEntry, append_many

JOB = "incidents.analyse"
REST_AFTER_FAULT = timedelta(seconds=30)
"""What fails at every try must not keep the workers busy, nor fill the list of failed jobs."""
WATCHED_FOR = timedelta(seconds=10)
"""Somebody who watches is noted every 2 s; two lost notes do not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisStep:
    """What one job has worked out, and from where it started."""

    attempt_id: UUID
    number: int = 0
    """Of the analysis: 0 is the one that follows the exam."""
    stream: UUID
    progress: int
    """`Analysis.progress` when the job read it."""
    round: int
    state: bytes
    webcam: Reached = NOTHING_YET
    screen: Reached = NOTHING_YET
    last_entry: int
    analysed_to_ms: int
    off: Sequence[dict[str, Any]]
    compared: str = ""
    """With what the candidate was compared; empty: with what was learnt during the exam."""
    found: Sequence[Found]
    suppressed: Sequence[SuppressedRecord]
    rule_version: str
    seen_share: float | None = None
    halved_ms: int = 0
    versions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What judged in this step: rules, detectors, models."""
    thrown_off: Collection[IncidentKind] = ()
    """Kinds an emergency switch keeps from being looked for now, also in what was recorded before it was thrown."""
    finished: bool = False
    """Everything stored has been analysed and the attempt has ended."""
    rest: timedelta = timedelta(0)
    """How long nothing is expected: an attempt that has not begun, or has ended and waits for uploads."""
    more: bool = False
    """There was more to read than one step takes."""


@action
def wake_analysis(attempt_id: UUID) -> bool:
    """Say that an attempt has new evidence; queues a job unless one is outstanding. Returns whether it queued one."""
    return wake_step(attempt_id)


@step
def wake_step(attempt_id: UUID, *, number: int = 0) -> bool:
    row, _ = Analysis.objects.select_for_update().get_or_create(attempt_id=attempt_id, number=number)
    now = clock.now()
    if row.queued_at is not None and now - row.queued_at < JOB_LOST_AFTER:
        if not row.again:
            row.again = True
            row.save(update_fields=["again"])
        return False
    _queue_next(row, wanted=True)
    row.save(update_fields=["queued_at", "again"])
    return True


@action
def keep_step(kept: AnalysisStep) -> bool:
    """Store a step: incidents, suppressed records, journal lines and where to go on, in one transaction.

    Returns False, and stores nothing, when another worker has gone on from the same place, or a person has discarded
    the set meanwhile.
    """
    row, _ = Analysis.objects.select_for_update().get_or_create(attempt_id=kept.attempt_id, number=kept.number)
    if row.progress != kept.progress or not _wanted(row):
        return False
    lines = [line for found in kept.found if (line := _keep_incident(found, kept)) is not None]
    _keep_suppressed(kept)
    if row.seen_share is None and unreliable(kept.seen_share):
        mine = Incident.objects.filter(attempt_id=kept.attempt_id, set_number=kept.number)
        lines += _replaced(mine.filter(kind__in=FACE_KINDS), kept.stream)
    newly_finished = kept.finished and row.finished_at is None
    if kept.finished:
        lines += _replace_unfound(kept)
        row.finished_at = row.finished_at or clock.now()
    if kept.number:
        lines = []  # the log has the incidents of the exam; a set made afterwards is told as a whole
    if newly_finished:
        _moved(row, ReanalysisAct.FINISH)
        lines.append(_finished_line(kept))
    append_many(lines)
    _go_on(row, kept)
    return True


@action
def start_afresh(attempt_id: UUID, *, progress: int, number: int = 0) -> bool:
    """Begin a new round from zero, because evidence arrived late; what was found stays until the round has ended."""
    row = Analysis.objects.select_for_update().get(attempt_id=attempt_id, number=number)
    if row.progress != progress:
        return False
    row.round += 1
    row.progress += 1
    row.state, row.versions = b"", {}
    row.last_entry = row.analysed_to_ms = 0
    _reach(row, webcam=NOTHING_YET, screen=NOTHING_YET)
    row.finished_at = row.seen_share = None
    row.halved_ms = 0
    row.save()
    return True


@action
def wake_unfinished(*, watched: Collection[UUID] = (), limit: int = 500) -> int:
    """Wake every analysis that rests unfinished and is due; a lost wake-up then costs seconds, not an incident.

    watched: attempts somebody looks at now; their jobs go first. For a loop of the serving process. Returns how many
    jobs were queued.
    """
    now = clock.now()
    seen = Analysis.objects.filter(attempt_id__in=watched, number=0)
    waiting_behind = seen.filter(queued_at__isnull=False).exclude(watched_until__gt=now)
    for attempt_id in waiting_behind.values_list("attempt_id", flat=True):
        hasten(JOB, priority=URGENT, attempt=str(attempt_id), number=0)
    seen.update(watched_until=now + WATCHED_FOR)
    due = Q(due_at__isnull=True) | Q(due_at__lte=now)
    resting = Analysis.objects.filter(due, number=0, finished_at__isnull=True, queued_at__isnull=True)
    waiting = list(resting.order_by("due_at", "attempt_id").values_list("attempt_id", flat=True)[:limit])
    return sum(wake_step(attempt_id) for attempt_id in waiting) + _wake_lost()


def _wake_lost() -> int:
    """One whose job is outstanding for so long while nothing waits in the queue has lost its worker."""
    under_way = Analysis.objects.filter(Q(number=0) | Q(asked__state=ReanalysisState.COMPUTING))
    lost = under_way.filter(queued_at__lte=clock.now() - JOB_LOST_AFTER).values_list("attempt_id", "number")
    if not lost or backlog().ready:
        return 0
    return sum(wake_step(attempt_id, number=number) for attempt_id, number in lost)


@action
def let_go(attempt_id: UUID, *, queued_at: datetime | None, fault: str = "", number: int = 0) -> None:
    """The job had nothing to do, or failed: note why. The next wake-up queues another, and one that came meanwhile
    does so now; an analysis again waits for a person.

    queued_at: when the job was queued. One that was queued since, by a step that was kept before the fault, stays.
    """
    row = Analysis.objects.select_for_update().filter(attempt_id=attempt_id, number=number).first()
    if row is None:
        return
    row.fault = fault[:300]
    if row.queued_at == queued_at:
        row.due_at = clock.now() + REST_AFTER_FAULT if fault else row.due_at
        _queue_next(row, wanted=row.again and not row.number)
    row.save(update_fields=["queued_at", "again", "fault", "due_at"])
    if fault and _wanted(row):
        _moved(row, ReanalysisAct.FAIL)


def _queue_next(row: Analysis, *, wanted: bool) -> None:
    """Queue the next job or none; the caller saves the row. One job is outstanding at the most.

    Whoever is watched now is not kept waiting by those who are not, and nobody by a session that is over.
    """
    row.queued_at, row.again = clock.now() if wanted else None, False
    if not wanted:
        return
    watched = row.watched_until is not None and row.watched_until > clock.now()
    priority = PATIENT if row.number else URGENT if watched else 0
    enqueue(JOB, priority=priority, attempt=str(row.attempt_id), number=row.number)


def _wanted(row: Analysis) -> bool:
    """Whether its steps are still to be kept; that of the exam always is."""
    return row.number == 0 or Reanalysis.objects.get(analysis=row).state == ReanalysisState.COMPUTING


def _moved(row: Analysis, act: ReanalysisAct) -> None:
    """An analysis again goes on to its next state; that of the exam has none."""
    if row.number:
        asked = Reanalysis.objects.select_for_update().get(analysis=row)
        asked.state = after(ReanalysisState(asked.state), act)
        asked.save(update_fields=["state"])


def _finished_line(kept: AnalysisStep) -> NewEntry:
    kind = EntryKind.REANALYSIS_FINISHED if kept.number else EntryKind.ANALYSIS_FINISHED
    extra = {"incidents": _open_count(kept), "analysed_to_ms": kept.analysed_to_ms}
    numbered = {"set": kept.number, "rules": kept.rule_version} if kept.number else {}
    return NewEntry(stream=kept.stream, kind=kind, extra={**extra, **numbered})


def _go_on(row: Analysis, kept: AnalysisStep) -> None:
    """Move the cursor, and queue the next job if there is something left to do."""
    row.progress = kept.progress + 1
    row.state = kept.state
    _reach(row, webcam=kept.webcam, screen=kept.screen)
    row.last_entry = kept.last_entry
    row.analysed_to_ms = max(row.analysed_to_ms, kept.analysed_to_ms)
    row.off, row.compared = list(kept.off), kept.compared
    row.seen_share, row.halved_ms = kept.seen_share, kept.halved_ms
    parts = {*row.versions, *kept.versions}
    row.versions = {part: sorted({*row.versions.get(part, ()), *kept.versions.get(part, ())}) for part in sorted(parts)}
    row.fault = ""
    row.due_at = clock.now() + kept.rest
    _queue_next(row, wanted=kept.more or row.again)  # what came during the last step may have come too late for it
    row.save()


def _reach(row: Analysis, *, webcam: Reached, screen: Reached) -> None:
    row.webcam_epoch, row.webcam_seq, row.fragments = webcam.epoch, webcam.seq, webcam.fragments
    row.screen_epoch, row.screen_seq, row.screen_fragments = screen.epoch, screen.seq, screen.fragments


def _keep_incident(found: Found, kept: AnalysisStep) -> NewEntry | None:
    """Store one incident; its journal line, if there is something to tell."""
    fields = _fields(found)
    row, new = Incident.objects.select_for_update().get_or_create(
        attempt_id=kept.attempt_id,
        set_number=kept.number,
        rule_version=found.rule_version,
        kind=found.kind,
        start_ms=found.start_ms,
        defaults={**fields, "opened_at": clock.now(), "round": kept.round},
    )
    if new:
        return _line(EntryKind.INCIDENT_OPENED, row, kept.stream)
    told = row.severity != found.severity or (row.open_ended and not found.open_ended)
    if row.state == IncidentState.SUPERSEDED:
        row.state, told = IncidentState.OPEN, True
    for name, value in fields.items():
        setattr(row, name, value)
    row.round, row.row_version = kept.round, row.row_version + 1
    row.save(update_fields=["state", "round", "row_version", *fields])
    return _line(EntryKind.INCIDENT_CHANGED, row, kept.stream) if told else None


def _fields(found: Found) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "end_ms": found.end_ms,
        "open_ended": found.open_ended,
        "repeated": found.repeated,
        "severity": found.severity,
        "confidence": found.confidence,
        "count": found.count,
        "detector": found.detector,
        "level": found.level,
        "measured": found.measured,
        "threshold": found.threshold,
        "unit": found.unit,
        "needed_s": found.needed_s,
        "longest_s": found.longest_s,
        "standing": msgspec.to_builtins(found.standing),
        "explanation": found.explanation,
        "papers": [asdict(paper) for paper in found.papers],
    }
    if found.plot:
        fields |= {"plot": [list(point) for point in found.plot], "plot_threshold": found.plot_threshold}
    return fields


def _keep_suppressed(kept: AnalysisStep) -> None:
    rows = [
        Suppressed(
            attempt_id=kept.attempt_id,
            set_number=kept.number,
            kind=record.kind,
            start_ms=round(record.start_s * 1000),
            end_ms=round(record.end_s * 1000),
            reason=record.reason,
            rule_version=kept.rule_version,
        )
        for record in kept.suppressed
    ]
    Suppressed.objects.bulk_create(rows, ignore_conflicts=True)


def _replace_unfound(kept: AnalysisStep) -> list[NewEntry]:
    """Incidents of earlier rounds that this one did not find again; what a person has judged stays as judged.

    Where nobody looked, nothing was not found: what stood before an emergency switch stands behind it.
    """
    stale = Incident.objects.filter(attempt_id=kept.attempt_id, set_number=kept.number, round__lt=kept.round)
    return _replaced(stale.exclude(kind__in={IncidentKind.MANUAL, *kept.thrown_off}), kept.stream)


def _replaced(stale: "QuerySet[Incident]", stream: UUID) -> list[NewEntry]:
    lines = []
    for row in stale.select_for_update().filter(state=IncidentState.OPEN):
        row.state, row.row_version = IncidentState.SUPERSEDED, row.row_version + 1
        row.save(update_fields=["state", "row_version"])
        lines.append(_line(EntryKind.INCIDENT_CHANGED, row, stream))
    return lines


def _open_count(kept: AnalysisStep) -> int:
    mine = Incident.objects.filter(attempt_id=kept.attempt_id, set_number=kept.number)
    return mine.filter(state=IncidentState.OPEN).count()


def _line(kind: EntryKind, row: Incident, stream: UUID) -> NewEntry:
    """What the log says of an incident: which, what, when, how strong; not who is right."""
    extra = {
        "incident": str(row.id),
        "kind": str(row.kind),
        "severity": row.severity,
        "start_ms": row.start_ms,
        "end_ms": row.end_ms,
        "state": str(row.state),
        "open_ended": row.open_ended,
        "detector": row.detector,
        "rules": row.rule_version,
    }
    return NewEntry(stream=stream, kind=kind, extra=extra)
