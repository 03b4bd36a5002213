"""A clean exam of ten minutes: nothing that happens in it is an incident. Light, sounds and habits differ by number."""

import math
from collections.abc import Callable

import numpy as np

from bench.hard import traps
from bench.hard.base import Picture, Pose
from bench.hard.cases import lively
from bench.hard.clips import Case
from bench.hard.sounds import Heard
from bench.hard.traps import between

EXAM_S = 600.0
TRAPS = ((), (), (), (traps.portrait,), (traps.fan,), (traps.curtain,), (traps.reflection,), ())


def quiet_exam(number: int) -> Case:
    rng = np.random.default_rng((7, number))
    behind = TRAPS[int(rng.integers(len(TRAPS)))]
    return Case(
        f"quiet_{number}",
        behind=behind,
        pose=_habits(rng),
        camera=_light(rng),
        heard=_noises(rng),
        hole=(300.0, 300.0 + float(rng.uniform(1, 15))) if rng.random() < 0.3 else None,
        length_s=EXAM_S,
    )


def _habits(rng: np.random.Generator) -> Callable[[float], Pose]:
    """Glances to all sides below two seconds every half minute or so, small turns that last, leaning about."""
    moves: list[tuple[float, float, float, float]] = []
    at_s = float(rng.uniform(8, 20))
    while at_s < EXAM_S - 10:
        if rng.random() < 0.7:
            yaw, pitch = float(rng.uniform(-35, 35)), float(rng.uniform(-5, 22))
            lasts_s = float(rng.uniform(0.8, 1.9))
        else:
            yaw, pitch, lasts_s = float(rng.uniform(-7, 7)), float(rng.uniform(0, 6)), float(rng.uniform(2, 8))
        moves.append((at_s, at_s + lasts_s, yaw, pitch))
        at_s += lasts_s + float(rng.uniform(8, 45))
    phase, reach = float(rng.uniform(0, 60)), float(rng.uniform(0.5, 2.5))

    def pose(now_s: float) -> Pose:
        own = lively(now_s + phase)
        here = [(between(now_s, from_s, to_s, 0.3), yaw, pitch) for from_s, to_s, yaw, pitch in moves]
        yaw = own.yaw + sum(share * turn for share, turn, _ in here)
        pitch = own.pitch + sum(share * nod for share, _, nod in here)
        return Pose(yaw, pitch, 0.0, reach * own.right, reach * own.down)

    return pose


def _light(rng: np.random.Generator) -> Callable[[Picture, float], Picture]:
    """Clouds, a lamp, a screen that changes; in one exam of five a camera in the hand, in one of five a dim room."""
    level = 0.35 if rng.random() < 0.2 else float(rng.uniform(0.7, 1.1))
    sways = rng.random() < 0.2
    period_s, depth = float(rng.uniform(20, 120)), float(rng.uniform(0, 0.2))
    steps_s = sorted(rng.uniform(20, EXAM_S, 4).tolist())

    def change(picture: Picture, at_s: float) -> Picture:
        switched = sum(at_s > step_s for step_s in steps_s) % 2
        gain = level * (1 + depth * math.sin(at_s * 2 * math.pi / period_s)) * (0.85 if switched else 1.0)
        tint = np.array([gain * (1.06 if switched else 1.0), gain, gain], np.float32)
        lit = np.asarray(picture * tint, np.float32)
        return traps.sway(lit, at_s, 0.5) if sways else lit

    return change


def _noises(rng: np.random.Generator) -> list[Heard]:
    """Typing for half of the time, coughs, taps on the desk, in one exam of three a fan all along."""
    heard = [Heard("fan", 0.0, EXAM_S, float(rng.uniform(-52, -40)))] if rng.random() < 0.33 else []
    at_s = 5.0
    while at_s < EXAM_S - 60:
        lasts_s = float(rng.uniform(5, 40))
        heard.append(Heard("typing", at_s, at_s + lasts_s, float(rng.uniform(-46, -32))))
        at_s += lasts_s
        if rng.random() < 0.3:
            heard.append(Heard("cough", at_s, at_s + 1.6, float(rng.uniform(-34, -24))))
        if rng.random() < 0.2:
            heard.append(Heard("tapping", at_s + 3, at_s + 7, float(rng.uniform(-44, -34))))
        at_s += float(rng.uniform(8, 40))
    return heard
