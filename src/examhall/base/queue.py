"""The job seam: work by name, enqueued in the same transaction as the fact that calls for it.

Jobs are idempotent and take only plain values. The embedded side is the database queue (django-tasks-db).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from examhall.base import clock

__all__ = ["JOBS", "PATIENT", "URGENT", "Backlog", "backlog", "enqueue", "job", "release_orphans", "run_job"]

JobFunction = Callable[..., None]

JOBS: dict[str, JobFunction] = {}
"""Every job of every wing by its name, such as `incidents.analyse`."""


def job(name: str) -> Callable[[JobFunction], JobFunction]:
    """Register the function as the job `name`."""

    def register(function: JobFunction) -> JobFunction:
        if name in JOBS and JOBS[name] is not function:
            raise RuntimeError(f"two jobs are named {name}")
        JOBS[name] = function
        return function

    return register


@task()
def run_job(name: str, arguments: dict[str, Any]) -> None:
    """Run the job `name`; what the worker calls."""
    JOBS[name](**arguments)


URGENT = 10
"""Priority of work for somebody who is being watched now."""
PATIENT = -10
"""Priority of work on what is over, which must not keep a running exam waiting."""


def enqueue(name: str, *, priority: int = 0, **arguments: Any) -> None:  # noqa: ANN401 - plain JSON values
    """Queue the job `name`, the higher `priority` first; its row commits with the transaction that is open."""
    if name not in JOBS:
        raise RuntimeError(f"no job is named {name}; known: {', '.join(sorted(JOBS))}")
    run_job.using(priority=priority).enqueue(name, arguments)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits. `oldest_s`: age of the oldest job that is ready, 0 when none is."""

    ready: int
    failed: int
    oldest_s: float


def backlog() -> Backlog:
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    oldest = ready.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    return Backlog(
        ready=ready.count(),
        failed=DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).count(),
        oldest_s=max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0,
    )


def release_orphans() -> int:
    """Make the jobs of killed workers ready again; called when the only worker of an installation starts.

    Returns how many there were. Safe because every job may run twice.
    """
    with transaction.atomic():
        return DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.READY, started_at=None
        )
