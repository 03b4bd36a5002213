"""Lost and restored heartbeats, the two-minute window, and what the sweeper decides."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from examhall.base.clock import SetClock
from examhall.base.errors import StaleLease
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.base.writer import perform
from examhall.exam.actions.heartbeat import HEAR
from examhall.exam.actions.intervention import pause, resume
from examhall.exam.actions.lease import take
from examhall.exam.actions.sweep import sweep
from examhall.exam.rules.policy import OnWindowExpired
from examhall.journal.reads import verify
from tests.exam.sitting import Sitting, exam, started

pytestmark = pytest.mark.django_db(transaction=True)

LOST, BACK, STOPPED = EntryKind.HEARTBEAT_LOST, EntryKind.HEARTBEAT_RESTORED, EntryKind.ATTEMPT_STOPPED


@pytest.fixture
def sitting(root: UUID, clock: SetClock) -> Sitting:
    return started(exam(root))


def swept(clock: SetClock, *, s: float) -> None:
    """Let `s` seconds pass under a running sweeper."""
    for _ in range(int(s)):
        clock.forward(s=1)
        sweep()
    clock.forward(s=s - int(s))


def after_start(sitting: Sitting) -> list[EntryKind]:
    kinds = sitting.kinds()
    return kinds[kinds.index(EntryKind.EXAM_STARTED) + 1 :]


@pytest.mark.parametrize("gone_s", [15, 119, 120])
@pytest.mark.parametrize("watching", [True, False])
def test_a_return_within_120_s_goes_on_with_the_same_clock(
    sitting: Sitting, clock: SetClock, *, gone_s: int, watching: bool
) -> None:
    """R-0.37, §8.2: 119 and 120.0 s continue, whether or not the sweeper has looked meanwhile."""
    ends_at = sitting.ends_at
    swept(clock, s=gone_s) if watching else clock.forward(s=gone_s)
    heard = sitting.beat()
    assert (heard.state, heard.deadline_at) == (State.IN_PROGRESS, ends_at)
    assert after_start(sitting) == [LOST, BACK]
    assert sitting.line(BACK).extra["gap_s"] == gone_s


@pytest.mark.parametrize("watching", [True, False])
def test_a_return_after_121_s_finds_the_exam_stopped_as_of_120_s(
    sitting: Sitting, clock: SetClock, *, watching: bool
) -> None:
    """R-0.38, §8.2: stopped as of loss + 120 s; kept, not handed in; the clock runs on."""
    lost_at, ends_at = clock.now(), sitting.row.deadline_at
    swept(clock, s=121) if watching else clock.forward(s=121)
    heard = sitting.beat()
    row = sitting.row
    assert (heard.state, heard.deadline_at) == (State.STOPPED, ends_at)
    assert (row.stopped_at, row.end_reason) == (lost_at + timedelta(seconds=120), "connection_lost")
    assert after_start(sitting) == [LOST, STOPPED, BACK]
    assert [line.at - lost_at for line in sitting.lines()[-3:]] == [timedelta(seconds=s) for s in (15, 120, 121)]
    assert verify(row.stream_id) is None


def test_a_hundred_ids_that_are_no_message_take_no_more_queries_than_none(sitting: Sitting) -> None:
    """Bad input: a client may claim to have read anything; the writer's time is everybody's."""

    def asked(read: list[UUID]) -> int:
        with CaptureQueriesContext(connection) as queries:
            sitting.beat(messages_read=read)
        return len(queries)

    asked([])
    assert asked([uuid4() for _ in range(100)]) == asked([])


def test_a_silent_client_is_interrupted_after_15_s(sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5 A5: no heartbeat for heartbeat_lost_s."""
    swept(clock, s=14.5)
    assert sitting.is_in(State.IN_PROGRESS)
    swept(clock, s=1)
    assert sitting.is_in(State.INTERRUPTED)


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        (OnWindowExpired.STOP, State.STOPPED),
        (OnWindowExpired.PAUSE, State.PAUSED),
        (OnWindowExpired.CONTINUE_FLAGGED, State.INTERRUPTED),
    ],
)
def test_the_policy_says_what_an_expired_window_does(
    root: UUID, clock: SetClock, choice: OnWindowExpired, state: State
) -> None:
    """product.md §5.4 conn.on_window_expired."""
    sitting = started(exam(root, policy={"conn.on_window_expired": choice.value}))
    swept(clock, s=125)
    assert sitting.state is state
    swept(clock, s=3)
    assert len(after_start(sitting)) == 2


def test_a_flagged_candidate_comes_back_and_goes_on(root: UUID, clock: SetClock) -> None:
    """product.md §5.4: continue_flagged never stops anybody."""
    sitting = started(exam(root, policy={"conn.on_window_expired": "continue_flagged"}))
    clock.forward(s=400)
    assert sitting.beat().state is State.IN_PROGRESS
    assert after_start(sitting) == [LOST, LOST, BACK]
    assert sitting.row.window_flagged_at is None


def test_a_pause_has_no_stop_clock_and_the_window_starts_at_the_resume(root: UUID, clock: SetClock) -> None:
    """product.md §2.5: interrupted while paused: loss is logged, no stop clock runs."""
    of = exam(root)
    sitting = started(of)
    pause(sitting.attempt, by=of.invigilator, reason="fire alarm")
    swept(clock, s=300)
    assert after_start(sitting) == [EntryKind.EXAM_PAUSED, LOST]
    resume(sitting.attempt, by=of.invigilator, reason="x")
    swept(clock, s=119)
    assert sitting.is_in(State.INTERRUPTED)
    assert sitting.beat().state is State.IN_PROGRESS


def test_a_pause_during_a_loss_takes_effect_at_once_and_stops_the_stop_clock(root: UUID, clock: SetClock) -> None:
    """R-1.12: an offline candidate is paused in server time at once; applied on reconnect."""
    of = exam(root)
    sitting = started(of)
    swept(clock, s=100)
    pause(sitting.attempt, by=of.invigilator, reason="call me")
    assert sitting.line(EntryKind.EXAM_PAUSED).extra["pending"] is True
    swept(clock, s=100)
    assert sitting.beat().state is State.PAUSED
    assert after_start(sitting) == [LOST, EntryKind.EXAM_PAUSED, BACK]


def test_a_client_under_an_old_epoch_is_told_so_and_does_not_keep_the_attempt_alive(
    sitting: Sitting, clock: SetClock
) -> None:
    """product.md §2.5: two tabs: the old one becomes read-only within one heartbeat."""
    take(sitting.attempt, by=sitting.by, client_id="tab-2", takeover=True)
    clock.forward(s=10)
    with pytest.raises(StaleLease):
        sitting.beat()
    assert sitting.row.last_seen_at == clock.now() - timedelta(seconds=10)


def test_a_changed_network_is_logged_once_per_change(sitting: Sitting, clock: SetClock) -> None:
    """product.md §9 ip_changed."""
    elsewhere = type(sitting.by)(user_id=sitting.by.user_id, name=sitting.by.name, role="candidate", ip="198.51.100.9")
    for by in (sitting.by, elsewhere, elsewhere):
        sitting.beat(by=by)
    assert after_start(sitting) == [EntryKind.IP_CHANGED]
    line = sitting.line(EntryKind.IP_CHANGED)
    assert (line.ip, line.extra["from"]) == ("198.51.100.9", "192.0.2.7")


@pytest.mark.parametrize(("off_s", "noted"), [(120, 0), (-120, 0), (121, 1), (-7200, 1)])
def test_a_wrong_client_clock_is_noted_once_and_changes_nothing(
    sitting: Sitting, clock: SetClock, off_s: int, noted: int
) -> None:
    """product.md §2.5: off by > 120 s: one log event clock_skew with the offset, no effect."""
    ends_at = sitting.ends_at
    for _ in range(3):
        clock.forward(s=5)
        heard = sitting.beat(client_at=clock.now() + timedelta(seconds=off_s))
    assert after_start(sitting) == [EntryKind.CLOCK_SKEW] * noted
    assert (heard.state, heard.deadline_at) == (State.IN_PROGRESS, ends_at)


def test_a_batch_of_many_candidates_answers_each(root: UUID, clock: SetClock) -> None:
    """design.md §3: one refused command costs no other its place."""
    of = exam(root, candidates=5)
    sittings = [started(of, who=who) for who in range(5)]
    clock.forward(s=5)
    commands = [s.heartbeat(epoch=s.epoch - (n == 2)) for n, s in enumerate(sittings)]
    outcomes = perform(HEAR, commands)
    assert [isinstance(outcome, StaleLease) for outcome in outcomes] == [n == 2 for n in range(5)]
    assert [s.row.last_seen_at == clock.now() for s in sittings] == [n != 2 for n in range(5)]
