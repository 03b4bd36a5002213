"""Heads turned by known angles: what is read of points in space, and where a composed turn puts them."""

import math
from functools import cache

import numpy as np
from bench.hard.people import AWAY, HEIGHT, WIDTH, inverse, relief
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from examhall.incidents.detectors.mesh import ACROSS, DOWN, Points, turn_of
from examhall.incidents.detectors.window import Box

turns = st.floats(-35, 35)
FACE = Box(240, 160, 160, 200, 1.0, (280, 230, 360, 230))
MIDDLE = (320.0, 260.0)
Faces = NDArray[np.float64]


@st.composite
def faces(draw: st.DrawFn) -> Faces:
    """Any face whose halves are alike and whose forehead and chin are level; x, y in the picture, z away from it."""
    points = np.zeros((478, 3))
    for left, right in ACROSS:
        x, y, z = draw(st.floats(0.2, 0.5)), draw(st.floats(-0.6, 0.6)), draw(st.floats(-0.4, 0.1))
        points[left], points[right] = (-x, y, z), (x, y, z)
    for upper, lower in DOWN:
        z = draw(st.floats(-0.6, 0.0))
        points[upper], points[lower] = (0, draw(st.floats(-0.7, -0.2)), z), (0, draw(st.floats(0.2, 0.7)), z)
    return points


def turned(points: Faces, yaw: float, pitch: float) -> Faces:
    """To the picture's right, and downwards."""
    a, b = math.radians(yaw), math.radians(pitch)
    nod = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    turn = np.array([[math.cos(a), 0, -math.sin(a)], [0, 1, 0], [math.sin(a), 0, math.cos(a)]])
    return np.asarray(points @ nod.T @ turn.T)


def read(points: Faces) -> tuple[float, float]:
    given_: Points = points.astype(np.float32)
    return turn_of(given_)


@given(faces(), turns, turns, st.floats(20, 300), st.floats(-500, 500), st.floats(-500, 500))
def test_a_turn_is_read_as_it_is_however_large_the_face_and_wherever_it_is(
    face: Faces, yaw: float, pitch: float, size: float, x: float, y: float
) -> None:
    """R-2.20: no angle of the picture, no size and no place changes what is read; a nod alone reads no turn."""
    aside, _ = read(turned(face, yaw, pitch) * size + (x, y, 0))
    _, down = read(turned(face, 0, pitch) * size + (x, y, 0))
    assert abs(abs(aside) - abs(yaw)) < 0.1
    assert aside * yaw >= -0.1
    assert abs(abs(down) - abs(pitch)) < 0.1


@given(faces(), turns, st.floats(4, 20))
def test_a_near_camera_adds_few_degrees(face: Faces, yaw: float, away: float) -> None:
    """R-2.20: of a camera neither focal length nor distance is known; from four widths of the face on both may be."""
    there = turned(face, yaw, 0)
    seen = there * (away / (away + there[:, 2:]))
    assert abs(abs(read(seen)[0]) - abs(yaw)) < 6


@given(faces(), turns, st.integers(0, len(ACROSS) - 1), st.floats(-0.5, 0.5))
def test_one_misplaced_point_does_not_turn_the_head(face: Faces, yaw: float, which: int, by: float) -> None:
    """R-2.20: a hand before one ear is no turn."""
    there = turned(face, yaw, 0)
    there[ACROSS[which][0], 2] += by
    assert abs(abs(read(there)[0]) - abs(yaw)) < 0.1


@cache
def head() -> tuple[Faces, NDArray[np.float32]]:
    """A ball's front as the face, and its relief."""
    across, down = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21))
    inside = across**2 + down**2 <= 1
    x, y = across[inside], down[inside]
    shape = np.stack([MIDDLE[0] + 80 * x, MIDDLE[1] + 100 * y, 80 * np.sqrt(np.maximum(0, 1 - x**2 - y**2))], axis=1)
    ears = np.zeros((478, 3))
    ears[: len(shape)] = shape
    ears[len(shape) :] = (*MIDDLE, 80.0)
    ears[234], ears[454] = (MIDDLE[0] - 80, MIDDLE[1], 0), (MIDDLE[0] + 80, MIDDLE[1], 0)
    return shape, relief(ears, FACE)


def test_the_relief_of_a_head_is_its_face_s_and_behind_the_ears_at_the_hair_s_edge() -> None:
    """Issue 3: a composed turn is as large as its label only if the nose stands out as far as noses do."""
    shape, stands = head()
    off = np.hypot(shape[:, 0] - MIDDLE[0], shape[:, 1] - MIDDLE[1])
    near = shape[off < 40]
    there = stands[np.round(near[:, 1] / 2).astype(int), np.round(near[:, 0] / 2).astype(int)]
    assert np.abs(there - near[:, 2]).max() < 0.1 * FACE.width
    edge = round((MIDDLE[0] + 0.66 * FACE.width) / 2)
    assert stands[round(MIDDLE[1] / 2), edge] < -0.2 * FACE.width


@given(turns, st.floats(-0.25, 0.25))
def test_a_composed_turn_shows_each_place_of_the_face_where_it_turns_to(yaw: float, place: float) -> None:
    """Issue 3: checked against the rotation itself, with what is nearer looking larger."""
    _, stands = head()
    row = round(MIDDLE[1] / 2)
    x = np.arange(0, WIDTH, 2, dtype=np.float32)[None] - np.float32(MIDDLE[0])
    depth, away, angle = stands[row : row + 1], AWAY * FACE.width, math.radians(yaw)
    source = inverse(x, depth, np.full_like(x, angle), away)[0]
    at = place * FACE.width
    deep = float(np.interp(at, x[0], depth[0]))
    flat = at * (1 - deep / away)
    goes = flat * math.cos(angle) + deep * math.sin(angle)
    seen = goes / (1 - (deep * math.cos(angle) - flat * math.sin(angle)) / away)
    assert abs(float(np.interp(seen, x[0], source)) - at) < 0.03 * FACE.width
    assert stands.shape == (HEIGHT // 2, WIDTH // 2)
