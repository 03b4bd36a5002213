"""Analysing a session again over a real recording: another set beside the old one, and a person who decides."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotFound, Unavailable
from examhall.base.words import (
    DismissReason,
    EntryKind,
    IncidentKind,
    IncidentState,
    Leniency,
    ReanalysisState,
    Verdict,
)
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.access.incident import incident_for
from examhall.incidents.actions.analysis import let_go, wake_unfinished
from examhall.incidents.actions.reanalysis import adopt, analyse_again, analyse_all_again, discard, try_again
from examhall.incidents.actions.verdict import decide, flag_by_person
from examhall.incidents.detectors import camera, screen, sound
from examhall.incidents.detectors.pipeline import Pipeline
from examhall.incidents.jobs import step as steps
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of, lag_s
from examhall.incidents.reads.incident import counts_of, incidents_of
from examhall.incidents.reads.reanalysis import SetRow, sets_of
from examhall.incidents.rules.queue import JOB_LOST_AFTER
from examhall.journal.reads import entries_after
from examhall.people.rules.actor import Actor
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.sitting import Exam, leave, open_exam, reviewer, seat

pytestmark = pytest.mark.django_db

COVERED = [True] * 2 + [False] * 11 + [True] * 12 + [False] * 21 + [True] * 2
"""A camera covered for 11 s and for 21 s; medium asks for 10 s, low for 20 s."""
ALONE = Pipeline({})
WHY = "The camera detector was replaced."


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def recording(clock: SetClock) -> MemoryRecording:
    kept = MemoryRecording()
    kept.arrive(fragments(COVERED), at=clock.now())
    return kept


@pytest.fixture
def attempt(exam: Exam, recording: MemoryRecording, clock: SetClock) -> AttemptRef:
    """Ended and analysed: two incidents."""
    sitting = seat(exam)
    clock.forward(s=len(COVERED) + 5)
    ended = leave(sitting)
    finish(ended, recording, number=0)
    return ended


@pytest.fixture
def henrik(root: UUID) -> Actor:
    return reviewer(root)


def finish(attempt: AttemptRef, recording: MemoryRecording, *, number: int) -> None:
    while analysis_of(attempt.id, number=number).finished_at is None:
        step_on(attempt, recording, ALONE, number=number)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps for the recording instead of one."""
    monkeypatch.setattr(steps, "PIECES_PER_STEP", 20)


def sets(attempt: AttemptRef) -> list[SetRow]:
    return sets_of([attempt.id])[attempt.id]


def states(attempt: AttemptRef) -> list[ReanalysisState]:
    return [row.asked.state for row in sets(attempt) if row.asked]


def kinds(attempt: AttemptRef) -> list[EntryKind]:
    return [line.kind for line in entries_after(attempt.stream, 0)]


def test_another_set_is_made_beside_the_old_one(attempt: AttemptRef, recording: MemoryRecording, henrik: Actor) -> None:
    """Issue 3, re-analysis: a new set; incidents, verdicts, pictures and score of the old one are not touched."""
    first = incidents_of(attempt.id)
    decide(incident_for(henrik, first[0].id), by=henrik, verdict=Verdict.CONFIRMED)
    before = (incidents_of(attempt.id), counts_of([attempt.id]))
    assert analyse_again(attempt, by=henrik, reason=WHY, leniency=Leniency.LENIENT) == 1
    finish(attempt, recording, number=1)
    assert (incidents_of(attempt.id), counts_of([attempt.id])) == before
    [found] = incidents_of(attempt.id, number=1)
    assert (found.kind, found.start_ms, found.level) == (IncidentKind.CAMERA_BLOCKED, 25_000, "low")
    assert (found.state, found.verdicts) == (IncidentState.OPEN, ())
    assert [s.label for s in found.stills] == ["start", "middle", "end"]
    assert [(row.number, row.current, row.incidents) for row in sets(attempt)] == [(0, True, 2), (1, False, 1)]


def test_each_set_names_what_made_it(attempt: AttemptRef, recording: MemoryRecording, henrik: Actor) -> None:
    """Issue 3, re-analysis: with which versions; rules that differ have another version."""
    analyse_again(attempt, by=henrik, reason=WHY, leniency=Leniency.LENIENT)
    finish(attempt, recording, number=1)
    old, new = sets(attempt)
    assert old.versions["detectors"] == new.versions["detectors"] == [one.CARD.mark for one in (camera, screen, sound)]
    assert old.versions["rules"] != new.versions["rules"]
    assert old.versions["models"] == []


def test_the_log_tells_a_set_as_a_whole(attempt: AttemptRef, recording: MemoryRecording, henrik: Actor) -> None:
    """Issue 3, re-analysis: who asked and why, and how many it found; not each incident once more."""
    before = kinds(attempt).count(EntryKind.INCIDENT_OPENED)
    analyse_again(attempt, by=henrik, reason=WHY)
    finish(attempt, recording, number=1)
    asked, finished = entries_after(
        attempt.stream, 0, kinds={EntryKind.REANALYSIS_STARTED, EntryKind.REANALYSIS_FINISHED}
    )
    assert (asked.actor_name, asked.extra["reason"], asked.extra["levels"]) == ("Henrik Aalto", WHY, "as agreed")
    assert (finished.extra["set"], finished.extra["incidents"]) == (1, 2)
    assert kinds(attempt).count(EntryKind.INCIDENT_OPENED) == before


def test_a_person_makes_a_set_current_and_takes_it_back(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor
) -> None:
    """Issue 3, re-analysis: made current with a reason, in the journal; the old set is kept and can count again."""
    manual = flag_by_person(attempt, by=henrik, start_ms=0, end_ms=500, note="Somebody speaks")
    decide(
        incident_for(henrik, incidents_of(attempt.id)[-1].id),
        by=henrik,
        verdict=Verdict.DISMISSED,
        reason=DismissReason.TECHNICAL,
    )
    old = incidents_of(attempt.id)
    analyse_again(attempt, by=henrik, reason=WHY, leniency=Leniency.LENIENT)
    finish(attempt, recording, number=1)
    adopt(attempt, 1, by=henrik, reason="Fewer false marks.")
    assert [i.set_number for i in incidents_of(attempt.id)] == [0, 1]
    assert incidents_of(attempt.id)[0].id == manual
    assert len(counts_of([attempt.id])[attempt.id].counted) == 2
    adopt(attempt, 0, by=henrik, reason="The first one was right.")
    assert incidents_of(attempt.id) == old
    lines = entries_after(attempt.stream, 0, kinds={EntryKind.REANALYSIS_ADOPTED})
    assert [(line.extra["set"], line.extra["before"]) for line in lines] == [(1, 0), (0, 1)]


def test_incidents_of_a_set_that_does_not_count_are_not_judged(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor
) -> None:
    """product.md §2.7: a superseded incident is not judged any more."""
    analyse_again(attempt, by=henrik, reason=WHY)
    finish(attempt, recording, number=1)
    with pytest.raises(IllegalMove):
        decide(incident_for(henrik, incidents_of(attempt.id, number=1)[0].id), by=henrik, verdict=Verdict.CONFIRMED)
    old = incidents_of(attempt.id)[0].id
    adopt(attempt, 1, by=henrik, reason=WHY)
    with pytest.raises(IllegalMove):
        decide(incident_for(henrik, old), by=henrik, verdict=Verdict.CONFIRMED)


def test_a_set_by_stricter_levels_is_for_comparison_only(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor
) -> None:
    """P5: what was agreed is what runs."""
    analyse_again(attempt, by=henrik, reason=WHY, leniency=Leniency.STRICT)
    finish(attempt, recording, number=1)
    assert {i.level for i in incidents_of(attempt.id, number=1)} == {"high"}
    with pytest.raises(Conflict, match="stricter levels than were agreed"):
        adopt(attempt, 1, by=henrik, reason=WHY)
    assert sets(attempt)[0].current


def test_one_set_waits_at_a_time(attempt: AttemptRef, recording: MemoryRecording, henrik: Actor) -> None:
    """Issue 3, re-analysis: one outstanding for each attempt, until a person has decided."""
    analyse_again(attempt, by=henrik, reason=WHY)
    for _ in range(2):
        with pytest.raises(Conflict, match="Set 1 waits already"):
            analyse_again(attempt, by=henrik, reason=WHY)
        finish(attempt, recording, number=1)
    discard(attempt, 1, by=henrik, reason="Nothing new.")
    assert analyse_again(attempt, by=henrik, reason=WHY) == 2


def test_a_discarded_set_is_kept_and_never_counts(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor
) -> None:
    """Issue 3, re-analysis: discarding deletes nothing."""
    analyse_again(attempt, by=henrik, reason=WHY)
    finish(attempt, recording, number=1)
    discard(attempt, 1, by=henrik, reason="Nothing new.")
    assert len(incidents_of(attempt.id, number=1)) == 2
    with pytest.raises(IllegalMove):
        adopt(attempt, 1, by=henrik, reason=WHY)
    assert kinds(attempt)[-1] is EntryKind.REANALYSIS_DISCARDED


def test_a_set_discarded_while_it_is_made_takes_in_nothing_more(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor, small_steps: None
) -> None:
    """Issue 3, re-analysis: a person's decision ends the work."""
    analyse_again(attempt, by=henrik, reason=WHY)
    step_on(attempt, recording, ALONE, number=1)
    found = len(incidents_of(attempt.id, number=1))
    discard(attempt, 1, by=henrik, reason="Not needed.")
    assert not step_on(attempt, recording, ALONE, number=1)
    assert len(incidents_of(attempt.id, number=1)) == found


def test_a_running_session_is_not_analysed_again(exam: Exam, henrik: Actor) -> None:
    """Issue 3, re-analysis: only what has ended and was analysed once."""
    with pytest.raises(Conflict, match="has ended and has been analysed once"):
        analyse_again(seat(exam, login="bilal"), by=henrik, reason=WHY)


Act = Callable[[AttemptRef, Actor], object]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda attempt, by: analyse_again(attempt, by=by, reason=" "), BadInput),
        (lambda attempt, by: adopt(attempt, 0, by=by, reason=""), BadInput),
        (lambda attempt, by: adopt(attempt, 0, by=by, reason=WHY), Conflict),
        (lambda attempt, by: adopt(attempt, 7, by=by, reason=WHY), NotFound),
        (lambda attempt, by: discard(attempt, 0, by=by, reason=WHY), NotFound),
        (lambda attempt, by: try_again(attempt, 3, by=by), NotFound),
    ],
)
def test_what_cannot_be_done_is_refused(attempt: AttemptRef, henrik: Actor, act: Act, error: type[Exception]) -> None:
    """Issue 3, re-analysis: no reason, no such set, current already."""
    with pytest.raises(error):
        act(attempt, henrik)
    assert [row.number for row in sets(attempt)] == [0]


def test_a_whole_exam_is_asked_for_at_once_and_says_what_was_not(
    exam: Exam, attempt: AttemptRef, henrik: Actor
) -> None:
    """Issue 3, re-analysis: or all of a schedule."""
    running = seat(exam, login="bilal")
    asked, refused = analyse_all_again([attempt, running], by=henrik, reason=WHY)
    assert asked == 1
    assert [text.split(":")[0] for text in refused] == [running.code]


def test_a_failure_is_named_and_tried_again_by_a_person(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor, small_steps: None
) -> None:
    """Issue 3, re-analysis: the failure stands on the page; the next try goes on from the last step."""
    analyse_again(attempt, by=henrik, reason=WHY)
    step_on(attempt, recording, ALONE, number=1)
    queued_at = analysis_of(attempt.id, number=1).queued_at
    let_go(attempt.id, queued_at=queued_at, fault="NotFound: the reel is gone", number=1)
    assert (states(attempt), sets(attempt)[1].fault) == ([ReanalysisState.FAILED], "NotFound: the reel is gone")
    assert wake_unfinished() == 0
    try_again(attempt, 1, by=henrik)
    finish(attempt, recording, number=1)
    assert len(incidents_of(attempt.id, number=1)) == 2


def test_a_set_whose_worker_died_is_woken(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 3, re-analysis: survives a killed worker; one that only waits is not queued twice."""
    analyse_again(attempt, by=henrik, reason=WHY)

    def dies(*_: object) -> bool:
        raise Unavailable("killed")

    with monkeypatch.context() as patched, pytest.raises(Unavailable):
        patched.setattr("examhall.incidents.jobs.step.keep_step", dies)
        step_on(attempt, recording, ALONE, number=1)
    clock.forward(s=JOB_LOST_AFTER.total_seconds() + 1)
    assert wake_unfinished() == 0
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING)  # nothing waits: the worker had taken it
    assert wake_unfinished() == 1
    assert wake_unfinished() == 0
    finish(attempt, recording, number=1)
    assert [i.start_ms for i in incidents_of(attempt.id, number=1)] == [i.start_ms for i in incidents_of(attempt.id)]


def test_a_set_that_waits_for_running_exams_is_no_lag_of_theirs(
    attempt: AttemptRef, henrik: Actor, clock: SetClock
) -> None:
    """product.md §10.2: it is to wait until nothing else does; whoever watches is not told that incidents come late."""
    analyse_again(attempt, by=henrik, reason=WHY)
    clock.forward(s=60)
    assert lag_s() == 0


def test_a_session_that_goes_on_after_all_stops_its_set(
    attempt: AttemptRef, recording: MemoryRecording, henrik: Actor
) -> None:
    """Issue 3, re-analysis: a set is made of a whole session or not at all."""
    analyse_again(attempt, by=henrik, reason=WHY)
    recording.all_here = False
    with pytest.raises(Conflict, match="The session goes on"):
        step_on(attempt, recording, ALONE, number=1)


def test_sets_of_many_attempts_take_two_queries(
    attempt: AttemptRef,
    recording: MemoryRecording,
    henrik: Actor,
    django_assert_num_queries: Callable[[int], "object"],
) -> None:
    """design.md §9: lists do not ask once for each row."""
    analyse_again(attempt, by=henrik, reason=WHY)
    finish(attempt, recording, number=1)
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert len(sets_of([attempt.id, attempt.schedule])[attempt.id]) == 2
