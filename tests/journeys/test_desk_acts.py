"""An invigilator acts on their page and a candidate feels it on theirs. Lane: browser; about a minute."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.journeys.browsing import SOON_MS, Seat, no_barriers
from tests.journeys.conftest import Hall, Seats, desk_of

TIME_LEFT = "() => document.querySelector('exam-app').session.timeLeft()"
GRANTED_MIN = 10


def act(page: Page, name: str) -> Locator:
    """Open the dialog of one intervention."""
    page.locator("[data-slot=acts]").get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def sent(dialog: Locator) -> None:
    dialog.locator("[data-send]").click()
    expect(dialog).to_be_hidden()


def paused(desk: Page, seat: Seat) -> float:
    """Pause with a reason; returns how long the candidate's clock had stood when it was seen a second time, in s."""
    dialog = act(desk, "Pause")
    dialog.get_by_label("Reason").fill("Fire alarm in the building")
    sent(dialog)
    expect(seat.page.get_by_role("heading", name="Your exam is paused")).to_be_visible()
    expect(seat.page.locator(".alertd")).to_contain_text("Fire alarm in the building")
    no_barriers(seat.page)
    expect(desk.locator("[data-slot=state]")).to_contain_text("Paused")
    expect(desk.locator("[data-slot=facts]")).to_contain_text("stands")
    shown = desk.locator("[data-slot=facts]").inner_text()
    seat.page.evaluate("() => { globalThis.paused_ms = performance.now(); }")
    seat.page.wait_for_function("() => performance.now() - globalThis.paused_ms > 6000")
    assert desk.locator("[data-slot=facts]").inner_text() == shown, "the clock stands still"
    return 6.0


def resumed(desk: Page) -> None:
    dialog = act(desk, "Resume")
    dialog.get_by_label("Reason").fill("The alarm was false")
    sent(dialog)


def messaged(desk: Page, seat: Seat) -> None:
    """Said by the one, it covers the exam of the other until it was read, and is shown as read."""
    dialog = act(desk, "Message")
    dialog.get_by_label("Message").fill("Please move your desk lamp.")
    sent(dialog)
    expect(seat.page.get_by_role("heading", name="Message from Ines Carvalho")).to_be_visible()
    expect(seat.page.locator(".alertd")).to_contain_text("Please move your desk lamp.")
    no_barriers(seat.page)
    seat.page.get_by_role("button", name="I have read it").click()
    expect(desk.locator("[data-slot=messages]")).to_contain_text(", read ")


@pytest.mark.timeout(300)
def test_pause_message_time_and_resume_reach_the_candidate(hall: Hall, browser: Browser, seat: Seats) -> None:
    """R-1.4, R-1.6, R-1.10, R-4.16: with reasons, from the invigilator's page, felt at once and written to the log."""
    candidate = seat("desk")
    candidate.sit_down()
    attempt = hall.held("desk").attempt
    live = f"/invigilation/{hall.cast.sittings['desk'].schedule}/{attempt}/"
    with desk_of(browser, hall, hall.cast.invigilator, live) as desk:
        expect(desk.locator("[data-slot=state]")).to_contain_text("In progress")
        no_barriers(desk)
        before_s = candidate.page.evaluate(TIME_LEFT)
        stood_s = paused(desk, candidate)
        resumed(desk)
        expect(candidate.page.get_by_role("heading", name="Your exam is paused")).to_be_hidden()
        expect(candidate.page.locator(".efoot")).to_contain_text("Connected")
        expect(desk.locator("[data-slot=state]")).to_contain_text("In progress")

        messaged(desk, candidate)
        dialog = act(desk, "Extra time")
        dialog.get_by_label("Minutes").fill(str(GRANTED_MIN))
        dialog.get_by_label("Reason").fill("The fire alarm")
        sent(dialog)
        seen = f"left => document.querySelector('exam-app').session.timeLeft() > left + {GRANTED_MIN * 60 - 120}"
        candidate.page.wait_for_function(seen, arg=before_s, timeout=SOON_MS)
        no_barriers(desk)

    held = hall.held("desk")
    (pause,), (resume,) = held.of("exam_paused"), held.of("exam_resumed")
    assert pause.extra["reason"] == "Fire alarm in the building"
    assert resume.extra["reason"] == "The alarm was false"
    assert (resume.at - pause.at).total_seconds() >= stood_s
    (granted,) = held.of("extra_time_granted")
    assert granted.extra["effective_s"] == GRANTED_MIN * 60
    (started,) = held.of("exam_started")
    assert held.deadline_at is not None
    expected = started.at + timedelta(minutes=60 + GRANTED_MIN) + (resume.at - pause.at)
    assert abs(held.deadline_at - expected) < timedelta(seconds=1), "the pause and the minutes, to the second"
    assert held.of("message_sent")
    assert held.of("message_read")
