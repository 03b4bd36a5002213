"""The screen's recording through the steps of the analysis: the same promises as for the webcam's."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, GapCause, IncidentKind, Suppression, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.rules.policy import Value
from examhall.incidents.actions.reanalysis import analyse_again
from examhall.incidents.detectors.pipeline import Pipeline
from examhall.incidents.jobs import step as steps
from examhall.incidents.jobs.evidence import Hole, Piece
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import incidents_of, suppressed_of
from examhall.incidents.rules.queue import NOTHING_YET
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.screen import Picture, black_screen, exam_page, other_page, shown
from tests.fixtures.sitting import leave, open_exam, reviewer, seat, told

pytestmark = pytest.mark.django_db

K = IncidentKind
ALONE = Pipeline({})
PAGES = [exam_page(question) for question in range(1, 6)]
DARK: list[Picture] = [*PAGES[:2], *[black_screen()] * 5, *PAGES[2:4]]
BLACK = (K.SCREEN_BLOCKED, 20_000, 60_000)
"""Black from second 20 to the last black picture at second 60; medium asks for 30 s."""


def screened(pages: Sequence[Picture], clock: SetClock) -> MemoryRecording:
    kept = MemoryRecording()
    kept.arrive(shown(pages), at=clock.now(), track=Track.SCREEN)
    return kept


@pytest.fixture
def attempt(root: UUID, clock: SetClock) -> AttemptRef:
    return seat(open_exam(root))


def found(attempt: AttemptRef, *, number: int = 0) -> list[tuple[K, int, int]]:
    return [(i.kind, i.start_ms, i.end_ms) for i in incidents_of(attempt.id, number=number)]


def go_on(attempt: AttemptRef, clock: SetClock, *, every_s: int, times: int) -> None:
    """The candidate opens another question every so often, for the first time after half of it."""
    clock.forward(s=every_s // 2)
    for _ in range(times):
        told(attempt.stream, EntryKind.QUESTION_VISITED)
        clock.forward(s=every_s)


def test_a_black_screen_becomes_one_incident_with_stills_and_papers(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3, detectors for the screen track; R-2.26: detector and rule version."""
    recording = screened(DARK, clock)
    recording.arrive(fragments([True] * 90), at=clock.now())
    clock.forward(s=120)
    for _ in range(2):
        step_on(attempt, recording, ALONE)
    [incident] = incidents_of(attempt.id)
    assert (incident.kind, incident.start_ms, incident.end_ms) == BLACK
    assert (incident.detector, incident.level, incident.severity) == ("screen 1", "medium", 1)
    assert [p.what for p in incident.papers] == ["Detector screen"]
    assert [s.label for s in incident.stills if s.track is Track.SCREEN] == ["start", "middle", "end"]
    assert incident.explanation == "Recorded screen black for 40 s; level medium asks for 30 s or longer."


def test_a_screen_that_does_not_follow_the_candidate_is_frozen(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3, frozen: by what the exam's page reported, never by stillness alone."""
    recording = screened([PAGES[0]] * 9, clock)
    go_on(attempt, clock, every_s=10, times=9)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == [(K.SCREEN_BLOCKED, 10_000, 80_000)]
    assert "the same although the candidate went on" in incidents_of(attempt.id)[0].explanation


def test_a_screen_that_follows_or_is_only_read_is_no_incident(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3, frozen; the refusals beside the success."""
    recording = screened([*PAGES, *[PAGES[4]] * 6], clock)
    go_on(attempt, clock, every_s=10, times=4)
    clock.forward(s=120)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == []


@pytest.mark.parametrize("pieces", [1, 4, 7])
def test_however_the_screen_arrives_the_incidents_are_the_same(
    attempt: AttemptRef, clock: SetClock, pieces: int
) -> None:
    """design.md §6: any worker can go on; a step may end in the middle of a group of pictures."""
    made, kept = shown(DARK), MemoryRecording()
    for at in range(0, len(made), pieces):
        kept.arrive(made[at : at + pieces], at=clock.now(), track=Track.SCREEN)
        clock.forward(s=2 * pieces)
        step_on(attempt, kept, ALONE)
    assert found(attempt) == [BLACK]


def test_a_long_screen_is_read_in_several_steps(
    attempt: AttemptRef, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """issue 2 §5: what a killed worker has to do again is bounded."""
    monkeypatch.setattr(steps, "PIECES_PER_STEP", 20)
    recording = screened(DARK, clock)
    ended = leave(attempt)
    reached = []
    while analysis_of(attempt.id).finished_at is None:
        step_on(ended, recording, ALONE)
        reached.append(analysis_of(attempt.id).screen.fragments)
    assert reached == [20, 40, 45]
    assert found(attempt) == [BLACK]


def test_screen_that_comes_late_is_analysed_in_its_place(attempt: AttemptRef, clock: SetClock) -> None:
    """product.md §8.9: late media; the same rule as for the webcam."""
    recording = screened(DARK, clock)
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] in range(11, 31)}
    clock.forward(s=120)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == []
    recording.stored.update(late)
    ended = leave(attempt)
    while analysis_of(attempt.id).finished_at is None:
        step_on(ended, recording, ALONE)
    assert (found(attempt), analysis_of(attempt.id).round) == ([BLACK], 2)


def test_a_fragment_of_the_screen_that_cannot_be_decoded_costs_itself(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3, bad input: corrupt; the pictures beside it are 20 s apart and still speak."""
    recording = screened(DARK, clock)
    whole, at = recording.stored[Track.SCREEN, 1, 21]
    assert whole.key
    torn = whole.content[:120] + b"\x17" * (len(whole.content) - 120)
    recording.stored[Track.SCREEN, 1, 21] = (replace(whole, content=torn), at)
    clock.forward(s=120)
    step_on(attempt, recording, ALONE)
    assert found(attempt) == [BLACK]


@dataclass
class Opened(MemoryRecording):
    """A recording that tells which tracks were read."""

    read: list[Track] = field(default_factory=list)

    def media(self, track: Track, pieces: Sequence[Piece]) -> bytes:
        self.read.append(track)
        return super().media(track, pieces)


@pytest.mark.parametrize(("level", "read"), [("off", 0), ("medium", 9)])
def test_a_screen_of_which_nothing_is_asked_is_not_decoded(
    root: UUID, clock: SetClock, level: Value, read: int
) -> None:
    """detection.md §9: cheap; and what was agreed to be off is not looked at."""
    sitting = seat(open_exam(root, profile={"detect.screen_blocked": level}))
    recording = Opened()
    recording.arrive(shown(PAGES + PAGES[:4]), at=clock.now(), track=Track.SCREEN)
    clock.forward(s=120)
    step_on(sitting, recording, ALONE)
    assert recording.read.count(Track.SCREEN) == read
    assert analysis_of(sitting.id).screen.fragments == 45


ANEW = pytest.mark.parametrize(("level", "round_"), [("off", 1), ("medium", 2)])


@ANEW
def test_the_end_of_a_screen_nobody_looks_at_costs_no_new_round_when_it_comes_late(
    root: UUID, clock: SetClock, level: Value, round_: int
) -> None:
    """Issue: an exam of hours was analysed anew, for pieces that were then not looked at."""
    sitting = seat(open_exam(root, profile={"detect.screen_blocked": level}))
    recording = screened(DARK, clock)
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] > 30}
    clock.forward(s=120)
    ended = leave(sitting)
    step_on(ended, recording, ALONE)
    recording.stored.update(late)
    step_on(ended, recording, ALONE)
    row = analysis_of(sitting.id)
    assert (row.round, row.finished_at is not None) == (round_, True)


@ANEW
def test_the_middle_of_a_screen_nobody_looks_at_costs_no_new_round_when_it_comes_late(
    root: UUID, clock: SetClock, level: Value, round_: int
) -> None:
    """Issue: the same, while the analysis has not ended."""
    sitting = seat(open_exam(root, profile={"detect.screen_blocked": level}))
    recording = screened(DARK, clock)
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] in range(11, 31)}
    clock.forward(s=120)
    step_on(sitting, recording, ALONE)
    recording.stored.update(late)
    step_on(leave(sitting), recording, ALONE)
    row = analysis_of(sitting.id)
    assert (row.round, row.finished_at is not None) == (round_, True)


def test_a_late_piece_of_a_screen_nobody_looks_at_still_takes_back_the_gap_that_was_told(
    root: UUID, clock: SetClock
) -> None:
    """product.md §8.9: what arrives late corrects what was said; a gap is no matter of looking."""
    sitting = seat(open_exam(root, profile={"detect.screen_blocked": "off"}))
    recording = screened(DARK, clock)
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] > 20}
    recording.gaps = [Hole(Track.SCREEN, 40_000, 90_000, GapCause.PENDING_UPLOAD)]
    clock.forward(s=120)
    ended = leave(sitting)
    step_on(ended, recording, ALONE)
    assert found(sitting) == [(K.EVIDENCE_GAP, 40_000, 90_000)]
    recording.stored.update(late)
    recording.gaps = []
    step_on(ended, recording, ALONE)
    assert (found(sitting), analysis_of(sitting.id).round) == ([], 2)


def test_an_attempt_without_a_recorded_screen_is_analysed_as_before(attempt: AttemptRef, clock: SetClock) -> None:
    """product.md §5.2: the screen is not always recorded."""
    recording = MemoryRecording()
    recording.arrive(fragments([True] * 10), at=clock.now())
    clock.forward(s=20)
    step_on(attempt, recording, ALONE)
    row = analysis_of(attempt.id)
    assert (found(attempt), row.webcam.fragments, row.screen) == ([], 10, NOTHING_YET)


@pytest.mark.parametrize(
    ("lines", "kept", "muted"),
    [
        ([], [K.OTHER_CONTENT], set()),
        ([EntryKind.HOLD_STARTED, EntryKind.HOLD_ENDED], [], {(K.OTHER_CONTENT, Suppression.SYSTEM_DIALOG)}),
    ],
)
def test_a_page_of_ours_over_the_exam_is_no_other_content(
    root: UUID, clock: SetClock, lines: list[EntryKind], kept: list[K], muted: set[tuple[K, Suppression]]
) -> None:
    """product.md §5.6: our own pop-ups do not count; what was muted is kept with its reason."""
    sitting = seat(open_exam(root, profile={"detect.other_content": "medium"}))
    recording = screened([*PAGES, *[other_page()] * 4, PAGES[0]], clock)
    go_on(sitting, clock, every_s=10, times=4)
    for kind in lines:
        told(sitting.stream, kind)
        clock.forward(s=50)
    clock.forward(s=60)
    step_on(sitting, recording, ALONE)
    assert [kind for kind, *_ in found(sitting)] == kept
    assert {(s.kind, s.reason) for s in suppressed_of(sitting.id)} == muted


def test_analysing_again_looks_at_the_screen_as_well(root: UUID, attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3, re-analysis: the same evidence, the detectors of today."""
    clock.forward(s=5)
    recording = screened(DARK, clock)
    clock.forward(s=120)
    ended = leave(attempt)
    while analysis_of(attempt.id).finished_at is None:
        step_on(ended, recording, ALONE)
    analyse_again(ended, by=reviewer(root), reason="The screen is looked at now.")
    while analysis_of(attempt.id, number=1).finished_at is None:
        step_on(ended, recording, ALONE, number=1)
    assert found(attempt, number=1) == found(attempt) == [BLACK]


class Reading(Pipeline):
    """A pipeline whose reader finds each word it is asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self._reader = lambda _, words: frozenset(words)
        self.unread = ""


LISTED: dict[str, Value] = {"detect.other_content": "medium", "screen.listed_words": "ChatGPT, wikipedia"}


def test_an_incident_names_the_listed_word_that_was_read(root: UUID, clock: SetClock) -> None:
    """Issue 3: reading on change for words of the frozen policy; what else stands there is not kept."""
    sitting = seat(open_exam(root, profile=LISTED))
    recording = screened([other_page()] * 4, clock)
    clock.forward(s=90)
    step_on(sitting, recording, Reading())
    [incident] = incidents_of(sitting.id)
    assert (incident.kind, incident.start_ms, incident.end_ms) == (K.OTHER_CONTENT, 0, 30_000)
    assert incident.explanation.startswith("“ChatGPT” read on the recorded screen for 30 s; level medium")
    assert [p.what for p in incident.papers] == [
        "Detector screen_text",
        "Model text_lines",
        "Model text_reading",
    ]
    assert not [off for off in analysis_of(sitting.id).off if K.OTHER_CONTENT in off.kinds]


def test_words_that_cannot_be_read_here_are_named_as_such(root: UUID, clock: SetClock) -> None:
    """Issue 2 §5: a working product without models; absence of marks says nothing, and pages say so."""
    sitting = seat(open_exam(root, profile=LISTED))
    step_on(sitting, screened([other_page()] * 4, clock), ALONE)
    reasons = {off.reason for off in analysis_of(sitting.id).off if K.OTHER_CONTENT in off.kinds}
    assert reasons == {"no words are read on the screen, the model text_lines is not installed"}
