"""Saving answers: durable, once, in order, in time; and what becomes of the rest."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest
from django.db import connection

from examhall.base.clock import SetClock
from examhall.base.errors import ExamhallError, StaleLease
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.base.writer import GroupWriter, perform
from examhall.exam.actions.answers import SAVE_ANSWERS, Result
from examhall.exam.actions.attempt import hand_in
from examhall.exam.actions.entries import SAVE_ENTRIES, ClientEntry, SaveEntries
from examhall.exam.actions.intervention import stop
from examhall.exam.actions.lease import take
from examhall.exam.actions.sweep import sweep
from examhall.exam.reads.attempt import counting_answers, revisions
from examhall.exam.rules.answers import Refusal, Status
from examhall.journal.reads import verify
from tests.exam.sitting import Sitting, exam, started

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED, SAVED, REJECTED = EntryKind.QUESTION_ANSWERED, EntryKind.ANSWER_SAVED, EntryKind.ANSWER_REJECTED


@pytest.fixture
def sitting(root: UUID, clock: SetClock) -> Sitting:
    return started(exam(root))


def counting(sitting: Sitting) -> list[str]:
    return [answer.response_json for answer in counting_answers(sitting.attempt)]


def test_a_saved_answer_is_a_revision_and_two_lines(sitting: Sitting, clock: SetClock) -> None:
    """R-4.9: "Question answered (client)" and "Candidate save answer (server)", both with the question."""
    [result] = sitting.save(sitting.answer("42", question=2))
    answered, saved = sitting.lines()[-2:]
    assert (result.status, result.revision, result.saved_at) == (Status.SAVED, 1, clock.now())
    assert (answered.kind, answered.client_seq, answered.question_number) == (ANSWERED, 1, 2)
    assert (saved.kind, saved.client_seq, saved.question_number) == (SAVED, None, 2)
    assert saved.extra == {"client_seq": 1, "revision": 1, "counts": True}
    assert "42" not in str([line.extra for line in sitting.lines()])
    assert counting(sitting) == ['"42"']


def test_the_higher_client_number_counts_whatever_arrives_last(sitting: Sitting) -> None:
    """product.md §2.5 answer save race: a late lower one is stored but not counting."""
    late, newer = sitting.answer("old"), sitting.answer("new")
    sitting.save(newer)
    [result] = sitting.save(late)
    assert (result.status, result.revision) == (Status.SAVED, 2)
    assert counting(sitting) == ['"new"']
    assert [r.counting for r in revisions(sitting.attempt)] == [True, False]


def test_a_repeat_answers_the_first_result_and_writes_nothing(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.1: idempotent by (attempt, client number), in one sending and over several."""
    answer = sitting.answer("a")
    [first, inside] = sitting.save(answer, answer)
    lines = len(sitting.lines())
    clock.forward(s=6)
    [later] = sitting.save(answer)
    assert [r.status for r in (first, inside, later)] == [Status.SAVED, Status.REPEAT, Status.REPEAT]
    assert {r.revision for r in (first, inside, later)} == {1}
    assert later.saved_at == first.saved_at
    assert (len(sitting.lines()), len(revisions(sitting.attempt))) == (lines, 1)


def test_other_bytes_under_a_used_number_are_refused_and_kept(sitting: Sitting) -> None:
    """product.md §2.1: no silent overwrite."""
    sitting.save(sitting.answer("a", seq=5))
    [result] = sitting.save(sitting.answer("b", seq=5))
    assert (result.status, result.refusal) == (Status.REJECTED, Refusal.ALTERED_REPEAT)
    assert counting(sitting) == ['"a"']
    assert [r.refusal for r in revisions(sitting.attempt)] == ["", "altered_repeat"]


def test_a_number_that_stands_in_the_log_cannot_be_an_answers(sitting: Sitting, clock: SetClock) -> None:
    """Live wire v1: answers and entries share the counter; the answer is kept all the same."""
    visited = ClientEntry(client_seq=7, kind=EntryKind.FOCUS_LOST, client_at=clock.now(), mono_ms=1)
    perform(
        SAVE_ENTRIES, [SaveEntries(attempt=sitting.attempt, epoch=sitting.epoch, by=sitting.by, entries=(visited,))]
    )
    [result] = sitting.save(sitting.answer("a", seq=7))
    assert result.refusal is Refusal.ALTERED_REPEAT
    assert len(revisions(sitting.attempt)) == 1


@pytest.mark.parametrize("item", [str(UUID(int=7)), "not-a-question"])
def test_an_answer_to_a_strange_question_is_refused_alone(sitting: Sitting, item: str) -> None:
    """Bad input: the rest of the sending is saved."""
    good, strange = sitting.answer("a"), sitting.answer("b")
    strange = type(strange)(
        item_id=item, question_number=1, client_seq=2, client_at=None, mono_ms=1, response_json='"b"'
    )
    [saved, refused] = sitting.save(good, strange)
    assert (saved.status, refused.refusal) == (Status.SAVED, Refusal.UNKNOWN_ITEM)
    assert sitting.kinds()[-3:] == [ANSWERED, SAVED, REJECTED]


@pytest.mark.parametrize(("late_s", "status"), [(0, Status.SAVED), (10, Status.SAVED), (11, Status.REJECTED)])
@pytest.mark.parametrize("swept", [True, False])
def test_answers_have_ten_seconds_of_grace_after_the_deadline(
    root: UUID, clock: SetClock, *, late_s: int, status: Status, swept: bool
) -> None:
    """product.md T4, §8.4: in time until deadline_at + 10 s; then kept, not counting."""
    sitting = started(exam(root, minutes=1))
    for _ in range(12):
        clock.forward(s=5)
        sitting.beat()
    clock.forward(s=late_s)
    _ = sweep() if swept else 0
    [result] = sitting.save(sitting.answer("last word"))
    assert (result.status, sitting.state) == (status, State.TIMED_OUT)
    assert len(revisions(sitting.attempt)) == 1
    assert len(counting(sitting)) == (status is Status.SAVED)


@pytest.mark.parametrize("hours_off", [-5, 3])
def test_the_clients_wall_clock_plays_no_part(root: UUID, clock: SetClock, hours_off: int) -> None:
    """P7: server time decides, client time explains."""
    sitting = started(exam(root, minutes=1))
    answer = sitting.answer("a")
    off = type(answer)(
        item_id=answer.item_id,
        question_number=1,
        client_seq=1,
        client_at=clock.now() + timedelta(hours=hours_off),
        mono_ms=answer.mono_ms,
        response_json='"a"',
    )
    [result] = sitting.save(off)
    assert result.status is Status.SAVED
    assert sitting.line(ANSWERED).client_at == clock.now() + timedelta(hours=hours_off)


def test_what_was_typed_before_the_stop_counts_and_what_came_after_is_kept(root: UUID, clock: SetClock) -> None:
    """R-0.38, §8.2: judged by monotonic time since the last acknowledged heartbeat."""
    sitting = started(exam(root))
    typed = []
    for question, at_s in ((1, 60), (2, 119), (3, 130)):
        clock.forward(s=at_s - (clock.now() - sitting.mono_base).total_seconds())
        typed.append(sitting.answer(f"at {at_s}", question=question))
    clock.forward(s=20)
    assert sitting.beat().state is State.STOPPED
    results = sitting.save(*typed)
    assert [r.refusal for r in results] == [None, None, Refusal.AFTER_STOP]
    assert counting(sitting) == ['"at 60"', '"at 119"']
    assert [r.refusal for r in revisions(sitting.attempt)] == ["", "", "after_stop"]


def test_everything_typed_in_a_short_loss_counts(sitting: Sitting, clock: SetClock) -> None:
    """Issue 2, journey: network cut for 60 s while typing: 0 answers lost, 0 doubled."""
    clock.forward(s=30)
    kept = [sitting.answer(f"word {n}", question=1 + n % 3) for n in range(6)]
    clock.forward(s=30)
    sitting.beat()
    results = [*sitting.save(*kept[:4]), *sitting.save(*kept)]
    assert [r.status for r in results] == [Status.SAVED] * 4 + [Status.REPEAT] * 4 + [Status.SAVED] * 2
    assert counting(sitting) == ['"word 3"', '"word 4"', '"word 5"']
    assert sitting.kinds().count(ANSWERED) == sitting.kinds().count(SAVED) == 6


def test_a_client_that_lost_the_lease_leaves_orphans(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5, §8.3: 409 stale_lease, stored as orphan revisions, never counted by itself; once."""
    old = sitting.epoch
    sitting.save(sitting.answer("mine"))
    unsent = sitting.answer("late")
    sitting.epoch = take(sitting.attempt, by=sitting.by, client_id="tab-2", takeover=True).epoch
    sitting.save(sitting.answer("newer", seq=2))
    for _ in range(2):
        with pytest.raises(StaleLease):
            sitting.save(unsent, epoch=old)
    assert counting(sitting) == ['"newer"']
    assert [r.refusal for r in revisions(sitting.attempt)] == ["", "", "stale_lease"]
    assert sitting.kinds().count(EntryKind.STALE_WRITE) == 1
    assert verify(sitting.row.stream_id) is None


def test_an_answer_sent_again_after_a_reload_is_a_repeat(sitting: Sitting) -> None:
    """product.md §2.5 browser crash: the client replays its journal under the next epoch."""
    answer = sitting.answer("a")
    sitting.save(answer)
    sitting.epoch = take(sitting.attempt, by=sitting.by, client_id="tab-1").epoch
    [result] = sitting.save(answer)
    assert (result.status, len(revisions(sitting.attempt))) == (Status.REPEAT, 1)


def test_nothing_counts_after_the_hand_in_or_a_stop_beyond_the_grace(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A8, A10: no further input."""
    of = exam(root, candidates=2)
    handed, stopped = started(of, who=0), started(of, who=1)
    hand_in(handed.attempt, by=handed.by, epoch=handed.epoch)
    stop(stopped.attempt, by=of.invigilator, reason="phone")
    clock.forward(s=11)
    assert [r.refusal for r in handed.save(handed.answer("x"))] == [Refusal.HANDED_IN]
    assert [r.refusal for r in stopped.save(stopped.answer("x"))] == [Refusal.AFTER_STOP]


def test_two_saves_at_once_lose_nothing(root: UUID) -> None:
    """house.md §5: concurrency: two writers of two processes, gap-free revisions and an unbroken journal."""
    sitting = started(exam(root, candidates=1))
    outcomes: list[Sequence[Result] | ExamhallError] = []
    commands = [sitting.saving(sitting.answer(f"w{n}", question=1 + n % 2)) for n in range(12)]

    def work(mine: list[int]) -> None:
        for n in mine:
            saved = perform(SAVE_ANSWERS, [commands[n]])
            outcomes.extend(saved)
        connection.close()

    threads = [Thread(target=work, args=(list(range(start, 12, 3)),)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [o for o in outcomes if isinstance(o, ExamhallError)]
    by_item: dict[str, list[int]] = {}
    for row in revisions(sitting.attempt):
        by_item.setdefault(row.item_id, []).append(row.revision)
    assert [sorted(numbers) for numbers in by_item.values()] == [[1, 2, 3, 4, 5, 6]] * 2
    assert counting(sitting) == ['"w10"', '"w11"']
    assert verify(sitting.row.stream_id) is None


def test_a_hand_in_against_a_stop_has_one_winner(root: UUID) -> None:
    """house.md §5: hand-in against stop; whichever commits first decides, the journal tells both or one."""
    of = exam(root)
    sitting = started(of)

    def stopping() -> None:
        try:
            stop(sitting.attempt, by=of.invigilator, reason="phone")
        except ExamhallError:
            pass
        finally:
            connection.close()

    thread = Thread(target=stopping)
    thread.start()
    receipt = hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    thread.join()
    assert receipt.total == 3
    assert sitting.state is State.HANDED_IN
    assert sitting.kinds().count(EntryKind.EXAM_COMPLETED) == 1
    assert verify(sitting.row.stream_id) is None


def test_the_group_writer_answers_after_the_commit(root: UUID) -> None:
    """Rule 1 of design.md: acknowledged means committed."""
    sitting = started(exam(root))
    writer = GroupWriter()
    futures = [writer.submit(SAVE_ANSWERS, sitting.saving(sitting.answer(f"w{n}"))) for n in range(20)]
    results = [future.result(timeout=20) for future in futures]
    writer.stop()
    assert [r.revision for [r] in results] == list(range(1, 21))
    assert counting(sitting) == ['"w19"']
