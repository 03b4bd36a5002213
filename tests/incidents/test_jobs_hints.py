"""A dark room through the analysis: the candidate was told first, and what the log says of it counts by our clock."""

from dataclasses import replace
from uuid import UUID

import pytest

from examhall.base.clock import SetClock
from examhall.base.words import EntryKind, IncidentKind, Suppression
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.detectors.pipeline import Observation, Pipeline, PipelineState
from examhall.incidents.detectors.screen import ScreenWindow
from examhall.incidents.detectors.window import AudioWindow, VideoWindow
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.incident import incidents_of, suppressed_of
from examhall.incidents.rules.signal import DARK, Signal
from tests.fixtures.recording import MemoryRecording, fragments
from tests.fixtures.sitting import open_exam, seat, told

pytestmark = pytest.mark.django_db

K = IncidentKind
DIM, LIT, BLACK = [0.36] * 90, [1.0] * 90, [0.0] * 90
PROMISED: dict[str, str | int | bool] = {"hint": "too_dark", "grace": True}


class Deserted(Pipeline):
    """Sees nobody, wherever the camera shows anything; in the dark it says so."""

    def __init__(self) -> None:
        super().__init__({})

    def observe(self, state: PipelineState, window: VideoWindow | AudioWindow | ScreenWindow) -> Observation:
        seen = super().observe(state, window)
        if not isinstance(window, VideoWindow) or any(s.kind is K.CAMERA_BLOCKED for s in seen.signals):
            return seen
        note = DARK if seen.state.watch.camera.dim else ""
        nobody = [Signal(K.LEFT_SESSION, at_s, at_s + 0.5, value=1.0, score=0.9, note=note) for at_s in window.times_s]
        return replace(seen, signals=(*seen.signals, *nobody), kinds=seen.kinds | {K.LEFT_SESSION})


def analysed(attempt: AttemptRef, clock: SetClock, light: list[float], hint: dict[str, str | int | bool]) -> None:
    """A minute and a half, with a hint at the fifth second."""
    clock.forward(s=5)
    if hint:
        told(attempt.stream, EntryKind.HINT_SHOWN, **hint)
    clock.forward(s=90)
    recording = MemoryRecording()
    recording.arrive(fragments(light), at=clock.now())
    for _ in range(2):
        step_on(attempt, recording, Deserted())


def found(attempt: AttemptRef) -> list[tuple[IncidentKind, int, int]]:
    return [(i.kind, i.start_ms, i.end_ms) for i in incidents_of(attempt.id)]


def test_whoever_is_told_of_the_dark_has_a_minute_and_all_of_it_is_on_record(root: UUID, clock: SetClock) -> None:
    """R-2.19, product.md §8.7: the hint first, 60 s without incident; then the cause is told with the incident."""
    attempt = seat(open_exam(root))
    analysed(attempt, clock, [*DIM, 1.0, 1.0, 1.0, 1.0], PROMISED)
    (incident,) = incidents_of(attempt.id)
    assert (incident.kind, incident.start_ms, incident.end_ms) == (K.LEFT_SESSION, 65_000, 94_000)
    assert "the picture too dark" in incident.explanation
    records = {(s.kind, s.reason) for s in suppressed_of(attempt.id)}
    assert {(K.LEFT_SESSION, Suppression.HINT_GRACE), (K.TOO_DARK, Suppression.HINT_ONLY)} <= records


@pytest.mark.parametrize(
    ("light", "hint", "expected"),
    [
        (DIM, {}, [(K.LEFT_SESSION, 0, 90_000)]),
        (DIM, {"hint": "too_dark", "grace": False}, [(K.LEFT_SESSION, 0, 90_000)]),
        (DIM, {"hint": "too_dark", "grace": "yes"}, [(K.LEFT_SESSION, 0, 90_000)]),
        (DIM, {"hint": 7, "grace": True}, [(K.LEFT_SESSION, 0, 90_000)]),
        (LIT, PROMISED, [(K.LEFT_SESSION, 0, 90_000)]),
        (BLACK, PROMISED, [(K.CAMERA_BLOCKED, 0, 90_000)]),
    ],
)
def test_without_a_promise_in_the_light_or_under_a_cover_nothing_is_excused(
    root: UUID,
    clock: SetClock,
    light: list[float],
    hint: dict[str, str | int | bool],
    expected: list[tuple[IncidentKind, int, int]],
) -> None:
    """R-2.19, bad input: a client may write anything into a hint; covered is covered, and an empty seat is seen."""
    attempt = seat(open_exam(root))
    analysed(attempt, clock, light, hint)
    assert found(attempt) == expected


def test_where_the_settings_tell_nobody_no_client_can_open_a_minute(root: UUID, clock: SetClock) -> None:
    """product.md §5.4: ui.warn_live; a changed client says it told although nobody asked it to."""
    attempt = seat(open_exam(root, profile={"ui.warn_live": False}))
    analysed(attempt, clock, DIM, PROMISED)
    assert found(attempt) == [(K.LEFT_SESSION, 0, 90_000)]
