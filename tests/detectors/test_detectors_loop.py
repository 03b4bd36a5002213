"""Does the camera play a stretch again: on pictures made here, from a person who never moves twice alike."""

import cv2
import numpy as np
import pytest

from examhall.base.words import IncidentKind, Leniency
from examhall.incidents.detectors import loop
from examhall.incidents.detectors.loop import LoopState
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.window import Frame, VideoWindow
from examhall.incidents.jobs.analyse_files import predictions
from examhall.incidents.rules import explain, fold
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.signal import LOOPED, Batch, Signal

RNG = np.random.default_rng(11)
ROOM = RNG.integers(60, 190, (12, 16, 3), dtype=np.uint8).repeat(40, axis=0).repeat(40, axis=1)
NOISE = RNG.integers(-5, 6, (7, *ROOM.shape), dtype=np.int16)
"""Of a camera, so no two pictures are equal; drawn once, because that is most of what a picture costs."""


def person(at_s: float, *, still: bool = False) -> Frame:
    """Somebody before the room who leans and nods."""
    x = 320 if still else round(320 + 45 * np.sin(at_s * 0.61) + 25 * np.sin(at_s * 1.43 + at_s * at_s * 0.003))
    y = 250 if still else round(250 + 20 * np.sin(at_s * 0.87 + 1))
    canvas = ROOM.copy()
    cv2.ellipse(canvas, (x, y), (90, 120), 0, 0, 360, (90, 120, 205), -1)
    cv2.ellipse(canvas, (x, 480), (190, 130), 0, 0, 360, (40, 40, 48), -1)
    noise = np.roll(NOISE[RNG.integers(len(NOISE))], RNG.integers(480), axis=0)
    return np.asarray(cv2.add(canvas, noise, dtype=cv2.CV_8U), np.uint8)


def small(frame: Frame) -> bytes:
    grey = cv2.cvtColor(cv2.resize(frame, (160, 120), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.uint8).tobytes()


def found_s(moments_s: list[float], *, still: bool = False, step_s: float = 0.5) -> list[float]:
    """When the camera is called a loop; one moment of the film for each picture."""
    state, out = LoopState(), []
    for place, moment_s in enumerate(moments_s):
        state, again = loop.seen(state, place * step_s, small(person(moment_s, still=still)))
        out += [place * step_s] if again else []
    return out


def test_a_recording_that_is_played_again_is_found_after_ten_seconds_of_it() -> None:
    """Issue 3: a looped camera; product.md §5.5: camera_blocked."""
    told = found_s([(n / 2) % 12 for n in range(80)])
    assert told[0] == pytest.approx(21.5, abs=2.0)
    assert told[-1] == 39.5


def test_a_loop_that_does_not_fall_in_with_the_pictures_is_found_when_it_has_come_round() -> None:
    """Issue 3: the period need not be a multiple of half a second: after three rounds of 11.17 s it nearly is."""
    told = found_s([(n / 2) % (67 / 6) for n in range(160)])
    assert 30 < told[0] < 60


def test_somebody_who_moves_is_no_loop() -> None:
    """Issue 3: calm people must not be told; the refusal beside the success."""
    assert found_s([n / 2 for n in range(240)]) == []


def test_an_even_sway_and_an_empty_room_are_no_loops() -> None:
    """Issue 3: what comes every other second is like much of all; a room without movement proves nothing."""
    assert found_s([(n / 2) % 1.5 for n in range(120)]) == []
    assert found_s([0.0] * 120, still=True) == []


def test_what_is_remembered_is_bounded_and_a_gap_keeps_its_place() -> None:
    """Issue 3, bad input: a long exam, and one with a hole in it."""
    state = LoopState()
    for n in range(loop.MEMORY + 40):
        state, _ = loop.seen(state, n / 2, small(person(n / 2)))
    assert len(state.past) == loop.MEMORY * 48
    state = LoopState()
    for n in [*range(60), *range(70, 110)]:
        state, again = loop.seen(state, n / 2, small(person((n / 2) % 14)))
    assert again
    assert len(state.past) == 110 * 48


def test_a_loop_is_told_as_the_camera_with_its_own_words_while_the_rest_goes_on() -> None:
    """Issue 3: its own note and explanation, as a frozen picture has; a labelled clip has no name for it."""
    window = VideoWindow(tuple(n / 2 for n in range(70)), tuple(person((n / 2) % 10) for n in range(70)))
    seen = Pipeline({}).observe(PipelineState(), window)
    assert {(s.kind, s.note) for s in seen.signals} == {(IncidentKind.CAMERA_BLOCKED, LOOPED)}
    rules = rule_set(Leniency.STRICT)
    step = fold.advance(fold.start(rules), Batch(seen.kinds, seen.until_s, seen.signals, final=True), rules)
    (incident,) = step.incidents
    words = explain.explain(incident, rules.rules[incident.kind])
    assert words.startswith("Pictures came again in the order of an earlier stretch")
    assert predictions([incident]) == []


def test_a_covered_camera_is_told_in_its_own_words() -> None:
    """product.md §5.5: camera_blocked: covered or black."""
    rules = rule_set(Leniency.STRICT)
    signal = Signal(IncidentKind.CAMERA_BLOCKED, 0.0, 20.0, 1.0, 0.9)
    batch = Batch(frozenset({signal.kind}), 20.0, (signal,), final=True)
    (incident,) = fold.advance(fold.start(rules), batch, rules).incidents
    assert explain.explain(incident, rules.rules[signal.kind]).startswith("Picture covered or black for 20 s")
