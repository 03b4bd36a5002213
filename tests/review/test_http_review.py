"""The reviewer's pages through their door: who may see them, what stands on them, what a verdict does."""

import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from examhall.base.clock import SetClock
from examhall.base.settings import Settings
from examhall.base.words import EntryKind, Suppression
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.detectors.pipeline import Pipeline
from examhall.incidents.jobs.step import step_on
from examhall.incidents.models import Incident, Suppressed
from examhall.incidents.reads.incident import incidents_of
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.notes import arranged_note
from examhall.incidents.rules.score import WEIGHTS
from examhall.journal.reads import entries_after
from examhall.people.actions.people import add_person
from examhall.review.reads import session
from examhall.review.reads.session import session_row
from examhall.review.templatetags.review_words import suppression
from tests.fixtures.crowd import WINDOWS
from tests.fixtures.judged import mark
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.sitting import Exam, leave, open_exam, reviewer, seat, told

pytestmark = pytest.mark.django_db

COVERED = [True] * 5 + [False] * 15 + [True] * 15


@pytest.fixture
def exam(root: UUID, clock: SetClock) -> Exam:
    return open_exam(root)


@pytest.fixture
def attempt(exam: Exam, clock: SetClock) -> AttemptRef:
    """Amara's session: the camera was covered once, the page left once; it has ended and been analysed."""
    sitting = seat(exam)
    recording = MemoryRecording()
    recording.arrive(fragments(COVERED), at=clock.now())
    clock.forward(s=40)
    told(sitting.stream, EntryKind.FOCUS_LOST)
    clock.forward(s=20)
    told(sitting.stream, EntryKind.FOCUS_REGAINED)
    ended = leave(sitting)
    clock.forward(s=5)
    step_on(ended, recording, Pipeline({}))
    return ended


@pytest.fixture
def henrik(root: UUID, client: Client) -> Client:
    actor = reviewer(root)
    return signed_in(client, actor.user_id)


def signed_in(client: Client, user_id: UUID | None) -> Client:
    session = client.session
    session["_auth_user_id"] = str(user_id)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = auth_hash(user_id)
    session.save()
    return client


def auth_hash(user_id: UUID | None) -> str:
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - the user model is people's own

    return str(get_user_model().objects.get(pk=str(user_id)).get_session_auth_hash())


def judged(client: Client, incident: UUID, **said: object) -> tuple[int, dict[str, object]]:
    answer = client.post(f"/incidents/{incident}/verdict", json.dumps(said), content_type="application/json")
    return answer.status_code, answer.json()


def pages(attempt: AttemptRef, exam: Exam) -> list[str]:
    session = f"/review/sessions/{attempt.id}/"
    return [
        f"/review/schedules/{exam.schedule}/",
        *(session + tab for tab in ("", "online/", "incidents/", "details/", "session.json")),
    ]


def test_the_list_of_exams_counts_what_is_to_review(henrik: Client, attempt: AttemptRef, exam: Exam) -> None:
    """R-2.8: each row has View sessions with counts."""
    page = henrik.get("/review/").content.decode()
    assert "View sessions" in page
    assert f"/review/schedules/{exam.schedule}/" in page


def test_a_session_opens_in_a_new_tab_by_a_real_link(henrik: Client, attempt: AttemptRef, exam: Exam) -> None:
    """R-2.9, R-2.4: the name is a link with its own address; the sentence stands beside the status."""
    page = henrik.get(f"/review/schedules/{exam.schedule}/").content.decode()
    assert f'<a href="/review/sessions/{attempt.id}/" target="_blank" rel="noopener">' in page
    assert "Based on detected incidents only; does not change the grade." in page
    assert "suggested" in page


@pytest.mark.parametrize(("query", "shown"), [("q=amara", True), ("q=nobody", False), ("standing=running", False)])
def test_the_list_of_sessions_is_searched_and_filtered(
    henrik: Client, attempt: AttemptRef, exam: Exam, query: str, shown: bool
) -> None:
    """product.md V2: filter and search."""
    page = henrik.get(f"/review/schedules/{exam.schedule}/?{query}").content.decode()
    assert (str(attempt.id) in page) is shown


def test_an_exam_without_sessions_says_when_the_first_is_expected(henrik: Client, exam: Exam, clock: SetClock) -> None:
    """product.md V2: the empty text."""
    clock.set(clock.now() - timedelta(hours=3))
    page = henrik.get(f"/review/schedules/{exam.schedule}/").content.decode()
    assert "No sessions yet; the first one is expected after 08:00." in page


def test_every_page_of_a_session_opens(henrik: Client, attempt: AttemptRef, exam: Exam) -> None:
    """R-2.10: the pages of a session."""
    assert [henrik.get(url).status_code for url in pages(attempt, exam)] == [200] * 6


@pytest.mark.parametrize(
    ("place", "page"), [("", "video monitoring"), ("online/", "online violations"), ("incidents/", "incident log")]
)
def test_opening_a_page_with_pictures_of_a_session_is_kept_in_the_schedules_journal(
    henrik: Client, attempt: AttemptRef, place: str, page: str
) -> None:
    """product.md P8: who looked at what; stills are looks at a person as well."""
    henrik.get(f"/review/sessions/{attempt.id}/{place}")
    line = entries_after(attempt.schedule_stream, 0, kinds={EntryKind.RECORDING_VIEWED})[-1]
    assert (line.actor_name, line.extra["attempt"], line.extra["page"]) == ("Henrik Aalto", str(attempt.id), page)


def test_one_viewing_is_one_line_however_many_players_ask(henrik: Client, attempt: AttemptRef) -> None:
    """product.md P8, §9: the page's line names the look; its script and the playlists of its two players add none."""
    playlists = [f"/media/{attempt.id}/{track}.m3u8" for track in ("webcam", "screen")]
    for address in (f"/review/sessions/{attempt.id}/", f"/review/sessions/{attempt.id}/session.json", *playlists):
        assert henrik.get(address).status_code == 200
    looks = entries_after(attempt.schedule_stream, 0, kinds={EntryKind.RECORDING_VIEWED})
    assert [line.extra.get("page") for line in looks] == ["video monitoring"]


def test_the_facts_of_a_session_without_its_page_are_a_look_as_well(henrik: Client, attempt: AttemptRef) -> None:
    """product.md P8: the address the page's script asks is no way round the page's line."""
    for _ in range(2):
        assert henrik.get(f"/review/sessions/{attempt.id}/session.json").status_code == 200
    looks = entries_after(attempt.schedule_stream, 0, kinds={EntryKind.RECORDING_VIEWED})
    assert [(look.actor_name, look.extra["page"]) for look in looks] == [("Henrik Aalto", "timeline")]


def test_nobody_else_sees_a_session(client: Client, attempt: AttemptRef, exam: Exam, root: UUID) -> None:
    """product.md §3: what is not yours looks as if it were not there; the candidate has no standing access."""
    stranger = signed_in(client, add_person("stranger", name="Sam Stranger"))
    assert [stranger.get(url).status_code for url in pages(attempt, exam)] == [404] * 6
    candidate = signed_in(Client(), attempt.candidate)
    assert [candidate.get(url).status_code for url in pages(attempt, exam)] == [404] * 6


def test_nobody_sees_a_session_without_signing_in(client: Client, attempt: AttemptRef) -> None:
    """design.md §10: media only through authorised addresses."""
    assert client.get(f"/review/sessions/{attempt.id}/").status_code == 302


def test_the_script_gets_lanes_incidents_and_what_was_off(henrik: Client, attempt: AttemptRef) -> None:
    """R-2.11: what the timeline is drawn from."""
    told_session = henrik.get(f"/review/sessions/{attempt.id}/session.json").json()
    assert [i["kind"] for i in told_session["incidents"]] == ["camera_blocked", "navigating_away"]
    lanes = {lane["family"]: (lane["count"], lane["off"]) for lane in told_session["lanes"]}
    assert lanes["aid"] == (1, "")
    assert lanes["people"] == (0, "Detector not available")
    assert told_session["finished"] is True
    assert told_session["score"]["status_word"] in henrik.get(f"/review/sessions/{attempt.id}/").content.decode()


def test_lanes_and_details_say_what_a_plain_browser_cannot_see(henrik: Client, attempt: AttemptRef) -> None:
    """R-2.18, R-2.25, product.md P6: other programs and the site that was visited are beyond this tier."""
    lanes = henrik.get(f"/review/sessions/{attempt.id}/session.json").json()["lanes"]
    said = {lane["family"]: lane["beyond"] for lane in lanes if lane["beyond"]}
    assert said == {
        "aid": "Which site or program: not available at this tier",
        "apps": "Other programs: not available at this tier",
    }
    page = henrik.get(f"/review/sessions/{attempt.id}/details/").content.decode()
    assert all(words in page for words in said.values())


def test_every_incident_shows_what_it_stands_on(henrik: Client, attempt: AttemptRef) -> None:
    """Issue 3: sentence, plot as a table, what is not shown, client, accommodation, versions with hashes; no script."""
    page = henrik.get(f"/review/sessions/{attempt.id}/incidents/").content.decode()
    for incident in incidents_of(attempt.id):
        for shown in (incident.explanation, incident.plot_words, incident.not_shown, incident.client_note):
            assert escape(shown) in page
        assert all(paper.sha256 in page for paper in incident.papers)
        assert incident.rule_version in page
    assert page.count(arranged_note(extra_time=False)) == len(incidents_of(attempt.id))
    assert "What was measured, as a table" in page


def test_pictures_have_words_and_what_has_none_is_played(henrik: Client, attempt: AttemptRef) -> None:
    """Issue 3, WCAG 1.1.1: stills have text alternatives; without stills the recording is a click away."""
    page = henrik.get(f"/review/sessions/{attempt.id}/incidents/").content.decode()
    pictures = re.findall(r"<img [^>]*/incidents/stills/[^>]*>", page)
    assert pictures
    assert all(re.search(r'alt="(Camera|Screen), (start|middle|end), \d\d:\d\d:\d\d"', one) for one in pictures)
    away = incidents_of(attempt.id)[1]
    assert f'<a href="/review/sessions/{attempt.id}/#at-{away.start_ms}">Play<' in page


@pytest.mark.parametrize("reason", Suppression)
def test_whatever_was_seen_and_not_marked_says_why(henrik: Client, attempt: AttemptRef, reason: Suppression) -> None:
    """product.md §5.6: each suppression leaves a record that can be read."""
    Suppressed.objects.create(attempt_id=attempt.id, kind="multi_face", start_ms=0, end_ms=900, reason=reason)
    page = henrik.get(f"/review/sessions/{attempt.id}/incidents/")
    assert (page.status_code, escape(suppression(reason)) in page.content.decode()) == (200, True)


def test_a_storm_of_marks_stands_in_one_line_for_each_kind(henrik: Client, attempt: AttemptRef) -> None:
    """product.md §8.7: repeated, n times, with a density strip; each can still be looked at."""
    address = f"/review/sessions/{attempt.id}/incidents/"
    assert "repeated," not in henrik.get(address).content.decode()
    mark(attempt, [5.0] * 61, apart_s=50)
    page = henrik.get(address).content.decode()
    assert "More than 60 marks in one hour" in page
    assert re.search(r"<summary>Speech: repeated, 6[12] times, .*<rect x=", page)
    assert page.count("<tr") > 61


def test_a_verdict_is_kept_with_its_history(henrik: Client, attempt: AttemptRef) -> None:
    """R-1.7, R-2.5: confirmed or dismissed with a reason; history kept; the score follows."""
    incident = incidents_of(attempt.id)[0].id
    assert judged(henrik, incident, verdict="confirmed", note="hand on the lens")[0] == 200
    status, answer = judged(henrik, incident, verdict="dismissed", reason="technical", verdicts_seen=1)
    assert (status, answer["state"]) == (200, "dismissed")
    kept = incidents_of(attempt.id)[0].verdicts
    assert [(v.verdict.value, v.by_name, v.note) for v in kept] == [
        ("confirmed", "Henrik Aalto", "hand on the lens"),
        ("dismissed", "Henrik Aalto", ""),
    ]
    lines = entries_after(attempt.stream, 0, kinds={EntryKind.INCIDENT_DECIDED})
    assert [(line.extra["verdict"], line.extra["before"]) for line in lines] == [
        ("confirmed", "open"),
        ("dismissed", "confirmed"),
    ]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"verdict": "dismissed"}, 400, "bad_input"),
        ({"verdict": "guilty"}, 400, "bad_input"),
        ({"verdict": "confirmed", "grade": 0}, 400, "unknown_field"),
        ({"verdict": "dismissed", "reason": "other"}, 400, "bad_input"),
        ({"verdict": "confirmed", "verdicts_seen": -1}, 400, "bad_input"),
    ],
)
def test_a_verdict_that_cannot_be_kept_is_refused(
    henrik: Client, attempt: AttemptRef, said: dict[str, object], status: int, code: str
) -> None:
    """R-2.5: bad input beside the accepted one; no field leads to a grade."""
    answer = judged(henrik, incidents_of(attempt.id)[0].id, **said)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert incidents_of(attempt.id)[0].verdicts == ()


def test_a_verdict_on_what_another_person_judged_meanwhile_is_stale(henrik: Client, attempt: AttemptRef) -> None:
    """product.md §4: conflict 409 says who changed it."""
    incident = incidents_of(attempt.id)[0].id
    judged(henrik, incident, verdict="unsure", verdicts_seen=0)
    status, answer = judged(henrik, incident, verdict="confirmed", verdicts_seen=0)
    assert (status, answer["code"]) == (409, "stale_version")
    assert "Henrik Aalto" in str(answer["message"])


def test_nobody_else_judges_an_incident(client: Client, attempt: AttemptRef) -> None:
    """product.md §3.3: review incidents."""
    stranger = signed_in(client, add_person("stranger", name="Sam Stranger"))
    incident = incidents_of(attempt.id)[0].id
    assert judged(stranger, incident, verdict="confirmed")[0] == 404
    assert judged(stranger, uuid4(), verdict="confirmed")[0] == 404


def test_a_still_opens_for_the_viewer_it_was_addressed_to(henrik: Client, attempt: AttemptRef, root: UUID) -> None:
    """design.md §10: short-lived, viewer-bound addresses."""
    told_session = henrik.get(f"/review/sessions/{attempt.id}/session.json").json()
    url = told_session["incidents"][0]["stills"][0]["url"]
    answer = henrik.get(url)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    other = signed_in(Client(), reviewer(root, login="ada", name="Ada").user_id)
    assert other.get(url).status_code == 404
    assert henrik.get(url.split("?")[0]).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_person_flags_a_stretch_with_a_note(henrik: Client, attempt: AttemptRef) -> None:
    """product.md §2.7: manual flags need a note."""
    url = f"/incidents/attempts/{attempt.id}/flags"
    said = {"start_ms": 1000, "end_ms": 4000, "note": "Talks to somebody"}
    assert henrik.post(url, json.dumps(said), content_type="application/json").status_code == 201
    assert henrik.post(url, json.dumps({**said, "note": ""}), content_type="application/json").status_code == 400
    backwards = {**said, "end_ms": 0}
    assert henrik.post(url, json.dumps(backwards), content_type="application/json").status_code == 400
    for end_ms in (24 * 3_600_000, 10**30):
        unborn = henrik.post(url, json.dumps({**said, "end_ms": end_ms}), content_type="application/json")
        assert (unborn.status_code, list(unborn.json()["fields"])) == (400, ["end_ms"])
    assert [i.kind.value for i in incidents_of(attempt.id)].count("manual") == 1


def test_the_score_is_called_by_the_bands_of_the_site(
    henrik: Client, attempt: AttemptRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """product.md §7.1: the site can change them."""
    address = f"/review/sessions/{attempt.id}/session.json"
    assert henrik.get(address).json()["score"]["band"] == "low"
    monkeypatch.setattr(session, "settings", lambda: Settings(score_medium_from=0.1))
    assert henrik.get(address).json()["score"]["band"] == "medium"


def test_the_details_say_what_the_score_is_made_of(henrik: Client, attempt: AttemptRef) -> None:
    """product.md §7.1: points per type, share per incident, what was off, coverage, weights version."""
    page = henrik.get(f"/review/sessions/{attempt.id}/details/").content.decode()
    row = session_row(attempt.id)
    assert row.score.text in page
    assert f"Weights version {row.score.weights_version}." in page
    assert "kinds could not count" in page
    for share in row.score.shares:
        assert f'<td>{SHOWN[share.kind].title}</td><td class="end">{WEIGHTS[share.kind]}</td>' in page
        assert f'<td class="end">{share.points:.1f}</td>' in page


@pytest.mark.parametrize(("altered", "words"), [((), "is not installed"), (("voice",), "is not the expected file")])
def test_the_details_say_what_was_not_looked_for_and_which_model_lacks(
    henrik: Client, exam: Exam, altered: tuple[str, ...], words: str
) -> None:
    """Issue 3: models absent or with another hash: said where a person judges."""
    sitting = leave(seat(exam, login="ola", name="Ola Nordmann"))
    step_on(sitting, MemoryRecording(), Pipeline({}, altered=altered))
    page = henrik.get(f"/review/sessions/{sitting.id}/details/").content.decode()
    assert f"<dt>Speech</dt><dd>Not available here: the model voice {words}</dd>" in page
    assert "<dt>Compared with</dt><dd>What was learnt during the exam</dd>" in page


def test_connections_are_told_in_words(henrik: Client, exam: Exam) -> None:
    """product.md V3: no fields of a machine; and where nothing was recorded, no recording without gaps."""
    sitting = leave(seat(exam, login="ola", name="Ola Nordmann", user_agent=WINDOWS), user_agent=WINDOWS)
    page = henrik.get(f"/review/sessions/{sitting.id}/details/").content.decode()
    assert page.count("Windows, Chromium</td>") == 2
    assert "tab-1" not in page
    assert "Nothing was recorded." in page


def test_scoring_again_gives_the_same_and_changes_no_incident(attempt: AttemptRef) -> None:
    """product.md §7.1: reproducible from stored rows; re-scoring changes no incident."""
    kept = list(Incident.objects.filter(attempt_id=attempt.id).order_by("id").values())
    assert session_row(attempt.id).score == session_row(attempt.id).score
    assert list(Incident.objects.filter(attempt_id=attempt.id).order_by("id").values()) == kept


def test_what_differs_from_the_others_stands_beside_the_score_and_not_in_it(
    henrik: Client, attempt: AttemptRef, exam: Exam, clock: SetClock
) -> None:
    """product.md §5.5: eleven sessions of ten minutes or so beside one of a minute; no score moves."""
    alone = session_row(attempt.id).score
    for number in range(11):
        sitting = seat(exam, login=f"other{number}", name=f"Other {number}")
        clock.forward(s=600 + 7 * number)
        leave(sitting)
    page = henrik.get(f"/review/schedules/{exam.schedule}/").content.decode()
    assert page.count("Differs from the others in: length of the session") == 1
    details = henrik.get(f"/review/sessions/{attempt.id}/details/").content.decode()
    assert "Differs from the others in: length of the session" in details
    assert session_row(attempt.id).score == alone


def test_the_pages_accuse_nobody(henrik: Client, attempt: AttemptRef, exam: Exam) -> None:
    """R-2.35: neutral wording."""
    text = " ".join(henrik.get(url).content.decode().lower() for url in pages(attempt, exam))
    assert [word for word in ("cheat", "fraud", "guilty", "caught", "offender", "suspect ") if word in text] == []


@pytest.mark.parametrize("seats", [2, 6])
def test_the_number_of_queries_does_not_grow_with_the_sessions(
    henrik: Client, exam: Exam, seats: int, clock: SetClock
) -> None:
    """design.md §9: a list of 1,000 sessions in at most 12 queries."""
    for number in range(seats):
        told(seat(exam, login=f"c{number}", name=f"Candidate {number}").stream, EntryKind.FOCUS_LOST)
    henrik.get(f"/review/schedules/{exam.schedule}/")
    with CaptureQueriesContext(connection) as asked:
        henrik.get(f"/review/schedules/{exam.schedule}/")
    assert len(asked) == QUERIES_OF_THE_LIST, [q["sql"][:90] for q in asked]


QUERIES_OF_THE_LIST = 12
