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
MOVED_SHARE = 0.06
"""Of its width: a box that moves more than this is alive."""
MOVED_LEVELS = 7.0
"""Mean difference in grey levels, brightness evened out, above which the face itself moved."""
SAME_FACE = 0.3
"""Boxes that share this much are the same face."""
ALIKE = 0.85
"""Correlation of brightness from which a face is the candidate's own, in a mirror, a pane or on a screen. The faces of
two people, seen so, reach about 0.6."""
LOOKS = 9
FORGOTTEN_S = 20.0
PATCH = 24
SHIFTS = 3
"""Pixels of a patch by which two views of one face may be cut differently."""


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
    alike: tuple[float, ...] = ()
    """How like the candidate's own face it was at the last looks, mirrored or not."""


def followed(
    known: Sequence[Beside], boxes: Sequence[Box], grey: Grey, at_s: float, candidate: Box | None = None
) -> list[Beside]:
    """Recognise this frame's faces among the known ones; what was not seen for a while is forgotten.

    grey: the whole frame. Those seen now have `last_s == at_s`.
    """
    left = list(known)
    out: list[Beside] = []
    for box in boxes:
        before = max(left, key=lambda b: b.box.share_with(box), default=None)
        if before is None or before.box.share_with(box) < SAME_FACE:
            new = Beside(box, at_s, at_s, at_s, _patch(grey, box), alive=False)
            out.append(_likened(new, box, grey, candidate))
            continue
        left.remove(before)
        out.append(_likened(_again(before, box, grey, at_s), box, grey, candidate))
    return out + [b for b in left if at_s - b.last_s < FORGOTTEN_S]


def is_picture(face: Beside, at_s: float, started_s: float) -> bool:
    """Whether a face is background until it moves: there from the start, or still for long."""
    early = face.first_s - started_s <= EARLY_S
    return not face.alive and (early or at_s - face.still_since_s >= STILL_S)


def is_reflection(face: Beside) -> bool:
    return bool(face.alike) and float(np.median(face.alike)) >= ALIKE


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
    patch = _patch(grey, before.box)
    moved = max(abs(x - was_x), abs(y - was_y)) > MOVED_SHARE * width or _differ(patch, before.patch) > MOVED_LEVELS
    if moved:
        return replace(before, box=box, last_s=at_s, still_since_s=at_s, patch=_patch(grey, box), alive=True)
    return replace(before, last_s=at_s)


def _patch(grey: Grey, box: Box) -> bytes:
    cut = _cut(grey, box)
    return b"" if cut is None else cut.tobytes()


def _cut(grey: Grey, box: Box) -> Grey | None:
    left, top = max(0, round(box.left)), max(0, round(box.top))
    cut = grey[top : round(box.top + box.height), left : round(box.left + box.width)]
    return np.asarray(cv2.resize(cut, (PATCH, PATCH), interpolation=cv2.INTER_AREA), np.uint8) if cut.size else None


def _differ(one: bytes, other: bytes) -> float:
    if len(one) != len(other) or not one:
        return 255.0
    a, b = (np.frombuffer(raw, np.uint8).astype(np.float32) for raw in (one, other))
    return float(np.abs((a - a.mean()) - (b - b.mean())).mean())
