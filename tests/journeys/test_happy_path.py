"""From signing in to a receipt, and what is left behind: log, recording, points, and proof that all is whole.

Lane: browser; about 40 s on a quiet machine, most of it for a real recording to be made and uploaded.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import av
import pytest
from playwright.sync_api import expect
from tests.journeys.browsing import Seat, no_barriers
from tests.journeys.cast import KEY_WORDS, Held
from tests.journeys.conftest import Hall, Seats
from tests.journeys.listening import Sent

ESSAY = "Because it was so."
FIRST = ["page_visited", "device_check", "agreement_accepted", "client_connected"]
"""Then the tracks start, in either order, and the exam."""
RELEASED = "() => document.querySelector('exam-app').session.media.camera === null"


KEY_PARTS = ("qti-correct-response", "qti-mapping", "response-processing", "mapped-value")
SENDERS = {"/connect": 1, "/items/": 5, "/live/v1/answers": 5, "/live/v1/heartbeat": 1, "/live/v1/entries": 1}
SENDERS |= {"/live/v1/hand-in": 1, "/live/v1/candidate": 1, "/live/v1/media/": 1, "/exams/": 1, "/receipt": 1}
"""Addresses, and from how many bodies of each at least something must have come for the search to mean anything."""


@pytest.fixture(scope="module")
def sent() -> Sent:
    return Sent()


@pytest.fixture(scope="module")
def sat(hall: Hall, module_seat: Seats, sent: Sent) -> Seat:
    """Everything a candidate does, told by the first test; here so that the others can look at what it left."""
    candidate = module_seat("happy")
    faults: list[str] = []
    sent.listen(candidate.page)
    candidate.page.on("pageerror", lambda fault: faults.append(str(fault)))
    candidate.enter()
    expect(candidate.page.locator("#ck-camera")).to_contain_text("Passed")
    expect(candidate.page.locator("#ck-microphone")).to_contain_text("Passed")
    candidate.page.wait_for_function("() => document.querySelector('.cam video')?.videoWidth > 0")
    candidate.pass_check()
    candidate.leave_out_pictures()
    candidate.agree()
    candidate.start()
    expect(candidate.page.locator("exam-camera")).to_contain_text("Recording")
    no_barriers(candidate.page)
    candidate.answer_all(ESSAY)
    assert faults == []
    return candidate


@pytest.fixture(scope="module")
def receipt(sat: Seat) -> str:
    return sat.hand_in()


@pytest.fixture(scope="module")
def held(hall: Hall, receipt: str) -> Held:
    """What the server holds once the worker is done with the recording."""
    return hall.settled("happy")


@pytest.mark.timeout(240)
def test_a_candidate_sits_an_exam_from_signing_in_to_the_receipt(sat: Seat, receipt: str) -> None:
    """R-0.18, R-0.19, R-0.21, R-0.23, R-0.24, R-0.42: expect, check, agreement, start, five kinds, hand-in, upload."""
    expect(sat.page.get_by_text("5 of 5 questions answered")).to_be_visible()
    assert sat.page.evaluate(RELEASED), "camera, microphone and screen are given back"
    sat.page.get_by_role("link", name="Done").click()
    expect(sat.page.locator(".receipt .number")).to_have_text(receipt)
    no_barriers(sat.page)


def test_no_byte_the_candidate_was_sent_holds_a_key(sent: Sent, sat: Seat, receipt: str) -> None:
    """issue 2 §3, Shown by: pages, questions, answers, heartbeats, socket, hand-in and receipt of a whole sitting."""
    sat.page.goto(f"{sat.url}/exams/")
    sat.page.get_by_role("link", name=receipt).click()
    expect(sat.page.locator(".receipt .number")).to_have_text(receipt)
    assert {part: sent.came_from(part) for part, least in SENDERS.items() if sent.came_from(part) < least} == {}
    assert [found for word in KEY_WORDS for found in sent.holding(word)] == []
    assert [found for part in KEY_PARTS for found in sent.holding(part, code=False)] == []


def test_every_answer_is_held_and_scored_on_the_server(held: Held) -> None:
    """issue 2, Exam: five kinds with server-side scoring; 1 + 2 + 1 + 1, the essay waits for a person."""
    assert (held.answers[3], held.answers[4], held.answers[5]) == ("NaCl", "42", ESSAY)
    assert held.points == 5


def test_the_log_has_each_thing_once_and_in_order(held: Held) -> None:
    """R-4.14 to R-4.21, product.md §9: entered, checked, agreed, connected, recorded, started … handed in."""
    kinds = held.kinds()
    assert kinds[:4] == FIRST
    first = [kind for kind in kinds[4:] if kind != "page_visited"][:3]
    assert sorted(first) == ["exam_started", "track_started", "track_started"]
    assert kinds.count("exam_started") == kinds.count("hand_in_opened") == kinds.count("exam_completed") == 1
    assert kinds.index("exam_started") < kinds.index("question_visited") < kinds.index("hand_in_opened")
    assert kinds.index("hand_in_opened") < kinds.index("exam_completed") < kinds.index("track_ended")
    assert [entry.number for entry in held.entries] == list(range(1, len(kinds) + 1))


def test_the_log_shows_each_page_that_is_no_question(held: Held) -> None:
    """R-4.14, R-4.21: a row for each of them, with its name."""
    pages = [entry.extra["page"] for entry in held.of("page_visited")]
    assert pages[:6] == ["entry", "check", "agreement", "ready", "finish", "receipt"]
    assert set(pages[6:]) <= {"receipt"}, "the receipt may be opened again"


def test_each_answer_is_logged_as_answered_and_then_as_saved(held: Held) -> None:
    """R-4.19, R-4.20: question answered (client) and candidate save answer (server), a pair for each stored change."""
    answered = [entry.client_seq for entry in held.of("question_answered")]
    saved = [entry.extra["client_seq"] for entry in held.of("answer_saved")]
    assert answered == saved
    assert len(set(saved)) == len(saved) == len(held.revisions)
    assert {entry.question for entry in held.of("answer_saved")} == {1, 2, 3, 4, 5}


def test_the_candidate_never_seemed_to_leave_the_page(held: Held) -> None:
    """R-2.23: going from field to field is not leaving the exam, so nothing is marked against an honest candidate."""
    assert not {"focus_lost", "left_full_screen", "front_end_error"} & set(held.kinds())
    assert held.incidents == []


def test_the_recording_is_whole(held: Held) -> None:
    """R-0.28, product.md §2.2: fragments 1 to n of both tracks, each once; no gap is left."""
    assert {track: list(epochs) for track, epochs in held.segments.items()} == {"webcam": [1], "screen": [1]}
    for epochs in held.segments.values():
        assert sorted(epochs[1]) == list(range(1, len(epochs[1]) + 1))
    assert held.gaps == {}
    assert held.session == "review_ready"


def test_the_recording_is_exported_as_one_file_that_plays(hall: Hall, held: Held, tmp_path: Path) -> None:
    """issue 2, Evidence: one playable file by stream copy, camera, sound and screen in it."""
    file = tmp_path / "session.mkv"
    hall.place.run("export-media", held.attempt, "--out", str(file))
    with av.open(str(file)) as film:
        assert sorted(stream.type for stream in film.streams) == ["audio", "video", "video"]
        assert film.streams.video[0].width == 640, "the camera comes before the screen"
        pictures = sum(1 for _ in film.decode(video=0))
    fragments = len(held.segments["webcam"][1])
    assert pictures > 2 * fragments, "a busy machine drops pictures, but never most of them"


@contextmanager
def one_byte_changed(file: Path, at: int) -> Iterator[None]:
    """Flip one bit of one byte, and back."""
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    yield
    content[at] ^= 1
    file.write_bytes(content)


@contextmanager
def one_letter_changed(database: Path, stream: str) -> Iterator[None]:
    """Another question number in one line of the journal: what a person with the database's password could do."""
    change = "UPDATE journal_entry SET question_number = question_number + ? WHERE stream_id = ? AND number = 9"
    with closing(sqlite3.connect(database, timeout=30)) as rows:
        number = rows.execute(
            "SELECT min(number) FROM journal_entry WHERE stream_id = ? AND question_number IS NOT NULL", [stream]
        ).fetchone()[0]
        change = change.replace("number = 9", f"number = {int(number)}")
        rows.execute(change, [1, stream])
        rows.commit()
        yield
        rows.execute(change, [-1, stream])
        rows.commit()


def test_the_proof_holds(hall: Hall, held: Held) -> None:
    """issue 2, Shown by: `examhall verify` passes on what was really written."""
    assert "1 journals checked, 0 broken; 0 segments altered" in hall.place.run("verify", held.stream)


def test_one_changed_byte_of_a_segment_is_named(hall: Hall, held: Held) -> None:
    """issue 2, Shown by: `examhall verify` fails after one byte of one segment is changed."""
    reels = (hall.place.var_dir / "media").glob(f"*/{held.attempt}/*.mp4")
    reel = max(reels, key=lambda file: file.stat().st_size)
    with one_byte_changed(reel, reel.stat().st_size // 2):
        said = hall.place.run("verify", held.stream, status=1)
    assert "1 segments altered" in said
    assert held.attempt in said


def test_one_changed_entry_of_the_log_is_named(hall: Hall, held: Held) -> None:
    """issue 2, Shown by: `examhall verify` fails after one entry is changed, and names it."""
    database = hall.place.var_dir / "examhall.sqlite3"
    with one_letter_changed(database, held.stream.replace("-", "")):
        said = hall.place.run("verify", held.stream, status=1)
    assert "1 broken" in said
    assert f"journal {held.stream}: entry " in said
    assert "0 broken" in hall.place.run("verify", held.stream)
