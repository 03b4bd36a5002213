"""Are head or eyes turned away: measurements of the mesh held against the candidate's own middle. Pure numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card

CARD = Card(
    name="pose",
    version="3",
    kinds=frozenset({IncidentKind.HEAD_TURN, IncidentKind.GAZE_OFF}),
    models=("yunet", "face_landmarks", "person"),
    looks_at="each frame with a face, twice a second",
    measures=(
        "value: estimated turn in degrees from the candidate's own middle, second: up or down; 90 when a body, or a "
        "box that does not look here, is seen after a face was; gaze_off: percent of the eye opening sideways"
    ),
    fails_when=(
        "the mesh reads true turns too small, the correction is an average; eyes that look up or down are not told "
        "from reading, glasses with glare hide the irises; someone who looks away from the first moment on is taken "
        "for facing the camera; two monitors shift the middle"
    ),
)

MIDDLE_S = 120.0
"""detection.md §13: the candidate's own middle is a running median of this much."""
FRONTAL = 12.0
"""Measured degrees from the present middle within which a sample still teaches it."""
FIRST = 10
"""The first samples teach it in any case."""
STEADY = 5
"""Median over this many samples (2.5 s): a glance is short, looking away is not."""
YAW_GAIN = 2.4
"""The mesh's depth shows true turns of 34 to 38 degrees as 13 to 16."""
PITCH_GAIN = 1.6
OWN_SWING_PERCENT = 90
"""Up and down within this share of the candidate's own movement is reading and typing."""
OWN_AFTER = 10
"""Samples (5 s) after which a movement counts as the candidate's own: looking away does not excuse itself."""
EYES_OPEN = 0.15
"""A blink drops the iris."""
HEAD_STILL = 10.0
"""Measured degrees within which eyes are judged by themselves."""
TURNED_AWAY_DEGREES = 90.0


@dataclass(frozen=True, slots=True)
class PoseState:
    """Measured angles of the last two minutes, and the last few of any kind."""

    yaws: tuple[float, ...] = ()
    pitches: tuple[float, ...] = ()
    irises: tuple[float, ...] = ()
    swings: tuple[float, ...] = ()
    """Absolute pitch from the middle, for the candidate's own range."""
    recent: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """How far the head is turned, in corrected degrees from the candidate's own middle."""

    yaw: float
    pitch: float
    eyes: float
    """Percent of the eye opening by which the irises are off their middle; 0 in a blink or a turned head."""


def turned(state: PoseState, *, yaw: float, pitch: float, iris: float, openness: float) -> tuple[PoseState, Turn]:
    """Take in one measured pose."""
    middle = (median(state.yaws), median(state.pitches)) if state.yaws else (yaw, pitch)
    off = (yaw - middle[0], pitch - middle[1])
    recent = (*state.recent, off)[-STEADY:]
    turn = Turn(
        yaw=abs(median(y for y, _ in recent)) * YAW_GAIN,
        pitch=_beyond_own(abs(median(p for _, p in recent)), state.swings[:-OWN_AFTER]) * PITCH_GAIN,
        eyes=_eyes_off(state, iris) if openness > EYES_OPEN and abs(off[0]) < HEAD_STILL else 0.0,
    )
    learnt = replace(state, recent=recent, swings=_kept(state.swings, abs(off[1])))
    if len(state.yaws) < FIRST or (abs(off[0]) < FRONTAL and abs(off[1]) < FRONTAL):
        learnt = replace(learnt, yaws=_kept(state.yaws, yaw), pitches=_kept(state.pitches, pitch))
        learnt = replace(learnt, irises=_kept(state.irises, iris) if openness > EYES_OPEN else state.irises)
    return learnt, turn


def away(state: PoseState) -> PoseState:
    """No pose could be read: what came before says nothing about what follows."""
    return replace(state, recent=())


def _eyes_off(state: PoseState, iris: float) -> float:
    return 100 * abs(iris - median(state.irises)) if len(state.irises) >= FIRST // 2 else 0.0


def _beyond_own(off: float, swings: Sequence[float]) -> float:
    """Zero while within the candidate's own range."""
    if len(swings) < FIRST:
        return off
    own = sorted(swings)[len(swings) * OWN_SWING_PERCENT // 100 - 1]
    return off if off > own * 1.2 else 0.0


def _kept(values: tuple[float, ...], value: float) -> tuple[float, ...]:
    return (*values, value)[-int(MIDDLE_S * 2) :]
