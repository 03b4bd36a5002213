"""A worker killed with kill -9 in the middle of an analysis: no incident is lost and none is there twice.

Starts real worker processes on the test's own database; takes some seconds because three of them have to come up.
"""

import hashlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, IncidentKind, SessionState, Track
from examhall.base.writer import perform
from examhall.exam.access.attempt import AttemptRef, attempt_ref
from examhall.exam.rules.policy import Value
from examhall.incidents.actions.analysis import wake_analysis
from examhall.incidents.actions.reanalysis import analyse_again
from examhall.incidents.jobs import analyse as jobs
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import incidents_of
from examhall.incidents.rules.levels import FOLDED_KINDS
from examhall.journal.reads import entries_after
from examhall.media.actions.recording import TOLD_WITHIN, close_recording
from examhall.media.actions.segment import KEEP_SEGMENT
from examhall.media.container.boxes import Times
from examhall.media.container.segment import Piece
from examhall.media.reads.recording import coverage
from tests.fixtures.database import database_url
from tests.fixtures.recording import fragments
from tests.fixtures.sitting import leave, open_exam, reviewer, seat, told

pytestmark = pytest.mark.django_db(transaction=True)

COVERED = [True] * 3 + [False] * 12 + [True] * 5
PLACES = [(Track.WEBCAM, 1, 0), (Track.WEBCAM, 2, 25), (Track.SCREEN, 1, 0)]
"""Track, epoch and second of its beginning; in each the picture is black for 12 s."""
ONLY_CAMERA: dict[str, Value] = {
    f"detect.{kind.value}": "off" for kind in FOLDED_KINDS - {IncidentKind.CAMERA_BLOCKED, IncidentKind.NAVIGATING_AWAY}
}
MID_ANALYSIS, BEFORE_STILLS = "webcam-2", "screen-1"
"""The reels at whose reading the worker is killed: between two detector runs, and between incidents and stills."""


@pytest.fixture
def earlier(clock: SetClock) -> SetClock:
    """An hour ago by the workers' clock, which is the real one."""
    clock.set(datetime.now(UTC) - timedelta(hours=1))
    return clock


def ended(attempt: AttemptRef, clock: SetClock) -> UUID:
    """The attempt with two covered cameras and one absence, handed in, its recording closed, its analysis queued."""
    for track, epoch, start_s in PLACES:
        perform(KEEP_SEGMENT, _pieces(attempt, track, epoch, start_s))
    clock.forward(s=10)
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=8)
    told(attempt.stream, EntryKind.FOCUS_REGAINED)
    clock.forward(s=30)
    leave(attempt)
    clock.forward(s=TOLD_WITHIN.total_seconds())
    assert close_recording(attempt.id) is SessionState.ANALYSING
    wake_analysis(attempt.id)
    return attempt.id


def _pieces(attempt: AttemptRef, track: Track, epoch: int, start_s: int) -> list[Piece]:
    return [
        Piece(
            attempt=attempt.id,
            stream=attempt.stream,
            track=track,
            epoch=epoch,
            seq=one.number,
            content=one.content,
            sha256=hashlib.sha256(one.content).digest(),
            times=Times(one.t_ms, one.d_ms, one.key),
            codecs="" if one.number else "avc1.42E01E",
        )
        for one in fragments(COVERED, start_s=start_s)
    ]


def worker(*words: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "EXAMHALL_DATABASE_URL": database_url()}
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-m", *words], env=environ, cwd=root, stdout=subprocess.PIPE, text=True)


def killed_at(reel: str) -> int:
    """A worker killed when it wants to read `reel`; returns how the process ended."""
    with worker("tests.incidents.halting_worker", reel) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "halted\n"
        process.send_signal(signal.SIGKILL)
        return process.wait()


def found(attempt: UUID, *, number: int | None = None) -> list[tuple[Any, ...]]:
    """Everything a person sees of the incidents."""
    return sorted(
        (i.kind, i.start_ms, i.end_ms, i.severity, i.count, i.state, sorted((s.track, s.label) for s in i.stills))
        for i in incidents_of(attempt, number=number)
    )


def test_a_worker_killed_twice_in_one_analysis_leaves_what_an_undisturbed_one_does(
    root: UUID, earlier: SetClock
) -> None:
    """Issue 2, bad input and faults: worker killed mid-job; incidents exactly once."""
    exam = open_exam(root, profile=ONLY_CAMERA)
    undisturbed = found(analysed(ended(seat(exam, login="amara"), earlier)))
    disturbed = seat(exam, login="bilal")
    attempt = ended(disturbed, earlier)
    assert [kind for kind, *_ in undisturbed] == [IncidentKind.CAMERA_BLOCKED] * 2 + [IncidentKind.NAVIGATING_AWAY]

    assert killed_at(MID_ANALYSIS) == -signal.SIGKILL
    assert (found(attempt), analysis_of(attempt).finished_at) == ([], None)
    assert killed_at(BEFORE_STILLS) == -signal.SIGKILL
    assert len(found(attempt)) == len(undisturbed)
    assert found(attempt) != undisturbed
    with worker("examhall.site.cli", "worker", "--batch") as process:
        assert process.wait() == 0

    assert found(attempt) == undisturbed
    kinds = [line.kind for line in entries_after(disturbed.stream, 0)]
    assert kinds.count(EntryKind.INCIDENT_OPENED) == len(undisturbed)
    assert kinds.count(EntryKind.ANALYSIS_FINISHED) == 1
    assert coverage(attempt).state is SessionState.REVIEW_READY


def test_a_worker_killed_while_a_session_is_analysed_again_harms_neither_set(root: UUID, earlier: SetClock) -> None:
    """Issue 3, re-analysis: survives a killed worker; the set that counts is not touched."""
    sitting = seat(open_exam(root, profile=ONLY_CAMERA), login="amara")
    attempt = analysed(ended(sitting, earlier))
    kept = found(attempt)
    analyse_again(attempt_ref(attempt), by=reviewer(root), reason="The camera detector was replaced.")

    assert killed_at(MID_ANALYSIS) == -signal.SIGKILL
    assert (found(attempt), analysis_of(attempt, number=1).finished_at) == (kept, None)
    with worker("examhall.site.cli", "worker", "--batch") as process:
        assert process.wait() == 0

    assert found(attempt) == found(attempt, number=1) == kept
    kinds = [line.kind for line in entries_after(sitting.stream, 0)]
    assert kinds.count(EntryKind.INCIDENT_OPENED) == len(kept)
    assert kinds.count(EntryKind.REANALYSIS_FINISHED) == 1


def analysed(attempt: UUID) -> UUID:
    """In this process, by the workers' clock."""
    before = clocks.use(clocks.SystemClock())
    jobs.analyse(str(attempt))
    clocks.use(before)
    return attempt
