"""Leniency from decisions through its door: what is proposed, who may apply it, and that nothing applies itself."""

from uuid import UUID

import pytest
from django.test import Client

from examhall.base.clock import SetClock
from examhall.base.words import DismissReason, EntryKind, IncidentKind, Verdict
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.actions.profile import save_site_profile
from examhall.exam.reads.profile import profile_page
from examhall.incidents.access.rules import rules_of
from examhall.incidents.rules.leniency import MIN_DECISIONS
from examhall.journal.reads import entries_after
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.reads.people import site_stream
from examhall.people.rules.actor import Actor
from tests.fixtures.judged import judge, mark, turn
from tests.fixtures.sitting import Exam, open_exam, reviewer, seat
from tests.review.test_http_review import signed_in

pytestmark = pytest.mark.django_db

MARKED = IncidentKind.SPEECH
URL = "/admin/proctoring/leniency/"
WHY = "Reading aloud was dismissed all season."
MANY = [4.5] * 20 + [5.5] * 12


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def attempt(exam: Exam) -> AttemptRef:
    return seat(exam)


@pytest.fixture
def henrik(root: UUID) -> Actor:
    return reviewer(root)


@pytest.fixture
def admin(root: UUID) -> Actor:
    user_id = add_person("edda", name="Edda Halvorsen")
    grant_roles(user_id, unit=root, roles=["Site administrator"])
    return actor_for_user(user_id)


@pytest.fixture
def edda(admin: Actor, client: Client) -> Client:
    return signed_in(client, admin.user_id)


@pytest.fixture
def decided(attempt: AttemptRef, henrik: Actor) -> AttemptRef:
    """32 dismissed ones of 4.5 and 5.5 s, one confirmed of 20 s; medium marks from 4 s on."""
    mark(attempt, MANY)
    judge(attempt, by=henrik, verdict=Verdict.DISMISSED, reason=DismissReason.DETECTOR_ERROR)
    mark(attempt, [20.0])
    judge(attempt, by=henrik, verdict=Verdict.CONFIRMED)
    return attempt


def text(client: Client, query: str = "") -> str:
    return " ".join(client.get(URL + query).content.decode().split())


def posted(client: Client, **said: str | list[str]) -> int:
    return client.post(URL, {"apply": ["shortest_s.speech:6"], "reason": WHY, "seen_version": "0", **said}).status_code


def test_without_decisions_every_kind_says_how_many_are_missing(edda: Client, exam: Exam) -> None:
    """Issue 3, learning leniency: "not enough decisions: 0 of 30"; kinds that are off say so; nothing to apply."""
    page = text(edda)
    assert f"Not enough decisions: 0 of {MIN_DECISIONS}" in page
    assert "Not looked for in the site profile" in page
    assert "Nothing to apply." in page


def test_enough_decisions_propose_a_length_with_its_effect(edda: Client, decided: AttemptRef) -> None:
    """Issue 3, learning leniency: how many of the dismissed would not have been made, how many confirmed be lost."""
    page = text(edda)
    assert 'value="shortest_s.speech:6"' in page
    assert "Of 32 dismissed 32 would not have been marked; of 1 confirmed all would." in page
    assert "5 s: 20 of 32 dismissed gone" in page


def test_a_length_that_would_lose_confirmed_ones_is_shown_and_not_offered(
    edda: Client, decided: AttemptRef, henrik: Actor
) -> None:
    """Issue 3, learning leniency: never proposed without saying so; here it is never proposed at all."""
    mark(decided, [5.2])
    judge(decided, by=henrik, verdict=Verdict.CONFIRMED)
    page = text(edda)
    assert 'value="shortest_s.speech:5"' in page
    assert 'value="shortest_s.speech:6"' not in page
    assert "1 of 2 confirmed lost" in page


def test_applying_is_a_new_version_of_the_profile_in_the_journal(
    edda: Client, admin: Actor, decided: AttemptRef
) -> None:
    """Issue 3, learning leniency: a person applies; the existing versions and their journal keep who, when and why."""
    assert posted(edda) == 302
    saved = profile_page(admin)
    assert (saved.number, dict(saved.values)) == (1, {"shortest_s.speech": 6})
    assert saved.versions[0].comment.endswith(WHY)
    assert "Shortest stretch, Speech: as the level asks, now 6 s" in saved.versions[0].changes
    [line] = entries_after(site_stream(), 0, kinds={EntryKind.PROFILE_SAVED})
    assert (line.actor_name, line.extra["keys"]) == ("Edda Halvorsen", ["shortest_s.speech"])


def test_exams_already_scheduled_keep_their_length_and_later_ones_get_it(
    edda: Client, root: UUID, decided: AttemptRef
) -> None:
    """P5: what was agreed is what runs."""
    posted(edda)
    later = seat(open_exam(root, code="PHA-303"), login="later")
    assert policy_of_activation(decided.activation).shortest_s[MARKED] == 0
    assert (rules_of(decided).rules[MARKED].min_s, rules_of(later).rules[MARKED].min_s) == (4, 6)


def test_looking_changes_nothing(edda: Client, admin: Actor, decided: AttemptRef) -> None:
    """Issue 3, learning leniency: never automatic."""
    text(edda)
    assert profile_page(admin).number == 0


@pytest.mark.parametrize(
    "said",
    [
        {"reason": ""},
        {"reason": "x" * 201},
        {"apply": []},
        {"apply": ["shortest_s.speech:7"]},
        {"apply": ["shortest_s.speech:600"]},
        {"apply": ["shortest_s.manual:6"]},
        {"apply": ["limit.speech:6"]},
        {"apply": ["limit.head_turn:61"]},
        {"apply": [""]},
        {"seen_version": "x"},
        {"seen_version": "²"},
        {"from_day": "yesterday"},
        {"unit": "nowhere"},
    ],
)
def test_what_is_no_proposal_is_refused(
    edda: Client, admin: Actor, decided: AttemptRef, said: dict[str, str | list[str]]
) -> None:
    """Issue 3, learning leniency: bad input beside the accepted one."""
    assert posted(edda, **said) == 400
    assert profile_page(admin).number == 0


def test_a_profile_saved_meanwhile_is_not_overwritten(edda: Client, admin: Actor, decided: AttemptRef) -> None:
    """product.md §2.1: a conflict is told, nothing typed is lost."""
    save_site_profile({"detect.gaze_off": "low"}, by=admin)
    answer = edda.post(URL, {"apply": ["shortest_s.speech:6"], "reason": WHY, "seen_version": "0"})
    page = answer.content.decode()
    assert (answer.status_code, WHY in page, 'value="shortest_s.speech:6" checked' in page) == (409, True, True)
    assert profile_page(admin).number == 1


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("?from_day=2026-11-01&to_day=2026-11-23", True),
        ("?from_day=2026-11-24&to_day=2026-11-30", False),
        ("?from_day=2026-10-01&to_day=2026-11-22", False),
    ],
)
def test_only_decisions_of_the_period_count(edda: Client, decided: AttemptRef, query: str, counted: bool) -> None:
    """Issue 3, learning leniency: of a period."""
    assert ('value="shortest_s.speech:6"' in text(edda, query)) is counted


def test_only_decisions_of_the_unit_count(edda: Client, root: UUID, decided: AttemptRef) -> None:
    """Issue 3, learning leniency: of a unit and everything below it; a unit that is not there is refused."""
    assert 'value="shortest_s.speech:6"' in text(edda, f"?unit={root}")
    assert edda.get(f"{URL}?unit={decided.id}").status_code == 400


@pytest.mark.parametrize(
    "query", ["?from_day=x", "?from_day=2026-11-23&to_day=2026-11-01", "?to_day=9999-12-31", "?from_day=0001-01-01"]
)
def test_days_that_are_none_or_run_back_are_refused(edda: Client, exam: Exam, query: str) -> None:
    """Issue 3: each endpoint refuses bad input."""
    assert edda.get(URL + query).status_code == 400


@pytest.mark.parametrize("reason", [DismissReason.DUPLICATE, DismissReason.ACCOMMODATION])
def test_dismissals_that_say_nothing_about_the_length_do_not_count(
    edda: Client, attempt: AttemptRef, henrik: Actor, reason: DismissReason
) -> None:
    """Issue 3, learning leniency: what an accommodation covers is no fault of the threshold."""
    mark(attempt, MANY)
    judge(attempt, by=henrik, verdict=Verdict.DISMISSED, reason=reason)
    assert 'name="apply"' not in text(edda)


def test_decisions_about_another_level_do_not_count(edda: Client, attempt: AttemptRef, henrik: Actor) -> None:
    """Issue 3, learning leniency: a stricter exam marks by other values."""
    mark(attempt, MANY, level="high")
    judge(attempt, by=henrik, verdict=Verdict.DISMISSED, reason=DismissReason.DETECTOR_ERROR)
    assert 'name="apply"' not in text(edda)


def test_unsure_says_nothing(edda: Client, attempt: AttemptRef, henrik: Actor) -> None:
    """Issue 3, learning leniency: only what was confirmed or dismissed counts."""
    mark(attempt, MANY)
    judge(attempt, by=henrik, verdict=Verdict.UNSURE)
    assert f"Not enough decisions: 0 of {MIN_DECISIONS}" in text(edda)


def test_only_who_manages_the_sites_proctoring_sees_and_applies(
    client: Client, henrik: Actor, decided: AttemptRef
) -> None:
    """product.md §3.3: the site's profile is the site administrator's."""
    reviewing = signed_in(client, henrik.user_id)
    assert (reviewing.get(URL).status_code, posted(reviewing)) == (403, 403)
    assert Client().get(URL).status_code == 302


@pytest.fixture
def turned(attempt: AttemptRef, henrik: Actor) -> AttemptRef:
    """28 turns of 38° and 13 of 52° dismissed, 12 of 41° confirmed; medium marks from 35° on."""
    turn(attempt, [38] * 28 + [52] * 13)
    judge(attempt, by=henrik, verdict=Verdict.DISMISSED, reason=DismissReason.DETECTOR_ERROR)
    turn(attempt, [41] * 12)
    judge(attempt, by=henrik, verdict=Verdict.CONFIRMED)
    return attempt


def test_enough_decisions_propose_degrees_with_their_effect(edda: Client, turned: AttemptRef) -> None:
    """Issue 3, learning leniency: not only how long but how far; what would lose confirmed ones is shown."""
    page = text(edda)
    assert 'value="limit.head_turn:39"' in page
    assert "From 35° to 39°" in page
    assert "Of 41 dismissed 28 would not have been marked; of 12 confirmed all would." in page
    assert "12 of 12 confirmed lost" in page
    assert "cannot be previewed:" not in page


def test_a_limit_is_applied_as_a_length_is(edda: Client, root: UUID, admin: Actor, turned: AttemptRef) -> None:
    """Issue 3, learning leniency: a version of the profile with its journal entry; what was agreed stays (P5)."""
    assert posted(edda, apply=["limit.head_turn:39"]) == 302
    saved = profile_page(admin)
    assert dict(saved.values) == {"limit.head_turn": 39}
    assert "Limit, Head turned away, sideways: as the level asks, now 39°" in saved.versions[0].changes
    [line] = entries_after(site_stream(), 0, kinds={EntryKind.PROFILE_SAVED})
    assert line.extra["keys"] == ["limit.head_turn"]
    later = seat(open_exam(root, code="PHA-303"), login="later")
    asked = [rules_of(one).rules[IncidentKind.HEAD_TURN].at_least for one in (turned, later)]
    assert asked == [35, 39]


def test_a_proposal_that_was_applied_is_not_made_again(edda: Client, admin: Actor, turned: AttemptRef) -> None:
    """Issue 3, learning leniency: a stale one is refused; what is not marked any more counts no more."""
    assert posted(edda, apply=["limit.head_turn:39"]) == 302
    assert posted(edda, apply=["limit.head_turn:39"], seen_version="1") == 400
    assert f"Not enough decisions: 25 of {MIN_DECISIONS}" in text(edda)
    assert profile_page(admin).number == 1


def test_two_proposals_for_one_kind_are_applied_one_after_the_other(
    edda: Client, admin: Actor, attempt: AttemptRef, henrik: Actor
) -> None:
    """Issue 3, learning leniency: what two do together was not counted, so it is not saved."""
    turn(attempt, [38] * 31)
    judge(attempt, by=henrik, verdict=Verdict.DISMISSED, reason=DismissReason.DETECTOR_ERROR)
    both = ["limit.head_turn:39", "shortest_s.head_turn:9"]
    page = text(edda)
    assert [f'value="{one}"' in page for one in both] == [True, True]
    answer = edda.post(URL, {"apply": both, "reason": WHY, "seen_version": "0"})
    assert (answer.status_code, "Tick one proposal for each kind" in answer.content.decode()) == (400, True)
    assert profile_page(admin).number == 0


def test_what_was_marked_before_measurements_were_kept_is_named(
    edda: Client, attempt: AttemptRef, henrik: Actor
) -> None:
    """Issue 3, learning leniency: a preview never guesses; the lengths of those are known."""
    turn(attempt, [38] * 31, known=False)
    judge(attempt, by=henrik, verdict=Verdict.DISMISSED, reason=DismissReason.DETECTOR_ERROR)
    page = text(edda)
    assert "31 more cannot be previewed: 31 dismissed, 0 confirmed." in page
    assert ('value="limit.head_turn:' in page, 'value="shortest_s.head_turn:9"' in page) == (False, True)
