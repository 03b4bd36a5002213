"""Phones and books: one look for both, and what stood in the room from the start."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from examhall.base.words import IncidentKind, Leniency, Suppression
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.objects import (
    BOOK_CARD,
    LOOK_EVERY_S,
    PHONE_CARD,
    ObjectEyes,
    ObjectsState,
    Sight,
    Thing,
    apart,
    closer,
    lit,
)
from examhall.incidents.detectors.people import Opening
from examhall.incidents.detectors.window import Box, Frame, Grey
from examhall.incidents.rules.levels import rule_set

PHONE, BOOK = IncidentKind.OBJECT_PHONE, IncidentKind.OBJECT_BOOK
FRAME: Frame = np.full((480, 640, 3), 120, np.uint8)
SMALL: Grey = np.random.default_rng(3).integers(20, 220, (120, 160), dtype=np.uint8)
SHELF, HAND = Box(420, 40, 160, 120, 0.5), Box(120, 300, 150, 120, 0.6)


class Told:
    """A finder that says what it is told, and counts how often it is asked."""

    cards: Mapping[IncidentKind, Card] = {PHONE: PHONE_CARD, BOOK: BOOK_CARD}

    def __init__(self, *things: Thing) -> None:
        self.things: Sequence[Thing] = things
        self.looks = 0

    def find(self, frame: Frame) -> Sequence[Thing]:
        self.looks += 1
        return self.things


def looks(finder: Told, *moments: tuple[float, Sequence[Thing]], opening: Opening | None = None) -> list[list[Sight]]:
    eyes, state, out = ObjectEyes((finder,), frozenset({PHONE, BOOK})), ObjectsState(), []
    for at_s, things in moments:
        finder.things = things
        state, sights = eyes.looked(state, at_s, FRAME, SMALL, opening)
        out.append(sights)
    return out


def test_one_look_serves_phones_and_books() -> None:
    """Issue 3: book hints share the run of the phone's detector."""
    finder = Told()
    (both,) = looks(finder, (60.0, [Thing(PHONE, HAND), Thing(BOOK, HAND)]))
    assert finder.looks == 1
    assert {(sight.kind, sight.mark) for sight in both} == {(PHONE, "phone 5"), (BOOK, "book 2")}


def test_a_shelf_that_stands_there_from_the_start_is_static_and_a_book_held_up_later_is_not() -> None:
    """product.md §5.6: what is constant during the calibration is background; a shelf's certainty flickers."""
    faint = Thing(BOOK, Box(SHELF.left, SHELF.top, SHELF.width, SHELF.height, 0.2))
    shelf, held = Thing(BOOK, SHELF), Thing(BOOK, HAND)
    first, later, with_book = looks(Told(), (0.0, [faint]), (300.0, [shelf]), (400.0, [shelf, held]))
    assert first == []
    assert [sight.static for sight in later] == [True]
    assert [(sight.static, sight.score) for sight in with_book] == [(False, 0.6)]


def test_a_shelf_found_late_is_known_by_how_its_place_looked() -> None:
    """Issue 3: seen at the same place at the opening, though nobody took it for books then."""
    opening = Opening(SMALL.tobytes(), Box(40, 60, 90, 110, 0.9))
    moments: list[tuple[float, Sequence[Thing]]] = [(0.0, []), (300.0, [Thing(BOOK, SHELF)])]
    _, known = looks(Told(), *moments, opening=opening)
    other = Opening(np.ascontiguousarray(SMALL[::-1]).tobytes(), opening.face)
    _, fresh = looks(Told(), *moments, opening=other)
    assert ([s.static for s in known], [s.static for s in fresh]) == ([True], [False])


def test_a_phone_that_lies_there_from_the_start_is_told_all_the_same() -> None:
    """product.md §5.5: object_phone; a phone on the desk is one however long it lies there."""
    told = looks(Told(), (0.0, [Thing(PHONE, HAND)]), (3.0, [Thing(PHONE, HAND)]))
    assert [sight.static for sights in told for sight in sights] == [False, False]


def test_after_a_sight_each_frame_is_looked_at_for_a_while_but_not_after_a_shelf() -> None:
    """detection.md §13: the dearest look is taken every three seconds."""
    eyes = ObjectEyes((Told(Thing(BOOK, HAND)),), frozenset({BOOK}))
    seen, _ = eyes.looked(ObjectsState(since_s=0.0), 60.0, FRAME, SMALL, None)
    assert seen.due(60.5, lambda: False)
    at_start, _ = eyes.looked(ObjectsState(), 60.0, FRAME, SMALL, None)
    assert not at_start.due(60.5, lambda: True)
    assert at_start.due(60.0 + LOOK_EVERY_S, lambda: False)


def test_boxes_of_one_thing_are_thinned_out() -> None:
    """Issue 3: whatever finder looked."""
    assert apart([Box(0, 0, 10, 10, 0.5), Box(1, 0, 10, 10, 0.9), Box(40, 0, 10, 10, 0.6)]) == [1, 2]


def test_books_are_not_looked_for_where_paper_is_allowed() -> None:
    """product.md §5.6: allowed materials."""
    allowed = rule_set(Leniency.STRICT, notes_allowed=True)
    assert allowed.off == {BOOK: Suppression.ALLOWED_MATERIALS, IncidentKind.TOO_DARK: Suppression.HINT_ONLY}
    assert BOOK not in allowed.on
    assert BOOK in rule_set(Leniency.STRICT).on
    assert BOOK not in rule_set(Leniency.STANDARD, notes_allowed=True).off, "off by the settings already"


@pytest.mark.parametrize(("light", "raised"), [(0.2, True), (0.5, False)])
def test_only_a_dark_picture_is_looked_at_with_more_contrast(light: float, raised: bool) -> None:
    """Issue 3: a phone in a dim room before a dark coat; brighter ones gain as many false alarms as phones."""
    room = np.indices((320, 320)).sum(axis=0)[:, :, None] // 8 % 2 * 40 + np.full((320, 320, 3), 110)
    picture = np.asarray(room * light, np.uint8)
    assert bool(lit(picture).std() > 1.1 * picture.std()) is raised
    assert np.array_equal(lit(picture), picture) is not raised


@pytest.mark.parametrize(
    ("suspect", "corner"), [(Box(400, 200, 60, 100, 0.2), (270, 90)), (Box(600, 420, 40, 60, 0.2), (320, 160))]
)
def test_what_may_be_a_phone_is_looked_at_closer_where_it_is(suspect: Box, corner: tuple[int, int]) -> None:
    """Issue 3: a phone that is small in the whole picture is no phone only because the picture was made smaller."""
    shown: list[Frame] = []
    place = np.indices((480, 640)).transpose(1, 2, 0) // 4
    frame: Frame = np.dstack([place, place[:, :, :1]]).astype(np.uint8)

    def find(part: Frame) -> list[Box]:
        shown.append(part)
        return [Box(130, 110, 60, 100, 0.7), Box(10, 10, 60, 100, 0.4)]

    (sure,) = closer(frame, suspect, find, side=320)
    left, top = corner
    assert (sure.left, sure.top) == (130 + left, 110 + top)
    assert np.array_equal(shown[0], frame[top : top + 320, left : left + 320])
