"""The life of an attempt through its actions: A1 to A13."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotAllowed, NotFound, StaleLease
from examhall.base.words import AttemptState as State
from examhall.base.words import EndReason, EntryKind, RegistrationState, Track
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.actions.attempt import enter, hand_in, reopen, reopen_ended, reverse_void, start, void
from examhall.exam.actions.intervention import stop
from examhall.exam.actions.sweep import bring_up_to_now, sweep
from examhall.exam.models import Activation, Attempt, Receipt, Registration
from examhall.exam.reads.attempt import adjustments
from examhall.exam.rules.attempt import RecordingMissing
from examhall.journal.reads import verify
from examhall.people.rules.actor import Actor
from tests.exam.sitting import entered, exam, noted_track, started

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = Actor(user_id=uuid4(), name="Second Person", role="staff")


def test_entering_makes_one_attempt_with_a_journal(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A1: page_visited; the timer does not run; a second entry is the same attempt."""
    of = exam(root)
    first = enter(of.registrations[0], by=of.candidates[0])
    again = enter(of.registrations[0], by=of.candidates[0])
    row = Attempt.objects.get(id=first)
    assert again == first
    assert (row.state, row.entered_at, row.started_at, row.deadline_at) == (State.ENTERING, clock.now(), None, None)
    assert Registration.objects.get(id=of.registrations[0]).state == RegistrationState.PRESENT


def test_nobody_enters_for_another(root: UUID, clock: SetClock) -> None:
    """product.md §3.1: absent and not yours look the same."""
    of = exam(root, candidates=2)
    with pytest.raises(NotFound):
        enter(of.registrations[0], by=of.candidates[1])
    with pytest.raises(NotFound):
        enter(uuid4(), by=of.candidates[1])


@pytest.mark.parametrize(
    ("minutes_later", "state"),
    [(-11, RegistrationState.INVITED), (180, RegistrationState.INVITED), (0, RegistrationState.BARRED)],
)
def test_entry_is_refused_before_after_and_to_the_barred(
    root: UUID, clock: SetClock, minutes_later: int, state: RegistrationState
) -> None:
    """product.md §2.5 A1: in the window, registration ok."""
    of = exam(root)
    Registration.objects.filter(id=of.registrations[0]).update(state=state)
    clock.forward(s=60 * minutes_later)
    with pytest.raises(Conflict):
        enter(of.registrations[0], by=of.candidates[0])


def test_start_runs_the_clock_and_is_idempotent(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A2: exam_started; a repeat answers the first start."""
    sitting = entered(exam(root, minutes=50))
    clock.forward(s=30)
    first = start(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    began = clock.now()
    clock.forward(s=5)
    again = start(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    assert again == first
    assert (first.started_at, first.deadline_at) == (began, began + timedelta(minutes=50))
    assert sitting.kinds() == [EntryKind.PAGE_VISITED, EntryKind.CLIENT_CONNECTED, EntryKind.EXAM_STARTED]
    assert verify(sitting.row.stream_id) is None


def test_start_is_refused_until_each_required_track_has_arrived(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A2, §2.8: recording confirmed by the server; the failing track is named."""
    of = exam(root)
    sitting = entered(of)
    Attempt.objects.filter(id=sitting.attempt).update(tracks_confirmed=[])
    noted_track(sitting.attempt, track=Track.WEBCAM, media_epoch=3, confirmed=True)
    noted_track(sitting.attempt, track=Track.SCREEN, media_epoch=2, confirmed=False)
    with pytest.raises(RecordingMissing) as refusal:
        start(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    assert refusal.value.tracks == ["screen"]
    assert sitting.is_in(State.ENTERING)
    assert sitting.row.media_epochs == {"webcam": 3, "screen": 2}


def test_start_needs_the_lease(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A2: lease held."""
    sitting = entered(exam(root))
    with pytest.raises(StaleLease):
        start(sitting.attempt, by=sitting.by, epoch=sitting.epoch - 1)


def test_a_late_start_ends_at_the_hard_end(root: UUID, clock: SetClock) -> None:
    """product.md T2: never past registration.hard_end."""
    of = exam(root, minutes=60, open_for=timedelta(minutes=20))
    sitting = started(of)
    assert sitting.row.deadline_at == of.schedule.deadline


def test_extra_time_of_an_accommodation_is_in_the_deadline(root: UUID, clock: SetClock) -> None:
    """product.md §5.8: re-resolved until the start."""
    of = exam(root, minutes=60)
    sitting = entered(of)
    Registration.objects.filter(id=of.registrations[0]).update(extra_time_s=900)
    ends = start(sitting.attempt, by=sitting.by, epoch=sitting.epoch).deadline_at
    assert ends == clock.now() + timedelta(minutes=75)


def test_handing_in_twice_gives_one_receipt(root: UUID, clock: SetClock) -> None:
    """product.md §2.5: hand-in is idempotent; repeated clicks return the same receipt."""
    sitting = started(exam(root))
    sitting.save(sitting.answer("a", question=1), sitting.answer("", question=2))
    first = hand_in(sitting.attempt, by=sitting.by, idempotency_key="k1", epoch=sitting.epoch)
    clock.forward(s=3)
    again = hand_in(sitting.attempt, by=sitting.by, idempotency_key="k2", epoch=sitting.epoch)
    assert again == first
    assert (first.answered, first.total) == (1, 3)
    assert sitting.is_in(State.HANDED_IN)
    assert sitting.kinds().count(EntryKind.EXAM_COMPLETED) == 1
    assert sitting.line(EntryKind.EXAM_COMPLETED).extra["by"] == EndReason.CANDIDATE
    assert sitting.row.registration.state == RegistrationState.FINISHED


def test_an_invigilator_hands_in_for_the_candidate(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A10: invigilator "hand in for candidate"; the entry names who did it."""
    of = exam(root)
    sitting = started(of)
    stop(sitting.attempt, by=of.invigilator, reason="left the room")
    hand_in(sitting.attempt, by=of.invigilator)
    line = sitting.line(EntryKind.EXAM_COMPLETED)
    assert (line.actor_id, line.extra["by"]) == (of.invigilator.user_id, EndReason.INVIGILATOR)


def test_a_hand_in_after_the_time_out_ends_nothing_twice(root: UUID, clock: SetClock) -> None:
    """product.md §2.5: whichever commits first wins; the other is a no-op event."""
    sitting = started(exam(root, minutes=1))
    clock.forward(s=10)
    sitting.beat()
    ends_at = sitting.ends_at
    clock.forward(s=55)
    receipt = hand_in(sitting.attempt, by=sitting.by, idempotency_key="k", epoch=sitting.epoch)
    assert sitting.is_in(State.TIMED_OUT)
    assert receipt.handed_in_at == ends_at == sitting.row.ended_at
    assert sitting.kinds().count(EntryKind.EXAM_COMPLETED) == 1


def test_nothing_can_be_handed_in_before_the_start_and_the_refusal_changes_nothing(root: UUID, clock: SetClock) -> None:
    """product.md §2.5: no such pair in the table."""
    sitting = entered(exam(root))
    before = sitting.kinds()
    with pytest.raises(IllegalMove):
        hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    assert (sitting.state, sitting.kinds(), Receipt.objects.count()) == (State.ENTERING, before, 0)


def test_time_runs_out_for_a_client_that_is_gone(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A11, §8.4: a server deadline; effective when it was due, however late the sweeper."""
    sitting = started(exam(root, minutes=1))
    ends_at = sitting.ends_at
    clock.forward(s=600)
    bring_up_to_now(sitting.attempt)
    row = sitting.row
    assert (row.state, row.ended_at, row.end_reason, row.ended_away) == (State.TIMED_OUT, ends_at, "time", True)
    assert sitting.kinds()[-2:] == [EntryKind.HEARTBEAT_LOST, EntryKind.EXAM_COMPLETED]
    assert sitting.line(EntryKind.EXAM_COMPLETED).at == ends_at


def test_an_attempt_whose_settings_were_altered_stops_no_other_clock(root: UUID, clock: SetClock) -> None:
    """product.md §2.5, §8.1: what cannot be judged of one attempt keeps no other waiting, with a hold or without."""
    altered, whole = started(exam(root, minutes=1)), started(exam(root, minutes=1))
    altered.tell(EntryKind.LEFT_FULL_SCREEN)
    activation = Activation.objects.get(id=altered.row.activation_id)
    Activation.objects.filter(id=activation.id).update(policy={**activation.policy, "sha256": "0" * 64})
    policy_of_activation.cache_clear()
    clock.forward(s=600)
    sweep()
    assert (altered.state, whole.state) == (State.IN_PROGRESS, State.TIMED_OUT)


def test_a_candidate_checks_in_again_after_a_lost_connection(root: UUID, clock: SetClock) -> None:
    """R-0.38: allowed by default without an invigilator; the clock has kept running, none of it is given back."""
    sitting = started(exam(root))
    ends_at = sitting.ends_at
    clock.forward(s=200)
    bring_up_to_now(sitting.attempt)
    reopen(sitting.attempt, by=sitting.by, give_back_s=500)
    assert (sitting.state, sitting.row.deadline_at, adjustments(sitting.attempt)) == (State.IN_PROGRESS, ends_at, [])
    assert sitting.line(EntryKind.ATTEMPT_REOPENED).actor_role == "candidate"


def test_with_an_invigilator_the_candidate_has_to_ask(root: UUID, clock: SetClock) -> None:
    """R-0.38: by approval; staff may give back up to the stopped time and no more."""
    of = exam(root, invigilated=True)
    sitting = started(of)
    ends_at = sitting.ends_at
    clock.forward(s=420)
    bring_up_to_now(sitting.attempt)
    with pytest.raises(Conflict):
        reopen(sitting.attempt, by=sitting.by)
    reopen(sitting.attempt, by=of.invigilator, reason="power cut", give_back_s=9999)
    assert sitting.row.deadline_at == ends_at + timedelta(seconds=300)
    assert sitting.line(EntryKind.ATTEMPT_REOPENED).extra["given_back_s"] == 300


def test_an_ended_attempt_gets_its_minutes_from_now(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A11b, §8.4: same attempt, logged, granted minutes."""
    of = exam(root, minutes=1)
    sitting = started(of)
    clock.forward(s=70)
    bring_up_to_now(sitting.attempt)
    ends_at = reopen_ended(sitting.attempt, by=of.invigilator, minutes=10, reason="fire drill")
    assert ends_at == clock.now() + timedelta(minutes=10) == sitting.row.deadline_at
    assert sitting.is_in(State.IN_PROGRESS)
    assert sitting.line(EntryKind.ATTEMPT_REOPENED).extra["ended"] is True
    assert sitting.row.registration.state == RegistrationState.SITTING


def test_a_void_is_kept_and_can_be_taken_back(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A12, A13: voided, void_reversed, previous terminal state."""
    of = exam(root)
    sitting = started(of)
    hand_in(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    ended_at = sitting.row.ended_at
    clock.forward(s=60)
    void(sitting.attempt, by=of.invigilator, reason="wrong person")
    assert sitting.is_in(State.VOIDED)
    with pytest.raises(NotAllowed, match="Somebody else"):
        reverse_void(sitting.attempt, by=of.invigilator, reason="appeal upheld")
    with pytest.raises(BadInput):
        reverse_void(sitting.attempt, by=SECOND, reason="")
    reverse_void(sitting.attempt, by=SECOND, reason="appeal upheld")
    assert (sitting.state, sitting.row.ended_at) == (State.HANDED_IN, ended_at)
    assert sitting.kinds()[-2:] == [EntryKind.VOIDED, EntryKind.VOID_REVERSED]
    with pytest.raises(IllegalMove):
        reverse_void(sitting.attempt, by=SECOND, reason="again")


def test_a_void_needs_a_reason(root: UUID, clock: SetClock) -> None:
    """product.md §2.5 A12: reason."""
    of = exam(root)
    sitting = started(of)
    with pytest.raises(BadInput):
        void(sitting.attempt, by=of.invigilator, reason=" ")
    assert sitting.is_in(State.IN_PROGRESS)


def test_a_void_is_not_taken_back_over_an_open_attempt(root: UUID, clock: SetClock) -> None:
    """product.md §2.2: at most one non-terminal attempt per registration."""
    of = exam(root, attempts=2)
    sitting = started(of)
    void(sitting.attempt, by=of.invigilator, reason="wrong paper")
    second = enter(of.registrations[0], by=of.candidates[0])
    assert second != sitting.attempt
    with pytest.raises(Conflict):
        reverse_void(sitting.attempt, by=SECOND, reason="mistake")
    with pytest.raises(Conflict):
        third = exam(root)
        Registration.objects.filter(id=third.registrations[0]).update(attempts_allowed=0)
        enter(third.registrations[0], by=third.candidates[0])
