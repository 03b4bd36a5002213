"""The minute after a hint: what of the dark it excuses, how often, and what it never does."""

import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import IncidentKind, Leniency, Suppression
from examhall.incidents.detectors import camera, faces
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.hints import AGAIN_AFTER_S, GRACE_S, excused, graces
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.signal import DARK, FROZEN, Batch, Signal

K = IncidentKind
PAGE = Path(__file__).parents[2] / "client/src/exam/dark-hint.ts"


def unseen(start_s: float, end_s: float, *, kind: IncidentKind = K.LEFT_SESSION, note: str = DARK) -> Signal:
    return Signal(kind, start_s, end_s, value=90.0, score=0.9, detector="faces 1", note=note)


def test_the_minute_after_a_hint_excuses_what_the_dark_hides_and_keeps_it_on_record() -> None:
    """R-2.19, product.md §8.7: 60 s without incident, counted from the hint."""
    told = excused([unseen(96, 170)], graces([100]))
    assert [(s.start_s, s.end_s, s.suppressed) for s in told] == [
        (96, 100, None),
        (100, 160, Suppression.HINT_GRACE),
        (160, 170, None),
    ]
    step = fold(Batch(frozenset({K.LEFT_SESSION}), 300, told), rule_set(Leniency.STRICT))
    assert [(i.start_s, i.end_s) for i in step.incidents] == [(160, 170)]
    assert [(s.start_s, s.end_s, s.reason) for s in step.suppressed] == [(100, 160, Suppression.HINT_GRACE)]


@pytest.mark.parametrize(
    "signal",
    [
        unseen(100, 130, note=""),
        unseen(100, 130, kind=K.CAMERA_BLOCKED, note=""),
        unseen(100, 130, kind=K.CAMERA_BLOCKED, note=FROZEN),
        unseen(100, 130, kind=K.HEAD_TURN, note=""),
    ],
)
def test_an_empty_seat_in_the_light_and_a_covered_camera_are_never_excused(signal: Signal) -> None:
    """product.md §8.7: the hint is about light; a covered camera and an empty seat in a lit room are not."""
    assert excused([signal], graces([100])) == [signal]


def test_a_room_that_stays_dark_is_excused_once() -> None:
    """product.md §8.7: hints that follow each other open no minute after minute."""
    hints_s = [100.0 + 60 * n for n in range(60)]
    assert graces(hints_s) == [(at, at + GRACE_S) for at in (100.0, 1000.0, 1900.0, 2800.0)]


@given(st.lists(st.floats(0, 20_000)))
def test_however_often_a_client_says_it_told_there_are_at_most_four_minutes_in_an_hour(told_s: list[float]) -> None:
    """product.md §8.7: whoever keeps it dark cannot hide in it for long."""
    starts = [start_s for start_s, _ in graces(told_s)]
    assert all(sum(at <= other < at + 3600 for other in starts) <= 3600 / AGAIN_AFTER_S for at in starts)


@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 200), st.sampled_from(["", DARK]))),
    st.lists(st.integers(0, 4000)),
)
def test_cutting_at_the_minutes_loses_and_doubles_no_moment(
    seen: list[tuple[int, int, str]], told_s: list[float]
) -> None:
    """product.md §5.6: what is suppressed is kept, and nothing else is touched."""
    for start_s, length_s, note in seen:
        signal = unseen(start_s, start_s + length_s, note=note)
        pieces = excused([signal], graces(told_s))
        assert (pieces[0].start_s, pieces[-1].end_s) == (signal.start_s, signal.end_s)
        assert all(one.end_s == other.start_s for one, other in pairwise(pieces))
        assert {replace(one, start_s=0, end_s=0, suppressed=None) for one in pieces} == {
            replace(signal, start_s=0, end_s=0)
        }


@pytest.mark.parametrize("leniency", list(Leniency))
def test_too_dark_is_a_hint_at_every_level_and_never_an_incident(leniency: Leniency) -> None:
    """R-2.19, product.md §5.5: too_dark is shown as a hint and counts nowhere."""
    dark = Signal(K.TOO_DARK, 100, 400, value=1.0, score=1.0, detector="camera 5")
    step = fold(Batch(frozenset({K.TOO_DARK}), 500, [dark]), rule_set(leniency))
    assert step.incidents == ()
    assert [(s.start_s, s.end_s, s.reason) for s in step.suppressed] == [(100, 400, Suppression.HINT_ONLY)]


def test_the_page_means_the_same_by_dark_and_promises_no_more_than_is_granted() -> None:
    """R-2.19, ADR 0014: the page measures by itself, so its numbers have to be those of the server."""
    found = re.findall(r"^(?:export )?const (\w+) = ([\d_*. ]+);", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    said = {name: math.prod(float(part) for part in number.split("*")) for name, number in found}
    same = (said["DARK_LUMA"], said["BLACK_LEVEL"], said["FLAT_DEVIATION"])
    assert same == (faces.DARK_LUMA, camera.DARK_LEVELS, camera.FLAT_DEVIATION)
    assert said["PROMISED_MS"] == GRACE_S * 1000
    assert said["PROMISE_AGAIN_MS"] > AGAIN_AFTER_S * 1000
