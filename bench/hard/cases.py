"""The hard cases: each trap of a real room, and the thing it looks like."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from bench.hard import traps
from bench.hard.base import Base, Picture, Pose
from bench.hard.clips import FROM_S, TO_S, Behind, Case
from bench.hard.sounds import Heard
from bench.hard.traps import Thing, between

LEFT, SEVERAL, MOTION = "left_session", "multiple_people", "background_motion"
COVERED, PHONE, FACIAL = "covered_or_dark_camera", "phone_visible", "facial_suspicion"
OTHER, VOICE, BOOK = "different_person", "background_audio", "book_visible"


def _comes(picture: Picture, base: Base, at_s: float) -> None:
    """Somebody comes in slowly behind and stays until they leave."""
    here = between(at_s, FROM_S, TO_S, 2.5)
    if here > 0:
        base.other(picture, 740 - 190 * here, 190, 0.6, at_s)


def _half(picture: Picture, base: Base, at_s: float) -> None:
    """Two thirds of a face at the edge of the picture."""
    here = between(at_s, FROM_S, TO_S)
    if here > 0:
        base.other(picture, 730 - 122 * here, 200, 0.75, at_s)


def _walks(picture: Picture, _: Base, at_s: float) -> None:
    traps.walker(picture, FROM_S, FROM_S + 5, at_s)
    traps.walker(picture, FROM_S + 5, TO_S, at_s)


def _passes(picture: Picture, base: Base, at_s: float) -> None:
    """Somebody comes by behind, there and back, the face to the camera."""
    if FROM_S <= at_s <= TO_S:
        share = (at_s - FROM_S) / (TO_S - FROM_S)
        base.other(picture, -130 + 1800 * min(share, 1 - share), 170 + 4 * math.sin(at_s * 8), 0.5, at_s)


def _held(thing: Thing) -> Behind:
    def hold(picture: Picture, _: Base, at_s: float) -> None:
        here = between(at_s, FROM_S, TO_S, 1.0)
        if here > 0:
            thing(picture, 452 + 3 * np.sin(at_s * 2), 500 - 240 * here)

    return hold


def _within(change: Callable[[Picture, float], Picture]) -> Callable[[Picture, float], Picture]:
    return lambda picture, at_s: change(picture, at_s) if FROM_S <= at_s <= TO_S else picture


def _finger(share: float) -> Callable[[Picture, float], Picture]:
    return _within(lambda picture, at_s: traps.finger(picture, share, at_s))


def turned(yaw: float, *, pitch: float = 0.0, eyes: float = 0.0, to_s: float = TO_S) -> Callable[[float], Pose]:
    """The head goes over in half a second, stays, and comes back."""

    def pose(at_s: float) -> Pose:
        here = between(at_s, FROM_S, to_s, 0.5)
        own = lively(at_s)
        return Pose(own.yaw + yaw * here, own.pitch + pitch * here, eyes * here, own.right, own.down)

    return pose


def lively(at_s: float) -> Pose:
    """How anybody moves who reads and types: small turns and nods, a lean now and then."""
    yaw = 4 * math.sin(at_s * 0.53) + 3 * math.sin(at_s * 1.37 + 1)
    pitch = 3 * math.sin(at_s * 0.41 + 2) + 3 * max(0.0, math.sin(at_s * 0.9)) ** 4
    return Pose(yaw, pitch, 0.0, 14 * math.sin(at_s * 0.21), 6 * math.sin(at_s * 0.17))


def _glances(at_s: float) -> Pose:
    """To the side for less than two seconds, several times; down to the keys in between."""
    own = lively(at_s)
    side = sum(
        way * between(at_s, from_s, from_s + 1.7, 0.3) for from_s, way in ((7, 32), (13, -30), (19, 35), (25, -34))
    )
    down = 16 * between(at_s, 16, 17.8, 0.3) + 16 * between(at_s, 22, 23.8, 0.3)
    return Pose(own.yaw + side, own.pitch + down, 0.0, own.right, own.down)


def _restless(at_s: float) -> Pose:
    """Leans, shifts on the chair, comes nearer."""
    own = lively(at_s)
    return Pose(own.yaw, own.pitch, 0.0, 60 * math.sin(at_s * 0.33), 22 * math.sin(at_s * 0.27))


def _aside(at_s: float) -> Pose:
    """Thinks while looking past the screen, to one side only and for less than two seconds each time."""
    own = lively(at_s)
    past = sum(between(at_s, from_s, from_s + 1.9, 0.3) for from_s in (2, 5, 8))
    return Pose(own.yaw - 17 * past, own.pitch, 0.0, own.right, own.down)


def _aside_then_turned(at_s: float) -> Pose:
    before, after = _aside(at_s), turned(-28)(at_s)
    return before if at_s < FROM_S else after


_BESIDE = [MOTION, OTHER, FACIAL]
_GONE = [MOTION, FACIAL]
_BLIND = [LEFT, FACIAL, MOTION]
_HELD = [MOTION, FACIAL]

CASES: Sequence[Case] = (
    Case("portrait", behind=[traps.portrait], pose=lively),
    Case("portrait_restless", behind=[traps.portrait], pose=_restless),
    Case("portrait_left", LEFT, behind=[traps.portrait], leaves=True, tolerated=_GONE),
    Case("portrait_visitor", SEVERAL, behind=[traps.portrait, _comes], tolerated=_BESIDE),
    Case("portrait_sway", behind=[traps.portrait], camera=traps.sway),
    Case("portrait_flicker", behind=[traps.portrait], camera=traps.flicker),
    Case("reflection", behind=[traps.reflection], pose=lively),
    Case("reflection_turns", behind=[traps.reflection], pose=_glances),
    Case("shirt_face", before=traps.shirt_face),
    Case("visitor_slow", SEVERAL, behind=[_comes], tolerated=_BESIDE),
    Case("visitor_half", SEVERAL, behind=[_half], tolerated=_BESIDE),
    Case("visitor_sway", SEVERAL, behind=[_comes], camera=traps.sway, tolerated=_BESIDE),
    Case("fan", behind=[traps.fan]),
    Case("fan_walker", MOTION, behind=[traps.fan, _walks], tolerated=[SEVERAL]),
    Case("curtain", behind=[traps.curtain]),
    Case("curtain_walker", MOTION, behind=[traps.curtain, _walks], tolerated=[SEVERAL]),
    Case("walker", MOTION, behind=[_walks], tolerated=[SEVERAL]),
    Case("passer", MOTION, behind=[_passes], tolerated=[SEVERAL]),
    Case("passer_fan", MOTION, behind=[traps.fan, _passes], tolerated=[SEVERAL]),
    Case("passer_handheld", MOTION, behind=[_passes], camera=traps.handheld, pose=_restless, tolerated=[SEVERAL]),
    Case("gusts", behind=[traps.gusts], pose=_restless),
    Case("gusts_walker", MOTION, behind=[traps.gusts, _walks], camera=traps.sway, tolerated=[SEVERAL]),
    Case("ceiling_fan", behind=[traps.ceiling_fan]),
    Case("television", behind=[traps.television]),
    Case("cat", behind=[traps.cat], pose=lively),
    Case("handheld", camera=traps.handheld, pose=_restless),
    Case("door", behind=[traps.door]),
    Case("sway", camera=traps.sway),
    Case("sway_walker", MOTION, behind=[_walks], camera=traps.sway, tolerated=[SEVERAL]),
    Case("sway_left", LEFT, leaves=True, camera=traps.sway, tolerated=_GONE),
    Case("phone", PHONE, before=_held(traps.phone), tolerated=_HELD),
    Case("calculator", before=_held(traps.calculator), tolerated=[MOTION]),
    Case("mug", before=_held(traps.mug), tolerated=[MOTION]),
    Case("book", before=_held(traps.book), tolerated=[MOTION, BOOK]),
    Case("remote", before=_held(traps.remote), tolerated=[MOTION]),
    Case("wallet", before=_held(traps.wallet), tolerated=[MOTION]),
    Case("finger_75", COVERED, camera=_finger(0.75), tolerated=_BLIND),
    Case("finger_90", COVERED, camera=_finger(0.9), tolerated=_BLIND),
    Case("sticker", COVERED, camera=_within(lambda p, _: traps.sticker(p, 0.8)), tolerated=_BLIND),
    Case("turn_5", pose=turned(5)),
    Case("turn_15", pose=turned(15), tolerated=[FACIAL]),
    Case("turn_25", FACIAL, pose=turned(-25)),
    Case("turn_35", FACIAL, pose=turned(35)),
    Case("turn_35_back", FACIAL, pose=turned(-36)),
    Case("turn_45", FACIAL, pose=turned(-45)),
    Case("turn_down", FACIAL, pose=turned(0, pitch=30)),
    Case("turn_3s", FACIAL, pose=turned(36, to_s=FROM_S + 4.2)),
    Case("glances", pose=_glances),
    Case("aside", pose=_aside),
    Case("aside_turn_28", FACIAL, pose=_aside_then_turned),
    Case("restless", pose=_restless),
    Case("swap", OTHER, swap_s=FROM_S, tolerated=[SEVERAL, MOTION, LEFT, FACIAL]),
    Case("lamp", pose=lively, camera=traps.lamp, lighting="changing"),
    Case("flicker", pose=lively, camera=traps.flicker, lighting="changing"),
    Case("dimming", pose=lively, camera=traps.dimming, lighting="dim"),
    Case("dim", pose=lively, camera=lambda p, _: np.asarray(p * 0.3, np.float32), lighting="dim"),
    Case("backlight", camera=lambda p, _: traps.backlight(p), lighting="backlight"),
    Case(
        "backlight_left",
        LEFT,
        camera=lambda p, _: traps.backlight(p),
        leaves=True,
        lighting="backlight",
        tolerated=_GONE,
    ),
    Case("hole", hole=(11, 19)),
    Case("hole_short", hole=(14, 17), pose=lively),
    Case("frozen_5", frozen=(11, 16)),
    Case("frozen_15", frozen=(11, 26)),
    Case("left_slow", LEFT, leaves=True, tolerated=_GONE),
    Case("speech", VOICE, heard=[Heard("speech", FROM_S, TO_S, -32), Heard("typing", 1, 10, -42)]),
    Case("speech_faint", VOICE, heard=[Heard("speech", FROM_S, TO_S, -46)]),
    Case("speech_fan", VOICE, heard=[Heard("fan", 0, 30, -44), Heard("speech", FROM_S, TO_S, -38)]),
    Case("mumble", VOICE, heard=[Heard("speech", FROM_S, TO_S, -38, muffled=True), Heard("typing", 1, 10, -42)]),
    Case("fan_noise", heard=[Heard("fan", 8, 26, -40), Heard("typing", 3, 20, -42)]),
    Case("music", heard=[Heard("music", 0, 30, -42)]),
    Case("cough", heard=[Heard("cough", 9, 10.6, -26), Heard("cough", 20, 21.6, -26), Heard("typing", 1, 28, -38)]),
    Case("tapping", heard=[Heard("tapping", 8, 22, -36), Heard("tap", 24, 26, -32), Heard("typing", 1, 28, -42)]),
)
"""What begins and ends with FROM_S and TO_S is labelled so; music is labelled as no incident (at Strict, loud music
is told as background sound: the clip keeps it there from the start, as the room's own noise)."""


def with_phone(thing: Thing) -> Sequence[Case]:
    """The phone of the folder, held up and held close to the edge."""

    def aside(picture: Picture, _: Base, at_s: float) -> None:
        here = between(at_s, FROM_S, TO_S, 1.0)
        if here > 0:
            thing(picture, 30 + 3 * np.sin(at_s * 2), 500 - 230 * here)

    return (
        Case("real_phone", PHONE, before=_held(thing), tolerated=_HELD),
        Case("real_phone_aside", PHONE, before=aside, tolerated=_HELD),
        Case(
            "real_phone_dim",
            PHONE,
            before=aside,
            camera=lambda p, _: np.asarray(p * 0.45, np.float32),
            tolerated=_HELD,
            lighting="dim",
        ),
    )
