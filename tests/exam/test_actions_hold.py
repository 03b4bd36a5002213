"""Leaving full screen, losing a device, a second display: what the server makes of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import AttemptState as State
from examhall.base.words import EndReason, EntryKind, HoldCause, Track
from examhall.exam.access.hold import holds
from examhall.exam.actions.attempt import reopen
from examhall.exam.actions.intervention import pause, resume
from examhall.exam.actions.sweep import sweep
from examhall.exam.models import InvigilatorAssignment
from examhall.exam.reads.attempt import adjustments
from examhall.exam.rules.attempt import DevicesLost
from examhall.exam.rules.policy import Value
from tests.exam.sitting import Exam, Sitting, exam, noted_track, started

pytestmark = pytest.mark.django_db(transaction=True)

LEFT, BACK = EntryKind.LEFT_FULL_SCREEN, EntryKind.RETURNED_FULL_SCREEN
STARTED_HOLD, ENDED_HOLD = EntryKind.HOLD_STARTED, EntryKind.HOLD_ENDED
Sit = Callable[..., Sitting]


@pytest.fixture
def sit(root: UUID, clock: SetClock) -> Sit:
    def seated(*, invigilated: bool = True, minutes: int = 60, **policy: Value) -> Sitting:
        keys = {key.replace("__", "."): value for key, value in policy.items()}
        of = exam(root, policy=keys, minutes=minutes, invigilated=invigilated)
        if not invigilated:
            InvigilatorAssignment.objects.filter(schedule=of.schedule).delete()
        return started(of)

    return seated


def _pass(sitting: Sitting, clock: SetClock, seconds: int) -> None:
    """Time passes: a heartbeat and the sweeper at least every ten seconds."""
    step_s = 5 if seconds < 100 else 10
    for _ in range(seconds // step_s):
        clock.forward(s=step_s)
        sitting.beat()
        sweep()


def _back(sitting: Sitting, clock: SetClock, *, track: Track = Track.WEBCAM, epoch: int = 2) -> None:
    """The first fragment of the recorder's new start arrives now."""
    t_ms = int((clock.now() - sitting.row.entered_at).total_seconds() * 1000)
    noted_track(sitting.attempt, track=track, media_epoch=epoch, confirmed=True, t_ms=t_ms)


def _spent_s(sitting: Sitting, clock: SetClock) -> float:
    return holds(sitting.attempt, now=clock.now()).full_screen_spent.total_seconds()


def test_exits_within_the_budget_hide_nothing(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3: moderate forgives 15 s in all."""
    sitting = sit()
    for _ in range(2):
        sitting.tell(LEFT, how="left")
        clock.forward(s=7)
        sitting.tell(BACK)
        _pass(sitting, clock, 20)
    assert STARTED_HOLD not in sitting.kinds()
    assert _spent_s(sitting, clock) == 14


def test_the_exit_that_uses_the_budget_up_hides_the_exam_until_it_is_acknowledged(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3: hold hides the exam until the candidate is back and acknowledges a warning; A3b: no credit."""
    sitting = sit()
    ends = sitting.ends_at
    sitting.tell(LEFT)
    clock.forward(s=10)
    sitting.tell(BACK)
    clock.forward(s=5)
    out_at = clock.now()
    sitting.tell(LEFT)
    _pass(sitting, clock, 15)
    held = sitting.line(STARTED_HOLD)
    assert (held.at, held.extra, held.actor_role) == (out_at + timedelta(seconds=5), {"cause": "full_screen"}, "system")
    sitting.tell(BACK)
    assert ENDED_HOLD not in sitting.kinds()
    [waiting] = holds(sitting.attempt, now=clock.now()).unended
    assert waiting.restored
    clock.forward(s=3)
    sitting.tell(EntryKind.WARNING_ACK, cause="full_screen")
    assert sitting.line(ENDED_HOLD).extra == {"cause": "full_screen", "held_s": 13.0}
    assert sitting.ends_at == ends
    assert sitting.is_in(State.IN_PROGRESS)


def test_what_was_told_late_counts_from_when_it_happened(sit: Sit, clock: SetClock) -> None:
    """R-4.25, product.md P7: both lines come together, and the budget is counted all the same."""
    sitting = sit()
    clock.forward(s=20)
    sitting.tell(LEFT, ago_ms=19_000)
    sitting.tell(BACK, ago_ms=1_000)
    assert _spent_s(sitting, clock) == 18
    assert sitting.line(STARTED_HOLD).at == clock.now() - timedelta(seconds=4)


def test_a_slow_heartbeat_between_makes_no_exit_shorter(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3: 15 s away by the client's clock are 15 s, however long the lines took."""
    sitting = sit()
    clock.forward(s=5)
    sitting.tell(LEFT)
    clock.forward(s=10)
    sitting.beat(mono_ms=sitting.mono_ms + 900)
    clock.forward(s=5)
    sitting.tell(BACK)
    assert _spent_s(sitting, clock) == 15
    assert sitting.line(STARTED_HOLD).at == clock.now()


def test_severe_hides_the_exam_at_once(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3: severe 0 s (instant)."""
    sitting = sit(lock__full_screen="severe")
    clock.forward(s=5)
    sitting.tell(LEFT)
    assert sitting.line(STARTED_HOLD).at == clock.now()


@pytest.mark.parametrize(
    ("action", "invigilated", "state"),
    [
        ("flag", True, State.IN_PROGRESS),
        ("hold", True, State.IN_PROGRESS),
        ("pause", True, State.PAUSED),
        ("pause", False, State.IN_PROGRESS),
        ("stop", True, State.STOPPED),
    ],
)
def test_a_used_up_budget_leads_to_what_the_policy_says(
    sit: Sit, clock: SetClock, action: str, invigilated: bool, state: State
) -> None:
    """product.md §5.3 lock.full_screen_action, A3: a pause is a hold where nobody is assigned."""
    sitting = sit(invigilated=invigilated, lock__full_screen_action=action)
    out_at = clock.now()
    sitting.tell(LEFT)
    _pass(sitting, clock, 30)
    assert sitting.is_in(state)
    hidden = action == "hold" or (action == "pause" and not invigilated)
    assert (STARTED_HOLD in sitting.kinds()) is hidden
    moved_at = sitting.row.paused_at or sitting.row.stopped_at
    assert moved_at == (None if state is State.IN_PROGRESS else out_at + timedelta(seconds=15))


def test_a_rule_that_stops_says_why_and_lets_the_candidate_check_in_again(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A8, A9: attempt_stopped(reason); own exit with re-entry off."""
    sitting = sit(invigilated=False, lock__full_screen_action="stop")
    sitting.tell(LEFT)
    _pass(sitting, clock, 30)
    row, line = sitting.row, sitting.line(EntryKind.ATTEMPT_STOPPED)
    assert (row.end_reason, line.extra["reason"], line.extra["cause"]) == (EndReason.RULE, "rule", "full_screen")
    assert row.stop_reason == line.extra["text"] == "Full screen was left for longer than this exam allows."
    reopen(sitting.attempt, by=sitting.by)
    assert sitting.is_in(State.IN_PROGRESS)


def test_a_resumed_candidate_has_the_whole_budget_again(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3: else the resumed exam would be paused again at once, the candidate being still outside."""
    sitting = sit(lock__full_screen_action="pause")
    sitting.tell(LEFT)
    _pass(sitting, clock, 30)
    resumed_at = clock.now()
    resume(sitting.attempt, reason="It is mended.", by=sitting.by)
    _pass(sitting, clock, 10)
    assert sitting.is_in(State.IN_PROGRESS)
    _pass(sitting, clock, 15)
    assert sitting.row.paused_at == resumed_at + timedelta(seconds=15)


def test_time_out_of_full_screen_while_staff_hold_the_exam_is_not_counted(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A3: the exam stands still, and so does the budget."""
    sitting = sit()
    sitting.tell(LEFT)
    clock.forward(s=5)
    pause(sitting.attempt, by=sitting.by, reason="fire drill")
    _pass(sitting, clock, 60)
    resume(sitting.attempt, reason="It is mended.", by=sitting.by)
    _pass(sitting, clock, 5)
    sitting.tell(BACK)
    assert _spent_s(sitting, clock) == 10
    assert STARTED_HOLD not in sitting.kinds()


def test_what_is_left_or_restored_during_a_pause_is_known_when_it_ends(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A4: the client tells it once, the server must not forget it."""
    sitting = sit()
    pause(sitting.attempt, by=sitting.by, reason="fire drill")
    clock.forward(s=5)
    sitting.tell(LEFT)
    sitting.tell(EntryKind.DISPLAY_ADDED)
    clock.forward(s=5)
    sitting.tell(EntryKind.DISPLAY_REMOVED)
    clock.forward(s=5)
    resumed_at = clock.now()
    resume(sitting.attempt, reason="It is mended.", by=sitting.by)
    sweep()
    [open_one] = holds(sitting.attempt, now=clock.now()).unended
    assert (open_one.cause, open_one.broken_at) == (HoldCause.FULL_SCREEN, resumed_at)


def test_a_paused_exam_goes_on_only_when_its_recording_does(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A4: required tracks live again."""
    sitting = sit()
    pause(sitting.attempt, by=sitting.by, reason="fire drill")
    sitting.tell(EntryKind.TRACK_ENDED, track="screen", cause="permission_revoked")
    clock.forward(s=5)
    with pytest.raises(DevicesLost, match="screen") as refused:
        resume(sitting.attempt, reason="It is over.", by=sitting.by)
    assert list(refused.value.fields) == ["screen"]
    assert sitting.is_in(State.PAUSED)
    _back(sitting, clock, track=Track.SCREEN)
    resume(sitting.attempt, reason="It is over.", by=sitting.by)
    assert sitting.is_in(State.IN_PROGRESS)


@pytest.mark.parametrize("reaction", ["warn", "continue_flagged"])
def test_a_paused_exam_that_needs_no_device_goes_on_without(sit: Sit, reaction: str) -> None:
    """product.md §5.2 record.on_track_loss: only marked."""
    sitting = sit(record__on_track_loss=reaction)
    pause(sitting.attempt, by=sitting.by, reason="fire drill")
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    resume(sitting.attempt, reason="It is over.", by=sitting.by)
    assert sitting.is_in(State.IN_PROGRESS)


def test_a_lost_device_hides_the_exam_after_its_grace_and_the_time_comes_back(sit: Sit, clock: SetClock) -> None:
    """product.md §8.6, A3b: 20 s of grace, then hidden; the held time is given back."""
    sitting = sit()
    ends, lost_at = sitting.ends_at, clock.now()
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    _pass(sitting, clock, 60)
    held = sitting.line(STARTED_HOLD)
    assert (held.at, held.extra) == (lost_at + timedelta(seconds=20), {"cause": "device", "what": "webcam"})
    _back(sitting, clock)
    assert sitting.line(ENDED_HOLD).extra == {"cause": "device", "what": "webcam", "held_s": 40.0}
    assert sitting.ends_at == ends + timedelta(seconds=40)
    granted = sitting.line(EntryKind.EXTRA_TIME_GRANTED).extra
    assert (granted["kind"], granted["seconds"], granted["effective_s"]) == ("hold", 40.0, 40.0)
    assert [(a.kind, a.seconds) for a in adjustments(sitting.attempt)] == [("hold", 40.0)]
    assert holds(sitting.attempt, now=clock.now()).credit_left == timedelta(seconds=260)


def test_a_device_that_is_back_within_its_grace_costs_nothing(sit: Sit, clock: SetClock) -> None:
    """product.md §8.6: 20 s grace."""
    sitting = sit()
    sitting.tell(EntryKind.TRACK_ENDED, track="microphone", cause="device_lost")
    _pass(sitting, clock, 15)
    _back(sitting, clock)
    _pass(sitting, clock, 30)
    assert STARTED_HOLD not in sitting.kinds()


def test_media_from_before_the_loss_does_not_bring_the_device_back(sit: Sit, clock: SetClock) -> None:
    """product.md §8.6: what an older start of the recorder still uploads is no return."""
    sitting = sit()
    clock.forward(s=30)
    sitting.beat()
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    noted_track(sitting.attempt, track=Track.WEBCAM, media_epoch=2, confirmed=True, t_ms=10_000)
    _back(sitting, clock, track=Track.SCREEN)
    _pass(sitting, clock, 40)
    assert STARTED_HOLD in sitting.kinds()


def test_the_credit_of_an_attempt_ends_at_five_minutes(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A3b: up to hold_credit_max_s (300 s per attempt)."""
    sitting = sit()
    ends = sitting.ends_at
    for epoch in (2, 3, 4):
        sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
        _pass(sitting, clock, 180)
        _back(sitting, clock, epoch=epoch)
    assert sitting.ends_at == ends + timedelta(seconds=300)
    assert holds(sitting.attempt, now=clock.now()).credit_left == timedelta(0)
    assert sitting.kinds().count(ENDED_HOLD) == 3


def test_our_own_outage_during_a_hold_is_given_back_once(sit: Sit, clock: SetClock) -> None:
    """product.md §8.1, A3b: 60 s of outage as such, the rest of the hold as a hold."""
    sitting = sit()
    ends = sitting.ends_at
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    _pass(sitting, clock, 40)
    clock.forward(s=60)
    sweep()
    _pass(sitting, clock, 10)
    _back(sitting, clock)
    assert [(a.kind, a.seconds) for a in adjustments(sitting.attempt)] == [("outage", 60.0), ("hold", 30.0)]
    assert sitting.ends_at == ends + timedelta(seconds=90)


def test_two_lost_devices_are_given_back_once(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A3b: time is given back, not devices."""
    sitting = sit()
    ends = sitting.ends_at
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    sitting.tell(EntryKind.TRACK_ENDED, track="screen", cause="permission_revoked")
    _pass(sitting, clock, 50)
    _back(sitting, clock)
    _pass(sitting, clock, 30)
    _back(sitting, clock, track=Track.SCREEN)
    assert sitting.ends_at == ends + timedelta(seconds=60)


def test_a_device_that_stays_away_stops_the_exam_after_ten_minutes(sit: Sit, clock: SetClock) -> None:
    """product.md §8.6: if it cannot be restored within 10 min: stop, with the re-entry rule; the credit stays."""
    sitting = sit()
    ends, lost_at = sitting.ends_at, clock.now()
    sitting.tell(EntryKind.TRACK_ENDED, track="screen", cause="permission_revoked")
    _pass(sitting, clock, 620)
    assert (sitting.state, sitting.row.stopped_at) == (State.STOPPED, lost_at + timedelta(minutes=10))
    assert sitting.line(EntryKind.ATTEMPT_STOPPED).extra["cause"] == "device"
    assert sitting.ends_at == ends + timedelta(seconds=300)
    assert ENDED_HOLD in sitting.kinds()


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("warn", State.IN_PROGRESS),
        ("continue_flagged", State.IN_PROGRESS),
        ("pause", State.PAUSED),
        ("stop", State.STOPPED),
    ],
)
def test_a_lost_device_leads_to_what_the_policy_says(sit: Sit, clock: SetClock, action: str, state: State) -> None:
    """product.md §5.2 record.on_track_loss."""
    sitting = sit(record__on_track_loss=action)
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    _pass(sitting, clock, 60)
    assert sitting.is_in(state)
    assert STARTED_HOLD not in sitting.kinds()


def test_a_track_that_is_not_required_is_no_breach(sit: Sit, clock: SetClock) -> None:
    """product.md §5.2: when a required track ends; a client may send any word."""
    sitting = sit(record__screen=False)
    sitting.tell(EntryKind.TRACK_ENDED, track="screen", cause="device_lost")
    sitting.tell(EntryKind.TRACK_ENDED, track="toaster")
    _pass(sitting, clock, 40)
    assert STARTED_HOLD not in sitting.kinds()


def test_nobody_times_out_while_held_time_is_owed_to_them(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A3b, A11: the deadline waits for the hold, up to what it gives back."""
    sitting = sit(minutes=2)
    ends = sitting.ends_at
    _pass(sitting, clock, 60)
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    _pass(sitting, clock, 100)
    assert clock.now() > ends
    assert sitting.is_in(State.IN_PROGRESS)
    _back(sitting, clock)
    assert sitting.ends_at == ends + timedelta(seconds=80)
    _pass(sitting, clock, 40)
    assert (sitting.state, sitting.row.ended_at) == (State.TIMED_OUT, ends + timedelta(seconds=80))


def test_a_hold_that_never_ends_times_out_when_its_credit_is_used_up(sit: Sit, clock: SetClock) -> None:
    """product.md §8.6: up to 5 min given back; then the clock simply runs."""
    sitting = sit(minutes=1)
    ends = sitting.ends_at
    sitting.tell(EntryKind.TRACK_ENDED, track="webcam", cause="device_lost")
    _pass(sitting, clock, 400)
    assert (sitting.state, sitting.row.ended_at) == (State.TIMED_OUT, ends + timedelta(seconds=300))
    assert sitting.ends_at == ends + timedelta(seconds=300)
    assert sitting.kinds()[-1] is EntryKind.EXTRA_TIME_GRANTED


def test_a_second_display_hides_the_exam_until_it_is_gone_and_acknowledged(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3 lock.one_screen: during the exam it holds; no credit."""
    sitting = sit()
    ends = sitting.ends_at
    sitting.tell(EntryKind.DISPLAY_ADDED, extended=True)
    assert sitting.line(STARTED_HOLD).extra == {"cause": "display"}
    clock.forward(s=30)
    sitting.tell(EntryKind.WARNING_ACK, cause="display")
    assert ENDED_HOLD not in sitting.kinds()
    sitting.tell(EntryKind.DISPLAY_REMOVED)
    sitting.tell(EntryKind.WARNING_ACK, cause="full_screen")
    assert ENDED_HOLD not in sitting.kinds()
    sitting.tell(EntryKind.WARNING_ACK, cause="display")
    assert sitting.line(ENDED_HOLD).extra == {"cause": "display", "held_s": 30.0}
    assert sitting.ends_at == ends


def test_a_second_display_is_only_logged_where_it_is_allowed(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3 lock.one_screen."""
    sitting = sit(lock__one_screen=False)
    sitting.tell(EntryKind.DISPLAY_ADDED, extended=True)
    _pass(sitting, clock, 20)
    assert STARTED_HOLD not in sitting.kinds()


def test_a_reload_says_the_same_again_and_nothing_begins_anew(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5: a new page tells that it is not in full screen."""
    sitting = sit()
    sitting.tell(LEFT)
    clock.forward(s=8)
    sitting.tell(LEFT, how="not_entered")
    clock.forward(s=2)
    assert _spent_s(sitting, clock) == 10
    assert len(holds(sitting.attempt, now=clock.now()).unended) == 1


def test_leaving_again_before_the_acknowledgement_is_the_same_hold(sit: Sit, clock: SetClock) -> None:
    """product.md §5.3: until the candidate is back and acknowledges."""
    sitting = sit(lock__full_screen="severe")
    sitting.tell(LEFT)
    sitting.tell(BACK)
    sitting.tell(LEFT)
    sitting.tell(EntryKind.WARNING_ACK, cause="full_screen")
    assert ENDED_HOLD not in sitting.kinds()
    sitting.tell(BACK)
    sitting.tell(EntryKind.WARNING_ACK, cause="full_screen")
    assert [kind for kind in sitting.kinds() if kind in {STARTED_HOLD, ENDED_HOLD}] == [STARTED_HOLD, ENDED_HOLD]


def test_nothing_is_a_breach_before_the_start(root: UUID, clock: SetClock) -> None:
    """R-0.24: checks are no exam."""
    of: Exam = exam(root)
    sitting = started(of)
    sitting.row.__class__.objects.filter(id=sitting.attempt).update(state=State.ENTERING)
    sitting.tell(LEFT)
    assert not holds(sitting.attempt, now=clock.now()).unended


def test_a_silent_client_is_not_judged_by_what_it_could_not_tell(sit: Sit, clock: SetClock) -> None:
    """product.md §2.5 A5: the return may wait on its device; what follows is dated by when it happened."""
    sitting = sit(lock__full_screen_action="stop")
    sitting.tell(LEFT)
    clock.forward(s=60)
    sweep()
    assert sitting.is_in(State.INTERRUPTED)
    sitting.tell(BACK, ago_ms=50_000)
    sitting.beat()
    _pass(sitting, clock, 20)
    assert sitting.is_in(State.IN_PROGRESS)
    assert _spent_s(sitting, clock) == 10
