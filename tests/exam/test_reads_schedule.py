"""Lists that stay cheap however long they grow."""

from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from examhall.base.clock import SetClock
from examhall.exam.actions.registration import add_candidates
from examhall.exam.actions.schedule import activate, create_schedule
from examhall.exam.reads.assessment import assessments
from examhall.exam.reads.registration import exams_of
from examhall.exam.reads.schedule import schedules
from examhall.people.access import actor_for_user
from examhall.people.reads.people import people_by_login
from tests.exam import build_content as build

pytestmark = pytest.mark.django_db


def test_lists_take_the_same_number_of_queries_however_many_rows(
    root: UUID, clock: SetClock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """design.md §9: pages: a list of many rows takes few queries."""
    at = build.faculty(root)
    assessment = build.live_assessment(at)
    for _ in range(5):
        schedule = create_schedule(assessment, plan=build.plan(), by=at.scheduler)
        add_candidates(schedule, content=build.candidates_csv(1), by=at.scheduler)
        activate(schedule, by=at.scheduler)
    candidate = actor_for_user(people_by_login(["c1"])["c1"].id)
    exams_of(candidate)  # frozen policies are kept once they were read
    with django_assert_num_queries(2):
        assert len(schedules(at.scheduler)) == 5
    with django_assert_num_queries(2):
        assert len(assessments(at.author)) == 1
    with django_assert_num_queries(3):
        assert len(exams_of(candidate)) == 5
