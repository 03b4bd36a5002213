"""Does something look like a phone or a book: one look of EfficientDet-Lite0 for both. A hint for a person, never more.

Who looks (the packaged model, the operator's own) says what it saw; what stood there from the start is told apart here.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.camera import CELLS
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.people import Opening
from examhall.incidents.detectors.window import Box, Frame, Grey

_LOOKS_AT = (
    "a frame every 2.5 seconds (every nine while nothing comes into view and nothing is suspected), each frame while "
    "such a thing is in view; one look for phones and books, a second at what may be a phone"
)
_MEASURES = "value 1; score: certainty of the best place in the picture, by which the levels differ"
PHONE_CARD = Card(
    name="phone",
    version="5",
    kinds=frozenset({IncidentKind.OBJECT_PHONE}),
    models=("objects",),
    looks_at=_LOOKS_AT,
    measures=_MEASURES,
    fails_when=(
        "only a phone shown openly is found; turned, half hidden and small ones are not; calculators, mugs, books, "
        "rings, badges and dark chairs may be taken for one"
    ),
)
BOOK_CARD = Card(
    name="book",
    version="2",
    kinds=frozenset({IncidentKind.OBJECT_BOOK}),
    models=("objects",),
    looks_at=_LOOKS_AT,
    measures=_MEASURES,
    fails_when=(
        "most books are missed: closed ones, those seen from the side, single sheets, those below the picture; what "
        "was held up in the first quarter of a minute counts as furniture; a shelf that the candidate hid at first and "
        "sets free later may be told"
    ),
)

SCORE_FROM = 0.4
"""The strictest level of both kinds: less is not told."""
LEAST = 0.15
"""What stands in the room from the start is noticed from here on: a shelf flickers about the level above."""
LOOK_EVERY_S, STILL_EVERY_S = 2.5, 9.0
"""Between looks: while things come into view or one is suspected, and while neither."""
SUSPECTED = 0.2
"""Something this much like a phone or a book is looked at again, whether or not it moves."""
STAY_S = 2.0
"""After the last sight, look at each frame for this long."""
FURNISHED_S = 15.0
"""What like a book is seen for so long from the start on belongs to the room."""
STANDS = 0.5
"""Share of a thing's cells where such things stood, from which it is one of them."""
DARK_LUMA = 45.0
"""Mean brightness below which contrast is raised first. Above, mugs and calculators gain as much by it as phones."""
SURE = 0.5
"""What may be a phone and is less than this is looked at closer, and told from here on. Of sixty composed phones that
finds 25 instead of 19, of 108 other things it takes one calculator more for one."""
MOST_SHARED = 0.5
MOST_THINGS = 8


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in view; its certainty is the box's score."""

    kind: IncidentKind
    box: Box


Scores = npt.NDArray[np.float32]


class ObjectFinder(Protocol):
    """Finds things of some kinds in a frame."""

    @property
    def cards(self) -> Mapping[IncidentKind, Card]:
        """Under whose papers each kind is told."""

    def find(self, frame: Frame) -> Sequence[Thing]:
        """At most MOST_THINGS of those kinds, in pixels of `frame`, with a certainty from LEAST on."""


@dataclass(frozen=True, slots=True)
class ObjectsState:
    looked_s: float = -1e9
    seen_s: float = -1e9
    since_s: float | None = None
    """When the first look was."""
    furniture: bytes = b""
    """Cells in which something like a book stood from the start: uint8 [12, 16]."""
    suspected: bool = False
    """The last look was not sure that there is none."""

    def due(self, at_s: float, appeared: Callable[[], bool]) -> bool:
        """appeared: whether something came into view since the last look; asked only where it decides."""
        since_s = at_s - self.looked_s + 1e-3
        if at_s - self.seen_s <= STAY_S or since_s > STILL_EVERY_S:
            return True
        return since_s > LOOK_EVERY_S and (self.suspected or self.furnishes(at_s) or appeared())

    def furnishes(self, at_s: float) -> bool:
        """Whether what is seen now belongs to the room."""
        return self.since_s is None or at_s - self.since_s <= FURNISHED_S


@dataclass(frozen=True, slots=True)
class Sight:
    """The surest thing of one kind in a frame."""

    kind: IncidentKind
    score: float
    mark: str
    static: bool
    """Nothing of this kind but what was there from the start."""


@dataclass(frozen=True, slots=True)
class ObjectEyes:
    """The object finders of one session, and what they are to look for."""

    finders: tuple[ObjectFinder, ...]
    wanted: frozenset[IncidentKind]

    def looked(
        self, state: ObjectsState, at_s: float, frame: Frame, small: Grey, opening: Opening | None
    ) -> tuple[ObjectsState, list[Sight]]:
        """small: `frame` in grey, as large as the opening's picture."""
        state = replace(state, looked_s=at_s, since_s=at_s if state.since_s is None else state.since_s)
        scale = frame.shape[1] / small.shape[1]
        sights: list[Sight] = []
        suspected = False
        for finder in self.finders:
            things = [thing for thing in finder.find(frame) if thing.kind in self.wanted]
            for kind in sorted({thing.kind for thing in things}):
                boxes = [thing.box for thing in things if thing.kind is kind]
                if kind is IncidentKind.OBJECT_BOOK:
                    state = _furnished(state, boxes, at_s)
                    free = [b for b in boxes if not (_stands(state, b) or (opening and opening.shows(b, small, scale)))]
                else:
                    free = boxes
                suspected = suspected or any(box.score >= SUSPECTED for box in free)
                score = max(box.score for box in free or boxes)
                if score >= SCORE_FROM:
                    sights.append(Sight(kind, score, finder.cards[kind].mark, static=not free))
        seen = any(not sight.static for sight in sights)
        return replace(state, seen_s=at_s if seen else state.seen_s, suspected=suspected), sights


def _furnished(state: ObjectsState, boxes: Sequence[Box], at_s: float) -> ObjectsState:
    if not state.furnishes(at_s):
        return state
    cells = _cells(state.furniture)
    for box in boxes:
        cells[_within(box)] = 1
    return replace(state, furniture=cells.tobytes())


def _stands(state: ObjectsState, box: Box) -> bool:
    part = _cells(state.furniture)[_within(box)]
    return bool(part.size) and float(part.mean()) >= STANDS


def _cells(furniture: bytes) -> npt.NDArray[np.uint8]:
    shape = CELLS[::-1]
    return np.frombuffer(furniture, np.uint8).reshape(shape).copy() if furniture else np.zeros(shape, np.uint8)


def _within(box: Box) -> tuple[slice, slice]:
    """The cells a box touches; a frame is 640 pixels wide."""
    side = 640 / CELLS[0]
    rows = slice(max(0, int(box.top // side)), max(0, int((box.top + box.height) // side) + 1))
    return rows, slice(max(0, int(box.left // side)), max(0, int((box.left + box.width) // side) + 1))


class PackagedFinder:
    """EfficientDet-Lite0 under LiteRT, from the bytes of its model file."""

    CLASSES: Mapping[IncidentKind, int] = {IncidentKind.OBJECT_PHONE: 76, IncidentKind.OBJECT_BOOK: 83}
    """Of the 90 classes of the model."""

    def __init__(self, model: bytes, kinds: Collection[IncidentKind] = frozenset(CLASSES)) -> None:
        self.cards = {kind: card for card in (PHONE_CARD, BOOK_CARD) for kind in card.kinds if kind in kinds}
        self._net = Interpreter(model_content=model, num_threads=1)
        self._net.allocate_tensors()
        self._in = self._net.get_input_details()[0]
        by_width = {int(detail["shape"][-1]): detail["index"] for detail in self._net.get_output_details()}
        self._places, self._classes = by_width[4], by_width[90]
        self._anchors = _anchors(int(self._in["shape"][1]))

    def find(self, frame: Frame) -> list[Thing]:
        found: list[Thing] = []
        seen = self._look(frame)
        for kind in self.cards:
            number = self.CLASSES[kind]
            boxes = self._boxes(number, *seen, frame)
            things = [box for box, likeliest in boxes if likeliest]
            if kind is IncidentKind.OBJECT_PHONE and boxes and boxes[0][0].score < SURE:
                things += closer(frame, boxes[0][0], self._phones, side=int(self._in["shape"][1]))
            found += [Thing(kind, box) for box in things]
        return found

    def _phones(self, part: Frame) -> list[Box]:
        number = self.CLASSES[IncidentKind.OBJECT_PHONE]
        return [box for box, likeliest in self._boxes(number, *self._look(part), part) if likeliest]

    def _look(self, picture: Frame) -> tuple[Scores, Scores]:
        """Per anchor: how likely each class is, and where."""
        size = int(self._in["shape"][1])
        small = np.asarray(cv2.resize(picture, (size, size)), np.uint8)
        pixels = cv2.cvtColor(lit(small), cv2.COLOR_BGR2RGB)
        self._net.set_tensor(self._in["index"], pixels[None])
        self._net.invoke()
        return self._net.get_tensor(self._classes)[0], self._net.get_tensor(self._places)[0]

    def _boxes(self, number: int, classes: Scores, places: Scores, picture: Frame) -> list[tuple[Box, bool]]:
        """Things of one class, the surest first. Where another class is likelier at its best place, it is that one."""
        rows = np.flatnonzero(classes[:, number] >= LEAST)
        boxes = [self._box(int(row), places[row].tolist(), float(classes[row, number]), picture) for row in rows]
        return [(boxes[at], int(np.argmax(classes[rows[at]])) == number) for at in apart(boxes)]

    def _box(self, row: int, place: Sequence[float], score: float, frame: Frame) -> Box:
        y, x, high, wide = self._anchors[row].tolist()
        tall, broad = frame.shape[:2]
        height, width = high * math.exp(place[2]) * tall, wide * math.exp(place[3]) * broad
        middle_y, middle_x = (y + place[0] * high) * tall, (x + place[1] * wide) * broad
        return Box(middle_x - width / 2, middle_y - height / 2, width, height, score)


def closer(frame: Frame, suspect: Box, find: Callable[[Frame], Sequence[Box]], *, side: int) -> list[Box]:
    """What a second look at the square around `suspect`, not made smaller, is sure of; in pixels of `frame`."""
    middle_x, middle_y = suspect.middle
    tall, broad = frame.shape[:2]
    left, top = (
        round(min(max(0.0, middle - side / 2), max(0, length - side)))
        for middle, length in ((middle_x, broad), (middle_y, tall))
    )
    found = find(frame[top : top + side, left : left + side])
    return [replace(box, left=box.left + left, top=box.top + top) for box in found if box.score >= SURE]


def lit(picture: Frame) -> Frame:
    """A dark picture with more contrast in each of its parts: a phone before a dark coat shows its edge again."""
    if cv2.mean(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))[0] >= DARK_LUMA:
        return picture
    light = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)
    light[:, :, 0] = cv2.createCLAHE(3, (8, 8)).apply(light[:, :, 0])
    return np.asarray(cv2.cvtColor(light, cv2.COLOR_LAB2BGR), np.uint8)


def apart(boxes: Sequence[Box]) -> list[int]:
    """Which of the boxes are the surest of each thing, the surest first."""
    kept: list[int] = []
    for at in sorted(range(len(boxes)), key=lambda one: -boxes[one].score):
        if len(kept) < MOST_THINGS and all(boxes[at].share_with(boxes[one]) < MOST_SHARED for one in kept):
            kept.append(at)
    return kept


def _anchors(size: int) -> npt.NDArray[np.float32]:
    """The boxes the network's places are measured from: middle y, x, height, width as shares of the picture."""
    rows: list[tuple[float, float, float, float]] = []
    cells = size // 8
    for _ in range(5):
        shapes = [(3 * 2 ** (third / 3) * a / cells, 3 * 2 ** (third / 3) * b / cells) for third, (a, b) in _SHAPES]
        for y, x in product(range(cells), repeat=2):
            rows += [((y + 0.5) / cells, (x + 0.5) / cells, high, wide) for high, wide in shapes]
        cells = -(-cells // 2)
    return np.array(rows, np.float32)


_SHAPES = list(product(range(3), ((1.0, 1.0), (0.7, 1.4), (1.4, 0.7))))
"""Thirds of an octave, and height and width."""
