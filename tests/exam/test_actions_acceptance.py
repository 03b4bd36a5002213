"""Staff let an answer count that was kept."""

from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, NotFound, StaleLease
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import attempt_ref
from examhall.exam.actions.acceptance import accept_answer
from examhall.exam.actions.attempt import hand_in, reopen
from examhall.exam.actions.intervention import stop
from examhall.exam.actions.lease import take
from examhall.exam.reads.acceptance import KeptAnswer, kept_answers
from examhall.exam.reads.attempt import counting_answers
from examhall.exam.rules.acceptance import NotAcceptable
from examhall.exam.rules.answers import Refusal
from tests.exam.sitting import Exam, Sitting, exam, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2)


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)


def _kept(sitting: Sitting) -> list[KeptAnswer]:
    return kept_answers(attempt_ref(sitting.attempt))


def _counts(sitting: Sitting) -> list[tuple[str, str]]:
    return [(answer.item_id, answer.response_json) for answer in counting_answers(sitting.attempt)]


def _stopped_late(of: Exam, sitting: Sitting, clock: SetClock) -> int:
    """One answer in time, the stop, one answer after its grace."""
    sitting.save(sitting.answer("before"))
    stop(sitting.attempt, by=of.invigilator, reason="talking")
    clock.forward(s=11)
    sitting.save(sitting.answer("after"))
    [kept] = _kept(sitting)
    assert (kept.refusal, kept.question_number, kept.revision, kept.acceptable) == (Refusal.AFTER_STOP, 1, 2, True)
    return kept.id


def _orphaned(sitting: Sitting) -> int:
    """The client that lost the attempt still had an answer with a higher number than the winner's."""
    take(sitting.attempt, by=sitting.by, client_id="phone", takeover=True)
    orphan = sitting.answer("orphan", seq=900)
    with pytest.raises(StaleLease):
        sitting.save(orphan)
    sitting.epoch += 1
    sitting.save(sitting.answer("winner", seq=5))
    return _kept(sitting)[0].id


def test_an_answer_after_the_stop_counts_once_it_is_accepted(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md §8.2: can be accepted by invigilator at Reopen with reason."""
    revision = _stopped_late(of, sitting, clock)
    assert _counts(sitting) == [(sitting.items[0], '"before"')]
    accept_answer(sitting.attempt, revision, by=of.invigilator, reason="The stop was a mistake.")
    assert _counts(sitting) == [(sitting.items[0], '"after"')]
    line = sitting.line(EntryKind.ANSWER_ACCEPTED)
    assert (line.actor_id, line.question_number) == (of.invigilator.user_id, 1)
    told = {key: line.extra[key] for key in ("revision", "refusal", "replaced", "reason")}
    assert told == {"revision": 2, "refusal": "after_stop", "replaced": [], "reason": "The stop was a mistake."}
    [kept] = _kept(sitting)
    assert (kept.accepted_at, kept.acceptable) == (clock.now(), False)


def test_what_the_candidate_answers_after_the_reopening_counts_again(
    of: Exam, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §2.2 AnswerRevision: the last accepted revision counts."""
    accept_answer(sitting.attempt, _stopped_late(of, sitting, clock), by=of.invigilator, reason="x")
    reopen(sitting.attempt, by=of.invigilator, reason="x")
    sitting.save(sitting.answer("later"))
    assert _counts(sitting) == [(sitting.items[0], '"later"')]


def test_an_orphan_is_accepted_when_the_attempt_has_ended_and_replaces_the_answer(of: Exam, sitting: Sitting) -> None:
    """product.md §8.3: staff may promote one revision per item with a reason."""
    revision = _orphaned(sitting)
    with pytest.raises(NotAcceptable, match="once the attempt has ended"):
        accept_answer(sitting.attempt, revision, by=of.invigilator, reason="x")
    hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    accept_answer(sitting.attempt, revision, by=of.invigilator, reason="Written before the take-over.")
    assert _counts(sitting) == [(sitting.items[0], '"orphan"')]
    assert sitting.line(EntryKind.ANSWER_ACCEPTED).extra["refusal"] == "stale_lease"


def test_an_orphan_older_than_the_answer_replaces_it_as_well(of: Exam, sitting: Sitting) -> None:
    """product.md §8.3: the winner's later number does not outrank what a person has decided."""
    take(sitting.attempt, by=sitting.by, client_id="phone", takeover=True)
    with pytest.raises(StaleLease):
        sitting.save(sitting.answer("orphan", seq=2))
    sitting.epoch += 1
    sitting.save(sitting.answer("winner", seq=50))
    hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    accept_answer(sitting.attempt, _kept(sitting)[0].id, by=of.invigilator, reason="x")
    assert _counts(sitting) == [(sitting.items[0], '"orphan"')]
    assert sitting.line(EntryKind.ANSWER_ACCEPTED).extra["replaced"] == [2]


def test_one_answer_of_a_question_can_be_accepted(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md §8.3: one revision per item; another question is another matter."""
    first = _stopped_late(of, sitting, clock)
    sitting.save(sitting.answer("again"), sitting.answer("other", question=2))
    accept_answer(sitting.attempt, first, by=of.invigilator, reason="x")
    assert [kept.acceptable for kept in _kept(sitting)] == [False, False, True]
    _, again, other = (kept.id for kept in _kept(sitting))
    with pytest.raises(NotAcceptable, match="One can be accepted per question"):
        accept_answer(sitting.attempt, again, by=of.invigilator, reason="x")
    accept_answer(sitting.attempt, other, by=of.invigilator, reason="x")
    assert len(_counts(sitting)) == 2


def test_without_a_reason_or_of_another_attempt_nothing_is_accepted(
    of: Exam, sitting: Sitting, clock: SetClock
) -> None:
    """product.md §8.2: with reason; bad input names the field."""
    revision = _stopped_late(of, sitting, clock)
    other = started(of, who=1)
    with pytest.raises(BadInput) as refused:
        accept_answer(sitting.attempt, revision, by=of.invigilator, reason=" ")
    assert set(refused.value.fields) == {"reason"}
    with pytest.raises(NotFound):
        accept_answer(other.attempt, revision, by=of.invigilator, reason="x")
    assert EntryKind.ANSWER_ACCEPTED not in sitting.kinds()


def test_an_answer_that_counts_is_not_accepted_again(of: Exam, sitting: Sitting) -> None:
    """product.md §2.1: no silent second decision."""
    sitting.save(sitting.answer("x"))
    stop(sitting.attempt, by=of.invigilator, reason="x")
    saved = sitting.row.revisions.get()
    with pytest.raises(NotAcceptable, match="saved in time"):
        accept_answer(sitting.attempt, saved.id, by=of.invigilator, reason="x")
