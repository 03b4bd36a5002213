"""`kill -9` of the server and its worker while a candidate types and is recorded. Lane: browser; about a minute.

It has a site of its own, because the others' sites must live on.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.fixtures.place import Place
from tests.journeys.browsing import SOON_MS
from tests.journeys.cast import Held
from tests.journeys.conftest import Hall, seats

DOWN_AT_LEAST_MS = 12_000
"""Long enough for the ledger of the server's life to call it an outage."""


@pytest.fixture
def own_hall(tmp_path: Path) -> Iterator[Hall]:
    place = Place(tmp_path)
    opened = Hall(place, ("killed",))
    place.open()
    yield opened
    place.close()


def nothing_lost(before: Held, after: Held) -> None:
    """What was there when the server died is there still, and what was typed meanwhile as well."""
    assert before.answers[5] == "Acknowledged."
    assert after.answers[5] == "Acknowledged. Typed while it was down."
    assert after.answers[3] == "NaCl"
    known = {(one.item, one.client_seq) for one in before.revisions}
    assert known <= {(one.item, one.client_seq) for one in after.revisions}
    assert [entry.number for entry in after.entries] == list(range(1, len(after.entries) + 1))
    assert set(before.segments["webcam"][1]) <= set(after.segments["webcam"][1])
    for epochs in after.segments.values():
        assert sorted(epochs[1]) == list(range(1, len(epochs[1]) + 1))


def outage_credited(before: Held, after: Held) -> None:
    """The outage is in the log, and the time of it is given back to the second."""
    assert (len(after.of("outage_started")), len(after.of("outage_ended"))) == (1, 1)
    (credit,) = after.of("extra_time_granted")
    assert credit.extra["kind"] == "outage"
    assert credit.extra["effective_s"] >= DOWN_AT_LEAST_MS / 1000 - 5
    assert before.deadline_at is not None
    assert after.deadline_at is not None
    given_s = (after.deadline_at - before.deadline_at).total_seconds()
    assert given_s == pytest.approx(credit.extra["effective_s"], abs=1)
    assert "attempt_stopped" not in after.kinds()


@pytest.mark.timeout(300)
def test_a_killed_server_loses_nothing_it_acknowledged_and_gives_its_own_time_back(
    own_hall: Hall, browser: Browser
) -> None:
    """R-4.25, product.md §8.1: answers and segments are there, the exam goes on, the outage is credited."""
    with seats(browser, own_hall) as seat:
        candidate = seat("killed")
        candidate.sit_down()
        candidate.choose("Oslo")
        candidate.go_to(5)
        candidate.write("Acknowledged.")
        candidate.all_saved()
        own_hall.place.kill()
        before = own_hall.held("killed")
        candidate.page.evaluate("() => { globalThis.down_ms = performance.now(); }")
        candidate.write(" Typed while it was down.")
        expect(candidate.page.locator(".efoot")).to_contain_text("Reconnecting")
        waited = f"() => performance.now() - globalThis.down_ms > {DOWN_AT_LEAST_MS}"
        candidate.page.wait_for_function(waited, timeout=SOON_MS)
        own_hall.place.open()
        expect(candidate.page.locator(".efoot")).to_contain_text("Connected", timeout=2 * SOON_MS)
        candidate.all_saved()
        candidate.go_to(3)
        candidate.write("NaCl")
        candidate.all_saved()
        candidate.hand_in()
        after = own_hall.settled("killed")

    nothing_lost(before, after)
    outage_credited(before, after)
    assert "0 broken; 0 segments altered" in own_hall.place.run("verify")
