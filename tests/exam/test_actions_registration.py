"""Candidates by list."""

from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotFound
from examhall.exam.actions.registration import add_candidate, add_candidates, withdraw_candidate
from examhall.exam.actions.schedule import activate, assign_invigilator, cancel_schedule
from examhall.exam.models import Registration
from examhall.exam.reads.registration import candidates_of
from examhall.people.actions.people import add_person
from tests.exam import build_content as build
from tests.exam.build_content import Faculty

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


@pytest.fixture
def schedule(at: Faculty) -> UUID:
    return build.drafted_schedule(at)


def test_a_list_makes_accounts_and_registrations(at: Faculty, schedule: UUID) -> None:
    """issue 2 §6: add candidates by CSV."""
    done = add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler)
    assert (done.added, done.new_accounts, done.errors) == (3, 3, ())
    rows = candidates_of(at.scheduler, schedule)
    assert [(row.name, row.student_id) for row in rows] == [(f"Candidate {n}", f"90{n}") for n in (1, 2, 3)]


def test_the_same_list_again_changes_nothing(at: Faculty, schedule: UUID) -> None:
    """product.md §2.4: a duplicate returns the existing one."""
    add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler)
    again = add_candidates(schedule, content=build.candidates_csv(4), by=at.scheduler)
    assert (again.added, again.already, again.new_accounts) == (1, 3, 1)


def test_a_dry_run_writes_nothing(at: Faculty, schedule: UUID) -> None:
    """product.md §4.4, A5: dry run."""
    told = add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler, dry_run=True)
    assert (told.added, Registration.objects.count()) == (3, 0)


def test_one_bad_row_keeps_the_whole_list_out(at: Faculty, schedule: UUID) -> None:
    """issue 2 §6: per-row errors; all or nothing."""
    content = build.candidates_csv() + b",nobody,1,\nTwice,c1,2,\n"
    told = add_candidates(schedule, content=content, by=at.scheduler)
    assert [(error.row, error.column) for error in told.errors] == [(5, "name"), (6, "login")]
    assert Registration.objects.count() == 0


def test_a_student_id_of_another_account_is_told(at: Faculty, schedule: UUID) -> None:
    """product.md §2.2: student_id is unique in the site."""
    add_person("somebody", name="Somebody", student_id="902")
    told = add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler)
    assert [(error.row, error.column) for error in told.errors] == [(3, "student_id")]


def test_an_invigilator_on_the_list_is_told(at: Faculty, schedule: UUID) -> None:
    """product.md §3.1, S6: nobody watches the exam they sit."""
    assert at.invigilator.user_id is not None
    assign_invigilator(schedule, user_id=at.invigilator.user_id, by=at.scheduler)
    told = add_candidates(schedule, content=b"name,login\nInes Carvalho,ines\n", by=at.scheduler)
    assert "invigilates" in told.errors[0].message
    with pytest.raises(Conflict):
        add_candidate(schedule, login="ines", by=at.scheduler)


def test_extra_time_of_the_list_is_kept(at: Faculty, schedule: UUID) -> None:
    """product.md §5.8: extra time as minutes."""
    add_candidates(schedule, content=b"name,login,extra time\nAna,ana,23\n", by=at.scheduler)
    assert candidates_of(at.scheduler, schedule)[0].extra_time_s == 1380


def test_candidates_are_added_while_scheduled_but_not_when_cancelled(at: Faculty, schedule: UUID) -> None:
    """product.md §2.3: allowed without unscheduling."""
    activate(schedule, by=at.scheduler)
    assert add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler).added == 3
    cancel_schedule(schedule, reason="strike", by=at.scheduler)
    with pytest.raises(IllegalMove):
        add_candidates(schedule, content=build.candidates_csv(4), by=at.scheduler)


def test_who_has_not_begun_can_be_withdrawn(at: Faculty, schedule: UUID) -> None:
    """product.md §2.4: any pre-start → withdrawn with reason."""
    registration = add_candidate(schedule, login="ines", by=at.scheduler)
    with pytest.raises(BadInput):
        withdraw_candidate(registration, by=at.scheduler, reason=" ")
    withdraw_candidate(registration, by=at.scheduler, reason="ill")
    assert candidates_of(at.scheduler, schedule) == []


def test_a_list_that_names_a_withdrawn_candidate_says_so_and_invites_them_again(at: Faculty, schedule: UUID) -> None:
    """product.md §2.4: adding invites; a withdrawal by mistake has a way back, and the dry run tells of it first."""
    add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler)
    gone = Registration.objects.get(schedule=schedule, candidate__username="c2")
    withdraw_candidate(gone.id, by=at.scheduler, reason="moved")
    told = add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler, dry_run=True)
    assert (told.added, told.again, told.already) == (1, 1, 2)
    assert len(candidates_of(at.scheduler, schedule)) == 2
    add_candidates(schedule, content=build.candidates_csv(), by=at.scheduler)
    gone.refresh_from_db()
    assert (gone.state, len(candidates_of(at.scheduler, schedule))) == ("invited", 3)


def test_one_who_was_withdrawn_can_be_added_again(at: Faculty, schedule: UUID) -> None:
    """product.md §2.4: – → invited; twice is one registration."""
    add_person("ines", name="Ines Ito")
    registration = add_candidate(schedule, login="ines", by=at.scheduler)
    withdraw_candidate(registration, by=at.scheduler, reason="moved")
    assert add_candidate(schedule, login="ines", by=at.scheduler) == registration
    assert add_candidate(schedule, login="ines", by=at.scheduler) == registration
    assert [row.state for row in candidates_of(at.scheduler, schedule)] == ["invited"]


def test_an_unknown_login_and_a_stranger_are_refused(at: Faculty, schedule: UUID) -> None:
    """product.md §3.1, S2."""
    with pytest.raises(BadInput):
        add_candidate(schedule, login="nobody", by=at.scheduler)
    with pytest.raises(NotFound):
        add_candidates(schedule, content=build.candidates_csv(), by=at.stranger)
