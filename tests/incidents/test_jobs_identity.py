"""A change of person from weak H.264 to what a reviewer is shown, and what is left of it afterwards."""

from uuid import UUID

import msgspec
import numpy as np
import pytest

from examhall.base.clock import SetClock
from examhall.base.words import IncidentKind, Track
from examhall.incidents import store
from examhall.incidents.detectors.pipeline import Pipeline, unpacked
from examhall.incidents.detectors.window import Frame
from examhall.incidents.jobs.step import State, step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.incident import incidents_of
from examhall.media.container.decode import windows
from examhall.media.container.encode import Encoder, Made, Shape
from tests.detectors.test_detectors_clips import MODELS, SAMPLES, with_clips
from tests.fixtures.recording import MemoryRecording
from tests.fixtures.sitting import leave, open_exam, seat

pytestmark = pytest.mark.django_db

THIN = Shape(fps=4, kbit_s=90, sound=False)


def somebody(clip: str, length_s: int) -> list[Frame]:
    """Twice two frames a second."""
    frames: list[Frame] = []
    with (SAMPLES / "clips" / clip).open("rb") as source:
        for window in windows(source):
            frames += [np.ascontiguousarray(frame[..., ::-1]) for frame in window.frames for _ in range(2)]
            if len(frames) >= 4 * length_s:
                break
    return frames[: 4 * length_s]


def recorded(frames: list[Frame]) -> list[Made]:
    encoder = Encoder(THIN)
    made = [encoder.init()]
    for frame in frames:
        made += encoder.add(frame)
    return [*made, *encoder.finish()]


@with_clips
def test_a_change_of_person_is_shown_beside_the_opening_and_the_face_is_forgotten(root: UUID, clock: SetClock) -> None:
    """product.md §5.5 identity_change, §11.1 and §11.6: measured against threshold; numbers of a face are not kept."""
    attempt = seat(open_exam(root, profile={"detect.identity_change": "high"}))
    recording = MemoryRecording()
    covered = [np.zeros((480, 640, 3), np.uint8)] * 8
    film = [*somebody("sample_07.webm", 8), *covered, *somebody("sample_08.webm", 11)]
    recording.arrive(recorded(film), at=clock.now())
    clock.forward(s=21)
    pipeline = Pipeline(store.load(MODELS), wanted={IncidentKind.IDENTITY_CHANGE})
    step_on(attempt, recording, pipeline)
    (incident,) = [i for i in incidents_of(attempt.id) if i.kind is IncidentKind.IDENTITY_CHANGE]
    assert 9_500 <= incident.start_ms <= 13_000
    assert incident.measured is not None
    assert incident.measured >= 0.6
    assert (incident.threshold, incident.unit) == (0.55, "apart from the candidate's face")
    assert "apart from the candidate's own of the opening" in incident.explanation
    assert {value for at_ms, value in incident.plot if at_ms < 8_000} != {0.0}
    assert {"opening", "start"} <= {s.label for s in incident.stills if s.track is Track.WEBCAM}
    learnt = msgspec.msgpack.decode(analysis_of(attempt.id).state, type=State)
    assert unpacked(learnt.media).watch.identity.learnt
    step_on(leave(attempt), recording, pipeline)
    assert analysis_of(attempt.id).finished_at is not None
    assert msgspec.msgpack.decode(analysis_of(attempt.id).state, type=State).media == b""
