"""The cascade over the webcam's frames: what is cheap is asked first, what is dear only when it is needed.

Schedule at 2 frames per second: picture statistics on each frame; the face mesh when the candidate's face looks
like none of its last two readings, or after three seconds; the face finder every second (a cheap and a finer look by
turns) while the room changes, every three seconds while it does not, and on each frame while the face is lost, others
are in view (finely where these are small) or something as large as a person has just come; the person mask only when
no face is found; the object finder every 2.5 seconds, every nine while nothing came into view. An empty chair is
looked at again when something moves, or after two seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors import calibration as calibrations
from examhall.incidents.detectors import camera, faces, held, identity, loop, motion, people, pose, scene, upright
from examhall.incidents.detectors.behind import came
from examhall.incidents.detectors.body import BODY_SHARE, BodyFinder
from examhall.incidents.detectors.calibration import Calibration, Reading, counted
from examhall.incidents.detectors.camera import CameraLook, CameraState
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.held import Held
from examhall.incidents.detectors.identity import IdentityState, Seat
from examhall.incidents.detectors.identity_look import FaceReader, patch_of
from examhall.incidents.detectors.loop import LoopState
from examhall.incidents.detectors.mesh import FaceMesh, Look, Region, region_of
from examhall.incidents.detectors.motion import MotionState
from examhall.incidents.detectors.objects import ObjectEyes, ObjectsState
from examhall.incidents.detectors.outline import outline
from examhall.incidents.detectors.people import Beside, Opening
from examhall.incidents.detectors.pose import PoseState
from examhall.incidents.detectors.scene import View
from examhall.incidents.detectors.upright import Stand
from examhall.incidents.detectors.window import STEP_S, Box, Frame, Grey, Mask, VideoWindow
from examhall.incidents.rules.signal import DARK, FROZEN, LOOPED, Signal

CELLS_SHAPE = camera.CELLS[::-1]
SMALL_PX = 640 / camera.SMALL[0]
"""Full pixels per pixel of the small grey picture."""
FIND_EVERY_S, FIND_STILL_EVERY_S = 1.0, 3.0
"""Between looks for other faces: while the room around the candidate changes, and while it does not."""
EMPTY_EVERY_S = 2.0
"""Between looks at an empty chair before which nothing changes."""
LOOPED_SCORE = 0.75
AFRESH_AFTER_S = 1.5
"""After a longer gap nothing is carried over from the frame before."""
LARGE_PX = 64.0
"""From this width on a face beside the candidate's may be looked for at 320 pixels; what that misses, 480 looks for."""
MOST_FACES = 5
"""More boxes than this are not looked at one by one."""
SEAT_CHANGES_S = 5.0
"""Whoever was gone this long may sit differently: the middle is learnt again."""
BOWED = 0.75
"""Heights of the face below its upper edge to which a head that is bowed at least reaches."""
NEARER = 1.5
"""A box so many times as wide as the face mostly was is no head turned away, but for a body: it is a window's light."""
EYES_FROM = 10.0
"""Percent of the eye opening; looking at the left or right edge of a screen stays below (detection.md §9)."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """What the cascade remembers of one attempt between windows."""

    started_s: float | None = None
    last_s: float = 0.0
    faced_s: float = 0.0
    """When the candidate's face was last read."""
    found_s: float = -1e9
    """When the face finder last looked …"""
    scene: bytes = b""
    """… and at what."""
    empty: bool = False
    """Nobody was there."""
    coarse: bool = False
    """Whether that look was the cheap one."""
    held: tuple[Held, ...] = ()
    """The last readings of the candidate's face."""
    several: bool = False
    region: Region | None = None
    """Where the candidate's face is followed."""
    face: Box | None = None
    """Where it was last read, kept while it is away …"""
    usual: Box | None = None
    """… and where it has mostly been: whoever leaves takes their face along to the edge."""
    camera: CameraState = field(default_factory=CameraState)
    loop: LoopState = field(default_factory=LoopState)
    pose: PoseState = field(default_factory=PoseState)
    motion: MotionState = field(default_factory=MotionState)
    objects: ObjectsState = field(default_factory=ObjectsState)
    view: View | None = None
    """What the object finders last looked at, once the candidate's face is known."""
    identity: IdentityState = field(default_factory=IdentityState)
    beside: tuple[Beside, ...] = ()
    calibration: Calibration = field(default_factory=Calibration)
    reading: Reading = field(default_factory=Reading)
    opening: Opening | None = None
    stand: Stand = field(default_factory=Stand)
    """Which way up the camera stands."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """The loaded models of the cascade."""

    finder: FaceFinder
    mesh: FaceMesh
    body: BodyFinder
    objects: ObjectEyes | None = None
    """None when its model is absent, or no rule asks for it: it is the dearest look."""
    reader: FaceReader | None = None
    """None when its model is absent, or no rule asks who sits there."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who is in one frame."""

    candidate: Look | None
    box_only: bool = False
    """A box without a readable face: a head turned away."""
    others: tuple[tuple[Box, float], ...] = ()
    """Confirmed faces beside the candidate's, with their scores."""
    looks: tuple[Look, ...] = ()
    """The same faces as the mesh sees them."""
    unread: bool = False
    """A box without a readable face, whether or not another face was read."""
    looked: bool = False
    """Whether the face finder looked; otherwise only the followed face is known."""
    coarse: bool = False
    held: bool = False
    """The candidate's face is as it was read before."""


def watch(state: WatchState, window: VideoWindow, eyes: Eyes | None) -> tuple[WatchState, list[Signal]]:
    """Look at each frame in order. eyes: None when the models are absent; then only the camera is judged."""
    signals: list[Signal] = []
    for at_s, frame in zip(window.times_s, window.frames, strict=True):
        state = _fresh(state, at_s)
        state, told = _frame(state, at_s, upright.turned(frame, state.stand.quarters), eyes)
        state, again = _looped(state, at_s, told)
        signals += [*told, *again]
        if state.camera.dim:
            signals.append(_signal(IncidentKind.TOO_DARK, at_s, 1.0, 1.0, camera.CARD.mark))
    return state, signals


def _looped(state: WatchState, at_s: float, told: Sequence[Signal]) -> tuple[WatchState, list[Signal]]:
    """Whether the camera plays a stretch again; a covered or frozen picture is told as that."""
    if any(signal.kind is IncidentKind.CAMERA_BLOCKED for signal in told):
        return state, []
    kept, again = loop.seen(state.loop, at_s, state.camera.last)
    signal = _signal(IncidentKind.CAMERA_BLOCKED, at_s, 1.0, LOOPED_SCORE, camera.CARD.mark)
    return replace(state, loop=kept), [replace(signal, note=LOOPED)] if again else []


def _fresh(state: WatchState, at_s: float) -> WatchState:
    begun = state if state.started_s is not None else replace(state, started_s=at_s, last_s=at_s)
    if at_s - begun.last_s <= AFRESH_AFTER_S:
        return replace(begun, last_s=at_s)
    return replace(
        begun,
        last_s=at_s,
        camera=CameraState(),
        region=None,
        held=(),
        empty=False,
        motion=replace(begun.motion, face=None),
        pose=pose.away(begun.pose),
        identity=identity.lost(begun.identity),
    )


def _frame(state: WatchState, at_s: float, frame: Frame, eyes: Eyes | None) -> tuple[WatchState, list[Signal]]:
    camera_state, look = camera.look(state.camera, frame, _hidden(state), lambda: _readable(state.face, frame, eyes))
    state = replace(state, camera=camera_state)
    if look.blocked:
        unseen = replace(state, region=None, held=(), empty=False, motion=replace(state.motion, face=None))
        lost = replace(unseen, pose=pose.away(state.pose), identity=identity.lost(state.identity))
        told = _signal(IncidentKind.CAMERA_BLOCKED, at_s, 1.0, look.score, camera.CARD.mark)
        return lost, [replace(told, note=FROZEN if look.frozen else "")]
    if eyes is None:
        return state, []
    state, objects = _objects(state, at_s, frame, look.grey, eyes.objects)
    find = _due(state, at_s, look)
    if state.empty and not find:
        return state, [*objects, _dimmed(state, _left(at_s))]
    seen = _who(state, at_s, frame, look, eyes, find=find)
    state, seen = _stood(state, seen, at_s, frame, eyes)
    state = _remembered(state, seen, frame, at_s)
    if seen.looked:
        state = replace(state, found_s=at_s, coarse=seen.coarse, scene=scene.kept(look.grey))
    state, signals = _crowd(state, seen, at_s, frame, look.grey)
    signals += objects
    state, strangers = _identity(state, seen, at_s, frame, look.grey, eyes.reader)
    signals += strangers
    if seen.candidate is None:
        return _faceless(state, seen, at_s, frame, eyes, signals)
    return _facing(state, seen.candidate, at_s, look, signals)


def _stood(state: WatchState, seen: _Seen, at_s: float, frame: Frame, eyes: Eyes) -> tuple[WatchState, _Seen]:
    """A face that is not level is nobody's to judge, until it is known which way up the camera stands."""
    if state.stand.quarters is None:
        stand = upright.sought(state.stand, frame, seen.candidate, eyes.finder, eyes.mesh)
        if stand.quarters == 0:
            return replace(state, stand=stand), seen
        there = seen.box_only or seen.candidate is not None or stand.seems is not None
        return _turned(state, stand), replace(seen, candidate=None, box_only=there)
    if state.stand.quarters and seen.candidate is None and at_s - state.faced_s >= SEAT_CHANGES_S:  # set upright since?
        return _turned(state, upright.sought(state.stand, frame, None, eyes.finder, eyes.mesh)), seen
    return state, seen


def _turned(state: WatchState, stand: Stand) -> WatchState:
    """What was seen of the room so far stands on its side in what is to come."""
    if stand.quarters == state.stand.quarters:
        return replace(state, stand=stand)
    return WatchState(
        started_s=state.started_s,
        last_s=state.last_s,
        faced_s=state.last_s,
        pose=state.pose,
        identity=identity.lost(state.identity),
        calibration=state.calibration,
        stand=stand,
    )


def _hidden(state: WatchState) -> Mask | None:
    """Cells of the camera's where the candidate may hide the room; None while that is not known."""
    if state.face is None or state.usual is None:
        return None
    now, mostly = (outline(CELLS_SHAPE, face, 640 / camera.CELLS[0]) for face in (state.face, state.usual))
    return np.asarray(now | mostly, np.bool_)


def _due(state: WatchState, at_s: float, look: CameraLook) -> bool:
    """Whether the face finder has to look. Before it does, a face that is followed is known without it."""
    since_s = at_s - state.found_s + 1e-3
    if state.empty:
        return since_s >= EMPTY_EVERY_S or scene.changed(state.scene, look.grey)
    if state.several or came(state.motion.somebody) or since_s >= FIND_STILL_EVERY_S:
        return True
    hidden = None if state.face is None else scene.candidate(state.face)
    return since_s >= FIND_EVERY_S and scene.changed(state.scene, look.grey, hidden)


def _readable(own: Box | None, frame: Frame, eyes: Eyes | None) -> bool:
    """Whether the candidate's face is to be seen where it was: a dim or strangely lit picture is usable then."""
    if eyes is None:
        return False
    boxes = [box for box in eyes.finder.find(frame, width=320) if own is None or own.share_with(box) > people.SAME_FACE]
    return any(eyes.mesh.look(frame, region_of(box)).present for box in boxes[:1])


def _remembered(state: WatchState, seen: _Seen, frame: Frame, at_s: float) -> WatchState:
    """Where to look for the candidate's face in the next frame, and as what it was read."""
    if seen.candidate is None:
        return replace(state, region=None, held=(), empty=False)
    readings = state.held if seen.held else held.kept(state.held, seen.candidate, frame, at_s)
    return replace(state, region=seen.candidate.region, held=readings, empty=False)


def _who(state: WatchState, at_s: float, frame: Frame, picture: CameraLook, eyes: Eyes, *, find: bool) -> _Seen:
    followed = held.still(state.held, frame, at_s)
    as_before = followed is not None
    if followed is None and state.region is not None:
        read = eyes.mesh.look(frame, state.region)
        followed = read if read.present else None
    if followed is not None and not find:
        return _Seen(followed, held=as_before)
    new = came(state.motion.somebody)
    coarse = followed is not None and not state.coarse and _large(state) and not new
    boxes = eyes.finder.find(frame, width=320 if coarse or picture.luma < faces.DARK_LUMA else 480)
    if coarse and state.several and len(boxes) <= len(_beside_last(state)):
        coarse, boxes = False, eyes.finder.find(frame, width=480)
    if not boxes and followed is None:
        boxes = eyes.finder.find_hard(frame, luma=picture.luma)
    boxes = boxes[:MOST_FACES]
    hung = [box for box in boxes if _hangs_there(state, box, at_s, picture.grey)]
    if state.usual is not None and followed is None:
        most_px = NEARER * state.usual.width
        boxes = [box for box in boxes if box.width <= most_px or eyes.mesh.look(frame, region_of(box)).present]
    return replace(_sorted_out(followed, boxes, hung, frame, eyes), coarse=coarse, held=as_before)


def _beside_last(state: WatchState) -> list[Box]:
    """The faces beside the candidate's at the last look."""
    return [face.box for face in state.beside if face.last_s == state.found_s]


def _large(state: WatchState) -> bool:
    """Whether the cheap look sees the others in view as well as the finer one."""
    return not state.several or all(box.width >= LARGE_PX for box in _beside_last(state))


def _sorted_out(followed: Look | None, boxes: Sequence[Box], hung: Sequence[Box], frame: Frame, eyes: Eyes) -> _Seen:
    """The candidate is the face followed so far, else the largest that does not hang there.

    A face may be covered by a mask, a veil or a desk, if it looks here: whom the mesh cannot read has not turned away.
    """
    candidate = followed
    others: list[tuple[Box, float]] = []
    looks: list[Look] = []
    box_only = False
    for box in boxes:
        if candidate is not None and candidate.box.share_with(box) > people.SAME_FACE:
            continue
        look = eyes.mesh.look(frame, region_of(box))
        score = box.score * look.box.score
        if not look.present and faces.looks_here(box):
            look, score = replace(look, box=box, region=region_of(box)), box.score
        elif not look.present:
            box_only = box_only or box not in hung
            continue
        if candidate is None and box not in hung:
            candidate = look
        else:
            others.append((look.box, score))
            looks.append(look)
    unread = box_only and candidate is None
    return _Seen(candidate, unread, tuple(others), tuple(looks), box_only, looked=True)


def _hangs_there(state: WatchState, box: Box, at_s: float, small: Grey) -> bool:
    """Whether a box is a picture on the wall, known by its stillness or from the opening."""
    started_s = state.started_s or 0.0
    if state.opening is not None and state.opening.shows(box, small, SMALL_PX):
        return True
    return any(people.is_picture(b, at_s, started_s) and b.box.share_with(box) > people.SAME_FACE for b in state.beside)


def _crowd(state: WatchState, seen: _Seen, at_s: float, frame: Frame, small: Grey) -> tuple[WatchState, list[Signal]]:
    """Faces beside the candidate's."""
    if not seen.looked or not (seen.others or state.beside):
        return replace(state, several=False) if seen.looked else state, []
    grey: Grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    own = seen.candidate.box if seen.candidate else None
    boxes = [box for box, _ in seen.others]
    hung = [box for box in boxes if state.opening is not None and state.opening.shows(box, small, SMALL_PX)]
    beside = people.followed(state.beside, boxes, grey, at_s, candidate=own, hung=hung)
    now = [b for b in beside if b.last_s == at_s]
    started_s = state.started_s or 0.0
    moving = [b for b in now if not people.is_picture(b, at_s, started_s)]
    state = replace(state, beside=tuple(beside), several=bool(moving))
    if not seen.others:
        return state, []
    scores = dict(seen.others)
    living = [b for b in moving if not people.is_reflection(b)]
    counted = living or now
    score = max(scores.get(b.box, b.box.score) for b in counted)
    value = float(len(counted) + (seen.candidate is not None))
    if value < 2:
        return state, []
    reason = None if living else Suppression.REFLECTION if moving else Suppression.STATIC_FACE
    return state, [_signal(IncidentKind.MULTI_FACE, at_s, value, score, faces.CARD.mark, suppressed=reason)]


def _identity(
    state: WatchState, seen: _Seen, at_s: float, frame: Frame, grey: Grey, reader: FaceReader | None
) -> tuple[WatchState, list[Signal]]:
    """Whether it is still the candidate. With somebody else's face, how the candidate's head was held says nothing."""
    face = seen.candidate
    if reader is None or face is None:
        return replace(state, identity=identity.lost(state.identity)), []
    living = [
        look for (box, _), look in zip(seen.others, seen.looks, strict=True) if not _hangs_there(state, box, at_s, grey)
    ]
    middle = pose.middle(state.pose) or (face.yaw, face.pitch)
    off = (face.yaw - middle[0], face.pitch - middle[1])
    before = state.identity
    patch = patch_of(grey, face, frame.shape[1] / grey.shape[1])
    after = identity.compared(before, Seat(face, off, living, seen.unread, patch), at_s, frame, reader)
    state = replace(
        state, identity=after, pose=pose.afresh(state.pose) if after.stranger != before.stranger else state.pose
    )
    if after.told is None:
        return state, []
    kind, score = IncidentKind.IDENTITY_CHANGE, round(identity.certainty(after.told), 2)
    told = Signal(kind, at_s, at_s + STEP_S, round(after.told, 2), score, detector=identity.CARD.mark)
    return state, [replace(told, note=after.since)]


def _objects(
    state: WatchState, at_s: float, frame: Frame, small: Grey, eyes: ObjectEyes | None
) -> tuple[WatchState, list[Signal]]:
    view, face = state.view, state.face
    if eyes is None or not state.objects.due(
        at_s, lambda: view is None or face is None or scene.appeared(view, small, face)
    ):
        return state, []
    after, sights = eyes.looked(state.objects, at_s, frame, small, state.opening)
    told = [
        _signal(s.kind, at_s, 1.0, s.score, s.mark, suppressed=Suppression.STATIC_OBJECT if s.static else None)
        for s in sights
    ]
    return replace(state, objects=after, view=scene.viewed(small, face) if face else None), told


def _faceless(
    state: WatchState, seen: _Seen, at_s: float, frame: Frame, eyes: Eyes, signals: list[Signal]
) -> tuple[WatchState, list[Signal]]:
    """No readable face: turned away if a head or body is there, else gone."""
    state = replace(state, motion=replace(state.motion, face=None), pose=pose.away(state.pose))
    if at_s - state.faced_s >= SEAT_CHANGES_S:
        state = replace(state, pose=pose.afresh(state.pose), reading=Reading())
    reaching = None if state.face is None else state.face.top + BOWED * state.face.height
    if seen.box_only or eyes.body.share(frame, reaching=reaching) > BODY_SHARE:
        state = replace(state, calibration=counted(state.calibration, at_s, faced=False))
        if state.opening is None:  # a face that was never read cannot be told to have turned away
            return state, signals
        why = Suppression.FACE_ANALYSIS_UNRELIABLE if state.reading.doubtful else None
        told = _signal(IncidentKind.HEAD_TURN, at_s, pose.TURNED_AWAY_DEGREES, 0.6, pose.CARD.mark, suppressed=why)
        state = replace(state, reading=calibrations.lost(state.reading))
    else:
        state, told = replace(state, empty=True), _left(at_s)
    return state, [*signals, _dimmed(state, told)]


def _dimmed(state: WatchState, told: Signal) -> Signal:
    """No face was read: with too little light that is the likely cause, and is told."""
    return replace(told, note=DARK) if state.camera.dim else told


def _left(at_s: float) -> Signal:
    return _signal(IncidentKind.LEFT_SESSION, at_s, 1.0, 0.9, faces.CARD.mark)


def _facing(
    state: WatchState, face: Look, at_s: float, picture: CameraLook, signals: list[Signal]
) -> tuple[WatchState, list[Signal]]:
    pose_state, turn = pose.turned(state.pose, yaw=face.yaw, pitch=face.pitch, iris=face.iris, openness=face.openness)
    reading = calibrations.read(state.reading, to_screen=not turn.is_away)
    if turn.is_away:
        why = Suppression.FACE_ANALYSIS_UNRELIABLE if pose.drinks(state.pose, face, turn) else None
        told = _signal(IncidentKind.HEAD_TURN, at_s, turn.yaw, 0.7, pose.CARD.mark, second=turn.pitch, suppressed=why)
        signals = [*signals, replace(told, note=state.pose.since)]
    elif turn.eyes >= EYES_FROM:
        told = _signal(IncidentKind.GAZE_OFF, at_s, turn.eyes, 0.5, pose.CARD.mark)
        signals = [*signals, replace(told, note=state.pose.since)]
    calibration = counted(state.calibration, at_s, faced=True)
    opening = state.opening or Opening(picture.grey.tobytes(), face.box)
    usual = face.box if state.usual is None else state.usual.towards(face.box, camera.LEARN)
    state = replace(state, faced_s=at_s, face=face.box, usual=usual, pose=pose_state)
    state = replace(state, calibration=calibration, opening=opening, reading=reading)
    return _background(state, face.box, at_s, picture, signals)


def _background(
    state: WatchState, face: Box | None, at_s: float, picture: CameraLook, signals: list[Signal]
) -> tuple[WatchState, list[Signal]]:
    if face is None:
        return state, signals
    motion_state, behind = motion.moved(state.motion, picture.before, picture.grey, picture.small, face, SMALL_PX)
    if behind is not None and behind.percent >= motion.LEAST_PERCENT:
        kind, mark = IncidentKind.BACKGROUND_MOTION, motion.CARD.mark
        signals = [*signals, _signal(kind, at_s, behind.percent, behind.score, mark, suppressed=behind.suppressed)]
    return replace(state, motion=motion_state), signals


def _signal(
    kind: IncidentKind,
    at_s: float,
    value: float,
    score: float,
    mark: str,
    *,
    second: float | None = None,
    suppressed: Suppression | None = None,
) -> Signal:
    rounded = None if second is None else round(second, 1)
    return Signal(kind, at_s, at_s + STEP_S, round(value, 1), round(score, 2), rounded, suppressed, mark)
