"""Shared networks: which attempts, and which addresses never."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from examhall.exam.rules.networks import Stay, shared_networks

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def stay(code: str, ip: str, *, begins_min: int = 0, ends_min: int = 60, candidate: UUID | None = None) -> Stay:
    return Stay(
        attempt=uuid4(),
        candidate=candidate or uuid4(),
        code=code,
        ip=ip,
        from_at=NINE + timedelta(minutes=begins_min),
        to_at=NINE + timedelta(minutes=ends_min),
    )


def test_three_at_one_address_name_each_other() -> None:
    """R-4.30: the count and the partners, both ways."""
    three = [stay(code, "203.0.113.7") for code in "ABC"]
    found = shared_networks([*three, stay("D", "203.0.113.8")])
    assert [found.get(one.attempt) for one in three] == [("B", "C"), ("A", "C"), ("A", "B")]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("known", "shared"),
    [((), True), (("203.0.113.0/24",), False), (("203.0.113.7",), False), (("198.51.100.0/24", "2001:db8::/32"), True)],
)
def test_an_address_of_the_site_raises_nothing(known: tuple[str, ...], shared: bool) -> None:
    """R-4.30: test centres do not raise it."""
    assert bool(shared_networks([stay("A", "203.0.113.7"), stay("B", "203.0.113.7")], known=known)) is shared


def test_one_candidate_twice_or_one_after_the_other_is_nothing() -> None:
    """R-4.30: two candidates, overlapping attempts; an attempt without an address says nothing."""
    who = uuid4()
    same = [stay("A", "203.0.113.7", candidate=who), stay("B", "203.0.113.7", candidate=who)]
    after = [stay("C", "203.0.113.9"), stay("D", "203.0.113.9", begins_min=60, ends_min=90)]
    assert shared_networks([*same, *after, stay("E", ""), stay("F", "")]) == {}
