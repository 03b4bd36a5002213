"""What the pictures of the system check teach before an exam: the candidate's own middle, reach and face.

A picture that cannot be read teaches nothing and is named; what is not taught here is learnt during the exam.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import cv2

from examhall.base.words import LookAt
from examhall.incidents.detectors import faces, identity, pose, upright
from examhall.incidents.detectors.mesh import Look, region_of
from examhall.incidents.detectors.watch_state import Eyes, WatchState
from examhall.incidents.detectors.window import Frame

FINE_PX = 480
"""Width at which a face is looked for."""
BESIDE = 0.5
"""A second face this wide, measured by the first, may be the candidate's as well."""
SHOWN = {LookAt.MIDDLE: "the middle", LookAt.LEFT: "the left", LookAt.RIGHT: "the right", LookAt.DOWN: "the keyboard"}


@dataclass(frozen=True, slots=True)
class Taught:
    """Where an exam starts, and what the pictures lacked, in words for a sentence."""

    state: WatchState = field(default_factory=WatchState)
    lacks: tuple[str, ...] = ()


def taught(pictures: Mapping[LookAt, Frame], eyes: Eyes, *, since: str) -> Taught:
    """since: which check it was, for the explanations. Without a readable middle nothing is taught."""
    pictures = _upright(pictures, eyes)
    found = {look: _face(frame, eyes) for look, frame in pictures.items()}
    read = {look: face for look, face in found.items() if isinstance(face, Look)}
    lacks = tuple(f"{why} in the picture of {SHOWN[look]}" for look, why in found.items() if isinstance(why, str))
    if LookAt.MIDDLE not in read:
        return Taught(lacks=lacks or ("no picture of the middle",))
    edges = [face for look, face in read.items() if look is not LookAt.MIDDLE]
    state = WatchState(pose=pose.begun(read[LookAt.MIDDLE], edges, since=since))
    if eyes.reader is None:
        return Taught(state, lacks)
    views = [(read[look], pictures[look]) for look in LookAt if look in read]
    whose = identity.begun(views, eyes.reader, since=since)
    if whose is None:
        return Taught(state, (*lacks, "too few pictures of one face that can be compared"))
    return Taught(replace(state, identity=whose), lacks)


def _upright(pictures: Mapping[LookAt, Frame], eyes: Eyes) -> Mapping[LookAt, Frame]:
    """Of a camera on its side; the middle tells."""
    middle = pictures.get(LookAt.MIDDLE)
    if middle is None:
        return pictures
    face = _face(middle, eyes)
    quarters = upright.best_read(middle, face if isinstance(face, Look) else None, eyes.finder, eyes.mesh)
    return {look: upright.turned(frame, quarters) for look, frame in pictures.items()}


def _face(frame: Frame, eyes: Eyes) -> Look | str:
    """The one face in the picture, or why there is none to be read."""
    luma = float(cv2.mean(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))[0])
    boxes = eyes.finder.find(frame, width=FINE_PX) or eyes.finder.find_hard(frame, luma=luma)
    if not boxes:
        return "too little light" if luma < faces.DARK_LUMA else "no face"
    looks = [eyes.mesh.look(frame, region_of(box)) for box in boxes if box.width >= BESIDE * boxes[0].width]
    present = [look for look in looks if look.present]
    if len(present) > 1:
        return "more than one face"
    return present[0] if present else "no face that can be read"
