"""What people wear, sit in and do with their hands, and what lives and hangs in their rooms."""

import math
from functools import lru_cache

import cv2
import numpy as np

from bench.hard.base import Base, Picture, paste
from bench.hard.clips import FROM_S, TO_S
from bench.hard.traps import HEIGHT, WIDTH, between
from examhall.incidents.detectors.window import Box

CLOTH = (70, 60, 92)


def glasses(picture: Picture, face: Box, at_s: float) -> None:
    """Dark frames; the screen's light runs over both lenses and hides the eyes for a part of the time."""
    (x1, y1), (x2, y2) = face.eyes[:2], face.eyes[2:]
    wide, high = round(0.19 * face.width), round(0.14 * face.width)
    glare = 0.75 * max(0.0, math.sin(at_s * 0.8))
    for x, y in ((x1, y1), (x2, y2)):
        middle = (round(x), round(y))
        light = picture.copy()
        cv2.ellipse(
            light, middle, (round(0.8 * wide), round(0.7 * high)), -25, 0, 360, (214, 228, 255), -1, cv2.LINE_AA
        )
        picture += (light - picture) * glare
        cv2.ellipse(picture, middle, (wide, high), 0, 0, 360, (28, 26, 26), max(2, wide // 8), cv2.LINE_AA)
    bridge = (round(min(x1, x2) + wide), round((y1 + y2) / 2)), (round(max(x1, x2) - wide), round((y1 + y2) / 2))
    cv2.line(picture, *bridge, (28, 26, 26), max(2, wide // 8), cv2.LINE_AA)


def mask(picture: Picture, face: Box, _: float) -> None:
    """A surgical mask from the bridge of the nose to below the chin."""
    x, y = face.middle[0], face.top + 0.76 * face.height
    cv2.ellipse(picture, (round(x), round(y)), _half(face, 0.46, 0.32), 0, 0, 360, (158, 196, 214), -1, cv2.LINE_AA)
    for fold in (-0.1, 0.02, 0.14):
        at = round(y + fold * face.height)
        left, right = round(x - 0.38 * face.width), round(x + 0.38 * face.width)
        cv2.line(picture, (left, at), (right, at), (134, 172, 190), 2, cv2.LINE_AA)


def headscarf(picture: Picture, face: Box, _: float) -> None:
    """Cloth over hair, ears, throat and shoulders; the face is free."""
    _cloth(picture, face, (0.47, 0.60), 0.5)


def veil(picture: Picture, face: Box, _: float) -> None:
    """Cloth over all but the eyes."""
    _cloth(picture, face, (0.46, 0.17), 0.36)


def _cloth(picture: Picture, face: Box, free: tuple[float, float], down: float) -> None:
    x, y = round(face.middle[0]), face.middle[1]
    cloth = picture.copy()
    cv2.ellipse(cloth, (x, round(y)), _half(face, 0.85, 0.95), 0, 0, 360, CLOTH, -1, cv2.LINE_AA)
    left, right = round(x - 0.8 * face.width), round(x + 0.8 * face.width)
    cv2.rectangle(cloth, (left, round(y + 0.4 * face.height)), (right, HEIGHT), CLOTH, -1)
    shown = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(shown, (x, round(face.top + down * face.height)), _half(face, *free), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    picture += (cloth - picture) * (1 - shown)[:, :, None]


def hand(picture: Picture, face: Box, at_s: float) -> None:
    """Chin and cheek rest in a hand: palm, four fingers, the arm below."""
    here = between(at_s, FROM_S, TO_S, 0.8)
    if here <= 0:
        return
    x, y = face.middle[0] + 0.3 * face.width, face.top + 0.86 * face.height + (1 - here) * HEIGHT
    skin = np.median(picture[_cheek(face)].reshape(-1, 3), axis=0) * 0.92
    colour, dark = tuple(map(float, skin)), tuple(map(float, skin * 0.75))
    cv2.ellipse(picture, (round(x), round(y)), _half(face, 0.26, 0.22), 0, 0, 360, colour, -1, cv2.LINE_AA)
    for finger in range(4):
        end = (round(x + (0.16 - 0.12 * finger) * face.width), round(y - (0.36 - 0.05 * finger) * face.height))
        begin = (round(x + (0.2 - 0.12 * finger) * face.width), round(y))
        for shade, width in ((dark, 0.13), (colour, 0.11)):
            cv2.line(picture, begin, end, shade, max(3, round(width * face.width)), cv2.LINE_AA)
    arm = (round(x + 0.4 * face.width), HEIGHT + 80)
    cv2.line(picture, (round(x), round(y)), arm, colour, max(3, round(0.34 * face.width)), cv2.LINE_AA)


def headrest(picture: Picture, base: Base, at_s: float) -> None:
    """Of a wheelchair: two dark pads beside the head."""
    face = base.head(at_s)
    for side in (-1, 1):
        x, y = face.middle[0] + side * 0.85 * face.width, face.middle[1]
        across, down = _half(face, 0.2, 0.42)
        corners = (round(x) - across, round(y) - down), (round(x) + across, round(y) + down)
        cv2.rectangle(picture, *corners, (38, 38, 44), -1)


def chair_back(picture: Picture, base: Base, _: float) -> None:
    """A high, stitched back that stays when the candidate leaves: dark, as broad as shoulders, round at the top."""
    face = base.head(0.0)
    x, top = round(face.middle[0]), round(face.top - 0.1 * face.height)
    half = round(0.95 * face.width)
    cv2.ellipse(picture, (x, top + half // 2), (half, half // 2), 0, 0, 360, (44, 40, 38), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (x - half, top + half // 2), (x + half, HEIGHT), (44, 40, 38), -1)
    for row in range(top + half // 2, HEIGHT, 46):
        cv2.line(picture, (x - half, row), (x + half, row), (62, 57, 54), 2)


def television(picture: Picture, _: Base, at_s: float) -> None:
    """A screen on the wall: a new shot every few seconds, something that moves in each."""
    paste(picture, _shot(round(at_s * 4)), np.ones((110, 180, 1), np.float32), 440, 30)


def television_faces(picture: Picture, base: Base, at_s: float) -> None:
    """The same with somebody who speaks in every second shot."""
    television(picture, base, at_s)
    if at_s % 8 < 4:
        canvas = np.full((HEIGHT, WIDTH, 3), (60, 80, 110), np.float32)
        base.other(canvas, 320 + 6 * math.sin(at_s * 3), 200, 0.7, at_s)
        face = np.asarray(cv2.resize(canvas[100:320, 140:500], (180, 110)), np.float32)
        paste(picture, face, np.ones((110, 180, 1), np.float32), 440, 30)


@lru_cache(maxsize=64)
def _shot(quarter: int) -> Picture:
    rng = np.random.default_rng(quarter // 14)
    colours = rng.uniform(20, 235, (5, 3))
    shot = np.full((110, 180, 3), colours[0], np.float32)
    for at, colour in enumerate(colours[1:]):
        x = float(rng.uniform(0, 180)) + (quarter % 14) * float(rng.uniform(-5, 5))
        middle = (round(x), round(float(rng.uniform(20, 100))))
        cv2.ellipse(shot, middle, (14 + 8 * at, 10 + 6 * at), 0, 0, 360, tuple(map(float, colour)), -1, cv2.LINE_AA)
    return shot


def cat(picture: Picture, _: Base, at_s: float) -> None:
    """Comes along the edge of a shelf, sits down, licks its paw, goes on."""
    x = -90 + 190 * between(at_s, 8, 40, 4) + (700 * max(0.0, at_s - 22) / 6 if at_s > 22 else 0.0)
    step = math.sin(at_s * 9) * (8 <= at_s <= 12 or at_s > 22)
    fur, at = (74, 66, 58), (round(x), 100)
    cv2.line(picture, (0, 136), (WIDTH, 136), (120, 96, 72), 5)
    cv2.ellipse(picture, at, (52, 24), 0, 0, 360, fur, -1, cv2.LINE_AA)
    for leg in (-36, -18, 20, 38):
        cv2.line(picture, (at[0] + leg, 112), (at[0] + leg + round(8 * step), 134), fur, 9, cv2.LINE_AA)
    head = (at[0] + 58, 84 + round(4 * math.sin(at_s * 4)))
    cv2.circle(picture, head, 20, fur, -1, cv2.LINE_AA)
    for ear in (-12, 12):
        corners = np.array(
            [(head[0] + ear - 7, head[1] - 14), (head[0] + ear + 7, head[1] - 14), (head[0] + ear, head[1] - 30)]
        )
        cv2.fillPoly(picture, [corners], fur, cv2.LINE_AA)
        cv2.circle(picture, (head[0] + ear // 2, head[1] - 3), 3, (190, 180, 60), -1)
    tail = (at[0] - 50, 92), (at[0] - 92, 70 + round(14 * math.sin(at_s * 2)))
    cv2.line(picture, *tail, fur, 8, cv2.LINE_AA)


@lru_cache(maxsize=16)
def _couple(base: Base) -> Picture:
    canvas = np.full((HEIGHT, WIDTH, 3), (196, 120, 70), np.float32)
    base.other(canvas, 240, 220, 0.6, 0.0)
    base.swapped().other(canvas, 400, 230, 0.6, 0.0)
    frame = np.full((160, 200, 3), (36, 32, 30), np.float32)
    frame[6:154, 6:194] = cv2.resize(canvas[110:390, 140:500], (188, 148))
    return frame


def poster_of_two(picture: Picture, base: Base, _: float) -> None:
    paste(picture, _couple(base), np.ones((160, 200, 1), np.float32), 430, 8)


def grey_camera(picture: Picture) -> Picture:
    grey = picture @ np.array([0.3, 0.59, 0.11], np.float32)
    return np.repeat(grey[:, :, None], 3, axis=2)


def on_its_side(picture: Picture) -> Picture:
    """The camera lies on its side: the picture comes turned by a quarter, with its sides cut off."""
    upright = picture[:, (WIDTH - 360) // 2 : (WIDTH + 360) // 2]
    return np.asarray(cv2.resize(np.rot90(upright), (WIDTH, HEIGHT)), np.float32)


def _half(face: Box, across: float, down: float) -> tuple[int, int]:
    return max(1, round(across * face.width)), max(1, round(down * face.height))


def _cheek(face: Box) -> tuple[slice, slice]:
    top, left = max(0, round(face.top + 0.5 * face.height)), max(0, round(face.left + 0.2 * face.width))
    return slice(top, top + max(2, round(0.15 * face.height))), slice(left, left + max(2, round(0.2 * face.width)))
