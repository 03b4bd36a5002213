"""Who may do what with an attempt."""

from uuid import UUID, uuid4

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import NotFound
from examhall.base.words import Permission
from examhall.exam.access.attempt import attempt_for, attempt_of_stream
from examhall.exam.models import ReviewerAssignment
from examhall.exam.rules.rights import Act
from examhall.people.rules.actor import SYSTEM, Actor, Grant
from tests.exam.sitting import Exam, Sitting, entered, exam, known

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2)


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return entered(of)


def test_the_candidate_sits_and_does_nothing_else(sitting: Sitting) -> None:
    """product.md §3.1 S4, S6."""
    assert attempt_for(sitting.by, sitting.attempt, Act.SIT).id == sitting.attempt
    for act in (Act.INTERVENE, Act.SEE_LOG, Act.VOID):
        with pytest.raises(NotFound):
            attempt_for(sitting.by, sitting.attempt, act)


def test_the_assigned_invigilator_acts_here_and_nowhere_else(of: Exam, sitting: Sitting, root: UUID) -> None:
    """R-1.9, product.md §3.1 S3: for that schedule only."""
    assert attempt_for(of.invigilator, sitting.attempt, Act.INTERVENE).schedule == of.schedule.id
    elsewhere = entered(exam(root))
    with pytest.raises(NotFound):
        attempt_for(of.invigilator, elsewhere.attempt, Act.SEE_LOG)


def test_a_log_viewer_sees_the_log_and_may_not_pause(sitting: Sitting, root: UUID) -> None:
    """R-4.6: View user logs gives no invigilator powers."""
    grants = (Grant(root, frozenset({Permission.LOGS_VIEW})),)
    viewer = Actor(user_id=uuid4(), name="Viewer", role="staff", grants=grants)
    assert attempt_for(viewer, sitting.attempt, Act.SEE_LOG).id == sitting.attempt
    with pytest.raises(NotFound):
        attempt_for(viewer, sitting.attempt, Act.INTERVENE)


def test_an_assigned_reviewer_sees_recordings_and_may_not_act(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md §3.1 S3: reviewers by assignment."""
    reviewer = of.candidates[1]
    ReviewerAssignment.objects.create(schedule=of.schedule, user_id=known(reviewer), assigned_at=clock.now())
    assert attempt_for(reviewer, sitting.attempt, Act.SEE_RECORDING).id == sitting.attempt
    with pytest.raises(NotFound):
        attempt_for(reviewer, sitting.attempt, Act.INTERVENE)


@pytest.mark.parametrize("act", list(Act))
def test_others_and_nobody_see_nothing(of: Exam, sitting: Sitting, act: Act) -> None:
    """product.md §3.1: absent and not theirs look the same."""
    for actor in (of.candidates[1], SYSTEM):
        with pytest.raises(NotFound) as theirs:
            attempt_for(actor, sitting.attempt, act)
        with pytest.raises(NotFound) as absent:
            attempt_for(actor, uuid4(), act)
        assert theirs.value.message == absent.value.message


def test_a_journal_leads_back_to_its_attempt(of: Exam, sitting: Sitting) -> None:
    """design.md §2: reactions call jobs with a stream."""
    found = attempt_of_stream(sitting.row.stream_id)
    assert found is not None
    assert found.id == sitting.attempt
    assert attempt_of_stream(of.schedule.stream_id) is None
