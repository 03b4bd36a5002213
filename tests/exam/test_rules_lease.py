"""One client holds an attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from examhall.base.errors import StaleLease
from examhall.exam.rules.lease import Connect, Grant, Held, HeldElsewhere, connect, ensure_current, fighting

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LOST = timedelta(seconds=15)


def _connect(held: Held | None, client_id: str, *, takeover: bool = False) -> Grant:
    return connect(held, client_id=client_id, takeover=takeover, now=NOON, heartbeat_lost=LOST)


def _held(silent_s: float) -> Held:
    return Held("tab-1", 4, NOON - timedelta(seconds=silent_s))


def test_the_first_client_gets_epoch_one() -> None:
    """product.md §2.2 Lease."""
    assert _connect(None, "tab-1") == Grant(1, Connect.FIRST)


def test_a_reload_of_the_same_client_raises_the_epoch() -> None:
    """product.md §2.5: on return the client re-acquires the lease (epoch + 1)."""
    assert _connect(_held(1), "tab-1") == Grant(5, Connect.SAME_CLIENT)


def test_a_second_live_client_is_asked_first() -> None:
    """product.md §2.5: two tabs: "This exam is open elsewhere. Continue here?"."""
    with pytest.raises(HeldElsewhere) as refusal:
        _connect(_held(14.9), "tab-2")
    assert (refusal.value.code, refusal.value.status) == ("held_elsewhere", 409)


def test_continue_here_takes_the_lease() -> None:
    """product.md §2.5: Continue transfers the lease (epoch + 1)."""
    assert _connect(_held(1), "tab-2", takeover=True) == Grant(5, Connect.TAKEN_OVER)


def test_a_silent_holder_is_not_in_the_way() -> None:
    """product.md §8.3: interrupted: nothing more is needed."""
    assert _connect(_held(15), "tab-2") == Grant(5, Connect.RETURNED)


@pytest.mark.parametrize("epoch", [3, 5])
def test_a_write_under_another_epoch_is_stale(epoch: int) -> None:
    """product.md §2.5: writes with an old epoch get 409 stale_lease; one from the future is as wrong."""
    ensure_current(epoch=4, current=4)
    with pytest.raises(StaleLease):
        ensure_current(epoch=epoch, current=4)


@pytest.mark.parametrize(("minutes_ago", "fight"), [([0, 1, 2, 3], True), ([0, 1, 2], False), ([0, 1, 2, 10], False)])
def test_more_than_three_takeovers_in_ten_minutes_are_a_fight(minutes_ago: list[int], fight: bool) -> None:
    """product.md §8.3: pause and alert."""
    assert fighting([NOON - timedelta(minutes=m) for m in minutes_ago], now=NOON) is fight
