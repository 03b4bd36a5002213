"""What an invigilator does to a running attempt."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, IllegalMove, NotAllowed
from examhall.base.words import AttemptState as State
from examhall.base.words import EndReason, EntryKind
from examhall.exam.actions.intervention import grant_time, pause, read_message, resume, send_message, stop
from examhall.exam.reads.attempt import adjustments, effective_minutes, messages
from examhall.people.rules.actor import SYSTEM
from tests.exam.sitting import Exam, Sitting, entered, exam, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root, candidates=2)


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)


def test_a_pause_takes_no_time_from_the_candidate(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5 A3, A4: the timer stops and resumes; both lines name the invigilator."""
    ends = sitting.ends_at
    clock.forward(s=5)
    pause(sitting.attempt, by=of.invigilator, reason="water on the desk")
    clock.forward(s=10)
    sitting.beat()
    clock.forward(s=12)
    granted = resume(sitting.attempt, by=of.invigilator, reason="dried")
    assert granted.deadline_at == sitting.row.deadline_at == ends + timedelta(seconds=22)
    assert sitting.is_in(State.IN_PROGRESS)
    line = sitting.line(EntryKind.EXAM_RESUMED)
    assert (line.actor_id, line.extra) == (
        of.invigilator.user_id,
        {"reason": "dried", "paused_s": 22.0, "effective_s": 22.0},
    )
    assert sitting.line(EntryKind.EXAM_PAUSED).extra == {"reason": "water on the desk", "pending": False}


def test_a_paused_attempt_ends_at_the_hard_end_only(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5 A11, §8.11: pausing never moves hard_end."""
    pause(sitting.attempt, by=of.invigilator, reason="long break")
    clock.forward(s=100 * 60)
    sitting.beat()
    assert sitting.is_in(State.PAUSED)
    clock.forward(s=80 * 60)
    sitting.beat()
    assert (sitting.state, sitting.row.ended_at) == (State.TIMED_OUT, of.schedule.deadline)


def test_granted_minutes_move_the_deadline_and_are_logged(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """R-4.22, product.md T3: minutes and effective minutes, who and why."""
    ends = sitting.ends_at
    granted = grant_time(sitting.attempt, by=of.invigilator, minutes=15, reason="noise")
    assert (granted.deadline_at, granted.effective_s) == (ends + timedelta(minutes=15), 900)
    line = sitting.line(EntryKind.EXTRA_TIME_GRANTED)
    assert (line.extra["minutes"], line.extra["effective_s"], line.extra["reason"]) == (15, 900, "noise")
    assert [(a.kind, a.seconds) for a in adjustments(sitting.attempt)] == [("extra", 900)]


def test_the_hard_end_cuts_a_grant_and_the_dialog_could_say_so_before(of: Exam, sitting: Sitting) -> None:
    """product.md T3: no grant ever pushes past hard_end; effective minutes are shown before confirming."""
    assert effective_minutes(sitting.attempt, minutes=300) == 120
    granted = grant_time(sitting.attempt, by=of.invigilator, minutes=300, reason="noise")
    assert (granted.effective_s, granted.deadline_at) == (7200, of.schedule.deadline)
    assert effective_minutes(sitting.attempt, minutes=10) == 0


def test_a_grant_after_the_time_out_names_the_way_back(root: UUID, clock: SetClock) -> None:
    """product.md §8.4: "attempt ended 1 s ago; Reopen with 10 minutes?"."""
    of = exam(root, minutes=1)
    sitting = started(of)
    clock.forward(s=61)
    with pytest.raises(Conflict, match=r"ended 1 s ago\. Reopen it with 10 minutes") as refusal:
        grant_time(sitting.attempt, by=of.invigilator, minutes=10, reason="noise")
    assert refusal.value.fields == {"act": "reopen_ended"}
    assert adjustments(sitting.attempt) == []


@pytest.mark.parametrize(("minutes", "reason"), [(0, "x"), (481, "x"), (-5, "x"), (10, "  ")])
def test_a_grant_without_minutes_or_reason_is_refused(of: Exam, sitting: Sitting, minutes: int, reason: str) -> None:
    """Bad input: nothing is written."""
    with pytest.raises(BadInput):
        grant_time(sitting.attempt, by=of.invigilator, minutes=minutes, reason=reason)
    assert adjustments(sitting.attempt) == []


def test_a_stop_keeps_everything_and_lets_the_clock_run(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md §2.5 A8."""
    ends = sitting.row.deadline_at
    stop(sitting.attempt, by=of.invigilator, reason="second person")
    row = sitting.row
    assert (row.state, row.deadline_at, row.end_reason) == (State.STOPPED, ends, EndReason.INVIGILATOR)
    assert sitting.line(EntryKind.ATTEMPT_STOPPED).extra == {"reason": "invigilator", "text": "second person"}


def test_a_stop_out_of_a_pause_gives_the_pause_back(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """product.md T2: paused time is the candidate's, whatever ends the pause."""
    ends = sitting.ends_at
    pause(sitting.attempt, by=of.invigilator, reason="talk")
    clock.forward(s=14)
    stop(sitting.attempt, by=SYSTEM, reason="rule", cause=EndReason.RULE)
    assert sitting.row.deadline_at == ends + timedelta(seconds=14)


@pytest.mark.parametrize(
    ("policy", "verb"), [({"live.allow_interrupt": False}, pause), ({"live.allow_stop": False}, stop)]
)
def test_an_intervention_the_policy_excludes_is_refused(
    root: UUID, clock: SetClock, policy: dict[str, bool | int | str], verb: Callable[..., None]
) -> None:
    """product.md §5.4 live.allow_*: which interventions exist."""
    of = exam(root, policy=policy)
    sitting = started(of)
    with pytest.raises(NotAllowed):
        verb(sitting.attempt, by=of.invigilator, reason="x")
    assert sitting.is_in(State.IN_PROGRESS)


def test_illegal_interventions_change_nothing(of: Exam) -> None:
    """product.md §2.5: an illegal move is a conflict, and nothing of it is written."""
    sitting = entered(of, who=1)
    lines = sitting.kinds()
    for verb in (pause, resume, stop):
        with pytest.raises(IllegalMove):
            verb(sitting.attempt, by=of.invigilator, reason="x")
    assert (sitting.state, sitting.kinds()) == (State.ENTERING, lines)


def test_a_message_is_kept_sent_and_read_once(of: Exam, sitting: Sitting, clock: SetClock) -> None:
    """R-1.6: message; its text is not in the log."""
    message = send_message(sitting.attempt, by=of.invigilator, body=" Five minutes left ")
    clock.forward(s=2)
    for _ in range(2):
        read_message(message, attempt_id=sitting.attempt, by=sitting.by)
    [kept] = messages(sitting.attempt)
    assert (kept.body, kept.author, kept.read_at) == ("Five minutes left", of.invigilator.name, clock.now())
    assert sitting.kinds()[-2:] == [EntryKind.MESSAGE_SENT, EntryKind.MESSAGE_READ]
    assert "Five" not in str([line.extra for line in sitting.lines()])


def test_a_message_of_another_attempt_cannot_be_read_away(of: Exam, sitting: Sitting) -> None:
    """product.md §3.1: not yours."""
    message = send_message(sitting.attempt, by=of.invigilator, body="hello")
    other = started(of, who=1)
    read_message(message, attempt_id=other.attempt, by=other.by)
    assert messages(sitting.attempt)[0].read_at is None


@pytest.mark.parametrize("body", ["", "   ", "x" * 1001])
def test_an_empty_or_endless_message_is_refused(of: Exam, sitting: Sitting, body: str) -> None:
    """Bad input."""
    with pytest.raises(BadInput):
        send_message(sitting.attempt, by=of.invigilator, body=body)
