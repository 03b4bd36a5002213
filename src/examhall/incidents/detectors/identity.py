"""Is it still the candidate: the face in the seat against the same exam's opening, one to one, never against a list.

Looks are taken when somebody might have changed places (the face was lost, jumped or stood beside another), then every
ten seconds. A look is taken only of a face that can be compared; nothing is said of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.identity_look import Cut, FaceReader, Numbers, apart, changed, cut_out
from examhall.incidents.detectors.mesh import Look
from examhall.incidents.detectors.window import Box, Frame
from examhall.incidents.rules.levels import OTHER_PERSON, SAME_PERSON

CARD = Card(
    name="identity",
    version="3",
    kinds=frozenset({IncidentKind.IDENTITY_CHANGE}),
    models=("yunet", "face_landmarks", "identity"),
    looks_at=(
        "the pictures of the system check, else five frames of the opening; then three whenever the face had been "
        "lost, had jumped or stood beside another, and one every ten seconds; each time only a face of 50 pixels that "
        "is sharp, lit, uncovered and frontal"
    ),
    measures=(
        "value: distance between the face and the candidate's own of the check or the opening, median of three; "
        f"below {SAME_PERSON:.2f} the same person, from {OTHER_PERSON:.2f} on another one, between them a person has "
        "to look; score grows with the distance"
    ),
    fails_when=(
        "whoever sits there at the check, or without one in the opening, is taken for the candidate: this compares "
        "nobody with a document, and the check's pictures come from the candidate's own computer; "
        "twins and look-alikes pass; new glasses, a hand on the face, dim or blurred pictures raise the distance; "
        "masks, veiled and turned faces are not compared, so nothing is said while they last; strangers who look alike "
        "to the network come near the limit more often in some groups of people, which was not measured"
    ),
)

UNBROKEN = 0.60
"""Asked for while the candidate's face stayed in view: nobody can change places unseen."""
OWN_MARGIN = 0.25
"""The limit stays this far above the own usual distance: a bad camera makes anybody less like themselves."""
VIEWS = 5
CHECK_VIEWS = 2
"""Of the pictures of the system check at least: one alone may be an odd one."""
LOOKS = 3
"""detection.md §9: never fewer looks than this for a verdict."""
OPENING_EVERY_S, CHECK_EVERY_S, DOUBT_EVERY_S = 1.0, 10.0, 2.5
"""Between looks: while learning, while all is well, and while it seems to be somebody else."""
LEARN_FROM, LEARN_TO, MOST_LOOKS = 0.35, 0.50, 4
"""The candidate's face changed this much while in view (glasses, light): it is remembered as a look of theirs."""
USUAL = 20

LEAST_WIDTH, LEAST_LOGIT, LEAST_LIGHT, LEAST_SHARPNESS = 50.0, 6.0, 25.0, 2.2
"""Pixels, presence, grey level and deviation from which a face can be compared (detection.md §9; own trials)."""
COVERED_TINT = 0.4
"""A mask changes the colour of mouth and chin this much; skin, beard and light stay below 0.3."""
FRONTAL_YAW, FRONTAL_PITCH = 12.0, 10.0
"""Measured degrees from the middle that `pose` knows."""
STAYS_TURNED_S = 5.0
"""Whoever holds the head like this for so long sits like this."""
BESIDE_S = 3.0
"""A face that is missed for less than this is still beside the candidate's."""
JUMPED = 0.3
"""Boxes half a second apart that share less than this are not the same stay."""
CUT = 0.35
"""A face that changes this much at once was exchanged: own movement stays below 0.27, other people begin at 0.42."""


@dataclass(frozen=True, slots=True)
class IdentityState:
    """What is remembered of one attempt; thrown away when its analysis is finished."""

    own: tuple[bytes, ...] = ()
    """While learning: the views so far. Then: their middle, and looks the candidate took on later."""
    learnt: bool = False
    tint: tuple[float, float] = (0.0, 0.0)
    """Of the candidate's own face."""
    usual: tuple[float, ...] = ()
    """The last distances of the candidate's own face."""
    known: bool = False
    """It was seen to be the candidate since the face was last lost."""
    recent: tuple[tuple[float, float], ...] = ()
    """The last looks since then: distance, and the limit that held for it."""
    looked_s: float = -1e9
    frontal_s: float = -1e9
    beside_s: float = -1e9
    """When a living face was last beside it."""
    box: Box | None = None
    patch: bytes = b""
    since: str = ""
    """Of which system check the face is; empty where it was learnt in the opening."""

    @property
    def value(self) -> float:
        """The median distance of the last looks."""
        return median(distance for distance, _ in self.recent)

    @property
    def stranger(self) -> bool:
        """The verdict that stands: most of the last looks were beyond their limit."""
        beyond = sum(distance >= limit for distance, limit in self.recent)
        return len(self.recent) >= LOOKS and 2 * beyond > len(self.recent)

    @property
    def told(self) -> float | None:
        """The distance that stands until the next look; None where too little was seen, or in doubt."""
        if len(self.recent) < LOOKS or (self.value >= SAME_PERSON and not self.stranger):
            return None
        return self.value


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is in the candidate's place in one frame."""

    face: Look
    off: tuple[float, float]
    """Measured yaw and pitch from the middle."""
    others: Sequence[Look] = ()
    """Living faces beside it."""
    hidden: bool = False
    """A head is in view that cannot be read; it may be the candidate's."""
    patch: bytes = b""
    """Of `face`, for noticing a cut."""


def begun(views: Sequence[tuple[Look, Frame]], reader: FaceReader, *, since: str) -> IdentityState | None:
    """Where an exam starts whose candidate was pictured at the system check, the middle first.

    None where fewer than CHECK_VIEWS can be compared, or they do not show one person.
    """
    middle = views[0][0]
    near = [
        (look, cut_out(frame, look))
        for look, frame in views
        if abs(look.yaw - middle.yaw) < FRONTAL_YAW and abs(look.pitch - middle.pitch) < FRONTAL_PITCH
    ]
    plain = [cut for look, cut in near if _comparable(IdentityState(), look, cut)]
    numbers = [reader.numbers(cut.chip) for cut in plain]
    if len(numbers) < CHECK_VIEWS or any(apart(one, numbers[0]) >= SAME_PERSON for one in numbers):
        return None
    own = _middle(numbers)
    usual = tuple(apart(one, own) for one in numbers)
    return IdentityState(own=(_packed(own),), learnt=True, tint=plain[0].tint, usual=usual, since=since)


def lost(state: IdentityState) -> IdentityState:
    """The face is out of view, or another came near: who comes next is to be looked at afresh."""
    return replace(state, known=False, recent=(), box=None, patch=b"")


def compared(state: IdentityState, seat: Seat, at_s: float, frame: Frame, reader: FaceReader) -> IdentityState:
    """Take in one frame with a face; `stranger` and `told` of what is returned are the verdict."""
    frontal = abs(seat.off[0]) < FRONTAL_YAW and abs(seat.off[1]) < FRONTAL_PITCH
    state = _followed(state, seat, at_s, frontal=frontal)
    settled = frontal or (state.learnt and at_s - state.frontal_s >= STAYS_TURNED_S)
    new = state.learnt and not state.known
    if at_s - state.looked_s < _pause_s(state) - 1e-3 or not (settled or new):
        return state
    cut = cut_out(frame, seat.face)
    if not _comparable(state, seat.face, cut):
        return state
    state = replace(state, looked_s=at_s)
    numbers = reader.numbers(cut.chip)
    if not state.learnt:
        return state if seat.others else _learning(state, numbers, cut)
    distance = _distance(state, numbers)
    if distance >= SAME_PERSON:
        if seat.hidden:
            return state
        distance = min([distance, *_others(state, seat.others, frame, reader)])
    look = (distance, _limit(state, settled=settled))
    return _judged(replace(state, recent=(*state.recent, look)[-LOOKS:]), numbers)


def _followed(state: IdentityState, seat: Seat, at_s: float, *, frontal: bool) -> IdentityState:
    """Whether it can still be who sat there in the frame before."""
    was_beside = at_s - state.beside_s < BESIDE_S
    beside_s = at_s if seat.others else state.beside_s
    jumped = state.box is not None and state.box.share_with(seat.face.box) < JUMPED
    jumped = jumped or changed(state.patch, seat.patch) > CUT
    if jumped or was_beside != (at_s - beside_s < BESIDE_S) or (state.beside_s > -1e9 and not was_beside):
        state = replace(lost(state), beside_s=-1e9)
    begins = frontal or state.box is None
    return replace(
        state,
        box=seat.face.box,
        patch=seat.patch,
        frontal_s=at_s if begins else state.frontal_s,
        beside_s=at_s if seat.others else state.beside_s,
    )


def _pause_s(state: IdentityState) -> float:
    if not state.learnt:
        return OPENING_EVERY_S
    if len(state.recent) < LOOKS:
        return 0.0
    distance, limit = state.recent[-1]
    if (distance >= limit) != state.stranger:
        return 0.0
    return CHECK_EVERY_S if distance < LEARN_TO else DOUBT_EVERY_S


def _comparable(state: IdentityState, face: Look, cut: Cut) -> bool:
    covered = max(abs(now - own) for now, own in zip(cut.tint, state.tint, strict=True)) > COVERED_TINT
    plain = cut.brightness >= LEAST_LIGHT and cut.sharpness >= LEAST_SHARPNESS and not covered
    return plain and face.logit >= LEAST_LOGIT and face.box.width >= LEAST_WIDTH


def _learning(state: IdentityState, numbers: Numbers, cut: Cut) -> IdentityState:
    """One more view of the opening; a view that does not fit the others begins the learning afresh."""
    views = [_unpacked(view) for view in state.own]
    if views and apart(numbers, _middle(views)) >= SAME_PERSON:
        views = []
    views.append(numbers)
    if len(views) < VIEWS:
        return replace(state, own=tuple(_packed(view) for view in views))
    middle = _middle(views)
    usual = tuple(apart(view, middle) for view in views)
    return replace(state, own=(_packed(middle),), learnt=True, tint=cut.tint, usual=usual, known=True)


def _limit(state: IdentityState, *, settled: bool) -> float:
    asked = (UNBROKEN if state.known else SAME_PERSON) if settled else OTHER_PERSON
    return max(asked, median(state.usual) + OWN_MARGIN)


def _distance(state: IdentityState, numbers: Numbers) -> float:
    return min(apart(numbers, _unpacked(own)) for own in state.own)


def _others(state: IdentityState, others: Sequence[Look], frame: Frame, reader: FaceReader) -> list[float]:
    """Distances of the faces beside it: the candidate may be one of them."""
    large = [face for face in others if face.box.width >= LEAST_WIDTH]
    return [_distance(state, reader.numbers(cut_out(frame, face).chip)) for face in large]


def _judged(state: IdentityState, numbers: Numbers) -> IdentityState:
    if len(state.recent) < LOOKS:
        return state
    if state.stranger:
        return replace(state, known=False)
    distance = state.recent[-1][0]
    own = state.own
    if state.known and LEARN_FROM < state.value < LEARN_TO and distance < LEARN_TO and len(own) < MOST_LOOKS:
        own = (*own, _packed(numbers))
    usual = (*state.usual, distance)[-USUAL:] if state.value < SAME_PERSON else state.usual
    return replace(state, own=own, usual=usual, known=state.known or state.value < SAME_PERSON)


def _middle(views: Sequence[Numbers]) -> Numbers:
    return np.asarray(np.mean(views, axis=0), np.float32)


def _packed(numbers: Numbers) -> bytes:
    return numbers.astype("<f4").tobytes()


def _unpacked(raw: bytes) -> Numbers:
    return np.frombuffer(raw, "<f4").astype(np.float32)


def certainty(distance: float) -> float:
    """0.5 at the limit, 0.75 where it is surely another person, never above 0.95."""
    return min(0.95, max(0.0, 0.5 + 2.5 * (distance - SAME_PERSON)))
