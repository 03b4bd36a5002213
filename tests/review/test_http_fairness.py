"""The fairness report through its door: who may see it, what it counts, and that it stays cheap."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from examhall.base import clock as clocks
from examhall.base.clock import SetClock
from examhall.base.words import GapCause, Track
from examhall.incidents.actions.switch import switch_off
from examhall.media.models import Gap
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.rules.actor import Actor
from examhall.review.reads.fairness import DEVICE, LIGHT, FairnessReport, fairness_report
from examhall.review.rules.fairness import Line, Measure
from examhall.review.rules.rate_ratio import Finding
from tests.fixtures.crowd import MAC, WINDOWS, attend
from tests.fixtures.sitting import Exam, open_exam, reviewer
from tests.review.test_http_review import signed_in

pytestmark = pytest.mark.django_db

URL = "/admin/fairness/"
SPEECH = "speech 1, rules 4"
QUERIES = 7


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def henrik(root: UUID) -> Actor:
    return reviewer(root)


@pytest.fixture
def ada(root: UUID) -> Actor:
    user = add_person("ada", name="Ada Byron")
    grant_roles(user, unit=root, roles=["Site administrator"])
    return actor_for_user(user)


def page(client: Client, actor: Actor) -> str:
    answer = signed_in(client, actor.user_id).get(URL)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def reckoned() -> FairnessReport:
    return fairness_report(clocks.now() - timedelta(days=1))


def line(report: FairnessReport, measure: Measure, detector: str = SPEECH, subject: str = "Speech") -> Line:
    [found] = [one for one in report.detectors if one.detector == detector]
    return found.of(measure)[subject]


def logins(sign: str, number: int) -> list[str]:
    return [f"{sign}{place}" for place in range(number)]


def test_before_the_first_exam_the_page_says_so(client: Client, root: UUID, ada: Actor) -> None:
    """product.md §4: empty says why and when that changes."""
    assert "No exam was analysed yet" in page(client, ada)


@pytest.mark.parametrize("roles", [["Senior reviewer"], ["Scheduler", "Author"], []])
def test_only_who_manages_proctoring_may_see_it(client: Client, root: UUID, roles: list[str]) -> None:
    """product.md §3.2: the same permission as the detectors' page."""
    user = add_person("nora", name="Nora Lindgren")
    grant_roles(user, unit=root, roles=roles)
    assert signed_in(client, user).get(URL).status_code == 403
    assert client.post(URL).status_code in {403, 405}


def test_whoever_is_not_signed_in_is_led_to_the_door(client: Client, root: UUID) -> None:
    """design.md §10: no page of staff without an account."""
    assert client.get(URL).status_code in {302, 401}


def test_two_classes_of_devices_stand_beside_each_other(
    client: Client, exam: Exam, clock: SetClock, henrik: Actor, ada: Actor
) -> None:
    """product.md §11.4: by device class, with ratio, interval and a warning in words above 1.5. Long: groups are of
    twenty people."""
    attend(exam, clock, logins("w", 20), user_agent=WINDOWS, marked=4, dark=False, reviewer=henrik)
    attend(exam, clock, logins("m", 20), user_agent=MAC, marked=16, dark=True)
    report = reckoned()
    spoken = line(report, Measure.PER_HOUR)
    assert (spoken.people, spoken.events, round(spoken.exposure, 1)) == (40, 20, 40.0)
    windows, mac = spoken.groups[DEVICE][1], spoken.groups[DEVICE][0]
    assert (windows.group, windows.finding) == ("Windows, Chromium", Finding.CALM)
    assert (mac.group, mac.finding) == ("macOS, Safari", Finding.WARNING)
    assert windows.figure == pytest.approx(0.2)
    assert mac.figure == pytest.approx(0.8)
    assert [one.group for one in spoken.groups[LIGHT]] == ["Bright enough", "Very dark"]
    dismissed = line(report, Measure.DISMISSED)
    assert (dismissed.events, dismissed.exposure, dismissed.figure) == (4, 4, 1.0)
    shown = page(client, ada)
    assert "2 differences above 1.5" in shown
    assert "Higher than for the others" in shown
    assert re.search(r"macOS, Safari 20 0\.80 4\.00 1\.\d\d to \d+\.\d\d", shown)


def test_three_people_have_no_figures_and_cannot_be_reckoned_from_the_rest(
    client: Client, exam: Exam, clock: SetClock, ada: Actor
) -> None:
    """product.md §11.4: at least 20 people per group."""
    attend(exam, clock, logins("w", 20), user_agent=WINDOWS, marked=2)
    attend(exam, clock, logins("m", 3), user_agent=MAC, marked=3)
    shown = page(client, ada)
    assert "Windows, Chromium – – – – Held back: a smaller group could be worked out from it" in shown
    assert "macOS, Safari – – – – Fewer than 20 people: no figures" in shown


def test_face_analysis_that_was_unreliable_is_counted_and_what_needs_a_face_is_not(
    client: Client, exam: Exam, clock: SetClock, ada: Actor
) -> None:
    """product.md §8.7 and §11.4: calibration failures; those sessions were not watched for what needs a face."""
    attend(exam, clock, logins("w", 3), user_agent=WINDOWS)
    attend(exam, clock, logins("d", 1), user_agent=WINDOWS, seen_share=0.4)
    report = reckoned()
    unreliable = line(report, Measure.NOT_FOUND, "faces 4, rules 4", "Face analysis unreliable")
    assert (unreliable.events, unreliable.exposure) == (1, 4)
    turned = line(report, Measure.PER_HOUR, "pose 4, rules 4", "Head turned away")
    assert (turned.people, line(report, Measure.PER_HOUR).people) == (3, 4)
    assert "in 1 of 4 sessions: 25 %" in page(client, ada)


def test_a_kind_switched_off_in_the_middle_was_not_watched(exam: Exam, clock: SetClock, ada: Actor) -> None:
    """product.md §11.4: hours and incidents of the same sessions."""
    attend(exam, clock, logins("w", 2), user_agent=WINDOWS, marked=1)
    clock.forward(s=1)
    switch_off(["speech"], at_once=True, reason="False alarms", by=ada)
    attend(exam, clock, logins("m", 2), user_agent=MAC, marked=2)
    spoken = line(reckoned(), Measure.PER_HOUR)
    assert (spoken.people, spoken.events) == (2, 1)


def test_a_session_stands_under_the_versions_that_judged_it(root: UUID, clock: SetClock) -> None:
    """product.md §11.4: per detector version; an update in the middle is told, an own detector has its own name."""
    exam = open_exam(root, profile={"detect.object_phone": "medium"})
    marks = ["own:desk 2", "pose 3", "pose 4", "speech 1"]
    attend(exam, clock, ["wim"], user_agent=WINDOWS, versions={"rules": ["3-x", "4-y"], "detectors": marks})
    found = {one.detector: {line.subject for line in one.lines} for one in reckoned().detectors}
    assert found["pose 3 and pose 4, rules 3 and 4"] == {"Head turned away"}
    assert found["own:desk 2, rules 3 and 4"] == {"Phone or second device"}
    assert "faces 4, rules 4" not in found


def test_what_was_not_recorded_was_not_watched(exam: Exam, clock: SetClock) -> None:
    """product.md §11.4: a gap of the camera takes its hours from what looks at the camera, and from nothing else."""
    [attempt] = attend(exam, clock, ["wim"], user_agent=WINDOWS)
    Gap.objects.create(attempt_id=attempt, track=Track.WEBCAM, from_ms=0, to_ms=1_800_000, cause=GapCause.OFFLINE)
    report = reckoned()
    assert line(report, Measure.PER_HOUR).exposure == 0.5
    assert line(report, Measure.PER_HOUR, "exam page, rules 4", "Copy, cut, paste").exposure == 1.0


def test_sessions_before_the_period_do_not_count(exam: Exam, clock: SetClock) -> None:
    """product.md §11.4: the page looks back a year, the command as far as it is told."""
    attend(exam, clock, logins("w", 2), user_agent=WINDOWS)
    assert fairness_report(clocks.now()).sessions == 0


def test_the_report_takes_the_same_number_of_queries_however_many_sessions(
    exam: Exam, clock: SetClock, henrik: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """design.md §9: pages: a list of many rows takes few queries."""
    attend(exam, clock, logins("w", 2), user_agent=WINDOWS, marked=2, reviewer=henrik)
    with django_assert_num_queries(QUERIES):
        assert reckoned().sessions == 2
    attend(exam, clock, logins("m", 8), user_agent=MAC, marked=8, reviewer=henrik)
    with django_assert_num_queries(QUERIES):
        assert reckoned().sessions == 10
