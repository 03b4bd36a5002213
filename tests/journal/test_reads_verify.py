"""Whatever is changed in a chain after it was written is found and named."""

from uuid import UUID

import pytest
from django.db import connection

from examhall.base.action import action
from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, StreamKind
from examhall.journal.actions import append, open_stream
from examhall.journal.reads import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(clock: SetClock) -> UUID:
    stream = action(open_stream)(StreamKind.ATTEMPT)
    for question in range(1, 6):
        action(append)(stream, EntryKind.QUESTION_VISITED, question_number=question, ip="10.0.0.1")
        clock.forward(s=1.25)
    return stream


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("UPDATE journal_entry SET ip = '10.0.0.2' WHERE number = 3", 3),
        ("UPDATE journal_entry SET extra_json = '{} ' WHERE number = 2", 2),
        ("UPDATE journal_entry SET question_number = 9 WHERE number = 5", 5),
        ("DELETE FROM journal_entry WHERE number = 4", 4),
        ("DELETE FROM journal_entry WHERE number = 5", 5),
        ("UPDATE journal_stream SET last_number = 6", 6),
    ],
)
def test_one_change_is_found_and_the_entry_named(stream: UUID, change: str, number: int) -> None:
    """R-1.16: evidence is immutable, its integrity verifiable."""
    assert verify(stream) is None
    with connection.cursor() as cursor:
        cursor.execute(change)
    broken = verify(stream)
    assert broken is not None
    assert broken.number == number
