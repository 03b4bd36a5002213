"""The job seam: work by name, enqueued in the same transaction as the fact that calls for it.

Jobs are idempotent and take only plain values. The embedded side is the database queue (django-tasks-db).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import Case, F, Min, When
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from examhall.base import clock
from examhall.base.busy import busy_of

__all__ = [
    "JOBS",
    "PATIENT",
    "URGENT",
    "Backlog",
    "Trouble",
    "backlog",
    "enqueue",
    "hasten",
    "job",
    "release_orphans",
    "run_job",
    "trouble",
]

log = structlog.get_logger(__name__)

JobFunction = Callable[..., None]

JOBS: dict[str, JobFunction] = {}
"""Every job of every wing by its name, such as `incidents.analyse`."""


_TRIED_AGAIN: dict[str, tuple[type[Exception], ...]] = {}

TRY_AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
"""A server that is down for a night loses nothing; after the last try the job counts as failed."""
SHOWN_FOR = timedelta(days=7)


def job(name: str, *, again_on: tuple[type[Exception], ...] = ()) -> Callable[[JobFunction], JobFunction]:
    """Register the function as the job `name`.

    again_on: faults that pass, after which it is tried again, as after a database that others kept busy.
    """

    def register(function: JobFunction) -> JobFunction:
        if name in JOBS and JOBS[name] is not function:
            raise RuntimeError(f"two jobs are named {name}")
        JOBS[name] = function
        _TRIED_AGAIN[name] = (OperationalError, *again_on)
        return function

    return register


@task()
def run_job(name: str, arguments: dict[str, Any], tries: int = 0) -> None:
    """Run the job `name`; what the worker calls. tries: how often it has failed for a reason that passes."""
    try:
        JOBS[name](**arguments)
    except _TRIED_AGAIN[name] as fault:
        if tries == len(TRY_AGAIN_AFTER) or (isinstance(fault, OperationalError) and busy_of(fault) is None):
            raise
        log.warning("job is tried again later", job=name, tries=tries + 1, fault=type(fault).__name__)
        run_job.using(run_after=clock.now() + TRY_AGAIN_AFTER[tries]).enqueue(name, arguments, tries + 1)


URGENT = 10
"""Priority of work for somebody who is being watched now."""
PATIENT = -10
"""Priority of work on what is over, which must not keep a running exam waiting."""


def enqueue(name: str, *, priority: int = 0, **arguments: Any) -> None:  # noqa: ANN401 - plain JSON values
    """Queue the job `name`, the higher `priority` first; its row commits with the transaction that is open."""
    if name not in JOBS:
        raise RuntimeError(f"no job is named {name}; known: {', '.join(sorted(JOBS))}")
    run_job.using(priority=priority).enqueue(name, arguments)


def hasten(name: str, *, priority: int, **arguments: str | int) -> None:
    """Let the job `name` with these arguments no longer wait behind those of a lower `priority`, if it does."""
    same = {f"args_kwargs__args__1__{key}": value for key, value in arguments.items()}
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, args_kwargs__args__0=name, **same)
    waiting.filter(priority__lt=priority).update(priority=priority)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits. `oldest_s`: for how long the oldest job could have been run, 0 when none can."""

    ready: int
    failed: int
    oldest_s: float


def backlog() -> Backlog:
    ready = DBTaskResult.objects.ready()
    could_run_at = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    oldest = ready.aggregate(oldest=Min(could_run_at))["oldest"]
    return Backlog(
        ready=ready.count(),
        failed=DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).count(),
        oldest_s=max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Jobs of one name that did not work out."""

    waiting: int
    """Have failed, and are tried again."""
    given_up: int
    """Failed for good within the last week."""


def trouble(name: str) -> Trouble:
    mine = DBTaskResult.objects.filter(args_kwargs__args__0=name)
    failed = mine.filter(status=TaskResultStatus.FAILED, finished_at__gte=clock.now() - SHOWN_FOR)
    waiting = mine.filter(status=TaskResultStatus.READY, args_kwargs__args__2__gte=1)
    return Trouble(waiting=waiting.count(), given_up=failed.count())


def release_orphans() -> int:
    """Make the jobs of killed workers ready again; called when the only worker of an installation starts.

    Returns how many there were. Safe because every job may run twice.
    """
    with transaction.atomic():
        return DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.READY, started_at=None
        )
