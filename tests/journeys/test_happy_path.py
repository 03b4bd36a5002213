"""From signing in to a receipt, and what is left behind: the log, the recording, the points, and proof that all is whole.

Lane: browser; about 40 s, most of it for a real recording to be made and uploaded.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.journeys.browsing import SOON_MS, Seat, no_barriers
from tests.journeys.cast import Held
from tests.journeys.conftest import Hall

ANSWERS = {1: "choice_1", 2: ["choice_1", "choice_3"], 3: "NaCl", 4: "42", 5: "Because it was so."}
LIVE_TRACKS = "() => document.querySelector('exam-camera video')?.srcObject?.getTracks().length ?? 0"


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What the first story tells the later ones of this file."""
    return {}


def order_of(held: Held, *kinds: str) -> list[str]:
    return [kind for kind in held.kinds() if kind in kinds]


@pytest.mark.timeout(240)
def test_a_candidate_sits_an_exam_from_signing_in_to_the_receipt(
    hall: Hall, seat: Callable[[str], Seat], told: dict[str, str]
) -> None:
    """R-0.18, R-0.19, R-0.21, R-0.23, R-0.24, R-0.42: expect, check, agreement, start, five kinds, hand-in, upload."""
    candidate = seat("happy")
    page = candidate.page
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    candidate.enter()
    expect(page.locator("#ck-camera")).to_contain_text("Passed", timeout=SOON_MS)
    expect(page.locator("#ck-microphone")).to_contain_text("Passed", timeout=SOON_MS)
    page.wait_for_function("() => document.querySelector('.cam video')?.videoWidth > 0")
    candidate.pass_check()
    candidate.agree()
    candidate.start()
    expect(page.locator("exam-camera")).to_contain_text("Recording")
    assert page.evaluate(LIVE_TRACKS) > 0
    no_barriers(page)
    candidate.answer_all()
    told["receipt"] = candidate.hand_in()
    expect(page.get_by_text("5 of 5 questions answered")).to_be_visible()
    assert page.evaluate("() => document.querySelector('exam-app').session.media.camera") is None
    page.get_by_role("link", name="Done").click()
    expect(page.locator(".receipt .number")).to_have_text(told["receipt"])
    assert faults == []
