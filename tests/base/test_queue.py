"""Jobs by name, queued with the fact that calls for them, taken up again after a killed worker."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from examhall.base.action import action
from examhall.base.queue import JOBS, PATIENT, URGENT, enqueue, job, release_orphans

pytestmark = pytest.mark.django_db(transaction=True)

ran: list[Any] = []


@pytest.fixture(autouse=True)
def remember() -> Iterator[None]:
    ran.clear()
    job("tests.remember")(lambda **arguments: ran.append(arguments))
    yield
    JOBS.pop("tests.remember")


def work() -> None:
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
        excluded_queue_names=[],
    ).run()


def test_a_job_runs_with_its_arguments() -> None:
    """design.md §3: the database queue is the embedded default."""
    enqueue("tests.remember", stream="s1")
    work()
    assert ran == [{"stream": "s1"}]


def test_what_is_over_waits_behind_what_runs_now() -> None:
    """Issue 3, re-analysis: sessions analysed again keep no running exam waiting."""
    enqueue("tests.remember", priority=PATIENT, what="again")
    enqueue("tests.remember", what="exam")
    enqueue("tests.remember", priority=URGENT, what="watched")
    work()
    assert [one["what"] for one in ran] == ["watched", "exam", "again"]


def test_a_job_of_an_action_that_failed_never_runs() -> None:
    """house.md §3 rule 3: the job row is written in the same transaction."""

    @action
    def failing() -> None:
        enqueue("tests.remember", stream="s1")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        failing()
    work()
    assert ran == []


def test_a_job_whose_worker_was_killed_runs_again() -> None:
    """Issue 2, faults: worker killed mid-job."""
    enqueue("tests.remember", stream="s1")
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)
    work()
    assert ran == []
    assert release_orphans() == 1
    work()
    assert ran == [{"stream": "s1"}]


@pytest.mark.parametrize(
    ("code", "then"),
    [(sqlite3.SQLITE_BUSY, TaskResultStatus.READY), (sqlite3.SQLITE_ERROR, TaskResultStatus.FAILED)],
)
def test_a_job_that_found_the_database_busy_is_tried_again_and_one_with_a_mistake_is_not(
    code: int, then: TaskResultStatus
) -> None:
    """Issue: 'database is locked' on a loaded machine; what was to be done then was never done."""

    def meet() -> None:
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = code
        raise OperationalError("database is locked") from cause

    JOBS.pop("tests.remember")
    job("tests.remember")(meet)
    enqueue("tests.remember")
    work()
    assert DBTaskResult.objects.latest("enqueued_at").status == then


def test_an_unknown_job_is_refused_when_it_is_queued() -> None:
    """house rules: a clear error names the thing."""
    with pytest.raises(RuntimeError, match=r"no job is named tests\.nothing"):
        enqueue("tests.nothing")
