"""Accommodations: who arranges them, until when, what they change, and who is told what."""

from uuid import UUID, uuid4

import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, NotAllowed
from examhall.base.words import Accommodation, EntryKind, Permission
from examhall.exam.access.attempt import AttemptRef, attempt_ref
from examhall.exam.access.policy import policy_for
from examhall.exam.access.schedule import schedule_for
from examhall.exam.actions.accommodation import set_accommodations
from examhall.exam.actions.attempt import hand_in, start
from examhall.exam.actions.lease import take
from examhall.exam.actions.registration import add_candidates
from examhall.exam.models import Registration
from examhall.exam.reads.registration import candidates_of
from examhall.exam.rules.policy import Clipboard, FullScreen, TabRule
from examhall.exam.rules.rights import Act
from examhall.journal.reads import tail
from examhall.people.access import actor_for_user
from examhall.people.rules.actor import Actor
from tests.exam.test_http_content import browser
from tests.fixtures.sitting import Exam, open_exam, seat
from tests.invigilation.desk import holder

pytestmark = pytest.mark.django_db
A = Accommodation


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def waiting(exam: Exam) -> AttemptRef:
    return seat(exam, started=False)


@pytest.fixture
def watcher(root: UUID) -> Actor:
    """Sees schedules, and may arrange nothing."""
    return actor_for_user(holder(root, Permission.INVIGILATE_VIEW, Permission.REGISTRATION_MANAGE))


def arrange(attempt: AttemptRef, exam: Exam, *words: Accommodation, **times: int) -> None:
    set_accommodations(attempt.registration, words=words, reason="Decision 14/2026", by=exam.author, **times)


def test_what_is_arranged_holds_from_the_start_and_stays_with_the_attempt(exam: Exam, waiting: AttemptRef) -> None:
    """product.md §5.8: changes apply until the start; then what was arranged is what runs."""
    arrange(waiting, exam, A.COMPANION)
    assert attempt_ref(waiting.id).accommodations == (A.COMPANION,)
    candidate = actor_for_user(waiting.candidate)
    start(waiting.id, by=candidate, epoch=take(waiting.id, by=candidate, client_id="tab-1").epoch)
    with pytest.raises(Conflict, match="has begun"):
        arrange(waiting, exam, A.SECOND_DISPLAY)
    hand_in(waiting.id, by=candidate)
    arrange(waiting, exam, A.SECOND_DISPLAY)
    assert attempt_ref(waiting.id).accommodations == (A.COMPANION,)


@pytest.mark.parametrize(("times", "extra_s"), [({"extra_min": 10}, 600), ({"extra_percent": 25}, 1380)])
def test_extra_time_is_minutes_or_a_share_rounded_up(
    exam: Exam, waiting: AttemptRef, times: dict[str, int], extra_s: int
) -> None:
    """product.md §5.8: percent of base or fixed minutes, rounded up; 25 % of 90 min are 22.5."""
    arrange(waiting, exam, **times)
    assert Registration.objects.get(id=waiting.registration).extra_time_s == extra_s


def test_the_journal_of_the_schedule_keeps_who_decided_it(exam: Exam, waiting: AttemptRef) -> None:
    """product.md §3.3: accommodations with reason."""
    arrange(waiting, exam, A.FREE_HEAD)
    schedule = schedule_for(exam.author, exam.schedule, Act.SEE_SCHEDULE)
    line = tail(schedule.stream_id, kinds={EntryKind.ACCOMMODATIONS_SET})[-1]
    assert (line.actor_id, line.extra["accommodations"], line.extra["reason"]) == (
        exam.author.user_id,
        ["free_head"],
        "Decision 14/2026",
    )


def test_whoever_has_assistive_technology_keeps_the_right_click_and_a_second_display_does_not_hide_the_exam(
    exam: Exam, waiting: AttemptRef
) -> None:
    """R-0.36: assistive-technology users with the accommodation keep it; it may only relax."""
    lock = policy_for(waiting.activation, (A.ASSISTIVE_TECHNOLOGY, A.SECOND_DISPLAY)).lock
    assert (lock.right_click, lock.clipboard, lock.one_screen) == (False, Clipboard.ALLOWED, False)
    alone = policy_for(waiting.activation, (A.OWN_WINDOWS,)).lock
    assert (alone.full_screen, alone.tabs, alone.right_click) == (FullScreen.OFF, TabRule.ALLOWED, True)
    usual = policy_for(waiting.activation, (A.COMPANION,)).lock
    assert (usual.right_click, usual.one_screen) == (True, True)


def test_the_candidate_is_told_what_is_arranged_before_anything_is_recorded(exam: Exam, waiting: AttemptRef) -> None:
    """product.md §3.3: candidates see their own; R-0.18: allowed materials."""
    arrange(waiting, exam, A.PAPER_NOTES, A.SECOND_DISPLAY)
    told = browser(actor_for_user(waiting.candidate)).get(f"/exams/{waiting.registration}/").content.decode()
    assert "Second display allowed, paper on the desk allowed." in told
    assert "Paper on the desk is allowed" in told
    assert "One screen only" not in told


def test_the_client_of_the_candidate_is_told_the_relaxed_locks(exam: Exam, waiting: AttemptRef) -> None:
    """R-0.36, through the door the exam page uses."""
    arrange(waiting, exam, A.ASSISTIVE_TECHNOLOGY)
    page = browser(actor_for_user(waiting.candidate))
    body = {"client_id": "tab-1", "takeover": True}
    told = page.post(f"/exam/attempts/{waiting.id}/connect", body, content_type="application/json").json()
    assert told["policy"]["lock"]["right_click"] is False


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_arranged(exam: Exam, waiting: AttemptRef, reason: str) -> None:
    """product.md §3.3: accommodations with reason."""
    with pytest.raises(BadInput):
        set_accommodations(waiting.registration, words=["companion"], reason=reason, by=exam.author)


def test_a_word_that_is_none_and_a_person_who_may_not_are_refused(
    exam: Exam, waiting: AttemptRef, watcher: Actor
) -> None:
    """Security: the permission is `accommodation.manage`."""
    with pytest.raises(BadInput, match="telepathy"):
        set_accommodations(waiting.registration, words=["telepathy"], reason="x", by=exam.author)
    with pytest.raises(NotAllowed):
        set_accommodations(waiting.registration, words=[], reason="x", by=watcher)


def test_a_list_brings_accommodations_and_names_the_row_that_has_none_of_them(exam: Exam) -> None:
    """product.md §4.4, A5: import with per-row errors."""
    head = b"name,login,accommodations\n"
    told = add_candidates(exam.schedule, content=head + b"Eve,eve,telepathy\n", by=exam.author)
    assert [(error.row, error.column) for error in told.errors] == [(2, "accommodations")]
    add_candidates(exam.schedule, content=head + b"Eve,eve,Second_display; companion\n", by=exam.author)
    row = next(row for row in candidates_of(exam.author, exam.schedule) if row.login == "eve")
    assert (row.accommodations, row.arranged) == (
        (A.COMPANION, A.SECOND_DISPLAY),
        "Second person allowed, second display allowed",
    )


def test_the_page_arranges_and_refuses_with_the_remedy_beside_the_field(exam: Exam, waiting: AttemptRef) -> None:
    """product.md §4.4, A4."""
    page, address = browser(exam.author), f"/schedules/{exam.schedule}/candidates/{waiting.registration}/accommodations"
    assert "A companion, reader or interpreter" in page.get(address).content.decode()
    refused = page.post(address, {"accommodations": ["companion"], "extra_min": "-1", "reason": ""})
    assert (refused.status_code, "no diagnosis" in refused.content.decode()) == (400, True)
    saved = page.post(address, {"accommodations": ["companion"], "extra_min": "10", "reason": "14/2026"}, follow=True)
    assert "Second person allowed" in saved.content.decode()
    assert page.get(address.replace(str(waiting.registration), str(uuid4()))).status_code == 404


def test_whoever_watches_sees_the_effect_and_never_the_decision(exam: Exam, waiting: AttemptRef) -> None:
    """product.md §3.3: see effect of accommodations."""
    arrange(waiting, exam, A.COVERED_FACE)
    shown = browser(exam.author).get(f"/invigilation/{exam.schedule}/").content.decode()
    assert "face not analysed" in shown.lower()
    assert "14/2026" not in shown
