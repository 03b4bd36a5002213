"""How many people, and which of them are pictures on a wall. Pure numbers and small patches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from examhall.incidents.detectors.window import Box, Grey

EARLY_S = 5.0
"""A face beside the candidate's that stands there from the start may be a poster."""
STILL_S = 30.0
"""One that came later has to stand still this long to be taken for a picture."""
MOVED_SHARE = 0.25
"""Of its width: a box that moves more than this is alive. By less the boxes of a picture jitter, and a camera sways."""
UNMOVED = 0.9
"""Correlation of brightness with how its place looked before, below which the face itself moved."""
HUNG = 0.8
"""The same against the opening of the exam, from which a face hung there all the time, seen or not."""
SWAY = 4
"""Pixels of a small frame by which a camera in the hand shifts the room."""
OWN_PLACE = 0.1
"""A box that shares this much with the candidate's face of the opening is the candidate come back."""
PLAIN_LEVELS = 4.0
"""A place of the opening with less deviation than this showed nothing: no face hung there."""
SAME_FACE = 0.3
"""Boxes that share this much are the same face."""
ALIKE = 0.85
"""Correlation of brightness from which a face is the candidate's own, in a mirror, a pane or on a screen. The faces of
two people, seen so, reach 0.42 (median of 930 pairs), 0.72 in one of a hundred and 0.79 at most …"""
ALIKE_EARLY = 0.7
"""… and from which it is, where it was there from the start: a pane that shows a face half turned to it shows less."""
LOOKS = 9
FORGOTTEN_S = 20.0
PATCH = 24
SHIFTS = 3
"""Pixels of a patch by which two views of one face may be cut differently."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How the picture looked when the candidate was first seen, alone."""

    small: bytes
    """Grey, uint8 [120, 160]."""
    face: Box
    """The candidate's own, in pixels of the full frame."""

    def shows(self, box: Box, small: Grey, scale: float) -> bool:
        """Whether the face in `box` was there already: who comes in changes the picture where they appear.

        small: the frame now, as large as the opening. scale: full pixels per small pixel.
        """
        if self.face.share_with(box) > OWN_PLACE:
            return False
        then = np.frombuffer(self.small, np.uint8).reshape(small.shape)
        x, y, reach = box.middle[0] / scale, box.middle[1] / scale, 0.65 * max(box.width, box.height) / scale
        now, before = _part(small, x, y, reach), _part(then, x, y, reach + SWAY)
        if min(now.shape) < 6 or before.shape[0] < now.shape[0] or before.shape[1] < now.shape[1]:
            return False
        if before.std() < PLAIN_LEVELS or now.std() < PLAIN_LEVELS:
            return False
        return float(cv2.matchTemplate(before, now, cv2.TM_CCOEFF_NORMED).max()) >= HUNG


def _part(small: Grey, x: float, y: float, reach: float) -> Grey:
    rows = slice(max(0, round(y - reach)), max(0, round(y + reach) + 1))
    return small[rows, max(0, round(x - reach)) : max(0, round(x + reach) + 1)]


@dataclass(frozen=True, slots=True)
class Beside:
    """A face that is not the candidate's, over time."""

    box: Box
    first_s: float
    last_s: float
    still_since_s: float
    patch: bytes
    alive: bool
    """It moved once, so it is no picture."""
    hung: bool = False
    """Its place showed what it showed at the opening, and it has not gone far since."""
    alike: tuple[float, ...] = ()
    """How like the candidate's own face it was at the last looks, mirrored or not."""


def followed(
    known: Sequence[Beside],
    boxes: Sequence[Box],
    grey: Grey,
    at_s: float,
    *,
    candidate: Box | None = None,
    hung: Sequence[Box] = (),
) -> list[Beside]:
    """Recognise this frame's faces among the known ones; what was not seen for a while is forgotten.

    grey: the whole frame. hung: those of `boxes` that the opening shows. Those seen now have `last_s == at_s`.
    """
    left = list(known)
    out: list[Beside] = []
    for box in boxes:
        before = max(left, key=lambda b: b.box.share_with(box), default=None)
        if before is None or before.box.share_with(box) < SAME_FACE:
            face = Beside(box, at_s, at_s, at_s, _patch(grey, box), alive=False)
        else:
            left.remove(before)
            face = _again(before, box, grey, at_s)
        out.append(_likened(replace(face, hung=face.hung or box in hung), box, grey, candidate))
    return out + [b for b in left if at_s - b.last_s < FORGOTTEN_S]


def is_picture(face: Beside, at_s: float, started_s: float) -> bool:
    """Whether a face is background until it moves: there from the start, or still for long."""
    early = face.first_s - started_s <= EARLY_S
    return face.hung or (not face.alive and (early or at_s - face.still_since_s >= STILL_S))


def is_reflection(face: Beside, started_s: float) -> bool:
    least = ALIKE_EARLY if face.first_s - started_s <= EARLY_S else ALIKE
    return bool(face.alike) and float(np.median(face.alike)) >= least


def _likened(face: Beside, box: Box, grey: Grey, candidate: Box | None) -> Beside:
    if candidate is None:
        return face
    own, other = _cut(grey, candidate), _cut(grey, box)
    if own is None or other is None:
        return face
    inside = other[SHIFTS:-SHIFTS, SHIFTS:-SHIFTS]
    both = (cv2.flip(own, 1), own)
    alike = max(float(cv2.matchTemplate(view, inside, cv2.TM_CCOEFF_NORMED).max()) for view in both)
    return replace(face, alike=(*face.alike, round(alike, 2))[-LOOKS:])


def _again(before: Beside, box: Box, grey: Grey, at_s: float) -> Beside:
    width = max(before.box.width, 1.0)
    (x, y), (was_x, was_y) = box.middle, before.box.middle
    far = max(abs(x - was_x), abs(y - was_y)) > MOVED_SHARE * width
    if far or _alike(_patch(grey, before.box), before.patch) < UNMOVED:
        patch, hung = _patch(grey, box), before.hung and not far
        return replace(before, box=box, last_s=at_s, still_since_s=at_s, patch=patch, alive=True, hung=hung)
    return replace(before, last_s=at_s)


def _patch(grey: Grey, box: Box) -> bytes:
    cut = _cut(grey, box)
    return b"" if cut is None else cut.tobytes()


def _cut(grey: Grey, box: Box) -> Grey | None:
    left, top = max(0, round(box.left)), max(0, round(box.top))
    cut = grey[top : round(box.top + box.height), left : round(box.left + box.width)]
    return np.asarray(cv2.resize(cut, (PATCH, PATCH), interpolation=cv2.INTER_AREA), np.uint8) if cut.size else None


def _alike(one: bytes, other: bytes) -> float:
    """Correlation of brightness of two patches."""
    if len(one) != len(other) or not one:
        return 0.0
    a, b = (np.frombuffer(raw, np.uint8).reshape(PATCH, PATCH) for raw in (one, other))
    return float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0])
