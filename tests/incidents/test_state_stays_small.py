"""An exam of eight hours: what is kept between two steps of its analysis does not grow with its length."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from examhall.base.words import EntryKind, IncidentKind, Leniency
from examhall.incidents.detectors import pipeline as detectors
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.jobs.step import State
from examhall.incidents.rules import fold, standing
from examhall.incidents.rules.client import CLIENT_KINDS, ClientState, Reported, read
from examhall.incidents.rules.curve import Memory, remembered
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.signal import Batch, Signal

K = IncidentKind
HOUR_S, STEP_S = 3600, 300
SEEN = frozenset({K.HEAD_TURN, K.SPEECH, K.MULTI_FACE, K.LEFT_SESSION})
MOST_BYTES = 150_000
RNG = np.random.default_rng(5)


def reports(from_s: int) -> list[Reported]:
    """A restless minute in five: the page is left ten times, and a key combination pressed every two seconds."""
    leaving = [Reported(EntryKind.FOCUS_LOST, from_s + 6.0 * n) for n in range(10)]
    coming = [Reported(EntryKind.FOCUS_REGAINED, from_s + 6.0 * n + 4) for n in range(10)]
    keys = [Reported(EntryKind.KEY_COMBO, from_s + 2.0 * n, {"keys": "Ctrl+P"}) for n in range(30)]
    return [*leaving, *coming, *keys]


def signals(from_s: int) -> list[Signal]:
    """Detectors that flicker for as long: every kind comes and goes."""
    return [
        Signal(kind, from_s + 2.0 * n, from_s + 2.0 * n + 1.5, value=60.0, score=0.9, detector="faces 2")
        for kind in sorted(SEEN)
        for n in range(30)
    ]


def sizes(hours: int) -> Iterator[int]:
    """Bytes between two steps, after each hour."""
    rules = rule_set(Leniency.STRICT)
    state, client = fold.start(rules), ClientState()
    memory: Memory = {}
    samples: standing.Memory = {}
    for from_s in range(0, hours * HOUR_S, STEP_S):
        until_s = from_s + STEP_S
        told = read(client, reports(from_s), until_s=until_s)
        client, seen = told.state, signals(from_s)
        for kinds, said in ((CLIENT_KINDS, told.signals), (SEEN, seen)):
            batch = Batch(kinds, until_s, said, inputs_s=told.inputs_s)
            state = fold.advance(state, batch, rules).state
            samples = standing.remembered(samples, batch, rules)
        memory = remembered(memory, (*told.signals, *seen), until_ms=until_s * 1000)
        if until_s % HOUR_S == 0:
            yield len(msgspec.msgpack.encode(State(b"", fold.packed(state), client, samples, curves=memory)))


def test_what_the_rules_remember_of_eight_hours_is_no_more_than_of_two() -> None:
    """Issue 3, bad input: an 8-hour session; design.md §6: the state between jobs is small."""
    told = list(sizes(8))
    assert max(told[2:]) <= 1.1 * max(told[:2])
    assert max(told) < MOST_BYTES


@pytest.mark.parametrize(
    ("kind", "on_s", "every_s"),
    [(K.HEAD_TURN, 1.5, 2.0), (K.LEFT_SESSION, 1.0, 1.25), (K.KEY_COMBO, 0.0, 5.0), (K.BACKGROUND_MOTION, 1.0, 5.0)],
)
def test_a_kind_that_never_calms_does_not_make_the_state_grow(kind: IncidentKind, on_s: float, every_s: float) -> None:
    """Issue 3, bad input: an 8-hour session in which one incident goes on throughout; 65 kB an hour before."""
    rules = rule_set(Leniency.STRICT)
    state, after = fold.start(rules), []
    for from_s in range(0, 8 * HOUR_S, STEP_S):
        times = [from_s + every_s * n for n in range(int(STEP_S / every_s))]
        said = [Signal(kind, at_s, at_s + on_s, value=60.0, score=0.9, detector="faces 2") for at_s in times]
        state = fold.advance(state, Batch(frozenset({kind}), from_s + STEP_S, said), rules).state
        after.append(len(fold.packed(state)))
    assert max(after) < 2_000


@pytest.mark.parametrize(
    ("kind", "on_s", "every_s"),
    [
        (K.HEAD_TURN, 4.0, 20.0),
        (K.LEFT_SESSION, 9.0, 15.0),
        (K.BACKGROUND_MOTION, 4.0, 60.0),
        (K.EXTRA_DISPLAY, 2.0, 30.0),
        (K.COPY_PASTE, 0.0, 25.0),
    ],
)
@pytest.mark.parametrize("flickers", [False, True], ids=["calm between", "never quite calm"])
def test_an_incident_that_the_cool_down_lengthens_for_hours_does_not_make_the_state_grow(
    kind: IncidentKind, on_s: float, every_s: float, *, flickers: bool
) -> None:
    """Issue: an incident's hundreds of stretches stood in the state one by one; 22 to 39 kB an hour."""
    rules = rule_set(Leniency.STRICT)
    state, after = fold.start(rules), []
    between = [n for n in range(STEP_S) if flickers and n % every_s > on_s]
    for from_s in range(0, 8 * HOUR_S, STEP_S):
        times = [from_s + every_s * n for n in range(int(STEP_S / every_s))]
        said = [Signal(kind, at_s, at_s + on_s, value=60.0, score=0.9, detector="faces 2") for at_s in times]
        said += [Signal(kind, from_s + n, from_s + n + min(0.25, on_s), value=60.0, score=0.9) for n in between]
        step = fold.advance(state, Batch(frozenset({kind}), from_s + STEP_S, said), rules)
        state = step.state
        after.append(len(fold.packed(state)))
    [incident] = step.incidents
    assert incident.count > 8 * STEP_S / every_s
    assert max(after) < 2_000


def test_what_the_detectors_remember_does_not_grow_with_the_recording() -> None:
    """Issue 3, bad input: an 8-hour session; picture and sound, in windows of four seconds."""
    pipeline, state, after = Pipeline({}), PipelineState(), []
    frame = RNG.integers(30, 220, (24, 32, 3), dtype=np.uint8).repeat(20, axis=0).repeat(20, axis=1)
    for from_s in range(0, 480, 4):
        times_s = tuple(from_s + n / 2 for n in range(8))
        frames = tuple(np.roll(frame, from_s * 8 + n, axis=1) for n in range(8))
        state = pipeline.observe(state, VideoWindow(times_s, frames)).state
        sound = RNG.normal(0, 0.05, 4 * 16_000).astype(np.float32)
        state = pipeline.observe(state, AudioWindow(float(from_s), sound)).state
        after.append(len(detectors.packed(state)))
    assert max(after) <= 1.1 * max(after[:60])
    assert max(after) < MOST_BYTES
