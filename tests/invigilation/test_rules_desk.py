"""What a row of the dashboard says."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from examhall.base.words import AttemptState, SessionState
from examhall.invigilation.rules.desk import (
    CameraSign,
    Chip,
    Heard,
    Seen,
    camera_sign,
    chip_of,
    counts,
    heard,
    needs_attention,
    shared_addresses,
    time_left_s,
    urgency,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize("state", [*AttemptState, None])
def test_every_state_has_a_chip_and_a_place(state: AttemptState | None) -> None:
    """product.md I2: states, filters and counts per state."""
    assert isinstance(urgency(chip_of(state), unreviewed=0)[0], int)


@pytest.mark.parametrize(
    ("seen", "connection"),
    [
        (Seen(state=None, last_seen_at=None, away_since=None), Heard.NONE),
        (Seen(state=AttemptState.IN_PROGRESS, last_seen_at=ago(4), away_since=None), Heard.ONLINE),
        (Seen(state=AttemptState.IN_PROGRESS, last_seen_at=ago(11), away_since=None), Heard.WEAK),
        (Seen(state=AttemptState.INTERRUPTED, last_seen_at=ago(20), away_since=ago(17)), Heard.LOST),
        (Seen(state=AttemptState.PAUSED, last_seen_at=ago(20), away_since=ago(17)), Heard.LOST),
        (Seen(state=AttemptState.STOPPED, last_seen_at=ago(1), away_since=None), Heard.ONLINE),
        (Seen(state=AttemptState.STOPPED, last_seen_at=ago(16), away_since=None), Heard.AWAY),
        (Seen(state=AttemptState.HANDED_IN, last_seen_at=ago(1), away_since=None), Heard.NONE),
    ],
)
def test_the_connection_is_said_in_five_words(seen: Seen, connection: Heard) -> None:
    """product.md I2: connection with age."""
    assert heard(seen, now=NOW)[0] is connection


@pytest.mark.parametrize(
    ("session", "unreviewed", "sign"),
    [
        (None, 0, CameraSign.NO_RECORDING),
        (SessionState.NOT_RECORDED, 0, CameraSign.NO_RECORDING),
        (SessionState.RECORDING, 2, CameraSign.RECORDING),
        (SessionState.ANALYSING, 0, CameraSign.PROCESSING),
        (SessionState.REVIEW_READY, 0, CameraSign.READY),
        (SessionState.REVIEW_READY, 2, CameraSign.UNREVIEWED),
    ],
)
def test_the_camera_icon_has_the_states_of_the_sources(
    session: SessionState | None, unreviewed: int, sign: CameraSign
) -> None:
    """R-0.29: no recording, recording now, processing, ready, incidents unreviewed."""
    assert camera_sign(session, unreviewed=unreviewed) is sign


def test_a_paused_clock_stands() -> None:
    """product.md §2.5 A3: the time left is that of the moment of the pause."""
    deadline = NOW + timedelta(minutes=10)
    assert time_left_s(deadline_at=deadline, paused_at=None, now=NOW, chip=Chip.IN_PROGRESS) == 600
    assert time_left_s(deadline_at=deadline, paused_at=ago(60), now=NOW, chip=Chip.PAUSED) == 660
    assert time_left_s(deadline_at=deadline, paused_at=None, now=NOW, chip=Chip.HANDED_IN) is None


def test_an_address_is_shared_by_two_people_not_by_two_attempts_of_one() -> None:
    """R-4.30: the marker stands for different candidates."""
    one, other = uuid4(), uuid4()
    assert shared_addresses([(one, "192.0.2.1"), (one, "192.0.2.1"), (other, "192.0.2.2"), (other, "")]) == frozenset()
    assert shared_addresses([(one, "192.0.2.1"), (other, "192.0.2.1")]) == {"192.0.2.1"}


def test_what_needs_a_person_is_counted_and_comes_first() -> None:
    """look/README §8: attention first."""
    assert needs_attention(Chip.IN_PROGRESS, Heard.ONLINE, unreviewed=1)
    assert not needs_attention(Chip.HANDED_IN, Heard.NONE, unreviewed=3)
    assert urgency(Chip.IN_PROGRESS, unreviewed=2) < urgency(Chip.IN_PROGRESS, unreviewed=0)
    assert urgency(Chip.STOPPED, unreviewed=0) < urgency(Chip.IN_PROGRESS, unreviewed=9)
    found = counts([(Chip.STOPPED, True), (Chip.IN_PROGRESS, False)])
    assert (found[Chip.ALL], found[Chip.ATTENTION], found[Chip.STOPPED], found[Chip.PAUSED]) == (2, 1, 1, 0)
