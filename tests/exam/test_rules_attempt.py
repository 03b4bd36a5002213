"""The attempt's state table and its guards."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from examhall.base.errors import Conflict, IllegalMove
from examhall.base.words import AttemptAct as Act
from examhall.base.words import AttemptState as State
from examhall.base.words import EndReason, Track
from examhall.exam.rules.attempt import (
    TERMINAL,
    TRANSITIONS,
    VOID_REVERSALS,
    RecordingMissing,
    StoppedAttempt,
    after,
    ensure_recording_confirmed,
    ensure_reopen,
    ensure_reopen_ended,
    is_legal,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

SPECIFIED = """
entering: start>in_progress void>voided
in_progress: pause>paused lose_heartbeat>interrupted stop>stopped hand_in>handed_in time_out>timed_out void>voided
paused: resume>in_progress stop>stopped hand_in>handed_in time_out>timed_out void>voided
interrupted: return>in_progress expire_window>stopped pause>paused stop>stopped time_out>timed_out void>voided
stopped: reopen>in_progress hand_in>handed_in time_out>timed_out void>voided
handed_in: void>voided
timed_out: reopen_ended>in_progress void>voided
voided:
"""


def _specified() -> dict[tuple[State, Act], State]:
    moves = {}
    for line in SPECIFIED.strip().splitlines():
        state, _, rest = line.partition(":")
        for move in rest.split():
            act, target = move.split(">")
            moves[State(state), Act(act)] = State(target)
    return moves


LEGAL = sorted(_specified().items())
ILLEGAL = sorted(set(product(State, Act)) - set(_specified()))


@pytest.mark.parametrize(("pair", "target"), LEGAL)
def test_each_move_of_the_specification_leads_where_it_says(pair: tuple[State, Act], target: State) -> None:
    """product.md §2.5: A2 to A12."""
    assert after(*pair) is target


@pytest.mark.parametrize("pair", ILLEGAL)
def test_no_other_pair_of_state_and_act_is_a_move(pair: tuple[State, Act]) -> None:
    """product.md §2.5: a positive table; everything else is refused with both words named."""
    with pytest.raises(IllegalMove) as refusal:
        after(*pair)
    assert (refusal.value.state, refusal.value.act, refusal.value.status) == (pair[0].value, pair[1].value, 409)


def test_the_table_holds_nothing_the_specification_does_not() -> None:
    """product.md §2.5: 26 pairs and no more."""
    assert _specified() == dict(TRANSITIONS)


@pytest.mark.parametrize(
    ("before", "restored"),
    [
        (State.HANDED_IN, State.HANDED_IN),
        (State.TIMED_OUT, State.TIMED_OUT),
        (State.IN_PROGRESS, State.TIMED_OUT),
        (State.PAUSED, State.TIMED_OUT),
        (State.INTERRUPTED, State.TIMED_OUT),
        (State.STOPPED, State.TIMED_OUT),
    ],
)
def test_a_reversed_void_remembers_how_the_attempt_ended(before: State, restored: State) -> None:
    """product.md §2.5 A13: back to the previous terminal state; one that ran comes back ended."""
    assert after(State.VOIDED, Act.REVERSE_VOID, before_void=before) is restored


@pytest.mark.parametrize("before", [State.ENTERING, State.VOIDED])
def test_a_void_before_the_start_cannot_be_reversed(before: State) -> None:
    """product.md §2.5 A13: there is no terminal state to go back to."""
    assert not is_legal(State.VOIDED, Act.REVERSE_VOID, before_void=before)


def test_a_reversed_void_is_always_terminal() -> None:
    """product.md §2.5 A13: going on needs a second act with its own entry."""
    assert set(VOID_REVERSALS.values()) <= TERMINAL - {State.VOIDED}


def test_start_names_each_track_that_has_not_arrived() -> None:
    """product.md §2.8: Start is refused with the failing track named."""
    with pytest.raises(RecordingMissing) as refusal:
        ensure_recording_confirmed(
            required=frozenset({Track.WEBCAM, Track.SCREEN}), confirmed=frozenset({Track.WEBCAM})
        )
    assert refusal.value.tracks == ["screen"]
    assert "screen" in refusal.value.message
    assert refusal.value.code == "recording_not_confirmed"


def test_start_goes_on_when_every_required_track_has_arrived() -> None:
    """product.md §2.5 A2: first segment of each required track received."""
    ensure_recording_confirmed(required=frozenset({Track.WEBCAM}), confirmed=frozenset({Track.WEBCAM, Track.SCREEN}))


def _stopped(reason: EndReason = EndReason.CONNECTION_LOST, *, reentry_allowed: bool = True) -> StoppedAttempt:
    return StoppedAttempt(reason, NOON, NOON + timedelta(hours=1), reentry_allowed)


@pytest.mark.parametrize("reason", [EndReason.CONNECTION_LOST, EndReason.CANDIDATE, EndReason.RULE])
def test_a_candidate_checks_in_again_after_their_own_loss(reason: EndReason) -> None:
    """R-0.38, product.md §8.6: by the candidate when re-entry is not prevented."""
    ensure_reopen(_stopped(reason), by_candidate=True, now=NOON - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("stopped", "now"),
    [
        (_stopped(EndReason.INVIGILATOR), NOON - timedelta(minutes=1)),
        (_stopped(reentry_allowed=False), NOON - timedelta(minutes=1)),
        (_stopped(), NOON),
    ],
)
def test_a_candidate_cannot_reopen_what_others_stopped_or_time_has_ended(
    stopped: StoppedAttempt, now: datetime
) -> None:
    """product.md §2.5 A9: stop cause connection or own exit, before deadline_at."""
    with pytest.raises(Conflict):
        ensure_reopen(stopped, by_candidate=True, now=now)


def test_staff_reopen_until_the_hard_end_and_not_after() -> None:
    """product.md §2.5 A9: before hard_end (staff)."""
    ensure_reopen(_stopped(EndReason.INVIGILATOR), by_candidate=False, now=NOON + timedelta(minutes=59))
    with pytest.raises(Conflict):
        ensure_reopen(_stopped(EndReason.INVIGILATOR), by_candidate=False, now=NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("ended_away", "minutes_later", "granted"),
    [(False, 15, 10), (True, 40, 1)],
)
def test_an_ended_attempt_can_be_reopened_in_time(ended_away: bool, minutes_later: int, granted: int) -> None:
    """product.md §2.5 A11b: within 15 minutes, or until hard_end when it ended while away."""
    ensure_reopen_ended(
        ended_at=NOON,
        ended_away=ended_away,
        hard_end=NOON + timedelta(hours=1),
        minutes=granted,
        now=NOON + timedelta(minutes=minutes_later),
    )


@pytest.mark.parametrize(
    ("ended_away", "minutes_later", "granted"),
    [(False, 16, 10), (True, 60, 10), (False, 1, 0), (True, 1, -5)],
)
def test_an_ended_attempt_stays_ended_otherwise(ended_away: bool, minutes_later: int, granted: int) -> None:
    """product.md §2.5 A11b."""
    with pytest.raises(Conflict):
        ensure_reopen_ended(
            ended_at=NOON,
            ended_away=ended_away,
            hard_end=NOON + timedelta(hours=1),
            minutes=granted,
            now=NOON + timedelta(minutes=minutes_later),
        )
