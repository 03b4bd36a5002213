"""Who is in one frame: the face that is followed, and those beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from examhall.incidents.detectors import faces, held, people, scene
from examhall.incidents.detectors.behind import came
from examhall.incidents.detectors.camera import SMALL, CameraLook
from examhall.incidents.detectors.held import Held
from examhall.incidents.detectors.mesh import FaceMesh, Look, region_of
from examhall.incidents.detectors.watch_state import Eyes, WatchState
from examhall.incidents.detectors.window import Box, Frame, Grey

SMALL_PX = 640 / SMALL[0]
"""Full pixels per pixel of the small grey picture."""
FIND_EVERY_S, FIND_STILL_EVERY_S = 1.0, 3.0
"""Between looks for other faces: while others are in view or the room around the candidate changes, and otherwise."""
EMPTY_EVERY_S = 2.0
"""Between looks at an empty chair before which nothing changes."""
LARGE_PX = 64.0
"""From this width on a face beside the candidate's may be looked for at 320 pixels; what that misses, 480 looks for."""
MOST_FACES = 5
"""More boxes than this are not looked at one by one."""
NEARER = 1.5
"""A box so many times as wide as the face mostly was is no head turned away, but for a body: it is a window's light."""


@dataclass(frozen=True, slots=True)
class Known:
    """A face beside the candidate's that still looks as it was read."""

    look: Look
    """Where it is now."""
    reading: Held


@dataclass(frozen=True, slots=True)
class Seen:
    """Who is in one frame."""

    candidate: Look | None
    box_only: bool = False
    """A box without a readable face: a head turned away."""
    others: tuple[tuple[Box, float], ...] = ()
    """Confirmed faces beside the candidate's, with their scores."""
    looks: tuple[Look, ...] = ()
    """The same faces as the mesh sees them …"""
    readings: tuple[Held, ...] = ()
    """… and what is kept of those it reads."""
    unread: bool = False
    """A box without a readable face, whether or not another face was read."""
    looked: bool = False
    """Whether the face finder looked; otherwise only faces that are followed are known."""
    coarse: bool = False
    held: bool = False
    """The candidate's face is as it was read before."""


def who(state: WatchState, at_s: float, frame: Frame, picture: CameraLook, eyes: Eyes) -> Seen | None:
    """None: the chair was empty, nothing has changed before it, and nobody looked."""
    known = _known_beside(state, frame, at_s) if state.several else []
    find = _due(state, at_s, picture, as_before=len(known) == len(_beside_before(state)))
    if state.empty and not find:
        return None
    followed = held.still(state.held, frame, at_s)
    as_before = followed is not None
    if followed is None and state.region is not None:
        read = eyes.mesh.look(frame, state.region)
        followed = read if read.present else None
    if followed is not None and not find:
        return _still_there(followed, known, held=as_before)
    boxes, coarse = _boxes(state, frame, picture, eyes, followed=followed is not None)
    hung = [box for box in boxes if hangs_there(state, box, at_s, picture.grey)]
    if state.usual is not None and followed is None:
        most_px = NEARER * state.usual.width
        boxes = [box for box in boxes if box.width <= most_px or eyes.mesh.look(frame, region_of(box)).present]
    known = known or _known_beside(state, frame, at_s)  # pictures on a wall, too
    seen = _sorted_out(followed, boxes, hung, _Reader(frame, at_s, eyes.mesh, known))
    return replace(seen, coarse=coarse, held=as_before)


def hangs_there(state: WatchState, box: Box, at_s: float, small: Grey) -> bool:
    """Whether a box is a picture on the wall, known by its stillness or from the opening."""
    started_s = state.started_s or 0.0
    if state.opening is not None and state.opening.shows(box, small, SMALL_PX):
        return True
    return any(people.is_picture(b, at_s, started_s) and b.box.share_with(box) > people.SAME_FACE for b in state.beside)


def _known_beside(state: WatchState, frame: Frame, at_s: float) -> list[Known]:
    looks = ((one, held.still([one], frame, at_s)) for one in state.beside_held)
    return [Known(look, one) for one, look in looks if look is not None]


def _beside_before(state: WatchState) -> list[Box]:
    """The faces beside the candidate's in the frame before."""
    return [face.box for face in state.beside if face.last_s >= state.found_s]


def _due(state: WatchState, at_s: float, look: CameraLook, *, as_before: bool) -> bool:
    """Whether the face finder has to look. Before it does, faces that are followed are known without it.

    as_before: every face beside the candidate's looks as it was read.
    """
    since_s = at_s - state.found_s + 1e-3
    if state.empty:
        return since_s >= EMPTY_EVERY_S or scene.changed(state.scene, look.grey)
    if came(state.motion.somebody) or since_s >= FIND_STILL_EVERY_S:
        return True
    if state.several:
        return not as_before or since_s >= FIND_EVERY_S
    hidden = None if state.face is None else scene.candidate(state.face)
    return since_s >= FIND_EVERY_S and scene.changed(state.scene, look.grey, hidden)


def _boxes(
    state: WatchState, frame: Frame, picture: CameraLook, eyes: Eyes, *, followed: bool
) -> tuple[list[Box], bool]:
    """What the face finder sees, and whether a cheap look was enough."""
    before = _beside_before(state) if state.several else []
    large = all(box.width >= LARGE_PX for box in before)
    coarse = followed and not state.coarse and large and not came(state.motion.somebody)
    boxes = eyes.finder.find(frame, width=320 if coarse or picture.luma < faces.DARK_LUMA else 480)
    if coarse and state.several and len(boxes) <= len(before):
        coarse, boxes = False, eyes.finder.find(frame, width=480)
    if not boxes and not followed:
        boxes = eyes.finder.find_hard(frame, luma=picture.luma)
    return boxes[:MOST_FACES], coarse


def _still_there(candidate: Look, known: Sequence[Known], *, held: bool) -> Seen:
    """Everybody is as they were read, and nobody looked."""
    looks = tuple(one.look for one in known)
    others = tuple((look.box, look.box.score) for look in looks)
    return Seen(candidate, others=others, looks=looks, readings=tuple(one.reading for one in known), held=held)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the faces of one frame; those that look as they did need no mesh."""

    frame: Frame
    at_s: float
    mesh: FaceMesh
    known: Sequence[Known]

    def look(self, box: Box) -> Look:
        same = self._known(box)
        return self.mesh.look(self.frame, region_of(box)) if same is None else same.look

    def kept(self, look: Look) -> Held:
        same = next((one for one in self.known if one.look is look), None)
        return held.kept((), look, self.frame, self.at_s)[0] if same is None else same.reading

    def _known(self, box: Box) -> Known | None:
        return next((one for one in self.known if one.look.box.share_with(box) > people.SAME_FACE), None)


def _sorted_out(followed: Look | None, boxes: Sequence[Box], hung: Sequence[Box], reader: _Reader) -> Seen:
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
        look = reader.look(box)
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
    readings = tuple(reader.kept(look) for look in looks if look.present)
    return Seen(candidate, box_only and candidate is None, tuple(others), tuple(looks), readings, box_only, looked=True)
