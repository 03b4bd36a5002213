"""The journal is append-only, numbered without gaps and chained."""

from uuid import UUID, uuid4

import pytest

from examhall.base.action import OutsideAction, action
from examhall.base.clock import SetClock
from examhall.base.errors import NotFound
from examhall.base.words import EntryGroup, EntryKind, StreamKind
from examhall.journal.actions import NewEntry, append, append_many, open_stream
from examhall.journal.reads import entries_after, last_numbers, said_under, tail, verify

pytestmark = pytest.mark.django_db

opened = action(open_stream)
appended = action(append)
appended_many = action(append_many)


@pytest.fixture
def stream(clock: SetClock) -> UUID:
    return opened(StreamKind.ATTEMPT)


def test_numbers_start_at_one_and_have_no_gaps(stream: UUID) -> None:
    """R-4.1: every event is listed once, in order."""
    numbers = [appended(stream, EntryKind.PAGE_VISITED) for _ in range(3)]
    numbers += appended_many([NewEntry(stream=stream, kind=EntryKind.QUESTION_VISITED) for _ in range(2)])
    assert numbers == [1, 2, 3, 4, 5]
    assert [e.number for e in entries_after(stream, 2)] == [3, 4, 5]


def test_a_line_keeps_everything_it_was_given(stream: UUID, clock: SetClock) -> None:
    """R-4.7 to R-4.13: time, action, question number, item, error, address."""
    appended(
        stream,
        EntryKind.FRONT_END_ERROR,
        client_at=clock.now(),
        client_seq=7,
        ip="2001:db8::1",
        question_number=3,
        item_id="ITEM-3",
        error="x" * 600,
        epoch=2,
        extra={"b": 1, "a": "ü", "f": 1.0},
    )
    [line] = tail(stream)
    assert (line.at, line.client_at) == (clock.now(), clock.now())
    assert (line.ip, line.question_number, line.item_id, line.epoch) == ("2001:db8::1", 3, "ITEM-3", 2)
    assert (len(line.error), line.extra, line.group) == (500, {"a": "ü", "b": 1, "f": 1.0}, EntryGroup.ERROR)
    assert list(said_under([(stream, 6), (stream, 7)])) == [(stream, 7)]


def test_a_batch_over_several_streams_numbers_each_on_its_own(stream: UUID) -> None:
    """design.md §3: frequent actions take batches."""
    other = opened(StreamKind.ATTEMPT, parent=stream)
    kinds = [NewEntry(stream=s, kind=EntryKind.FOCUS_LOST) for s in (stream, other, stream)]
    assert appended_many(kinds) == [1, 1, 2]
    assert last_numbers(stream) == {other: 1}
    assert verify(stream) is None
    assert verify(other) is None


def test_appending_outside_an_action_is_refused(stream: UUID) -> None:
    """design.md §2: a step refuses to run outside an action."""
    with pytest.raises(OutsideAction):
        append(stream, EntryKind.PAGE_VISITED)


def test_an_unknown_stream_is_named(clock: SetClock) -> None:
    """house.md §6: a clear error names the thing."""
    with pytest.raises(NotFound, match="no journal"):
        appended(uuid4(), EntryKind.PAGE_VISITED)
