"""The jobs of the analysis: one step of one attempt, and waking it when the attempt has ended."""

from uuid import UUID

from examhall.base.busy import busy_of
from examhall.base.queue import job
from examhall.exam.access.attempt import attempt_of_stream, attempt_ref
from examhall.incidents.access.rules import rules_of
from examhall.incidents.actions.analysis import JOB, let_go, wake_analysis
from examhall.incidents.jobs.models import loaded_pipeline
from examhall.incidents.jobs.recording import StoredRecording
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.media.actions.recording import recording_analysed


@job(JOB)
def analyse(attempt: str, number: int = 0) -> None:
    """Analyse what is new of an attempt (design.md §6). `number`: for which of its analyses."""
    attempt_id = UUID(attempt)
    before = analysis_of(attempt_id, number=number)
    try:
        sitting = attempt_ref(attempt_id)
        rules = rules_of(sitting, before.leniency)
        step_on(sitting, StoredRecording(attempt_id), loaded_pipeline(frozenset(rules.rules)), number=number)
        if number == 0 and analysis_of(attempt_id).finished_at is not None:
            recording_analysed(attempt_id)
    except Exception as fault:
        if busy_of(fault) is None:  # otherwise the queue tries this job again: it stays the one outstanding
            said = f"{type(fault).__name__}: {fault}"
            let_go(attempt_id, queued_at=before.queued_at, fault=said, number=number)
        raise


@job("incidents.wake")
def wake(stream: str) -> None:
    """The attempt has begun to record, or has ended: look, so that incidents open and what is open gets closed."""
    attempt = attempt_of_stream(UUID(stream))
    if attempt is not None:
        wake_analysis(attempt.id)
