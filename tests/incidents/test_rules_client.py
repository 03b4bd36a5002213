"""Client entries read as signals, and folded by the same engine."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from examhall.base.words import EntryKind, IncidentKind, Leniency
from examhall.incidents.rules.client import CLIENT_KINDS, ClientState, Reported, read
from examhall.incidents.rules.explain import explain
from examhall.incidents.rules.fold import advance, fold, start
from examhall.incidents.rules.levels import FOLDED_KINDS, rule_set
from examhall.incidents.rules.signal import Batch

STRICT = rule_set(Leniency.STRICT)
E, K = EntryKind, IncidentKind
SENT = Path(__file__).parents[2] / "client/test/lockdown/signals.json"
"""What a real page tells; the client's own tests keep it true."""


def test_leaving_and_coming_back_is_one_span() -> None:
    """product.md §5.6: navigating_away is measured by how long one was away."""
    read_ = read(ClientState(), [Reported(E.FOCUS_LOST, 10), Reported(E.FOCUS_REGAINED, 14)], until_s=20)
    assert [(s.kind, s.start_s, s.end_s) for s in read_.signals] == [(K.NAVIGATING_AWAY, 10, 14)]


def test_a_span_still_open_grows_step_by_step_into_one_incident() -> None:
    """Issue 2 §5: told while it runs, never doubled."""
    first = read(ClientState(), [Reported(E.LEFT_FULL_SCREEN, 10)], until_s=20)
    second = read(first.state, [Reported(E.RETURNED_FULL_SCREEN, 33)], until_s=40)
    one = advance(start(STRICT), Batch(CLIENT_KINDS, 20, first.signals), STRICT)
    two = advance(one.state, Batch(CLIENT_KINDS, 40, second.signals, final=True), STRICT)
    assert [(i.start_s, i.end_s) for i in (*one.incidents, *two.incidents)] == [(10, 20), (10, 33)]
    assert one.incidents[0].key == two.incidents[0].key


@pytest.mark.parametrize("opening", [E.FOCUS_LOST, E.DISPLAY_ADDED, E.LEFT_FULL_SCREEN])
@pytest.mark.parametrize("connected", [E.CLIENT_CONNECTED, E.CLIENT_TAKEN_OVER])
def test_a_page_that_connects_ends_what_the_crashed_one_left_open(opening: EntryKind, connected: EntryKind) -> None:
    """product.md §5.6: a crash must not make of one second away the rest of the exam."""
    first = read(ClientState(), [Reported(opening, 10)], until_s=20)
    second = read(first.state, [Reported(connected, 25)], until_s=60)
    spans = [(s.start_s, s.end_s) for s in (*first.signals, *second.signals) if s.end_s > s.start_s]
    assert spans == [(10, 20), (20, 25)]
    assert second.state.open_s == {}


def test_a_leaving_that_the_crashed_page_could_not_send_opens_nothing_after_the_new_one_connected() -> None:
    """product.md §5.6: the new page sends what the old one had written down; nobody would ever end it."""
    first = read(ClientState(), [Reported(E.CLIENT_CONNECTED, 25)], until_s=30)
    second = read(first.state, [Reported(E.FOCUS_LOST, 24)], until_s=60)
    assert (second.signals, second.state.open_s) == ((), {})


def test_what_still_goes_on_after_a_new_connection_is_told_again_and_is_one_incident() -> None:
    """product.md §5.6: connecting again while away is no way to be counted as back."""
    entries = [Reported(E.FOCUS_LOST, 10), Reported(E.CLIENT_CONNECTED, 25), Reported(E.FOCUS_LOST, 25.4)]
    read_ = read(ClientState(), entries, until_s=60)
    folded = fold(Batch(CLIENT_KINDS, 60, read_.signals), STRICT).incidents
    assert [(i.kind, i.start_s, i.end_s) for i in folded] == [(K.NAVIGATING_AWAY, 10, 60)]


def test_what_a_real_page_tells_opens_the_incidents_it_is_meant_for() -> None:
    """product.md §5.6: copy_paste, browser_resize and extra_display, measured from the client's own words."""
    sent: list[dict[str, Any]] = json.loads(SENT.read_text())
    entries = [Reported(E(one["kind"]), 100 * place, one["extra"]) for place, one in enumerate(sent)]
    read_ = read(ClientState(), entries, until_s=100 * len(sent))
    measured = {(s.kind, s.value, s.note) for s in read_.signals}
    assert measured >= {
        (K.COPY_PASTE, 0.0, "copy"),
        (K.COPY_PASTE, 0.0, "paste"),
        (K.COPY_PASTE, 250.0, "paste"),
        (K.BROWSER_RESIZE, 60.0, ""),
        (K.KEY_COMBO, 1.0, "Ctrl+P"),
    }
    lenient = fold(Batch(CLIENT_KINDS, 1000, read_.signals), rule_set(Leniency.LENIENT)).incidents
    assert {(i.kind, i.value) for i in lenient if i.kind in {K.COPY_PASTE, K.BROWSER_RESIZE}} == {
        (K.COPY_PASTE, 250.0),
        (K.BROWSER_RESIZE, 60.0),
    }


def test_a_listed_combination_is_named_and_nothing_that_was_typed() -> None:
    """R-2.24: Ctrl+C becomes an incident that names it; whatever else a client adds is no part of it."""
    entries = [Reported(E.KEY_COMBO, 10.0 + n, {"keys": "Ctrl+C", "does": "copy", "text": "secret"}) for n in (0, 5)]
    read_ = read(ClientState(), entries, until_s=100)
    (incident,) = fold(Batch(CLIENT_KINDS, 100, read_.signals), STRICT).incidents
    words = explain(incident, STRICT.rules[K.KEY_COMBO])
    assert words.startswith("Ctrl+C 2 times")
    assert "secret" not in words + str(incident)


def test_a_second_display_is_one_incident_from_its_coming_to_its_going() -> None:
    """product.md §5.6: extra_display at medium, at once; told twice it stays one."""
    entries = [Reported(E.DISPLAY_ADDED, 10), Reported(E.DISPLAY_ADDED, 40), Reported(E.DISPLAY_REMOVED, 70)]
    read_ = read(ClientState(), entries, until_s=100)
    folded = fold(Batch(CLIENT_KINDS, 100, read_.signals), rule_set(Leniency.STANDARD)).incidents
    assert [(i.kind, i.start_s, i.end_s) for i in folded] == [(K.EXTRA_DISPLAY, 10, 70)]


def test_a_return_without_a_leaving_says_nothing() -> None:
    """Issue 2, bad input: the client may send anything."""
    assert read(ClientState(), [Reported(E.FOCUS_REGAINED, 10)], until_s=20).signals == ()


def test_an_entry_that_comes_late_counts_from_what_was_judged_on() -> None:
    """Issue 2 §5: what was judged stays as it was told."""
    late = read(ClientState(until_s=30), [Reported(E.FOCUS_LOST, 10)], until_s=40)
    assert [(s.start_s, s.end_s) for s in late.signals] == [(30, 40)]


def test_a_paste_from_outside_is_measured_in_characters() -> None:
    """product.md §5.6: copy_paste at low: 200 characters and more from outside."""
    outside = Reported(E.CLIPBOARD_USED, 10, {"act": "paste", "chars": 250, "outside": True})
    inside = Reported(E.CLIPBOARD_USED, 90, {"act": "paste", "chars": 250, "outside": False})
    read_ = read(ClientState(), [outside, inside], until_s=100)
    assert [(s.value, s.note) for s in read_.signals] == [(250, "paste"), (0, "paste")]
    lenient = fold(Batch(CLIENT_KINDS, 100, read_.signals), rule_set(Leniency.LENIENT)).incidents
    assert [i.start_s for i in lenient] == [10]


def test_a_count_of_characters_that_is_no_number_counts_as_one() -> None:
    """Issue 2, bad input: `extra` is the client's; a wrong type neither crashes nor hides the paste."""
    odd = Reported(E.CLIPBOARD_USED, 10, {"act": "paste", "chars": "many", "outside": True})
    assert [s.value for s in read(ClientState(), [odd], until_s=20).signals] == [1.0]


@pytest.mark.parametrize("odd", [10**400, 1e308, -5])
def test_a_number_beyond_all_measure_is_bounded(odd: float) -> None:
    """Issue 2, bad input: no number of a client stops the analysis of its attempt."""
    paste = Reported(E.CLIPBOARD_USED, 10, {"act": "paste", "chars": odd, "outside": True})
    read_ = read(ClientState(), [paste, Reported(E.RESIZE, 11, {"share": odd})], until_s=20)
    assert all(-1000 <= s.value <= 1e6 for s in read_.signals)


def test_a_smaller_window_is_measured_in_percent() -> None:
    """product.md §5.6: browser_resize at medium: to less than 80 % of the area."""
    read_ = read(ClientState(), [Reported(E.RESIZE, 10, {"share": 0.25})], until_s=20)
    assert [(s.kind, s.value) for s in read_.signals] == [(K.BROWSER_RESIZE, 75.0)]


def test_altered_evidence_is_one_incident_that_says_what_was_altered() -> None:
    """R-1.16, product.md §2.2 Segment: a duplicate with another hash is rejected and raises an integrity incident."""
    altered = Reported(E.EVIDENCE_ALTERED, 10, {"track": "webcam", "seq": 12, "media_epoch": 1})
    read_ = read(ClientState(), [altered, replace(altered, at_s=12)], until_s=20)
    for leniency in Leniency:
        [found] = fold(Batch(CLIENT_KINDS, 20, read_.signals), rule_set(leniency)).incidents
        assert (found.kind, found.start_s, found.end_s, found.detector) == (K.EVIDENCE_ALTERED, 10, 12, "recording 1")
        said = explain(found, rule_set(leniency).rules[K.EVIDENCE_ALTERED])
        assert said.startswith(
            "Other bytes were sent 2 times under a number of the recording that is stored already (webcam, part 12); "
            "the stored ones stay; level "
        )


def test_answering_shows_the_candidate_at_work() -> None:
    """product.md §5.6: left_session asks for no input as well."""
    assert read(ClientState(), [Reported(E.QUESTION_ANSWERED, 10)], until_s=20).inputs_s == (10,)


def test_each_client_kind_has_its_line_in_the_table() -> None:
    """product.md §5.6: client signals go through the same engine."""
    assert CLIENT_KINDS <= FOLDED_KINDS


@pytest.mark.parametrize(("ended", "severities"), [(2, []), (3, [2]), (7, [2])])
@pytest.mark.parametrize("leniency", Leniency)
def test_a_screen_share_ended_three_times_is_an_incident_of_severity_two(
    leniency: Leniency, ended: int, severities: list[int]
) -> None:
    """product.md §8.6: ending the share on purpose and repeatedly (three times or more), at every level."""
    revoked = {"track": "screen", "cause": "permission_revoked"}
    entries = [Reported(E.TRACK_ENDED, 600.0 * n, revoked) for n in range(1, ended + 1)]
    signals = read(ClientState(), entries, until_s=5000).signals
    folded = fold(Batch(CLIENT_KINDS, 5000, signals, final=True), rule_set(leniency))
    assert [(one.kind, one.count, one.severity) for one in folded.incidents] == [
        (K.SHARE_ENDED, ended, severity) for severity in severities
    ]


@pytest.mark.parametrize(
    "extra",
    [
        {"track": "webcam", "cause": "permission_revoked"},
        {"track": "webcam", "cause": "device_lost"},
        {"track": "screen", "chains": "{}", "bytes": 7},
    ],
)
def test_a_lost_camera_and_the_end_of_a_recording_are_no_ended_share(extra: dict[str, Any]) -> None:
    """product.md §8.6: the server's own line at the end of a recording has no cause."""
    assert read(ClientState(), [Reported(E.TRACK_ENDED, 10, extra)], until_s=20).signals == ()
