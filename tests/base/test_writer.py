"""The group-commit writer answers only after the commit, and one bad command costs no other its place."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from uuid import UUID

import pytest
from django.db import DatabaseError, connection

from examhall.base.action import action
from examhall.base.errors import BadInput, ExamhallError, Unavailable
from examhall.base.words import EntryKind, StreamKind
from examhall.base.writer import BatchVerb, GroupWriter, perform
from examhall.journal.actions import NewEntry, append_many, open_stream
from examhall.journal.reads import entries_after, verify

pytestmark = pytest.mark.django_db(transaction=True)

batches: list[int] = []


def _write(commands: Sequence[tuple[UUID, int]]) -> list[int | ExamhallError]:
    batches.append(len(commands))
    if any(question < 0 for _, question in commands):
        raise DatabaseError("constraint")
    good = [NewEntry(stream=s, kind=EntryKind.QUESTION_VISITED, question_number=q) for s, q in commands if q]
    numbers = iter(append_many(good))
    return [next(numbers) if q else BadInput("Question 0 does not exist.") for _, q in commands]


VISIT: BatchVerb[tuple[UUID, int], int] = BatchVerb("visit", _write)


@pytest.fixture
def writer() -> Iterator[GroupWriter]:
    batches.clear()
    writer = GroupWriter(max_wait_s=0.05)
    yield writer
    writer.stop()


@pytest.fixture
def stream() -> UUID:
    return action(open_stream)(StreamKind.ATTEMPT)


def test_commands_that_come_together_share_one_commit(writer: GroupWriter, stream: UUID) -> None:
    """design.md §3: one writer collects and runs one durable transaction."""
    answers = [writer.submit(VISIT, (stream, question)) for question in range(1, 21)]
    assert [a.result(timeout=10) for a in answers] == list(range(1, 21))
    assert [e.question_number for e in entries_after(stream, 0)] == list(range(1, 21))
    assert len(batches) < 20
    assert verify(stream) is None


def test_a_refused_command_is_refused_alone(writer: GroupWriter, stream: UUID) -> None:
    """house rules: bad input gets a clear error, and nothing else is lost."""
    first, bad, last = (writer.submit(VISIT, (stream, question)) for question in (1, 0, 2))
    assert (first.result(timeout=10), last.result(timeout=10)) == (1, 2)
    with pytest.raises(BadInput, match="does not exist"):
        bad.result(timeout=10)


def test_a_command_that_breaks_the_transaction_breaks_only_its_own(writer: GroupWriter, stream: UUID) -> None:
    """design.md §1: nothing a candidate did is lost."""
    first, bad, last = (writer.submit(VISIT, (stream, question)) for question in (1, -1, 2))
    assert {first.result(timeout=10), last.result(timeout=10)} == {1, 2}
    with pytest.raises(Unavailable, match="send it again"):
        bad.result(timeout=10)
    assert len(entries_after(stream, 0)) == 2


def test_one_bad_command_among_many_costs_few_commits(stream: UUID) -> None:
    """issue 2, bad input: what one client sends does not slow down what everybody else sends."""
    batches.clear()
    writer = GroupWriter(max_commands=64, max_wait_s=30)
    patient: BatchVerb[tuple[UUID, int], int] = BatchVerb("visit", _write, wait_s=30)
    answers = [writer.submit(patient, (stream, -1 if place == 40 else 1)) for place in range(64)]
    done = [answer.exception(timeout=10) is None for answer in answers]
    writer.stop()
    assert done == [place != 40 for place in range(64)]
    assert len(batches) == 13
    assert len(entries_after(stream, 0)) == 63


_CUT = {
    "sqlite": "SELECT no_such_function()",
    "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
}


def _cut(commands: Sequence[int]) -> list[int | ExamhallError]:
    batches.append(len(commands))
    with connection.cursor() as cursor:
        cursor.execute(_CUT[connection.vendor])
    return list(commands)


def test_a_writer_whose_connection_broke_goes_on_with_a_new_one(writer: GroupWriter, stream: UUID) -> None:
    """design.md §1: a database that was restarted costs at most the commands it cut off, and their senders are told."""
    cut: BatchVerb[int, int] = BatchVerb("cut", _cut)
    assert writer.submit(VISIT, (stream, 1)).result(timeout=10) == 1
    with pytest.raises(Unavailable, match="send it again"):
        writer.submit(cut, 1).result(timeout=10)
    assert writer.submit(VISIT, (stream, 2)).result(timeout=10) == 2
    assert verify(stream) is None


def test_what_waits_when_the_writer_stops_is_committed(stream: UUID) -> None:
    """design.md §1: acknowledged means committed, also at the end."""
    writer = GroupWriter(max_wait_s=0.05)
    answer = writer.submit(VISIT, (stream, 1))
    writer.stop()
    assert answer.result(timeout=0) == 1


def test_a_verb_can_be_performed_at_once(stream: UUID) -> None:
    """design.md §3: jobs and commands use the same verbs without the thread."""
    assert perform(VISIT, [(stream, 1), (stream, 2)]) == [1, 2]


def test_a_caller_that_has_gone_costs_nobody_else_an_answer(writer: GroupWriter, stream: UUID) -> None:
    """design.md §1: nothing a candidate did is lost; what was sent is committed though its sender hung up."""

    async def ask() -> int:
        gone = asyncio.create_task(writer.committed(VISIT, (stream, 1)))
        await asyncio.sleep(0)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        return await writer.committed(VISIT, (stream, 2))

    assert asyncio.run(ask()) == 2
    assert [e.question_number for e in entries_after(stream, 0)] == [1, 2]


def test_an_awaited_command_is_refused_with_its_own_error(writer: GroupWriter, stream: UUID) -> None:
    """house rules: bad input gets a clear error."""
    with pytest.raises(BadInput, match="does not exist"):
        asyncio.run(writer.committed(VISIT, (stream, 0)))


def test_a_hasty_command_takes_the_patient_ones_along(stream: UUID) -> None:
    """design.md §3: an answer waits 5 ms at most; what waits beside it shares its commit."""
    batches.clear()
    writer = GroupWriter(max_wait_s=30)
    patient: BatchVerb[tuple[UUID, int], int] = BatchVerb("visit", _write, wait_s=30)
    first = writer.submit(patient, (stream, 1))
    last = writer.submit(VISIT, (stream, 2))
    assert (first.result(timeout=10), last.result(timeout=10)) == (1, 2)
    assert batches == [2]
    writer.stop()


def test_the_lag_tells_how_long_commands_wait_beyond_what_is_meant(stream: UUID) -> None:
    """product.md §10.4: clients stretch their sending of media when commits lag behind."""

    def slowly(commands: Sequence[int]) -> list[int | ExamhallError]:
        threading.Event().wait(0.3)  # a disk that takes its time
        return list(commands)

    slow: BatchVerb[int, int] = BatchVerb("slow", slowly)
    writer = GroupWriter()
    assert writer.lag_s() == 0
    assert writer.submit(slow, 1).result(timeout=10) == 1
    writer.stop()
    assert 0.03 < writer.lag_s() < 10
