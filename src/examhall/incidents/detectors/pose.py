"""Are head or eyes turned away: measurements of the mesh held against the candidate's own middle. Pure numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.mesh import Look
from examhall.incidents.rules.levels import NODDED_DEGREES, TURNED_DEGREES

CARD = Card(
    name="pose",
    version="6",
    kinds=frozenset({IncidentKind.HEAD_TURN, IncidentKind.GAZE_OFF}),
    models=("yunet", "face_landmarks", "person"),
    looks_at="each frame with a face, twice a second; read anew when the face changed or after 1.5 seconds",
    measures=(
        "value: turn in degrees from the candidate's own middle, taken at the system check or learnt during "
        "the exam, 0 within what the check showed of their own screen; second: up or down; 90 when a body, or a box "
        "that does not look here, is seen after a face was; gaze_off: percent of the eye opening sideways"
    ),
    fails_when=(
        "readings of a known turn are off by 2 degrees on the average, beyond 30 by up to 9; a head that is turned "
        "while its eyes still look here is turned; eyes that look up or down are not told from reading, glasses with "
        "glare hide the irises; someone who looks away from the first moment on is taken for facing the camera; of a "
        "face that is lost again and again only what was read is told; two monitors shift the middle; in composed "
        "films the mesh trembles twice as much on dark skin as on light, which may make a small turn pass for a "
        "larger one"
    ),
)

MIDDLE_S = 120.0
"""detection.md §13: the candidate's own middle is a running median of this much."""
FRONTAL = 12.0
"""Degrees from the present middle within which a sample still teaches it."""
FIRST = 10
"""The first samples teach it in any case."""
STEADY = 5
"""Median over this many samples (2.5 s): a glance is short, looking away is not."""
OWN_SWING_PERCENT = 90
"""Up and down within this share of the candidate's own movement is reading and typing."""
OWN_AFTER = 10
"""Samples (5 s) after which a movement counts as the candidate's own: looking away does not excuse itself."""
EYES_OPEN = 0.15
"""A blink drops the iris."""
HEAD_STILL = 10.0
"""Degrees within which eyes are judged by themselves."""
TURNED_AWAY_DEGREES = 90.0
REACH_MARGIN = 1.2
"""One picture shows an edge of the screen a little too near or too far."""
REACH_MOST = 20.0
"""Degrees: 40 centimetres aside at 60 before the screen are 34, and the eyes take a good third of it."""
REACH_EYES_MOST = 0.14
"""Of the eye opening; 0.16 is all that eyes can do (detection.md §5)."""
HALF_A_FACE = 9.0
"""Presence (logit) below which something hides half of a face: with a mug before the mouth it is 2 to 8, without 10 to
23, also of heads that are turned or bowed."""
AWAITED = 120
"""Samples (60 s) in which nobody held the head near the check's middle: camera or chair stand otherwise since."""

Span = tuple[float, float]
"""From the least to the most, around 0."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a candidate turned from their middle to see their own screen and keyboard, in degrees."""

    yaw: Span = (0.0, 0.0)
    pitch: Span = (0.0, 0.0)
    iris: Span = (0.0, 0.0)
    """As a share of the eye opening, with the head still."""


@dataclass(frozen=True, slots=True)
class PoseState:
    """Measured angles of the last two minutes, and the last few of any kind."""

    yaws: tuple[float, ...] = ()
    pitches: tuple[float, ...] = ()
    irises: tuple[float, ...] = ()
    swings: tuple[float, ...] = ()
    """Absolute pitch from the middle, for the candidate's own range."""
    recent: tuple[tuple[float, float], ...] = ()
    reach: Reach = Reach()
    """Nothing, where no system check showed it."""
    since: str = ""
    """Of which system check the middle is; empty where it was learnt during the exam."""
    awaited: int | None = None
    """Samples since the check that were not near its middle; None when one was, or there was no check."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How far the head is turned, in degrees from the candidate's own middle."""

    yaw: float
    pitch: float
    eyes: float
    """Percent of the eye opening by which the irises are off their middle; 0 in a blink or a turned head."""

    @property
    def is_away(self) -> bool:
        """Whether the strictest level could mark it."""
        return self.yaw >= TURNED_DEGREES or self.pitch >= NODDED_DEGREES


def begun(middle: Look, edges: Sequence[Look], *, since: str) -> PoseState:
    """Where an exam starts whose candidate showed at the system check how they look at middle and edges."""
    offs = [(look.yaw - middle.yaw, look.pitch - middle.pitch) for look in edges]
    irises = [
        look.iris - middle.iris
        for look, (yaw, _) in zip(edges, offs, strict=True)
        if min(look.openness, middle.openness) > EYES_OPEN and abs(yaw) < HEAD_STILL
    ]
    reach = Reach(
        _span([yaw for yaw, _ in offs], REACH_MOST),
        _span([pitch for _, pitch in offs], REACH_MOST),
        _span(irises, REACH_EYES_MOST),
    )
    return PoseState(
        yaws=(middle.yaw,) * FIRST,
        pitches=(middle.pitch,) * FIRST,
        irises=(middle.iris,) * FIRST if middle.openness > EYES_OPEN else (),
        reach=reach,
        since=since,
        awaited=0,
    )


def afresh(state: PoseState) -> PoseState:
    """Whoever sits there may sit differently: the middle is learnt again, how large the screen is stays known."""
    return PoseState(reach=state.reach)


def middle(state: PoseState) -> tuple[float, float] | None:
    """Yaw and pitch in which the candidate mostly holds the head; None while no pose was read.

    Sideways it is where the closer half of the samples lies: looks to one side, many in a restless opening, would
    draw a median after them, and who then turns to that side would seem to turn less.
    """
    if not state.yaws:
        return None
    yaws = sorted(state.yaws)
    half = len(yaws) // 2 + 1
    first = min(range(len(yaws) - half + 1), key=lambda at: yaws[at + half - 1] - yaws[at])
    return median(yaws[first : first + half]), median(state.pitches)


def turned(state: PoseState, *, yaw: float, pitch: float, iris: float, openness: float) -> tuple[PoseState, Turn]:
    """Take in one measured pose."""
    own = middle(state) or (yaw, pitch)
    off = (yaw - own[0], pitch - own[1])
    recent = (*state.recent, off)[-STEADY:]
    turn = Turn(
        yaw=_beyond(median(y for y, _ in recent), state.reach.yaw),
        pitch=_beyond_own(_beyond(median(p for _, p in recent), state.reach.pitch), state.swings[:-OWN_AFTER]),
        eyes=_eyes_off(state, iris) if openness > EYES_OPEN and abs(off[0]) < HEAD_STILL else 0.0,
    )
    learnt = replace(state, recent=recent, swings=_kept(state.swings, abs(off[1])))
    if len(state.yaws) < FIRST or (abs(off[0]) < FRONTAL and abs(off[1]) < FRONTAL):
        learnt = replace(learnt, yaws=_kept(state.yaws, yaw), pitches=_kept(state.pitches, pitch))
        learnt = replace(learnt, irises=_kept(state.irises, iris) if openness > EYES_OPEN else state.irises)
        return replace(learnt, awaited=None), turn
    if state.awaited is None:
        return learnt, turn
    awaited = state.awaited + 1
    return afresh(state) if awaited >= AWAITED else replace(learnt, awaited=awaited), turn


def drinks(before: PoseState, face: Look, turn: Turn) -> bool:
    """Whether something hides the mouth of a head that is raised, or seems so by it. Bowed or turned, it looks away."""
    own = middle(before)
    raised = own is not None and face.pitch < own[1]
    return raised and turn.yaw < TURNED_DEGREES and face.logit < HALF_A_FACE


def away(state: PoseState) -> PoseState:
    """No pose could be read: what came before says nothing about what follows."""
    return replace(state, recent=())


def _eyes_off(state: PoseState, iris: float) -> float:
    return 100 * _beyond(iris - median(state.irises), state.reach.iris) if len(state.irises) >= FIRST // 2 else 0.0


def _beyond(off: float, reach: Span) -> float:
    """How far it is off, either way; zero while the candidate looks at what they showed to be theirs."""
    return 0.0 if reach[0] <= off <= reach[1] else abs(off)


def _span(offs: Sequence[float], most: float) -> Span:
    return max(-most, REACH_MARGIN * min(0.0, *offs, 0.0)), min(most, REACH_MARGIN * max(0.0, *offs, 0.0))


def _beyond_own(off: float, swings: Sequence[float]) -> float:
    """Zero while within the candidate's own range."""
    if len(swings) < FIRST:
        return off
    own = sorted(swings)[len(swings) * OWN_SWING_PERCENT // 100 - 1]
    return off if off > own * 1.2 else 0.0


def _kept(values: tuple[float, ...], value: float) -> tuple[float, ...]:
    return (*values, value)[-int(MIDDLE_S * 2) :]
