"""Our own outages: nobody is stopped for them, and what they took is given back (P4, product.md §8.1)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import Conflict
from examhall.base.settings import settings
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.exam.actions.intervention import pause, resume
from examhall.exam.actions.outage import beat, credit_presumed
from examhall.exam.actions.sweep import sweep
from examhall.exam.models import Liveness, Outage
from examhall.exam.reads.attempt import adjustments, outages
from examhall.journal.reads import verify
from tests.exam.sitting import Exam, Sitting, exam, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes what follows happen in the ingest process of this name."""

    def become(process: str) -> None:
        monkeypatch.setenv("EXAMHALL_PROCESS", process)
        settings.cache_clear()

    yield become
    monkeypatch.undo()
    settings.cache_clear()


def sit(of: Exam, count: int) -> list[Sitting]:
    return [started(of, who=who) for who in range(count)]


def running(clock: SetClock, sittings: list[Sitting], *, s: int, step_s: int = 5) -> None:
    """Server and clients run for `s` seconds."""
    for _ in range(s // step_s):
        clock.forward(s=step_s)
        for sitting in sittings:
            sitting.beat()
        sweep()


@pytest.mark.parametrize("outage_s", [90, 200])
def test_thirty_candidates_go_on_after_our_outage_and_get_it_back(root: UUID, clock: SetClock, outage_s: int) -> None:
    """Issue 2: outage of 90 s and 200 s with 30 clients: nobody stopped, the credit equals the outage."""
    sittings = sit(exam(root, candidates=30), 30)
    sweep()
    running(clock, sittings, s=10)
    ends = [sitting.ends_at for sitting in sittings]
    clock.forward(s=outage_s)
    sweep()
    assert {sitting.state for sitting in sittings} == {State.INTERRUPTED}
    for sitting in sittings:
        clock.forward(s=0.2)
        sitting.beat()
    sweep()
    assert {sitting.state for sitting in sittings} == {State.IN_PROGRESS}
    credits = [sitting.ends_at - end for sitting, end in zip(sittings, ends, strict=True)]
    assert credits == [timedelta(seconds=outage_s)] * 30
    assert [a.kind for a in adjustments(sittings[0].attempt)] == ["outage"]
    kinds = sittings[0].kinds()
    assert kinds[3:] == [
        EntryKind.OUTAGE_STARTED,
        EntryKind.EXTRA_TIME_GRANTED,
        EntryKind.OUTAGE_ENDED,
        EntryKind.HEARTBEAT_LOST,
        EntryKind.HEARTBEAT_RESTORED,
    ]
    assert sittings[0].line(EntryKind.HEARTBEAT_LOST).extra["cause"] == "outage"
    assert verify(sittings[0].row.stream_id) is None


def test_the_first_client_back_settles_the_outage_before_anything_is_decided(root: UUID, clock: SetClock) -> None:
    """product.md §8.1: the ledger is read first; a deadline inside the outage ends nobody."""
    sitting = started(exam(root, minutes=1))
    sweep()
    running(clock, [sitting], s=50)
    clock.forward(s=200)
    heard = sitting.beat()
    assert heard.state is State.IN_PROGRESS
    assert heard.deadline_at == clock.now() + timedelta(seconds=10)
    assert Outage.objects.filter(confirmed=True).count() == 1


def test_what_was_due_before_the_outage_is_done_first(root: UUID, clock: SetClock) -> None:
    """product.md §8.1: a client that was away before the outage began gets no benefit for the earlier part."""
    of = exam(root, candidates=3)
    early, later, there = sit(of, 3)
    sweep()
    running(clock, [later, there], s=30)
    running(clock, [there], s=100)
    assert (early.state, later.state) == (State.STOPPED, State.INTERRUPTED)
    clock.forward(s=300)
    sweep()
    running(clock, [], s=10)
    assert (later.beat().state, there.beat().state) == (State.IN_PROGRESS, State.IN_PROGRESS)
    assert [len(adjustments(s.attempt)) for s in (early, later, there)] == [0, 1, 1]


def test_one_who_was_away_too_long_around_the_outage_is_stopped(root: UUID, clock: SetClock) -> None:
    """product.md §8.1: 100 s before and 21 s after the outage are 121 s of their own."""
    of = exam(root, candidates=2)
    away, there = sit(of, 2)
    sweep()
    running(clock, [there], s=100)
    clock.forward(s=300)
    sweep()
    running(clock, [], s=20)
    assert away.is_in(State.INTERRUPTED)
    clock.forward(s=1)
    sweep()
    assert away.is_in(State.STOPPED)
    assert away.row.stopped_at == clock.now() - timedelta(seconds=1)


def test_a_pause_over_the_outage_is_not_paid_twice(root: UUID, clock: SetClock) -> None:
    """product.md T2: a paused clock loses nothing in an outage."""
    of = exam(root)
    sitting = started(of)
    sweep()
    running(clock, [sitting], s=10)
    ends = sitting.ends_at
    pause(sitting.attempt, by=of.invigilator, reason="break")
    clock.forward(s=100)
    sweep()
    resume(sitting.attempt, by=of.invigilator, reason="x")
    assert sitting.row.deadline_at == ends + timedelta(seconds=100)


def test_the_hard_end_cuts_the_credit(root: UUID, clock: SetClock) -> None:
    """product.md §8.1: up to hard_end."""
    of = exam(root, minutes=60, open_for=timedelta(minutes=61))
    sitting = started(of)
    sweep()
    running(clock, [sitting], s=10)
    clock.forward(s=200)
    sweep()
    assert sitting.row.deadline_at == of.schedule.deadline
    assert sitting.line(EntryKind.OUTAGE_ENDED).extra["effective_s"] == 60


def test_a_policy_without_credit_stops_nobody_but_gives_nothing(root: UUID, clock: SetClock) -> None:
    """product.md §5.4 conn.outage_credit."""
    sitting = started(exam(root, policy={"conn.outage_credit": False}))
    sweep()
    running(clock, [sitting], s=10)
    ends = sitting.row.deadline_at
    clock.forward(s=200)
    sweep()
    assert (sitting.beat().state, sitting.row.deadline_at) == (State.IN_PROGRESS, ends)


def test_the_ledger_gets_a_row_every_five_seconds_and_is_kept_a_day(root: UUID, clock: SetClock) -> None:
    """product.md §8.1 (a): a row every 5 s per ingest process."""
    for _ in range(20):
        sweep()
        clock.forward(s=1)
    assert Liveness.objects.count() == 4
    clock.forward(s=2 * 86400)
    beat()
    assert Liveness.objects.count() == 1


def test_each_ingest_process_writes_its_own_rows(root: UUID, clock: SetClock, on: Callable[[str], None]) -> None:
    """product.md §8.1 (a): a row every 5 s per ingest process, so one that goes on does not hide one that is down."""
    for _ in range(10):
        for process in ("east", "west"):
            on(process)
            sweep()
        clock.forward(s=1)
    assert sorted(Liveness.objects.values_list("process", flat=True)) == ["east", "east", "west", "west"]


@pytest.mark.parametrize("back_at", ["west", "east"])
def test_a_client_whose_own_process_was_down_is_covered_alone(
    root: UUID, clock: SetClock, on: Callable[[str], None], back_at: str
) -> None:
    """product.md §8.1 (c): even below the fleet's thresholds, back at the other process or at its own."""
    east, west = sit(exam(root, candidates=2), 2)
    for process, own in (("west", [west]), ("east", [east])):
        on(process)
        running(clock, own, s=5)
    ends = [one.ends_at for one in (east, west)]
    on("west")
    running(clock, [west], s=300)
    assert (east.state, west.state) == (State.INTERRUPTED, State.IN_PROGRESS)
    assert east.line(EntryKind.HEARTBEAT_LOST).extra["cause"] == "outage"
    on(back_at)
    sweep()
    assert east.beat().state is State.IN_PROGRESS
    given = sum(adjustment.effective_seconds for adjustment in adjustments(east.attempt))
    assert [east.ends_at, west.ends_at] == [ends[0] + timedelta(seconds=given), ends[1]]
    assert given == 300
    assert east.kinds()[-4:] == [
        EntryKind.OUTAGE_STARTED,
        EntryKind.EXTRA_TIME_GRANTED,
        EntryKind.OUTAGE_ENDED,
        EntryKind.HEARTBEAT_RESTORED,
    ]
    assert verify(east.row.stream_id) is None


def test_a_deadline_inside_the_outage_of_its_own_process_ends_nobody(
    root: UUID, clock: SetClock, on: Callable[[str], None]
) -> None:
    """product.md §8.1 (c): after the restart the time taken is given back before the deadline is looked at."""
    [east] = sit(exam(root, minutes=1), 1)
    for process, own in (("west", []), ("east", [east])):
        on(process)
        running(clock, own, s=10)
    on("west")
    running(clock, [], s=200)
    left = timedelta(seconds=40)
    on("east")
    assert (east.beat().deadline_at, east.state) == (clock.now() + left, State.IN_PROGRESS)


def test_many_lost_at_once_are_not_stopped_and_the_time_is_only_proposed(root: UUID, clock: SetClock) -> None:
    """product.md §8.1 (b): nobody is stopped, the credit is proposed; pulling plugs earns nothing by itself."""
    of = exam(root, candidates=10)
    sittings = sit(of, 10)
    gone, there = sittings[:6], sittings[6:]
    sweep()
    running(clock, there, s=240)
    assert {s.state for s in gone} == {State.INTERRUPTED}
    assert gone[0].line(EntryKind.OUTAGE_STARTED).extra == {"confirmed": False, "candidates": 6}
    [proposed] = outages(of.schedule.id)
    with pytest.raises(Conflict):
        credit_presumed(proposed.id, by=of.invigilator, reason="campus network")
    running(clock, sittings, s=10)
    [proposed] = outages(of.schedule.id)
    assert (proposed.confirmed, proposed.candidates, proposed.credited_at) == (False, 6, None)
    assert {s.state for s in sittings} == {State.IN_PROGRESS}
    assert [adjustments(s.attempt) for s in sittings] == [[]] * 10
    assert credit_presumed(proposed.id, by=of.invigilator, reason="campus network") == 6
    assert [a.seconds for a in adjustments(gone[0].attempt)] == [245]
    assert adjustments(there[0].attempt) == []
    with pytest.raises(Conflict):
        credit_presumed(proposed.id, by=of.invigilator, reason="campus network")


def test_when_most_are_back_the_windows_of_the_others_run_on(root: UUID, clock: SetClock) -> None:
    """product.md §8.1: the common cause is over; who stays away is away for themselves."""
    of = exam(root, candidates=8)
    sittings = sit(of, 8)
    sweep()
    running(clock, sittings[6:], s=200)
    running(clock, sittings[1:], s=115)
    assert sittings[0].is_in(State.INTERRUPTED)
    running(clock, sittings[1:], s=15)
    assert sittings[0].is_in(State.STOPPED)


def test_four_of_eight_are_too_few_for_a_common_cause(root: UUID, clock: SetClock) -> None:
    """product.md §8.1 (b): ≥ 20 % and ≥ 5."""
    sittings = sit(exam(root, candidates=8), 8)
    sweep()
    running(clock, sittings[4:], s=130)
    assert [s.state for s in sittings] == [State.STOPPED] * 4 + [State.IN_PROGRESS] * 4
