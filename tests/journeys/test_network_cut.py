"""The network goes away under three candidates at once: for 60 s, for longer than the window, and over the deadline.

Lane: browser. It takes about three minutes of wall time, because the window is two minutes of the server's own clock
and browsers run on real time; all cuts are made at the same moment, so that it takes no longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.browsing import UPLOADED_MS, Seat
from tests.journeys.cable import Cable, Fault
from tests.journeys.cast import Held
from tests.journeys.conftest import Hall, Seats, desk_of

WINDOW_S = 120
SHORT_CUT_S, LONG_CUT_S = 60, 150
GOES_ON_S = 20
"""Longer than it takes to notice that a candidate is not heard."""
TYPED_BEFORE, TYPED_DURING = "Before the cut. ", "While nothing reached the server."
SINCE = "([since, s]) => performance.now() - since >= s * 1000"
"""The page's own clock: a cut lasts so long as seen by the candidate's browser."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What all candidates and their log looked like when all was over."""

    short: Held
    long: Held
    ended: Held
    """Whose time was over during the cut."""
    on_device: str
    """What the short one's page said of its answers during the cut."""
    stopped_page: str
    ended_page: str


def wait_since(page: Page, since_ms: float, s: int) -> None:
    page.wait_for_function(SINCE, arg=[since_ms, s], timeout=(s + 30) * 1000)


def type_without_network(seat: Seat) -> str:
    """Go on typing; returns what the page says of its answers once it knows that nothing gets through."""
    seat.write(TYPED_DURING)
    expect(seat.page.locator(".efoot")).to_contain_text("Reconnecting")
    seat.go_to(3)
    seat.write("NaCl")
    expect(seat.page.locator(".savedline")).to_contain_text("Kept on this device")
    return seat.page.locator(".efoot").inner_text()


@pytest.fixture(scope="module")
def cut(hall: Hall, browser: Browser, module_seat: Seats) -> Iterator[Cut]:
    with (
        Cable(hall.place.port) as short_cable,
        Cable(hall.place.port) as long_cable,
        Cable(hall.place.port) as end_cable,
    ):
        short = module_seat("cut-60", short_cable.url)
        long = module_seat("cut-150", long_cable.url)
        end = module_seat("cut-end", end_cable.url)
        for seat, shows in ((short, "59:"), (long, "59:"), (end, "1:")):
            begin(seat, shows)
        end_cable.pull(Fault.SILENT)
        end.write(TYPED_DURING)
        short_cable.pull(Fault.SILENT)
        long_cable.pull(Fault.REFUSED)
        since_ms = short.page.evaluate("() => performance.now()")
        long_since_ms = long.page.evaluate("() => performance.now()")
        long.write(TYPED_DURING)  # at once: after 15 s this exam takes no more
        on_device = type_without_network(short)
        expect(long.page.get_by_role("heading", name="Reconnecting you")).to_be_visible()
        wait_since(short.page, since_ms, SHORT_CUT_S)
        short_cable.put_back()
        expect(short.page.locator(".efoot")).to_contain_text("Connected")
        short.all_saved()
        wait_since(long.page, long_since_ms, LONG_CUT_S)
        long_cable.put_back()
        end_cable.put_back()
        expect(long.page.get_by_role("heading", name="Your exam was stopped")).to_be_visible()
        stopped_page = long.page.locator(".alertd").inner_text()
        check_in_again(long)
        back_ms = long.page.evaluate("() => performance.now()")
        expect(end.page.get_by_role("heading", name="Your time is over")).to_be_visible()
        expect(end.page.get_by_text("All uploaded.")).to_be_visible(timeout=UPLOADED_MS)
        ended_page = end.page.locator("main").inner_text()
        wait_since(long.page, back_ms, GOES_ON_S)
        for seat in (short, long):
            seat.all_saved()
            seat.hand_in()
        short_held, long_held, end_held = (hall.settled(story) for story in ("cut-60", "cut-150", "cut-end"))
        yield Cut(short_held, long_held, end_held, on_device, stopped_page, ended_page)


def begin(seat: Seat, shows: str) -> None:
    seat.sit_down(shows)
    seat.choose("Oslo")
    seat.go_to(5)
    seat.write(TYPED_BEFORE)
    seat.all_saved()


def check_in_again(seat: Seat) -> None:
    seat.page.get_by_role("button", name="Check in again").click()
    expect(seat.page.get_by_role("heading", name="check your computer")).to_be_visible()
    expect(seat.page.locator("#ck-screen")).to_contain_text("Passed")  # it was shared all the time
    expect(seat.way).to_have_attribute("aria-disabled", "false")
    seat.way.click()
    expect(seat.page.locator(".efoot")).to_contain_text("Connected")


def doubled_or_missing(held: Held) -> list[str]:
    """Fragments of a recorder that are not there, or there twice."""
    return [
        f"{track} {epoch}"
        for track, epochs in held.segments.items()
        for epoch, numbers in epochs.items()
        if sorted(numbers) != list(range(1, len(numbers) + 1))
    ]


@pytest.mark.timeout(480)
def test_what_was_typed_without_a_network_is_there_once(cut: Cut) -> None:
    """R-4.24, issue 2, Shown by: 60 s without a network: 0 answers lost, 0 doubled."""
    assert cut.short.answers[5] == TYPED_BEFORE + TYPED_DURING
    assert cut.short.answers[3] == "NaCl"
    assert "being sent" in cut.on_device
    numbers = [revision.client_seq for revision in cut.short.revisions]
    assert len(numbers) == len(set(numbers))
    assert [revision.refusal for revision in cut.short.revisions if not revision.counting] == []


@pytest.mark.timeout(480)
def test_no_fragment_is_lost_or_doubled(cut: Cut) -> None:
    """R-0.28, issue 2, Shown by: the recording of both candidates goes on during the cut and arrives whole."""
    assert (doubled_or_missing(cut.short), doubled_or_missing(cut.long)) == ([], [])
    assert cut.short.gaps == {}
    during = len(cut.short.segments["webcam"][1])
    assert during >= SHORT_CUT_S, "one fragment for each second of the cut at least"


@pytest.mark.timeout(480)
def test_the_log_shows_the_cut_and_how_long_it_was(cut: Cut) -> None:
    """R-4.24: heartbeat lost, and restored with the gap."""
    lost, restored = cut.short.of("heartbeat_lost"), cut.short.of("heartbeat_restored")
    assert (len(lost), len(restored)) == (1, 1)
    assert restored[0].extra["gap_s"] == pytest.approx(SHORT_CUT_S, abs=20)
    assert (restored[0].at - lost[0].at).total_seconds() < restored[0].extra["gap_s"]


@pytest.mark.timeout(480)
def test_the_gap_between_answered_and_saved_stands_in_the_candidate_log(hall: Hall, browser: Browser, cut: Cut) -> None:
    """R-4.27: the invigilator reads in the log how long an answer took to be saved."""
    sitting = hall.cast.sittings["cut-60"]
    answered = {entry.client_seq: entry for entry in cut.short.of("question_answered")}
    gaps_s = [
        (entry.at - client_at).total_seconds()
        for entry in cut.short.of("answer_saved")
        if (client_at := answered[entry.extra["client_seq"]].client_at) is not None
    ]
    assert max(gaps_s) == pytest.approx(SHORT_CUT_S, abs=20)
    assert min(gaps_s) < 10
    log = f"/invigilation/{sitting.schedule}/log/{cut.short.attempt}/"
    with desk_of(browser, hall, hall.cast.invigilator, log) as page:
        page.get_by_label("Only gaps over 30 s").check()
        late = page.locator("tbody tr.gap")
        expect(late.first).to_contain_text("Candidate save answer")
        expect(late.first).to_contain_text("saved after")
        expect(page.get_by_text("Longest gap to save")).to_be_visible()


@pytest.mark.timeout(480)
def test_the_longer_cut_stops_the_exam_as_of_the_end_of_the_window(cut: Cut) -> None:
    """R-0.37, product.md §8.2: stopped as of 120 s after the last heartbeat, however late it is noticed."""
    (stopped,) = cut.long.of("attempt_stopped")
    assert stopped.extra["reason"] == "connection_lost"
    (lost,) = cut.long.of("heartbeat_lost")
    since_lost_s = (stopped.at - lost.at).total_seconds()
    assert since_lost_s == pytest.approx(WINDOW_S - 15, abs=1), "the loss is noticed 15 s after the last heartbeat"


@pytest.mark.timeout(480)
def test_what_the_stopped_candidate_typed_is_kept_and_counts(cut: Cut) -> None:
    """R-0.38, product.md §8.2: typed before the stop: nothing lost; the page says what is kept."""
    assert cut.long.answers[5] == TYPED_BEFORE + TYPED_DURING
    assert "Your answers are safe." in cut.stopped_page
    assert "2 answers" in cut.stopped_page
    assert "Check in again" in cut.stopped_page


@pytest.mark.timeout(480)
def test_the_candidate_comes_back_as_the_policy_says_and_gets_no_time_for_it(cut: Cut) -> None:
    """R-0.38, product.md §2.5 A9: re-entry by oneself, a new check, no time given back."""
    (reopened,) = cut.long.of("attempt_reopened")
    assert reopened.role == "candidate"
    checks = [entry.at for entry in cut.long.of("device_check")]
    assert any(at < reopened.at for at in checks[1:]), "the check was made anew before going on"
    assert cut.long.of("extra_time_granted") == []
    numbers = [entry.number for entry in cut.long.entries]
    assert all(after - before == 1 for before, after in pairwise(numbers))
    assert cut.long.deadline_at is not None
    (started,) = cut.long.of("exam_started")
    assert cut.long.deadline_at - started.at == pytest.approx(timedelta(minutes=60), abs=timedelta(seconds=1))


@pytest.mark.timeout(480)
def test_who_came_back_is_heard_and_recorded_as_before(cut: Cut) -> None:
    """R-0.38, product.md §2.5: re-entry is a reconnect of the same client, not a take-over by another one."""
    (reopened,) = cut.long.of("attempt_reopened")
    assert cut.long.of("client_taken_over") == []
    assert [entry for entry in cut.long.of("heartbeat_lost") if entry.at > reopened.at] == []
    assert [entry.epoch for entry in cut.long.of("hand_in_opened")] == [2]
    (camera,) = [e for e in cut.long.of("track_started") if e.at > reopened.at and e.extra["track"] == "webcam"]
    assert camera.extra["media_epoch"] == 2
    assert len(cut.long.segments["webcam"][2]) >= GOES_ON_S, "one fragment for each second at least"


@pytest.mark.timeout(480)
def test_what_was_typed_before_the_deadline_in_a_cut_counts(cut: Cut) -> None:
    """product.md §8.4, T4: the time was over while nothing got through; what was typed before it is sent after."""
    assert cut.ended.state == "timed_out"
    assert cut.ended.answers[5] == TYPED_BEFORE + TYPED_DURING
    assert "What you answered is saved and counts." in cut.ended_page
