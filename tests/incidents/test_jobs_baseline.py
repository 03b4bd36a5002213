"""From the pictures of the system check to what a reviewer reads: drawn people, the real models, weak H.264."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest

from examhall.base.action import action
from examhall.base.clock import SetClock
from examhall.base.settings import settings
from examhall.base.words import IncidentKind, LookAt, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents import store
from examhall.incidents.actions.baseline import keep_baseline_step
from examhall.incidents.detectors.pipeline import Pipeline
from examhall.incidents.detectors.window import Frame
from examhall.incidents.jobs.step import step_on
from examhall.incidents.reads.analysis import analysis_of
from examhall.incidents.reads.baseline import baseline_of
from examhall.incidents.reads.incident import IncidentRow, incidents_of
from examhall.media.container.encode import Encoder, Made, Shape
from examhall.site.simulate.scene import Looks, put, room
from tests.fixtures.recording import MemoryRecording
from tests.fixtures.sitting import open_exam, seat

MODELS = Path(os.environ.get("EXAMHALL_MODELS_DIR", Path(__file__).parents[2] / "var" / "models"))
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        bool(store.missing(MODELS)), reason=f"the models are not in {MODELS}; run `examhall models install`"
    ),
]
PEOPLE = (
    Looks((255, 232, 214), (245, 235, 205), (122, 112, 150), (204, 206, 210)),
    Looks((58, 38, 28), (14, 12, 12), (92, 116, 84), (188, 196, 208)),
)
"""Drawn people are alike; these are the two that the network keeps apart."""
THIN = Shape(fps=2, kbit_s=120, sound=False)
LENGTH_S = 11
kept = action(keep_baseline_step)


def drawn(who: int, at_s: float) -> Frame:
    """RGB, with a camera's noise."""
    frame = room(PEOPLE[who]).copy()
    put(frame, PEOPLE[who], 300, 268, 1.0, at_s)
    noisy = frame + np.random.default_rng(round(at_s * 2)).normal(0, 2.2, (*frame.shape[:2], 1))
    return np.ascontiguousarray(np.clip(noisy, 0, 255).astype(np.uint8))


@cache
def sat(who: int) -> tuple[Made, ...]:
    """Somebody in front of the camera."""
    encoder = Encoder(THIN)
    made = [encoder.init()]
    for number in range(2 * LENGTH_S):
        made += encoder.add(drawn(who, number / 2))
    return (*made, *encoder.finish())


def jpeg(frame: Frame) -> bytes:
    done, content = cv2.imencode(".jpg", np.ascontiguousarray(frame[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    return bytes(content)


def pictured(who: int) -> dict[LookAt, bytes]:
    return {look: jpeg(drawn(who, 100 + 1.5 * number)) for number, look in enumerate(LookAt)}


@cache
def seeing() -> Pipeline:
    return Pipeline(store.load(MODELS), wanted={IncidentKind.IDENTITY_CHANGE})


@pytest.fixture
def attempt(root: UUID, clock: SetClock) -> AttemptRef:
    return seat(open_exam(root, profile={"detect.identity_change": "high", "detect.background_motion": "off"}))


def analysed(attempt: AttemptRef, clock: SetClock, who: int, pictures: Mapping[LookAt, bytes]) -> list[IncidentRow]:
    if pictures:
        kept(attempt.id, pictures=pictures, offset_ms=90_000)
    recording = MemoryRecording()
    recording.arrive(sat(who), at=clock.now())
    clock.forward(s=LENGTH_S)
    step_on(attempt, recording, seeing())
    return incidents_of(attempt.id)


def test_seats_exchanged_between_the_check_and_the_start_are_told_beside_the_check(
    attempt: AttemptRef, clock: SetClock
) -> None:
    """Issue 3: different person, 1:1 against the baseline of the system check, shown beside it."""
    (incident,) = analysed(attempt, clock, 1, pictured(0))
    assert incident.kind is IncidentKind.IDENTITY_CHANGE
    at = f"{attempt.entered_at.replace(second=0):%H}:"
    assert f"apart from the candidate's own of the system check of {at}" in incident.explanation
    check = next(still for still in incident.stills if still.label == "check")
    assert (check.track, check.offset_ms) == (Track.WEBCAM, 90_000)
    assert "system check of" in analysis_of(attempt.id).compared


@pytest.mark.parametrize("pictures", [pictured(0), {}], ids=["checked", "unchecked"])
def test_the_candidate_themselves_are_nobody_else(
    attempt: AttemptRef, clock: SetClock, pictures: dict[LookAt, bytes]
) -> None:
    """Issue 3: no false alarm; without pictures nothing is different from before."""
    assert analysed(attempt, clock, 0, pictures) == []
    assert bool(analysis_of(attempt.id).compared) is bool(pictures)


def test_without_pictures_whoever_begins_is_the_candidate(attempt: AttemptRef, clock: SetClock) -> None:
    """What the pictures are for: the exam alone cannot know."""
    assert analysed(attempt, clock, 1, {}) == []


def test_pictures_that_show_nobody_are_named_and_the_exam_teaches_instead(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3: unusable pictures are told and never held against anybody."""
    dark = jpeg(np.zeros((480, 640, 3), np.uint8))
    assert analysed(attempt, clock, 1, dict.fromkeys(LookAt, dark)) == []
    compared = analysis_of(attempt.id).compared
    assert "could not be used: too little light in the picture of the middle" in compared
    assert "learnt during the exam" in compared


def test_two_people_in_the_pictures_are_nobody_s_face(attempt: AttemptRef, clock: SetClock) -> None:
    """Issue 3: several faces."""
    both = room(PEOPLE[0]).copy()
    put(both, PEOPLE[0], 190, 300, 0.7, 1.0)
    put(both, PEOPLE[1], 470, 300, 0.7, 1.0)
    crowd = jpeg(np.ascontiguousarray(np.clip(both, 0, 255).astype(np.uint8)))
    assert analysed(attempt, clock, 1, dict.fromkeys(LookAt, crowd)) == []
    assert "more than one face in the picture of the middle" in analysis_of(attempt.id).compared


def test_a_picture_altered_on_the_disk_compares_nobody(attempt: AttemptRef, clock: SetClock) -> None:
    """Security: what somebody is compared with is what they sent."""
    kept(attempt.id, pictures=pictured(0), offset_ms=90_000)
    for row in baseline_of(attempt.id).values():
        (settings().media_root / row.key).write_bytes(jpeg(drawn(1, 3.0)))
    assert analysed(attempt, clock, 0, {}) == []
    assert "the picture middle is not as it was stored" in analysis_of(attempt.id).compared
