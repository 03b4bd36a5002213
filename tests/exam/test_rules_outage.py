"""The liveness ledger, the fleet rule and the credit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.exam.rules.outage import Loss, credit, ledger_gap, ledger_outages, presumed_common
from examhall.exam.rules.timing import Span

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(s: float) -> datetime:
    return NOON + timedelta(seconds=s)


def span(a: float, b: float) -> Span:
    return Span(at(a), at(b))


@pytest.mark.parametrize(("later", "gap"), [(5, None), (10, None), (10.5, span(0, 10.5)), (200, span(0, 200))])
def test_two_missed_rows_are_an_outage(later: float, gap: Span | None) -> None:
    """product.md §8.1 (a): a row every 5 s per ingest process."""
    assert ledger_gap(last_row_at=NOON, now=at(later)) == gap


def test_a_process_without_any_row_has_had_no_outage() -> None:
    """product.md §8.1: the first start of an installation is not an outage."""
    assert ledger_gap(last_row_at=None, now=NOON) is None


def test_each_process_has_its_own_outages_and_an_open_one_lasts_until_now() -> None:
    """product.md §8.1 (c): a client whose own ingest process was down is covered individually."""
    rows = {"a": [at(0), at(5), at(95), at(100)], "b": [at(0), at(5)], "c": [at(98)]}
    assert ledger_outages(rows, now=at(104)) == {"a": [span(5, 95)], "b": [span(5, 104)], "c": []}


def _losses(count: int, *, schedule: str = "s", apart_s: float = 0.1) -> list[Loss]:
    return [Loss(f"{schedule}{n}", schedule, at(n * apart_s)) for n in range(count)]


@pytest.mark.parametrize(
    ("lost", "active", "common"),
    [(5, 25, True), (5, 26, False), (4, 4, False), (6, 30, True), (30, 30, True)],
)
def test_a_fifth_and_five_of_a_schedule_within_30_s_are_presumed_common(lost: int, active: int, common: bool) -> None:
    """product.md §8.1 (b): ≥ 20 % and ≥ 5 of a schedule's active clients."""
    found = presumed_common(_losses(lost), active={"s": active, "other": 1000})
    assert len(found) == (lost if common else 0)


def test_a_tenth_and_twenty_of_the_site_are_presumed_common() -> None:
    """product.md §8.1 (b): or ≥ 10 % and ≥ 20 of the site's."""
    scattered = [loss for n in range(20) for loss in _losses(1, schedule=f"s{n}")]
    active = {f"s{n}": 10 for n in range(20)}
    assert len(presumed_common(scattered, active=active)) == 20
    assert presumed_common(scattered[:19], active=active) == []


def test_losses_spread_over_minutes_are_not_common() -> None:
    """product.md §8.1 (b): within 30 s."""
    assert presumed_common(_losses(10, apart_s=20), active={"s": 10}) == []


def test_only_the_burst_is_common_and_not_the_single_loss_before_it() -> None:
    """product.md §8.1: one who was away before gets no benefit."""
    alone = Loss("alone", "s", at(-300))
    found = presumed_common([alone, *_losses(10)], active={"s": 20})
    assert alone not in found
    assert len(found) == 10


def test_credit_is_the_outage_inside_the_attempt_without_its_pauses() -> None:
    """product.md §8.1: outage interval ∩ attempt; a pause gives its own time back."""
    sitting = span(100, 1000)
    assert credit([span(50, 190)], sitting=sitting) == timedelta(seconds=90)
    assert credit([span(200, 290)], sitting=sitting, pauses=[span(250, 400)]) == timedelta(seconds=50)
    assert credit([span(200, 290), span(250, 300)], sitting=sitting) == timedelta(seconds=100)
    assert credit([span(0, 90), span(1000, 1200)], sitting=sitting) == timedelta(0)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100)), max_size=5))
def test_credit_never_exceeds_the_sitting(pairs: list[tuple[int, int]]) -> None:
    """P4: never more than was there."""
    given_back = credit([span(a, a + n) for a, n in pairs], sitting=span(100, 300))
    assert timedelta(0) <= given_back <= timedelta(seconds=200)
