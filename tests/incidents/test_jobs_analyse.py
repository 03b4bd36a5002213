"""The job over what media really stores: rows and reels in, incidents and a finished session out."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import OperationalError
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from examhall.base.clock import SetClock
from examhall.base.errors import NotFound
from examhall.base.settings import settings
from examhall.base.words import IncidentKind, SessionState, Track
from examhall.base.writer import perform
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.actions.analysis import let_go, wake_analysis, wake_unfinished
from examhall.incidents.jobs import analyse as jobs
from examhall.incidents.jobs import step as steps
from examhall.incidents.jobs.models import loaded_pipeline
from examhall.incidents.reads.analysis import analysis_of, lag_s
from examhall.incidents.reads.incident import counts_of, incidents_of, open_counts
from examhall.incidents.rules.queue import JOB_LOST_AFTER
from examhall.media.actions.recording import TOLD_WITHIN, close_recording
from examhall.media.actions.segment import KEEP_SEGMENT
from examhall.media.container.boxes import Times
from examhall.media.container.encode import Made
from examhall.media.container.segment import Piece
from examhall.media.reads.recording import coverage
from tests.fixtures.recording import fragments
from tests.fixtures.sitting import leave, open_exam, seat

pytestmark = pytest.mark.django_db

COVERED = [True] * 5 + [False] * 15 + [True] * 15


@pytest.fixture(autouse=True)
def no_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The patterns of these fragments show nobody: to a model every seat is empty, wherever one is installed."""
    monkeypatch.setenv("EXAMHALL_MODELS_DIR", str(tmp_path))
    settings.cache_clear()
    loaded_pipeline.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    loaded_pipeline.cache_clear()


@pytest.fixture
def attempt(root: UUID, clock: SetClock) -> AttemptRef:
    return seat(open_exam(root))


def stored(attempt: AttemptRef, made: list[Made]) -> None:
    pieces = [
        Piece(
            attempt=attempt.id,
            stream=attempt.stream,
            track=Track.WEBCAM,
            epoch=1,
            seq=one.number,
            content=one.content,
            sha256=hashlib.sha256(one.content).digest(),
            times=Times(one.t_ms, one.d_ms, one.key),
            codecs="" if one.number else "avc1.42E01E",
        )
        for one in made
    ]
    perform(KEEP_SEGMENT, pieces)


def test_stored_fragments_are_analysed_while_the_exam_runs(attempt: AttemptRef, clock: SetClock) -> None:
    """design.md §4, journey 1: reel, index, job, incident, still."""
    stored(attempt, fragments(COVERED))
    clock.forward(s=40)
    wake_analysis(attempt.id)
    jobs.analyse(str(attempt.id))
    assert [(i.kind, i.start_ms, i.end_ms) for i in incidents_of(attempt.id)] == [
        (IncidentKind.CAMERA_BLOCKED, 5000, 20000)
    ]
    assert [s.label for s in incidents_of(attempt.id)[0].stills] == ["start", "middle", "end"]
    assert analysis_of(attempt.id).analysed_to_ms == 35_000
    assert analysis_of(attempt.id).finished_at is None


def test_a_closed_recording_is_ready_for_review_when_analysed(attempt: AttemptRef, clock: SetClock) -> None:
    """product.md §2.8: analysing to review ready when detectors are done for all stored media."""
    stored(attempt, fragments(COVERED))
    clock.forward(s=36)
    leave(attempt)
    clock.forward(s=TOLD_WITHIN.total_seconds())
    assert close_recording(attempt.id) is SessionState.ANALYSING
    jobs.analyse(str(attempt.id))
    assert analysis_of(attempt.id).finished_at is not None
    assert coverage(attempt.id).state is SessionState.REVIEW_READY


def test_a_failed_job_says_why_and_lets_the_next_one_in(attempt: AttemptRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """issue 2, bad input and faults: a fault never blocks an attempt for good."""
    wake_analysis(attempt.id)
    monkeypatch.setattr(jobs, "step_on", raising(NotFound("the reel is gone")))
    with pytest.raises(NotFound):
        jobs.analyse(str(attempt.id))
    assert analysis_of(attempt.id).fault == "NotFound: the reel is gone"
    assert wake_analysis(attempt.id)


def test_what_fails_at_every_try_does_not_keep_the_workers_busy(
    attempt: AttemptRef, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """issue 3, operation: one broken recording neither fills the queue nor the list of failed jobs."""
    wake_analysis(attempt.id)
    with monkeypatch.context() as patched, pytest.raises(NotFound):
        patched.setattr(jobs, "step_on", raising(NotFound("the reel is gone")))
        jobs.analyse(str(attempt.id))
    assert wake_unfinished() == 0
    clock.forward(s=30)
    assert wake_unfinished() == 1


def raising(fault: Exception, *, after_s: float = 0.0, clock: SetClock | None = None) -> Callable[..., None]:
    """Stands where the work is done, and fails."""

    def fail(*_: object, **__: object) -> None:
        if clock is not None:
            clock.forward(s=after_s)
        raise fault

    return fail


def test_a_job_that_the_queue_tries_again_stays_the_one_outstanding(
    attempt: AttemptRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """issue 3, operation: one outstanding per attempt, also when the database was busy."""
    wake_analysis(attempt.id)
    monkeypatch.setattr(jobs, "step_on", raising(OperationalError("database is locked")))
    with pytest.raises(OperationalError):
        jobs.analyse(str(attempt.id))
    assert (analysis_of(attempt.id).outstanding, wake_unfinished()) == (True, 0)


def test_a_fault_behind_a_kept_step_leaves_the_job_it_queued_the_only_one(
    attempt: AttemptRef, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """issue 3, operation: one outstanding per attempt, also when the disk of the pictures is full."""
    wake_analysis(attempt.id)
    wake_analysis(attempt.id)
    clock.forward(s=1)
    monkeypatch.setattr(steps, "take_stills", raising(NotFound("no room"), after_s=1, clock=clock))
    with pytest.raises(NotFound):
        jobs.analyse(str(attempt.id))
    clock.forward(s=60)
    assert (analysis_of(attempt.id).fault, wake_unfinished()) == ("NotFound: no room", 0)


def test_an_exam_whose_worker_died_is_taken_up_by_another(attempt: AttemptRef, clock: SetClock) -> None:
    """issue 3, operation: a killed worker loses nothing, also where others go on and nobody starts it again."""
    wake_analysis(leave(attempt).id)
    clock.forward(s=JOB_LOST_AFTER.total_seconds() + 1)
    assert wake_unfinished() == 0
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)  # nothing waits: the worker had taken it
    assert (wake_unfinished(), wake_unfinished()) == (1, 0)


def test_a_job_that_waits_already_is_hastened_when_somebody_begins_to_watch(root: UUID, clock: SetClock) -> None:
    """issue 3, operation: priority to watched candidates, however long the queue is that they stand in."""
    exam = open_exam(root)
    first, second = seat(exam), seat(exam, login="bilal")
    DBTaskResult.objects.all().delete()
    for attempt in (first, second):
        wake_analysis(attempt.id)
    wake_unfinished(watched={second.id})
    order = [row.args_kwargs["args"][1]["attempt"] for row in DBTaskResult.objects.order_by("-priority", "run_after")]
    assert order == [str(second.id), str(first.id)]


def test_an_analysis_that_rests_unfinished_is_woken(attempt: AttemptRef, clock: SetClock) -> None:
    """design.md §3: losing a wake-up loses nothing."""
    wake_analysis(attempt.id)
    jobs.analyse(str(attempt.id))
    assert wake_unfinished() == 1
    assert wake_unfinished() == 0


def test_an_ended_attempt_that_waits_for_uploads_is_looked_at_now_and_then(
    attempt: AttemptRef, clock: SetClock
) -> None:
    """product.md §2.8: late uploads are waited for 48 h; a thousand such attempts must not keep the worker busy."""
    leave(attempt)
    wake_analysis(attempt.id)
    jobs.analyse(str(attempt.id))
    assert wake_unfinished() == 0
    clock.forward(s=30)
    assert wake_unfinished() == 1


def test_counts_of_many_attempts_take_one_query(
    attempt: AttemptRef, clock: SetClock, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    """product.md V2, I2: incidents in lists."""
    stored(attempt, fragments(COVERED))
    clock.forward(s=40)
    jobs.analyse(str(attempt.id))
    with django_assert_num_queries(1):  # type: ignore[operator]
        counts = counts_of([attempt.id, attempt.schedule])
    assert (counts[attempt.id].open, counts[attempt.id].total) == (1, 1)
    assert counts[attempt.schedule].total == 0
    assert open_counts([attempt.id]) == {attempt.id: 1}


def test_whoever_is_watched_goes_before_the_others(root: UUID, clock: SetClock) -> None:
    """design.md §6: incidents of a candidate somebody looks at are not kept waiting by those nobody looks at."""
    exam = open_exam(root)
    first, second = seat(exam), seat(exam, login="bilal")
    for attempt in (first, second):
        wake_analysis(attempt.id)
        let_go(attempt.id, queued_at=analysis_of(attempt.id).queued_at)
    DBTaskResult.objects.all().delete()
    wake_unfinished(watched={second.id})
    order = [row.args_kwargs["args"][1]["attempt"] for row in DBTaskResult.objects.order_by("-priority", "run_after")]
    assert order == [str(second.id), str(first.id)]
    clock.forward(s=11)
    for attempt in (first, second):
        let_go(attempt.id, queued_at=analysis_of(attempt.id).queued_at)
    DBTaskResult.objects.all().delete()
    wake_unfinished()
    assert set(DBTaskResult.objects.values_list("priority", flat=True)) == {0}


def test_the_age_of_the_queue_is_that_of_its_oldest_job(attempt: AttemptRef, clock: SetClock) -> None:
    """product.md §10.2: an analysis that falls behind is told; a job that died with its worker is no queue."""
    assert lag_s() == 0
    wake_analysis(attempt.id)
    clock.forward(s=14)
    assert lag_s() == 14
    clock.forward(s=3600)
    assert lag_s() == 0
