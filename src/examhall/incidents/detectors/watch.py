"""The cascade over the webcam's frames: what is cheap is asked first, what is dear only when it is needed.

Schedule at 2 frames per second: picture statistics on each frame; the face mesh when the candidate's face looks
like none of its last two readings, or after three seconds; the face finder every second (a cheap and a finer look by
turns) while the room changes or others are in view (finely where these are small), every three seconds while neither
is so, and on each frame while the face is lost, another's changes or something as large as a person has just come;
the person mask only when no face is found; the object finder every 2.5 seconds, every nine while nothing came into
view. An empty chair is looked at again when something moves, or after two seconds.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors import calibration as calibrations
from examhall.incidents.detectors import camera, faces, held, identity, loop, motion, people, pose, scene, upright
from examhall.incidents.detectors.body import BODY_SHARE
from examhall.incidents.detectors.calibration import Reading, counted
from examhall.incidents.detectors.camera import CameraLook, CameraState
from examhall.incidents.detectors.identity import Seat
from examhall.incidents.detectors.identity_look import FaceReader, patch_of
from examhall.incidents.detectors.mesh import Look, region_of
from examhall.incidents.detectors.objects import ObjectEyes
from examhall.incidents.detectors.outline import outline
from examhall.incidents.detectors.people import Opening
from examhall.incidents.detectors.upright import Stand
from examhall.incidents.detectors.watch_state import Eyes, WatchState
from examhall.incidents.detectors.who import SMALL_PX, Seen, hangs_there, who
from examhall.incidents.detectors.window import STEP_S, Box, Frame, Grey, Mask, VideoWindow
from examhall.incidents.rules.signal import DARK, FROZEN, LOOPED, Signal

CELLS_SHAPE = camera.CELLS[::-1]
LOOPED_SCORE = 0.75
AFRESH_AFTER_S = 1.5
"""After a longer gap nothing is carried over from the frame before."""
SEAT_CHANGES_S = 5.0
"""Whoever was gone this long may sit differently: the middle is learnt again."""
BOWED = 0.75
"""Heights of the face below its upper edge to which a head that is bowed at least reaches."""
EYES_FROM = 10.0
"""Percent of the eye opening; looking at the left or right edge of a screen stays below (detection.md §9)."""


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
        beside_held=(),
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
    seen = who(state, at_s, frame, look, eyes)
    if seen is None:
        return state, [*objects, _dimmed(state, _left(at_s))]
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


def _stood(state: WatchState, seen: Seen, at_s: float, frame: Frame, eyes: Eyes) -> tuple[WatchState, Seen]:
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


def _readable(own: Box | None, frame: Frame, eyes: Eyes | None) -> bool:
    """Whether the candidate's face is to be seen where it was: a dim or strangely lit picture is usable then."""
    if eyes is None:
        return False
    boxes = [box for box in eyes.finder.find(frame, width=320) if own is None or own.share_with(box) > people.SAME_FACE]
    return any(eyes.mesh.look(frame, region_of(box)).present for box in boxes[:1])


def _remembered(state: WatchState, seen: Seen, frame: Frame, at_s: float) -> WatchState:
    """Where to look for the candidate's face in the next frame, and as what it was read."""
    if seen.looked or seen.others:
        state = replace(state, beside_held=seen.readings)
    if seen.candidate is None:
        return replace(state, region=None, held=(), empty=False)
    readings = state.held if seen.held else held.kept(state.held, seen.candidate, frame, at_s)
    return replace(state, region=seen.candidate.region, held=readings, empty=False)


def _crowd(state: WatchState, seen: Seen, at_s: float, frame: Frame, small: Grey) -> tuple[WatchState, list[Signal]]:
    """Faces beside the candidate's."""
    if not (seen.others or (seen.looked and state.beside)):
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
    living = [b for b in moving if not people.is_reflection(b, started_s)]
    counted = living or now
    score = max(scores.get(b.box, b.box.score) for b in counted)
    value = float(len(counted) + (seen.candidate is not None))
    if value < 2:
        return state, []
    reason = None if living else Suppression.REFLECTION if moving else Suppression.STATIC_FACE
    return state, [_signal(IncidentKind.MULTI_FACE, at_s, value, score, faces.CARD.mark, suppressed=reason)]


def _identity(
    state: WatchState, seen: Seen, at_s: float, frame: Frame, grey: Grey, reader: FaceReader | None
) -> tuple[WatchState, list[Signal]]:
    """Whether it is still the candidate. With somebody else's face, how the candidate's head was held says nothing."""
    face = seen.candidate
    if reader is None or face is None:
        return replace(state, identity=identity.lost(state.identity)), []
    living = [
        look for (box, _), look in zip(seen.others, seen.looks, strict=True) if not hangs_there(state, box, at_s, grey)
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
    state: WatchState, seen: Seen, at_s: float, frame: Frame, eyes: Eyes, signals: list[Signal]
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
