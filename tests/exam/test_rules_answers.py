"""Which answer counts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import AttemptState as State
from examhall.exam.rules.answers import (
    REFUSAL_SENTENCES,
    REPLAY_WITHIN,
    Anchor,
    Book,
    Placed,
    Refusal,
    Sent,
    Situation,
    Status,
    created_at,
    place,
    timeliness,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(s: float) -> datetime:
    return NOON + timedelta(seconds=s)


@given(st.permutations(list(range(1, 9))))
def test_the_highest_client_number_counts_in_whatever_order_they_arrive(seqs: list[int]) -> None:
    """product.md §2.5: a late lower one is stored but not counting; revisions are gap-free."""
    book = Book()
    placed = [place(book, Sent("q1", seq, f"h{seq}"), refusal=None, received_at=NOON) for seq in seqs]
    assert [p.revision for p in placed] == list(range(1, 9))
    assert [p.sent.client_seq for p in placed if p.counts][-1] == 8
    assert all(p.counts == (p.sent.client_seq == max(seqs[: n + 1])) for n, p in enumerate(placed))


@given(st.lists(st.tuples(st.sampled_from(["q1", "q2"]), st.integers(1, 6)), max_size=30))
def test_a_repeat_writes_nothing_and_answers_the_first_result(sends: list[tuple[str, int]]) -> None:
    """product.md §2.1: a repeat returns the first result."""
    book = Book()
    firsts: dict[tuple[str, int], Placed] = {}
    for item, seq in sends:
        placed = place(book, Sent(item, seq * 2 + (item == "q2"), "h"), refusal=None, received_at=at(len(firsts)))
        first = firsts.setdefault((item, seq), placed)
        assert placed.revision == first.revision
        assert placed.store == (placed is first)
        assert (placed.status is Status.REPEAT) == (placed is not first)


def test_other_bytes_under_a_used_number_are_refused_but_kept() -> None:
    """product.md §2.5: nothing the candidate typed is lost, nothing is overwritten."""
    book = Book()
    place(book, Sent("q1", 1, "first"), refusal=None, received_at=NOON)
    altered = place(book, Sent("q1", 1, "other"), refusal=None, received_at=NOON)
    assert (altered.status, altered.refusal, altered.store, altered.counts) == (
        Status.REJECTED,
        Refusal.ALTERED_REPEAT,
        True,
        False,
    )
    assert altered.revision == 2


def test_a_refused_answer_is_stored_and_its_repeat_is_refused_alike() -> None:
    """product.md §8.2: later ones are stored, not counting, visible to staff."""
    book = Book()
    first = place(book, Sent("q1", 1, "h"), refusal=Refusal.AFTER_STOP, received_at=NOON)
    again = place(book, Sent("q1", 1, "h"), refusal=None, received_at=NOON)
    assert (first.store, first.counts, first.status) == (True, False, Status.REJECTED)
    assert (again.store, again.status, again.refusal) == (False, Status.REJECTED, Refusal.AFTER_STOP)


def test_an_answer_to_a_strange_question_is_not_stored() -> None:
    """Bad input: there is no such question to store it under."""
    placed = place(Book(), Sent("q9", 1, "h"), refusal=Refusal.UNKNOWN_ITEM, received_at=NOON)
    assert (placed.store, placed.status) == (False, Status.REJECTED)


def test_every_refusal_has_its_sentence() -> None:
    """product.md §10.5: every refusal shown to a candidate has a code and a plain reason."""
    assert set(REFUSAL_SENTENCES) == set(Refusal)


@pytest.mark.parametrize(("mono_ms", "made_s"), [(10_000, 0.0), (130_000, 120.0), (5_000, 0.0)])
def test_creation_is_counted_by_monotonic_time_since_the_last_heartbeat(mono_ms: int, made_s: float) -> None:
    """product.md §8.2; the client's wall clock plays no part."""
    assert created_at(Anchor(NOON, 10_000), mono_ms=mono_ms) == at(made_s)


def test_without_a_heartbeat_there_is_no_creation_time() -> None:
    """product.md §6.7: no anchor, no bound."""
    assert created_at(None, mono_ms=5) is None


@pytest.mark.parametrize(
    ("received_s", "refusal"),
    [(599, None), (600, None), (610, None), (610.001, Refusal.AFTER_DEADLINE), (4000, Refusal.AFTER_DEADLINE)],
)
@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.TIMED_OUT])
def test_ten_seconds_of_grace_after_the_deadline(state: State, received_s: float, refusal: Refusal | None) -> None:
    """product.md T4, §8.4: whether or not the time-out has been written yet."""
    situation = Situation(state, at(600), cut_at=at(600) if state is State.TIMED_OUT else None)
    assert timeliness(situation, mono_ms=0, received_at=at(received_s)) is refusal


STOPPED = Situation(
    State.STOPPED, at(3600), cut_at=at(120), loss=Anchor(at(0), 1_000), returned_at=at(150), stopped_by_loss=True
)


@pytest.mark.parametrize(
    ("typed_s", "refusal"), [(5, None), (119, None), (120, None), (121, Refusal.AFTER_STOP), (149, Refusal.AFTER_STOP)]
)
def test_what_was_typed_before_the_stop_counts_after_a_late_return(typed_s: int, refusal: Refusal | None) -> None:
    """R-0.38, product.md §8.2: buffered answers made before the stop are accepted."""
    assert timeliness(STOPPED, mono_ms=1_000 + typed_s * 1000, received_at=at(151)) is refusal


def test_a_claim_long_after_the_return_is_not_believed() -> None:
    """product.md §6.7: a claim is bounded by the contact that follows it."""
    late = at(150) + REPLAY_WITHIN + timedelta(seconds=1)
    assert timeliness(STOPPED, mono_ms=2_000, received_at=late) is Refusal.AFTER_STOP


def test_answers_kept_through_the_deadline_count_when_made_before_it() -> None:
    """product.md T4: created offline with a valid journal position before deadline_at."""
    ended = Situation(
        State.TIMED_OUT, at(600), cut_at=at(600), loss=Anchor(at(550), 0), returned_at=at(640), stopped_by_loss=False
    )
    assert timeliness(ended, mono_ms=49_000, received_at=at(641)) is None
    assert timeliness(ended, mono_ms=51_000, received_at=at(641)) is Refusal.AFTER_DEADLINE


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (State.ENTERING, Refusal.NOT_STARTED),
        (State.HANDED_IN, Refusal.HANDED_IN),
        (State.VOIDED, Refusal.VOIDED),
        (State.PAUSED, Refusal.PAUSED),
    ],
)
def test_states_that_take_no_answers(state: State, refusal: Refusal) -> None:
    """product.md §2.5: paused answers beyond the grace, and everything before the start or after the end."""
    situation = Situation(state, at(3600), cut_at=at(0))
    assert timeliness(situation, mono_ms=0, received_at=at(11)) is refusal
