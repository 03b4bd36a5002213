"""The recorded screen: black, standing still while the candidate works, or without the exam's page.

Somebody who reads for minutes has a still screen, so stillness alone is never told: only when the exam's page reported
acts that change it (another question, an answer) while its picture stayed the same. A page that changes much is no
news either: what is looked for is the frame of the exam's page (its bars and edges), known as that which stayed when
the candidate went from question to question. Two neighbouring pictures have to agree before anything is told of the
time between them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from examhall.base.words import IncidentKind
from examhall.incidents.detectors import screen_text
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import Grey
from examhall.incidents.rules.signal import FROZEN, Signal

CARD = Card(
    name="screen",
    version="1",
    kinds=frozenset({IncidentKind.SCREEN_BLOCKED, IncidentKind.OTHER_CONTENT}),
    models=(),
    looks_at="the key pictures of the screen's recording (one in ten seconds), reduced to 64 x 36 cells of grey",
    measures="screen_blocked: value 1, score 0.95 for black; 0.8, note frozen, for a picture that stayed the same "
    "while two acts of the candidate, ten seconds apart, had to change it. other_content: value 1, score 0.6 when "
    "the frame of the exam's page is gone",
    fails_when=(
        "what lasts less than ten seconds is seen by chance; an exam on another display than the recorded one looks "
        "frozen; a screen that is black but for a few words counts as black. The frame of the exam's page is known "
        "after three changes of question only: before that, and beside a small window, other content is not seen; "
        "zoom and another colour scheme are other content until the candidate goes on"
    ),
)

CELLS = (64, 36)
"""Of 30 x 30 pixels on a full HD screen: one letter more moves its cell by about 20 grey levels."""
SAME = 2
"""Grey levels by which no cell of an unchanged screen differs between two key pictures; encoding alone makes 1 to 2."""
FINE = (320, 180)
LIGHT, LIGHT_SHARE = 48, 0.002
"""Black: fewer pixels than this share are lighter than this. Examhall's emptiest dark page has 1.5 %."""
MOST_APART_S = 25.0
"""A key picture comes every 10 s; what lies further apart says nothing of the time between."""
ACT_S = 3.0
"""A picture taken so shortly after an act may not show it yet."""
ACTS_APART_S = 10.0
"""Two acts this far apart: going on and back again within one look is no frozen picture."""
MOST_ACTS = 1000
BIG_CHANGE = 0.05
"""Share of the cells that another question changes at least."""
CELL_CHANGED = 8
"""Grey levels from which a cell shows something else."""
FRAME_AFTER = 3
"""Changes of question that a cell has to outlast to count as frame."""
LEAST_FRAME, LEAST_SPREAD = 0.1, 8.0
"""Share of the cells, and deviation of their grey levels, below which a frame could not be told from another page."""
FRAME_GONE = 0.3
"""Correlation with the frame below which it is gone. Behind our own dialogs it was 0.44 and more, a document -0.02."""

READ_EVERY_S = 30.0
"""Reading a full HD page takes 3 to 4 CPU seconds (detection.md §9: after a change, at most every 10 to 30 s)."""
NONE_EXPECTED = "none of the expected words"

Reader = Callable[[Grey, Collection[str]], frozenset[str]]
"""Which of the words stand in the picture."""
_Cells = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ScreenPicture:
    at_s: float
    """Seconds since the attempt was entered."""
    grey: Grey
    """uint8 [h, w], of any size."""


@dataclass(frozen=True, slots=True)
class ScreenWords:
    """What is looked for by reading; nothing is read where both are empty."""

    listed: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        return bool(self.listed or self.expected)


NO_WORDS = ScreenWords()


@dataclass(frozen=True, slots=True)
class ScreenWindow:
    """Key pictures of the screen, in order, and what the exam's page reported meanwhile."""

    pictures: tuple[ScreenPicture, ...]
    acts_s: tuple[float, ...] = ()
    """Moments after which the exam's page looks different: a question opened, an answer given. May lie later."""
    words: ScreenWords = NO_WORDS


@dataclass(frozen=True, slots=True)
class ScreenState:
    """What is remembered of one attempt's screen between windows; about 10 kB."""

    at_s: float | None = None
    """Of the last picture; everything up to here is known."""
    cells: bytes = b""
    black: bool = False
    other: bool = False
    still_s: float = 0.0
    """Since when the picture has been the same."""
    acts_s: tuple[float, ...] = ()
    """Acts since then, in order; also those that lie behind the last picture."""
    usual: bytes = b""
    """The exam's page as it last looked …"""
    outlasted: bytes = b""
    """… and how many changes of question each cell has outlasted, uint8."""
    read_s: float = -1e9
    """When words were last read …"""
    read: bytes = b""
    """… in a picture of these cells …"""
    words: str = ""
    """… and what is wrong with them, while the picture is much the same: a listed one, or NONE_EXPECTED."""


def watch_screen(
    state: ScreenState, window: ScreenWindow, reader: Reader | None = None
) -> tuple[ScreenState, list[Signal]]:
    """Look at each picture in order. reader: None when the models for reading are absent."""
    state = replace(state, acts_s=tuple(sorted({*state.acts_s, *window.acts_s})[-MOST_ACTS:]))
    signals: list[Signal] = []
    for picture in window.pictures:
        before, state = state, _seen(state, picture)
        state = _read(before, state, picture.grey, window.words, reader) if reader and window.words.asked else state
        signals += _told(before, state)
    return state, signals


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What is known of the exam's page, and whether this picture lacks it."""

    usual: bytes = b""
    outlasted: bytes = b""
    other: bool = False


def _seen(state: ScreenState, picture: ScreenPicture) -> ScreenState:
    cells: _Cells = np.asarray(cv2.resize(picture.grey, CELLS, interpolation=cv2.INTER_AREA), np.uint8)
    fine = cv2.resize(picture.grey, FINE, interpolation=cv2.INTER_AREA)
    black = float((fine > LIGHT).mean()) < LIGHT_SHARE
    still = _near(state, picture.at_s) and bool(state.cells) and _apart(cells, _grid(state.cells)).max() <= SAME
    acted = [at_s for at_s in state.acts_s if (state.at_s or 0.0) < at_s <= picture.at_s]
    learnt = _learnt(state, cells, acted=bool(acted), black=black)
    still_s = state.still_s if still else picture.at_s
    return ScreenState(
        at_s=picture.at_s,
        cells=cells.tobytes(),
        black=black,
        other=learnt.other,
        still_s=still_s,
        acts_s=tuple(at_s for at_s in state.acts_s if at_s > still_s),
        usual=learnt.usual,
        outlasted=learnt.outlasted,
    )


def _told(before: ScreenState, now: ScreenState) -> list[Signal]:
    """What the time between two neighbouring pictures shows."""
    if before.at_s is None or now.at_s is None or not _near(before, now.at_s):
        return []
    out: list[Signal] = []
    if before.black and now.black:
        out.append(_signal(IncidentKind.SCREEN_BLOCKED, before.at_s, now.at_s, 0.95))
    elif _frozen(now):
        out.append(_signal(IncidentKind.SCREEN_BLOCKED, before.at_s, now.at_s, 0.8, note=FROZEN))
    if before.words:
        told = _signal(IncidentKind.OTHER_CONTENT, before.at_s, now.at_s, 0.9, note=before.words)
        out.append(replace(told, detector=screen_text.CARD.mark))
    elif before.other and now.other:
        out.append(_signal(IncidentKind.OTHER_CONTENT, before.at_s, now.at_s, 0.6))
    return out


def _frozen(now: ScreenState) -> bool:
    """Whether the candidate acted again and again in a stretch in which nothing moved."""
    inside = [at_s for at_s in now.acts_s if now.still_s + ACT_S <= at_s <= (now.at_s or 0.0) - ACT_S]
    return bool(inside) and inside[-1] - inside[0] >= ACTS_APART_S


def _learnt(state: ScreenState, cells: _Cells, *, acted: bool, black: bool) -> _Learnt:
    """A candidate who goes on while the frame is gone shows that the page looks otherwise now: it is learnt anew."""
    if black or not state.usual:
        return _Learnt(state.usual, state.outlasted) if black else _afresh(cells)
    usual, outlasted = _grid(state.usual), _grid(state.outlasted)
    if _gone(usual, outlasted >= FRAME_AFTER, cells):
        return _afresh(cells) if acted and state.other else _Learnt(state.usual, state.outlasted, other=True)
    moved = _apart(usual, cells) > CELL_CHANGED
    passed = acted and float(moved.mean()) >= BIG_CHANGE
    grown = np.minimum(outlasted.astype(np.uint16) + passed, 255)
    return _Learnt(cells.tobytes(), np.where(moved, 0, grown).astype(np.uint8).tobytes())


def _afresh(cells: _Cells) -> _Learnt:
    return _Learnt(cells.tobytes(), bytes(cells.size))


def _gone(usual: _Cells, frame: npt.NDArray[np.bool_], cells: _Cells) -> bool:
    """Whether the frame of the exam's page is not in the picture; False while no frame is known."""
    known, here = usual[frame].astype(np.float64), cells[frame].astype(np.float64)
    if frame.mean() < LEAST_FRAME or known.std() < LEAST_SPREAD:
        return False
    spread = float(known.std() * here.std())
    alike = float(((known - known.mean()) * (here - here.mean())).mean()) / spread if spread else 0.0
    return alike < FRAME_GONE


def _read(before: ScreenState, now: ScreenState, grey: Grey, words: ScreenWords, reader: Reader) -> ScreenState:
    """Read what has changed, not too often; what was read before holds while the picture is much the same."""
    known = replace(now, read_s=before.read_s, read=before.read, words=before.words)
    if before.read and not _changed(_grid(before.read), _grid(now.cells)):
        return known
    at_s = now.at_s or 0.0
    if now.black or at_s - before.read_s < READ_EVERY_S:
        return replace(known, words="")
    found = reader(grey, {*words.listed, *words.expected})
    wrong = next((f"“{word}”" for word in words.listed if word in found), "")
    lacking = bool(words.expected) and found.isdisjoint(words.expected)
    return replace(known, read_s=at_s, read=now.cells, words=wrong or (NONE_EXPECTED if lacking else ""))


def _changed(one: _Cells, other: _Cells) -> bool:
    return float((_apart(one, other) > CELL_CHANGED).mean()) >= BIG_CHANGE


def _near(state: ScreenState, at_s: float) -> bool:
    return state.at_s is not None and 0.0 < at_s - state.at_s <= MOST_APART_S


def _apart(one: _Cells, other: _Cells) -> _Cells:
    return np.asarray(cv2.absdiff(one, other), np.uint8)


def _grid(raw: bytes) -> _Cells:
    return np.frombuffer(raw, np.uint8).reshape(CELLS[::-1])


def _signal(kind: IncidentKind, start_s: float, end_s: float, score: float, *, note: str = "") -> Signal:
    return Signal(kind, start_s, end_s, 1.0, score, detector=CARD.mark, note=note)
