"""Connecting: one client holds the attempt."""

from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EntryKind
from examhall.exam.actions.attempt import hand_in
from examhall.exam.actions.lease import take
from examhall.exam.rules.lease import Connect, HeldElsewhere
from tests.exam.sitting import exam, started

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_tabs_have_one_winner(root: UUID, clock: SetClock) -> None:
    """Issue 2: two tabs give one winner: the second is asked first, then takes over."""
    sitting = started(exam(root))
    with pytest.raises(HeldElsewhere):
        take(sitting.attempt, by=sitting.by, client_id="tab-2")
    assert sitting.row.lease.epoch == sitting.epoch
    taken = take(sitting.attempt, by=sitting.by, client_id="tab-2", takeover=True)
    assert (taken.epoch, taken.how) == (sitting.epoch + 1, Connect.TAKEN_OVER)
    assert sitting.kinds()[-1] is EntryKind.CLIENT_TAKEN_OVER


def test_another_device_takes_over_from_a_silent_one_within_the_window(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A6: or a takeover (epoch + 1)."""
    sitting = started(exam(root))
    clock.forward(s=60)
    taken = take(sitting.attempt, by=sitting.by, client_id="phone")
    assert (taken.how, sitting.state) == (Connect.RETURNED, State.IN_PROGRESS)
    assert sitting.kinds()[-3:] == [
        EntryKind.HEARTBEAT_LOST,
        EntryKind.HEARTBEAT_RESTORED,
        EntryKind.CLIENT_CONNECTED,
    ]


def test_a_reload_of_the_same_tab_is_not_a_question(root: UUID, clock: SetClock) -> None:
    """product.md §2.5: browser crash: the client re-acquires the lease."""
    sitting = started(exam(root))
    assert take(sitting.attempt, by=sitting.by, client_id="tab-1").how is Connect.SAME_CLIENT


def test_two_people_fighting_for_an_exam_pause_it(root: UUID, clock: SetClock) -> None:
    """product.md §8.3: takeover more than 3 times in 10 minutes → pause and alert."""
    sitting = started(exam(root))
    states = []
    for n in range(4):
        clock.forward(s=10)
        take(sitting.attempt, by=sitting.by, client_id=f"device-{n % 2}", takeover=True)
        states.append(sitting.state)
    assert states == [State.IN_PROGRESS] * 3 + [State.PAUSED]
    assert "taken over" in sitting.line(EntryKind.EXAM_PAUSED).extra["reason"]


def test_a_client_may_connect_after_the_end_and_changes_nothing_but_the_lease(root: UUID, clock: SetClock) -> None:
    """product.md §2.8 closing: the client uploads the rest."""
    sitting = started(exam(root))
    hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    ended_at = sitting.row.ended_at
    clock.forward(s=100)
    assert take(sitting.attempt, by=sitting.by, client_id="tab-1").epoch == sitting.epoch + 1
    assert (sitting.state, sitting.row.ended_at) == (State.HANDED_IN, ended_at)
