"""The switches of the site's detectors: thrown by whom, reaching what, told where."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, NotAllowed
from examhall.base.words import EntryKind, IncidentKind, Permission, Suppression
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.actions.schedule import assign_invigilator
from examhall.incidents.access.rules import rules_of
from examhall.incidents.actions.analysis import wake_analysis
from examhall.incidents.actions.switch import switch_off, switch_on
from examhall.incidents.detectors.pipeline import Observation, Pipeline, PipelineState
from examhall.incidents.detectors.screen import ScreenWindow
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import incidents_of, suppressed_of
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.signal import Batch, Signal
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.reads.people import site_stream
from examhall.people.rules.actor import Actor
from examhall.site.cli.main import main
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.sitting import Exam, leave, open_exam, reviewer, seat, told
from tests.invigilation.desk import browser, holder

pytestmark = pytest.mark.django_db

COVERED = [True] * 5 + [False] * 15 + [True] * 15
ALONE = Pipeline({})
ADDRESS = "/admin/detectors/"
K = IncidentKind


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def nora(root: UUID) -> Actor:
    user = add_person("nora", name="Nora Lindgren")
    grant_roles(user, unit=root, roles=["Site administrator"])
    return actor_for_user(user)


@pytest.fixture
def attempt(exam: Exam) -> AttemptRef:
    return seat(exam)


def covered(attempt: AttemptRef, clock: SetClock) -> MemoryRecording:
    recording = MemoryRecording()
    recording.arrive(fragments(COVERED), at=clock.now())
    clock.forward(s=40)
    return recording


def kinds(attempt: AttemptRef) -> list[IncidentKind]:
    return [i.kind for i in incidents_of(attempt.id)]


def test_an_emergency_switch_reaches_a_running_exam_and_leaves_a_record(
    attempt: AttemptRef, nora: Actor, clock: SetClock
) -> None:
    """Issue 3, operation: at once, running exams included, with reason and actor in the journals."""
    switch_off([K.CAMERA_BLOCKED], at_once=True, reason="Virtual cameras misread", by=nora)
    step_on(attempt, covered(attempt, clock), ALONE)
    assert kinds(attempt) == []
    assert [(s.kind, s.reason) for s in suppressed_of(attempt.id)] == [(K.CAMERA_BLOCKED, Suppression.DETECTOR_OFF)]
    for stream in (site_stream(), attempt.stream):
        line = tail(stream, kinds={EntryKind.DETECTOR_SWITCHED})[-1]
        assert (line.actor_name, line.extra["reason"]) == ("Nora Lindgren", "Virtual cameras misread")
        assert (line.extra["kinds"], line.extra["off"]) == (["camera_blocked"], True)


def test_what_happened_before_the_emergency_switch_stays_marked(
    attempt: AttemptRef, nora: Actor, clock: SetClock
) -> None:
    """product.md P8: a switch changes what is looked for, never what was found."""
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=10)
    told(attempt.stream, EntryKind.FOCUS_REGAINED)
    clock.forward(s=20)
    switch_off([K.NAVIGATING_AWAY], at_once=True, reason="Browser update", by=nora)
    for _ in range(2):
        told(attempt.stream, EntryKind.FOCUS_LOST)
        clock.forward(s=10)
        told(attempt.stream, EntryKind.FOCUS_REGAINED)
        clock.forward(s=20)
        if kinds(attempt):
            switch_on([K.NAVIGATING_AWAY], reason="Update withdrawn", by=nora)
        step_on(attempt, MemoryRecording(), ALONE)
    told(attempt.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=10)
    told(attempt.stream, EntryKind.FOCUS_REGAINED)
    step_on(leave(attempt), MemoryRecording(), ALONE)
    assert [(i.start_ms, i.end_ms) for i in incidents_of(attempt.id)] == [(0, 10_000), (90_000, 100_000)]


class Blind(Pipeline):
    """Sees nothing, as where a model is not run."""

    def observe(self, state: PipelineState, window: VideoWindow | AudioWindow | ScreenWindow) -> Observation:
        return replace(super().observe(state, window), signals=())


class Obedient(Pipeline):
    """Does not look for what is not wanted."""

    def only(self, wanted: Collection[IncidentKind]) -> Pipeline:
        return super().only(wanted) if K.CAMERA_BLOCKED in wanted else Blind({})


def test_a_new_round_during_the_emergency_takes_nothing_back_that_was_found_before(
    attempt: AttemptRef, nora: Actor, clock: SetClock
) -> None:
    """product.md P8: late evidence is read without the detector that is off; what was not looked for is not unfound."""
    recording = covered(attempt, clock)
    late = {place: recording.stored.pop(place) for place in list(recording.stored) if place[2] > 30}
    step_on(attempt, recording, Obedient({}))
    switch_off([K.CAMERA_BLOCKED], at_once=True, reason="Virtual cameras misread", by=nora)
    ended = leave(attempt)
    step_on(ended, recording, Obedient({}))
    recording.stored.update(late)
    step_on(ended, recording, Obedient({}))
    assert (analysis_of(attempt.id).round, kinds(attempt)) == (2, [K.CAMERA_BLOCKED])


def test_a_switch_for_coming_sessions_leaves_running_ones_alone(exam: Exam, nora: Actor, clock: SetClock) -> None:
    """design.md §1, rule 3: what was agreed is what runs."""
    running = seat(exam)
    clock.forward(s=1)
    switch_off([K.CAMERA_BLOCKED], at_once=False, reason="To be measured again", by=nora)
    entered = seat(exam, login="bilal", name="Bilal Haddad")
    for attempt in (running, entered):
        step_on(attempt, covered(attempt, clock), ALONE)
    assert (kinds(running), kinds(entered)) == ([K.CAMERA_BLOCKED], [])
    assert tail(running.stream, kinds={EntryKind.DETECTOR_SWITCHED}) == []


def test_an_emergency_takes_over_from_a_switch_for_coming_sessions_and_one_is_enough(nora: Actor) -> None:
    """Issue 3, operation: one switch per kind, so that nobody has to take back two."""
    switch_off([K.SPEECH], at_once=False, reason="First", by=nora)
    switch_off([K.SPEECH], at_once=True, reason="Worse", by=nora)
    with pytest.raises(Conflict):
        switch_off([K.SPEECH], at_once=True, reason="Again", by=nora)
    switch_on([K.SPEECH], reason="Mended", by=nora)
    with pytest.raises(Conflict):
        switch_on([K.SPEECH], reason="Again", by=nora)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [(["speech"], " "), (["telepathy"], "x"), ([], "x"), (["evidence_altered"], "x")],
)
def test_a_switch_needs_a_reason_and_a_detection_that_can_be_off(nora: Actor, wanted: list[str], reason: str) -> None:
    """product.md §5.5: what is wrong with the recording is always told."""
    with pytest.raises(BadInput):
        switch_off(wanted, at_once=True, reason=reason, by=nora)


def test_nobody_switches_without_the_permission(root: UUID, clock: SetClock) -> None:
    """Security: Administration alone."""
    other = holder(root, Permission.SCHEDULE_CREATE)
    with pytest.raises(NotAllowed):
        switch_off([K.SPEECH], at_once=True, reason="x", by=actor_for_user(other))
    assert browser(other).get(ADDRESS).status_code == 403


def test_the_page_throws_the_switch_and_takes_it_back(nora: Actor, clock: SetClock) -> None:
    """product.md §4.5, S9."""
    page = browser(nora)
    done = page.post(ADDRESS, {"kinds": ["object_phone"], "act": "now", "reason": "Calculators"}, follow=True)
    shown = done.content.decode()
    assert "Off at once" in shown
    assert "since 09:00 by Nora Lindgren: Calculators" in shown
    page.post(ADDRESS, {"kinds": ["object_phone"], "act": "on", "reason": "Mended"})
    back = page.get(ADDRESS).content.decode()
    assert "Mended" in back
    assert "Off at once</span>" not in back


@pytest.mark.parametrize(
    ("posted", "told_so"),
    [
        ({"kinds": ["speech"], "act": "now", "reason": ""}, "Say why"),
        ({"kinds": ["telepathy"], "act": "now", "reason": "x"}, "telepathy cannot be switched"),
        ({"act": "now", "reason": "x"}, "Choose at least one"),
        ({"kinds": ["speech"], "act": "sideways", "reason": "x"}, "Choose one of the list"),
        ({"kinds": ["speech"], "act": "on", "reason": "x"}, "not switched off"),
    ],
)
def test_the_page_refuses_with_the_remedy(
    nora: Actor, clock: SetClock, posted: dict[str, object], told_so: str
) -> None:
    """house.md §5: refusal beside success."""
    answer = browser(nora).post(ADDRESS, posted)
    assert answer.status_code in {400, 409}
    assert told_so in answer.content.decode()


def test_pages_of_who_watches_and_who_reviews_say_what_is_off(
    exam: Exam, nora: Actor, root: UUID, clock: SetClock
) -> None:
    """Issue 3, operation: the absence of marks says nothing there, and every page says so."""
    attempt = seat(exam)
    watcher = add_person("jonas", name="Jonas Weber")
    assign_invigilator(exam.schedule, user_id=watcher, by=exam.author)
    clock.forward(s=14 * 60)
    switch_off([K.OBJECT_PHONE, K.SPEECH], at_once=True, reason="False alarms", by=nora)
    sentence = "since 09:14 by Nora Lindgren: False alarms"
    desk = browser(actor_for_user(watcher))
    for address in ("", "rows", f"{attempt.id}/", f"{attempt.id}/parts"):
        assert sentence in desk.get(f"/invigilation/{exam.schedule}/{address}").content.decode(), address
    clock.forward(s=60)
    switch_on([K.OBJECT_PHONE, K.SPEECH], reason="Mended", by=nora)
    assert sentence not in desk.get(f"/invigilation/{exam.schedule}/").content.decode()
    ended = leave(attempt)
    review = browser(reviewer(root))
    for address in ("", "incidents/", "details/"):
        page = review.get(f"/review/sessions/{ended.id}/{address}").content.decode()
        assert "from 09:14 to 09:15 by Nora Lindgren: False alarms" in page


def test_the_command_switches_when_the_site_does_not_answer(
    root: UUID, clock: SetClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue 3, operation: 8 am on exam day."""
    assert main(["detectors", "off", "object_phone", "--reason", "Calculators", "--by", "Nora"]) == 0
    assert "off at once since 2026-11-23T09:00:00.000Z by Nora, on the server: Calculators" in capsys.readouterr().out
    assert main(["detectors", "on", "object_phone", "--reason", "Mended", "--by", "Nora"]) == 0
    assert main(["detectors", "list"]) == 0
    assert "off at once" not in capsys.readouterr().out
    assert main(["detectors", "on", "object_phone", "--reason", "Mended", "--by", "Nora"]) == 2


def test_the_dashboard_says_how_far_the_analysis_is_behind(exam: Exam, attempt: AttemptRef, clock: SetClock) -> None:
    """product.md §10.4: half sampling from 10 s on, shown as analysis lag."""
    desk = browser(exam.author)
    wake_analysis(attempt.id)
    clock.forward(s=10)
    assert "behind" not in desk.get(f"/invigilation/{exam.schedule}/rows").content.decode()
    clock.forward(s=4)
    told_so = desk.get(f"/invigilation/{exam.schedule}/rows?attempt={attempt.id}").content.decode()
    assert "The analysis is 14 s behind" in told_so


@pytest.mark.parametrize(("paper", "found"), [(True, []), (False, [K.HEAD_TURN])])
@pytest.mark.usefixtures("clock")
def test_an_exam_that_allows_paper_does_not_mark_a_look_down(root: UUID, paper: bool, found: object) -> None:
    """product.md §5.6: allowed materials, by the frozen policy."""
    attempt = seat(open_exam(root, profile={"allow.paper": paper}))
    down = Signal(K.HEAD_TURN, 10, 20, value=5.0, second=40.0)
    step = fold(Batch(frozenset({K.HEAD_TURN}), 60, [down]), rules_of(attempt))
    assert [incident.kind for incident in step.incidents] == found
