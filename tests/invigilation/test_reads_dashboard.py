"""The rows of the dashboard: complete, in a fixed number of queries, and the same however one comes to them."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind, Permission
from examhall.exam.actions.intervention import grant_time, pause, stop
from examhall.exam.actions.sweep import sweep
from examhall.exam.models import Registration
from examhall.exam.reads.desk import answered_counts, desk_schedule
from examhall.invigilation.reads.dashboard import Line, lines, totals
from examhall.invigilation.reads.feed import differing, standings
from examhall.invigilation.rules.desk import Chip, Heard
from tests.exam.sitting import Exam, Sitting, entered, exam, started
from tests.invigilation.desk import browser, holder, log_viewer, posted

pytestmark = pytest.mark.django_db(transaction=True)

MAX_QUERIES = 9


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=4, policy={"live.allow_interrupt": True, "live.allow_stop": True})


def by_name(of: Exam) -> dict[str, Line]:
    return {line.name: line for line in lines(desk_schedule(of.invigilator, of.schedule.id))}


def test_everybody_registered_is_listed_with_their_state(of: Exam, clock: SetClock) -> None:
    """R-1.11, product.md I2: also those who have not come; what needs a person first."""
    running, stopped = started(of), started(of, who=1)
    entered(of, who=2)
    running.save(running.answer("x", question=1), running.answer("", question=2))
    stop(stopped.attempt, by=of.invigilator, reason="x")
    grant_time(running.attempt, by=of.invigilator, minutes=10, reason="x")
    found = by_name(of)
    line = found[of.candidates[0].name]
    assert [one.chip for one in found.values()] == [Chip.STOPPED, Chip.IN_PROGRESS, Chip.READY, Chip.NOT_STARTED]
    assert (line.answered, line.total, line.extra_min, line.connection) == (1, 3, 10, Heard.ONLINE)
    assert line.left_s == 70 * 60
    assert totals(list(found.values())).chips[Chip.ATTENTION] == 1


def test_the_last_answer_of_a_question_is_the_one_that_counts(of: Exam) -> None:
    """product.md I2: answered n/m; an emptied answer is none."""
    sitting = started(of)
    sitting.save(sitting.answer("x"), sitting.answer("y", question=2))
    sitting.save(sitting.answer(""))
    assert answered_counts([sitting.attempt]) == {sitting.attempt: 1}


def test_two_candidates_at_one_address_are_marked(of: Exam) -> None:
    """R-4.30: shared marker on the address."""
    one, other = started(of), started(of, who=1)
    found = by_name(of)
    assert found[one.by.name].shared
    assert found[other.by.name].shared


def test_a_paused_row_keeps_its_time(of: Exam, clock: SetClock) -> None:
    """product.md §2.5 A3: frozen while paused."""
    sitting = started(of)
    pause(sitting.attempt, by=of.invigilator, reason="x")
    clock.forward(s=8)
    line = by_name(of)[sitting.by.name]
    assert (line.left_s, line.clock_stands, line.reason) == (3600, True, "x")


def test_a_hidden_exam_needs_attention_and_says_why(of: Exam, clock: SetClock) -> None:
    """product.md §8.6: in live mode the proctor is alerted at once."""
    sitting = started(of)
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    found = by_name(of)[sitting.by.name]
    assert (found.hidden, found.attention) == ("", False)
    for _ in range(4):
        clock.forward(s=10)
        sitting.beat()
        sweep()
    found = by_name(of)[sitting.by.name]
    assert (found.hidden, found.attention) == ("camera lost", True)
    page = browser(of.invigilator).get(f"/invigilation/{of.schedule.id}/").content.decode()
    assert "Hidden: camera lost" in page


def test_who_declines_the_agreement_needs_a_person(of: Exam, clock: SetClock) -> None:
    """R-0.21: staff are told; a later acceptance ends it."""
    sitting = entered(of)
    client = browser(sitting.by)
    start = client.get(f"/exam/{sitting.attempt}/").context["start"]
    answer = {"accepted": False, "sha256": start["agreement"]["sha256"], "typed_name": ""}
    assert posted(client, start["urls"]["agreement"], **answer).status_code == 200
    desk = browser(of.invigilator)
    line = by_name(of)[sitting.by.name]
    assert (line.declined, line.attention, line.state) == (True, True, State.ENTERING)
    assert "Agreement declined" in desk.get(f"/invigilation/{of.schedule.id}/").content.decode()
    assert "Agreement declined" in desk.get(f"/invigilation/{of.schedule.id}/{sitting.attempt}/").content.decode()
    clock.forward(s=60)
    posted(client, start["urls"]["agreement"], **{**answer, "accepted": True, "typed_name": "Amara"})
    line = by_name(of)[sitting.by.name]
    assert (line.declined, line.attention) == (False, False)


def test_a_longer_list_costs_no_more_queries(of: Exam, root: UUID, clock: SetClock) -> None:
    """product.md §10.2: the dashboard with 500 rows is one read; the number of queries does not grow."""
    started(of)
    schedule = desk_schedule(of.invigilator, of.schedule.id)
    with CaptureQueriesContext(connection) as few:
        lines(schedule)
    for who in range(1, 4):
        started(of, who=who)
    with CaptureQueriesContext(connection) as many:
        lines(schedule)
    assert len(many) == len(few) <= MAX_QUERIES


def test_an_old_screen_with_the_hints_it_missed_is_a_fresh_screen(of: Exam, clock: SetClock) -> None:
    """product.md §10.1: snapshot and deltas give what a fresh snapshot gives, never a silent gap."""
    sittings = [started(of, who=who) for who in range(3)]
    schedule = desk_schedule(of.invigilator, of.schedule.id)
    screen = {line.registration: line for line in lines(schedule)}
    before = standings(of.schedule.id)
    clock.forward(s=2)
    pause(sittings[0].attempt, by=of.invigilator, reason="x")
    stop(sittings[1].attempt, by=of.invigilator, reason="y")
    hints = differing(before, standings(of.schedule.id))
    assert set(hints) == {sittings[0].attempt, sittings[1].attempt}
    screen |= {line.registration: line for line in lines(schedule, attempts=hints)}
    fresh = {line.registration: line for line in lines(schedule)}
    assert {key: said(line) for key, line in screen.items()} == {key: said(line) for key, line in fresh.items()}


def said(line: Line) -> tuple[object, ...]:
    """All but the running time, which a page computes from the deadline."""
    return (line.chip, line.connection, line.deadline_at, line.clock_stands, line.reason, line.question, line.attention)


def test_a_late_own_deadline_and_extra_time_are_shown_without_their_reason(of: Exam) -> None:
    """product.md §3.3: see the effect of accommodations."""
    own = of.schedule.deadline + timedelta(hours=1)
    Registration.objects.filter(id=of.registrations[0]).update(extra_time_s=900, deadline_override=own)
    line = by_name(of)[of.candidates[0].name]
    assert (line.arrangements, line.extra_min) == ("Extra time, later deadline", 15)


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)


def test_the_pages_open_for_the_invigilator(of: Exam, sitting: Sitting) -> None:
    """R-1.9, R-1.10: overview → dashboard → live view, with the controls."""
    page = browser(of.invigilator)
    assert of.schedule.title in page.get("/invigilation/").content.decode()
    shown = page.get(f"/invigilation/{of.schedule.id}/").content.decode()
    assert "data-act" in shown
    assert all(candidate.name in shown for candidate in of.candidates)
    live = page.get(f"/invigilation/{of.schedule.id}/{sitting.attempt}/")
    assert (live.status_code, "Interventions" in live.content.decode()) == (200, True)
    one = page.get(f"/invigilation/{of.schedule.id}/rows?attempt={sitting.attempt}").content.decode()
    assert one.count("<tr ") == 1
    assert page.get(f"/invigilation/{of.schedule.id}/rows?attempt=x").status_code == 400


def test_a_log_viewer_sees_no_controls_and_no_pictures(of: Exam, sitting: Sitting, root: UUID) -> None:
    """R-4.6: controls absent, live view refused with the reason."""
    page = browser(log_viewer(root, "viewer-2"))
    shown = page.get(f"/invigilation/{of.schedule.id}/").content.decode()
    assert "data-act" not in shown
    assert f"/invigilation/{of.schedule.id}/{sitting.attempt}/" not in shown
    assert page.get(f"/invigilation/{of.schedule.id}/{sitting.attempt}/").status_code == 403


def test_somebody_without_the_right_finds_no_dashboard(of: Exam, root: UUID) -> None:
    """product.md §3.1, S7; the overview says who assigns."""
    page: Client = browser(holder(root, Permission.ASSESSMENT_AUTHOR))
    assert page.get(f"/invigilation/{of.schedule.id}/").status_code == 404
    assert page.post(f"/invigilation/{of.schedule.id}/token").status_code == 404
    assert "scheduler assigns you" in page.get("/invigilation/").content.decode()
