"""Hard cases of who sits there and what is around them; none of it may be held against anybody."""

from collections.abc import Sequence

import numpy as np

from bench.hard import traps, worn
from bench.hard.base import Base, Picture
from bench.hard.cases import COVERED, FACIAL, LEFT, MOTION, OTHER, SEVERAL, lively, turned
from bench.hard.clips import FROM_S, TO_S, Case
from bench.hard.traps import between


def _slowly(picture: Picture, base: Base, at_s: float) -> None:
    """A face that comes in over five seconds, at first only its edge."""
    here = between(at_s, FROM_S, TO_S, 5.0)
    if here > 0:
        base.other(picture, 760 - 200 * here, 210, 0.6, at_s)


def _below(picture: Picture, base: Base, at_s: float) -> None:
    """Somebody small beside the desk: the face down to the nose or mouth above the lower edge."""
    here = between(at_s, FROM_S, TO_S)
    if here > 0:
        base.other(picture, 540, 600 - 165 * here, 0.6, at_s)


def _strong(picture: Picture, _: float) -> Picture:
    return traps.backlight(picture) * np.float32(0.8)


_BESIDE = [MOTION, OTHER, FACIAL]
_GONE = [MOTION, FACIAL]

PEOPLE: Sequence[Case] = (
    Case("glasses", worn=worn.glasses, pose=lively, glasses="glare"),
    Case("glasses_turn", FACIAL, worn=worn.glasses, pose=turned(38), glasses="glare"),
    Case("mask", worn=worn.mask, pose=lively),
    Case("mask_visitor", SEVERAL, worn=worn.mask, behind=[_slowly], tolerated=_BESIDE),
    Case("mask_left", LEFT, worn=worn.mask, leaves=True, tolerated=_GONE),
    Case("headscarf", worn=worn.headscarf, pose=lively),
    Case("veil", worn=worn.veil, pose=lively),
    Case("veil_left", LEFT, worn=worn.veil, leaves=True, tolerated=_GONE),
    Case("headrest", behind=[worn.headrest], pose=lively),
    Case("chair", behind=[worn.chair_back], pose=lively),
    Case("chair_left", LEFT, behind=[worn.chair_back], leaves=True, tolerated=_GONE),
    Case("hand", worn=worn.hand, pose=lively),
    Case("bowed", pose=turned(0, pitch=6)),
    Case("turn_18", pose=turned(-18), tolerated=[FACIAL]),
    Case("visitor_gradual", SEVERAL, behind=[_slowly], tolerated=_BESIDE),
    Case("visitor_below", SEVERAL, behind=[_below], tolerated=_BESIDE),
    Case("two_on_poster", behind=[worn.poster_of_two], pose=lively),
    Case("two_on_poster_left", LEFT, behind=[worn.poster_of_two], leaves=True, tolerated=_GONE),
    Case("television_shots", behind=[worn.television], pose=lively),
    Case("television_faces", behind=[worn.television_faces], pose=lively, tolerated=[SEVERAL]),
    Case("cat_shelf", behind=[worn.cat], pose=lively, tolerated=[MOTION]),
    Case("backlight_strong", camera=_strong, pose=lively, lighting="backlight"),
    Case("backlight_strong_left", LEFT, camera=_strong, leaves=True, lighting="backlight", tolerated=_GONE),
    Case("backlight_visitor", SEVERAL, behind=[_slowly], camera=_strong, lighting="backlight", tolerated=_BESIDE),
    Case("grey", camera=lambda p, _: worn.grey_camera(p), pose=lively),
    Case("grey_visitor", SEVERAL, behind=[_slowly], camera=lambda p, _: worn.grey_camera(p), tolerated=_BESIDE),
    Case(
        "grey_swap",
        OTHER,
        swap_s=FROM_S,
        camera=lambda p, _: worn.grey_camera(p),
        tolerated=[SEVERAL, MOTION, LEFT, FACIAL],
    ),
    Case("on_side", camera=lambda p, _: worn.on_its_side(p), pose=lively),
    Case("on_side_turn", FACIAL, camera=lambda p, _: worn.on_its_side(p), pose=turned(38)),
    Case("on_side_left", LEFT, camera=lambda p, _: worn.on_its_side(p), leaves=True, tolerated=_GONE),
    Case("upside_down", camera=lambda p, _: np.asarray(p[::-1, ::-1], np.float32), pose=lively),
    Case(
        "finger_70",
        COVERED,
        camera=lambda p, s: traps.finger(p, 0.7, s) if FROM_S <= s <= TO_S else p,
        tolerated=[LEFT, FACIAL, MOTION],
    ),
    Case(
        "dim_swap",
        OTHER,
        swap_s=FROM_S,
        camera=lambda p, _: np.asarray(p * 0.4, np.float32),
        lighting="dim",
        tolerated=[SEVERAL, MOTION, LEFT, FACIAL],
    ),
)
