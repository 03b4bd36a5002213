"""What makes a clip hard: things behind the candidate, things before them, and what the camera does."""

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from bench.hard.base import Base, Picture, paste

WIDTH, HEIGHT = 640, 480
LAMP_S, DOOR_S = 14.0, 14.0

Thing = Callable[[Picture, float, float], None]


def between(at_s: float, from_s: float, to_s: float, move_s: float = 1.5) -> float:
    """1 inside, 0 outside, between while it comes or goes."""
    return max(0.0, min(1.0, (at_s - from_s) / move_s, (to_s - at_s) / move_s))


def portrait(picture: Picture, base: Base, _: float) -> None:
    """A framed photograph of somebody on the wall."""
    paste(picture, _framed(base), np.ones((150, 120, 1), np.float32), 505, 20)


@lru_cache(maxsize=16)
def _framed(base: Base) -> Picture:
    frame = np.full((150, 120, 3), (196, 190, 178), np.float32)
    canvas = np.full((HEIGHT, WIDTH, 3), (150, 160, 168), np.float32)
    base.other(canvas, 320, 200, 0.55, 0.0)
    frame[8:142, 8:112] = cv2.resize(canvas[110:330, 235:405], (104, 134))
    return frame


def reflection(picture: Picture, base: Base, at_s: float) -> None:
    """The candidate again, mirrored, smaller and paler, in a cupboard's glass."""
    seen = base.room(at_s)
    base.candidate(seen, at_s, 1.0)
    small = np.asarray(cv2.resize(seen[60:460, 120:520, :][:, ::-1], (190, 190)), np.float32)
    paste(picture, small, np.full((190, 190, 1), 0.6, np.float32), 448, 10)


def fan(picture: Picture, _: Base, at_s: float) -> None:
    """Three blades behind a guard; turns 1.3 times a second and swings slowly."""
    middle = (round(90 + 8 * math.sin(at_s * 0.5)), 110)
    cv2.circle(picture, middle, 74, (205, 208, 212), -1)
    for blade in range(3):
        angle = math.degrees(at_s * 8.2) + 120 * blade
        cv2.ellipse(picture, middle, (70, 22), angle, -35, 35, (70, 84, 96), -1)
    cv2.circle(picture, middle, 12, (40, 44, 48), -1)


def curtain(picture: Picture, _: Base, at_s: float) -> None:
    """A striped curtain in a draught, slow and low, more at its foot."""
    across = np.arange(150, dtype=np.float32)[None, :]
    down = np.arange(400, dtype=np.float32)[:, None]
    bend = (3 + 12 * down / 400) * np.sin(at_s * 1.9 + down / 70)
    fold = 186 + 30 * np.sin((across + bend) / 5.5)
    cloth = np.repeat(fold[:, :, None], 3, axis=2) * np.array([0.9, 0.95, 1.0], np.float32)
    edge = (across + bend * 1.4 < 138).astype(np.float32)[:, :, None]
    paste(picture, cloth.astype(np.float32), edge, -4, 0)


def walker(picture: Picture, from_s: float, to_s: float, at_s: float) -> None:
    """Somebody who crosses the room behind, the face away from the camera."""
    if not from_s <= at_s <= to_s:
        return
    x = round(-80 + 800 * (at_s - from_s) / (to_s - from_s))
    bob = round(4 * math.sin(at_s * 9))
    cv2.ellipse(picture, (x, 330 + bob), (72, 190), 0, 0, 360, (64, 74, 102), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (x, 118 + bob), (34, 44), 0, 0, 360, (48, 36, 30), -1, cv2.LINE_AA)


def phone(picture: Picture, x: float, y: float) -> None:
    body = np.full((190, 96, 3), (22, 22, 26), np.float32)
    cv2.rectangle(body, (7, 20), (88, 166), (226, 232, 240), -1)
    for row in range(9):
        cv2.rectangle(body, (14, 28 + 15 * row), (80 - 17 * (row % 3), 33 + 15 * row), (90, 96, 110), -1)
    cv2.circle(body, (48, 178), 6, (90, 90, 96), 2)
    paste(picture, body, np.ones((190, 96, 1), np.float32), x, y)


def calculator(picture: Picture, x: float, y: float) -> None:
    body = np.full((170, 96, 3), (58, 60, 66), np.float32)
    cv2.rectangle(body, (10, 12), (86, 42), (158, 176, 150), -1)
    for row in range(5):
        for column in range(4):
            cv2.rectangle(
                body, (10 + 20 * column, 54 + 22 * row), (24 + 20 * column, 68 + 22 * row), (210, 206, 200), -1
            )
    paste(picture, body, np.ones((170, 96, 1), np.float32), x, y)


def mug(picture: Picture, x: float, y: float) -> None:
    cv2.circle(picture, (round(x) + 92, round(y) + 54), 26, (36, 60, 92), 10, cv2.LINE_AA)
    cv2.rectangle(picture, (round(x), round(y)), (round(x) + 90, round(y) + 112), (36, 60, 92), -1)
    cv2.ellipse(picture, (round(x) + 45, round(y)), (45, 12), 0, 0, 360, (90, 76, 64), -1, cv2.LINE_AA)


def book(picture: Picture, x: float, y: float) -> None:
    cv2.rectangle(picture, (round(x), round(y)), (round(x) + 130, round(y) + 170), (120, 44, 40), -1)
    cv2.rectangle(picture, (round(x) + 14, round(y) + 24), (round(x) + 116, round(y) + 60), (226, 214, 190), -1)


def shirt_face(picture: Picture, base: Base, at_s: float) -> None:
    """A face printed on the candidate's shirt: it moves with the candidate."""
    canvas = np.full((HEIGHT, WIDTH, 3), (120, 120, 130), np.float32)
    base.other(canvas, 320, 200, 0.5, 0.0)
    small = np.asarray(cv2.resize(canvas[130:300, 240:400], (84, 90)), np.float32)
    paste(picture, small, np.full((90, 84, 1), 0.9, np.float32), 262 + 5 * math.sin(at_s * 0.9), 385)


def sway(picture: Picture, at_s: float, strength: float = 1.0) -> Picture:
    """A camera in the hand."""
    dx = strength * (9 * math.sin(at_s * 2.1) + 4 * math.sin(at_s * 5.3 + 1))
    dy = strength * (6 * math.sin(at_s * 1.7 + 2) + 3 * math.sin(at_s * 6.1))
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), strength * 1.2 * math.sin(at_s * 1.3), 1.06)
    turn[:, 2] += np.array([dx, dy])
    return np.asarray(cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT), np.float32)


def finger(picture: Picture, share: float, at_s: float) -> Picture:
    """A finger over `share` of the lens: out of focus, blood red, the edge soft; a corner still sees."""
    grid_y, grid_x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    reach = (grid_x / WIDTH + 0.45 * grid_y / HEIGHT + 0.01 * math.sin(at_s * 2)) / 1.45
    bound = float(np.quantile(reach, 1 - share))
    cover = (1 / (1 + np.exp(-(reach - bound) / 0.02)))[:, :, None]
    skin = np.array([132, 66, 52], np.float32) * (0.85 + 0.25 * grid_y / HEIGHT)[:, :, None]
    return np.asarray(picture * (1 - cover) + skin * cover, np.float32)


def sticker(picture: Picture, share: float) -> Picture:
    """A paper note that hangs over the lens, with the camera's own grain and a wide, soft edge."""
    rows = round(HEIGHT * share)
    out = picture.copy()
    shade = np.linspace(150, 205, rows, dtype=np.float32)[:, None, None]
    out[:rows] = shade * np.array([1.0, 0.95, 0.55], np.float32)
    out[rows - 12 : rows + 12] = cv2.GaussianBlur(out[rows - 12 : rows + 12], (0, 0), 5)
    return out


def backlight(picture: Picture) -> Picture:
    """A window behind: the room blown out at the top, everything before it in the dark."""
    down = np.linspace(1.0, 0.0, HEIGHT, dtype=np.float32)[:, None, None]
    bright = (picture.mean(axis=2, keepdims=True) > 150).astype(np.float32)
    glow = cv2.GaussianBlur(bright, (0, 0), 9)[:, :, None] * (0.4 + 0.6 * down)
    return np.asarray(picture * 0.34 + 235 * glow, np.float32)


def real_phone(folder: Path) -> Thing | None:
    """Holds up the photographed phone `phone.png` of a folder, if there is one."""
    read = cv2.imread(str(folder / "phone.png"), cv2.IMREAD_UNCHANGED)
    if read is None or read.shape[2] != 4:
        return None
    colours = np.asarray(read[:, :, 2::-1], np.float32)
    cover = np.asarray(read[:, :, 3:] / 255, np.float32)
    return lambda picture, x, y: paste(picture, colours, cover, x, y)


def remote(picture: Picture, x: float, y: float) -> None:
    body = np.full((190, 52, 3), (30, 30, 33), np.float32)
    cv2.circle(body, (26, 18), 8, (170, 40, 36), -1)
    for row in range(8):
        for column in range(3):
            cv2.circle(body, (12 + 14 * column, 44 + 17 * row), 5, (150, 150, 150), -1)
    paste(picture, body, np.ones((190, 52, 1), np.float32), x, y)


def wallet(picture: Picture, x: float, y: float) -> None:
    body = np.full((96, 124, 3), (52, 36, 28), np.float32)
    cv2.rectangle(body, (5, 5), (118, 90), (84, 62, 46), 1)
    cv2.line(body, (0, 48), (124, 48), (38, 26, 20), 2)
    paste(picture, body, np.ones((96, 124, 1), np.float32), x, y)


def flicker(picture: Picture, at_s: float) -> Picture:
    """A lamp that goes bright and less bright by turns, and a screen that tints the room."""
    gain = 0.8 + 0.22 * float(np.sign(math.sin(at_s * 2.4))) * (0.5 + 0.5 * math.sin(at_s * 0.31))
    tint = np.array([1, 1, 1 + 0.12 * math.sin(at_s * 0.7)], np.float32)
    return np.asarray(picture * gain * tint, np.float32)


def dimming(picture: Picture, at_s: float) -> Picture:
    """Evening comes: down to a third of the light."""
    return np.asarray(picture * (1 - 0.67 * min(1.0, at_s / 20)), np.float32)


def lamp(picture: Picture, at_s: float) -> Picture:
    """A warm lamp is switched on beside, in the middle of the clip: one half of everything turns bright and yellow."""
    if at_s < LAMP_S:
        return np.asarray(picture * 0.7, np.float32)
    across = np.linspace(1.25, 0.5, WIDTH, dtype=np.float32)[None, :, None]
    return np.asarray(picture * across * np.array([1.1, 1.0, 0.75], np.float32), np.float32)


def door(picture: Picture, _: Base, at_s: float) -> None:
    """A door behind opens and closes once; nobody comes in."""
    share = between(at_s, DOOR_S, DOOR_S + 2.0, 0.8)
    cv2.rectangle(picture, (20, 60), (150, 420), (176, 160, 140), -1)
    cv2.rectangle(picture, (20, 60), (20 + round(130 * share), 420), (64, 60, 58), -1)


def ceiling_fan(picture: Picture, _: Base, at_s: float) -> None:
    """Four thin blades, seen from below at a flat angle."""
    for blade in range(4):
        angle = at_s * 5.2 + blade * math.pi / 2
        end = (round(230 + 170 * math.cos(angle)), round(40 + 30 * math.sin(angle)))
        cv2.line(picture, (230, 40), end, (96, 84, 70), 16, cv2.LINE_AA)


def gusts(picture: Picture, base: Base, at_s: float) -> None:
    """The curtain hangs still and billows by turns."""
    curtain(picture, base, (0.5 + 0.5 * math.sin(at_s * 0.4)) * 2 * math.sin(at_s * 1.1))


def television(picture: Picture, _: Base, at_s: float) -> None:
    """Pans slowly and cuts every 1.7 s."""
    shot = np.random.default_rng(int(at_s / 1.7)).uniform(20, 240, (3, 5, 3)).astype(np.float32)
    cv2.rectangle(picture, (476, 26), (624, 118), (20, 20, 20), -1)
    picture[30:114, 480:620] = np.roll(cv2.resize(shot, (140, 84)), int(at_s * 15) % 140, axis=1)


def cat(picture: Picture, _: Base, at_s: float) -> None:
    """Walks across the floor behind."""
    x = -60 + 130 * (at_s - DOOR_S)
    cv2.ellipse(picture, (round(x), 420), (44, 24), 0, 0, 360, (60, 52, 46), -1, cv2.LINE_AA)


def handheld(picture: Picture, at_s: float) -> Picture:
    """A telephone in the hand: it drifts without a beat, with a jolt now and then."""
    drift = [sum(math.sin(at_s * way + 2 * axis) for way in (0.7, 1.13, 2.9, 4.7)) for axis in range(3)]
    jolt = 6 * max(0.0, math.sin(at_s * 0.9)) ** 20
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0.4 * drift[0], 1.07)
    turn[:, 2] += np.array([4 * drift[1] + jolt, 3 * drift[2] - jolt])
    return np.asarray(cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT), np.float32)
