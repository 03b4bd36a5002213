"""Detectors of the picture that need no model, on pictures made here."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from examhall.base.words import IncidentKind, Suppression
from examhall.incidents.detectors import camera, motion, people, pose, room
from examhall.incidents.detectors.outline import CLOSE, outline
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState, packed, unpacked
from examhall.incidents.detectors.scene import candidate, changed, kept
from examhall.incidents.detectors.window import Box, Frame, Grey, VideoWindow

RNG = np.random.default_rng(7)
ROOM: Frame = RNG.integers(30, 220, (24, 32, 3), dtype=np.uint8).repeat(20, axis=0).repeat(20, axis=1)
FACE = Box(260, 160, 120, 140, 0.9)


def noisy(frame: Frame) -> Frame:
    """What a living camera makes of a still scene."""
    return np.asarray(np.clip(frame.astype(np.int16) + RNG.integers(-6, 7, frame.shape), 0, 255), np.uint8)


def flat(level: int) -> Frame:
    return np.full((480, 640, 3), level, np.uint8)


@pytest.mark.parametrize("frame", [flat(0), flat(90), noisy(flat(60)), noisy(flat(12))])
def test_a_picture_that_shows_nothing_is_blocked(frame: Frame) -> None:
    """product.md §5.5: camera_blocked: covered or black."""
    assert camera.look(camera.CameraState(), frame)[1].blocked


def test_a_finger_that_leaves_a_corner_free_is_blocked() -> None:
    """detection.md §13: 70 to 85 % of the lens covered passes a contrast test."""
    frame = flat(70)
    frame[:120, :200] = ROOM[:120, :200]
    assert camera.look(camera.CameraState(), frame)[1].blocked


def test_a_room_is_not_blocked() -> None:
    """product.md §5.5: camera_blocked; the refusal beside the success."""
    assert not camera.look(camera.CameraState(), ROOM)[1].blocked


def test_the_same_picture_again_and_again_is_frozen() -> None:
    """product.md §5.5: camera_blocked: frozen."""
    state, blocked = camera.CameraState(), []
    for _ in range(16):
        state, look = camera.look(state, ROOM)
        blocked.append(look.blocked)
    assert blocked == [False] * 12 + [True] * 4


def test_a_still_scene_with_the_noise_of_a_camera_is_not_frozen() -> None:
    """product.md §5.5: camera_blocked; a candidate who sits still is no frozen picture."""
    state, blocked = camera.CameraState(), []
    for _ in range(30):
        state, look = camera.look(state, noisy(ROOM))
        blocked.append(look.blocked)
    assert not any(blocked)


def test_a_pipeline_without_models_still_judges_the_camera_and_names_what_is_off() -> None:
    """Issue 2 §5: a working product without media detectors if models are absent."""
    pipeline = Pipeline({})
    window = VideoWindow((10.0, 10.5), (flat(0), flat(0)))
    seen = pipeline.observe(PipelineState(), window)
    assert [(s.kind, s.start_s, s.end_s) for s in seen.signals] == [(IncidentKind.CAMERA_BLOCKED, 10.0, 11.0)]
    assert (set(seen.kinds), seen.until_s) == ({IncidentKind.CAMERA_BLOCKED, IncidentKind.TOO_DARK}, 11.0)
    assert "yunet is not installed" in pipeline.off[IncidentKind.LEFT_SESSION]
    assert "voice is not installed" in pipeline.off[IncidentKind.SPEECH]


def dimmed(frame: Frame, share: float) -> Frame:
    return np.asarray(frame * share, np.uint8)


def too_dark(frames: list[Frame]) -> list[float]:
    """When each told stretch of it begins."""
    times_s = tuple(place / 2 for place in range(len(frames)))
    told = Pipeline({}).observe(PipelineState(), VideoWindow(times_s, tuple(frames))).signals
    return [s.start_s for s in told if s.kind is IncidentKind.TOO_DARK]


def test_a_room_with_too_little_light_is_told_from_the_third_look_on() -> None:
    """R-2.19: given low light, then the hint "too dark"."""
    assert too_dark([noisy(dimmed(ROOM, 0.3)) for _ in range(20)]) == [1.0]


@pytest.mark.parametrize(
    "frames",
    [
        [noisy(ROOM) for _ in range(20)],
        [flat(0) for _ in range(20)],
        [noisy(flat(40)) for _ in range(20)],
        [noisy(dimmed(ROOM, 0.3)) for _ in range(2)] + [noisy(ROOM) for _ in range(18)],
    ],
)
def test_light_a_cover_and_a_passing_shadow_are_not_too_dark(frames: list[Frame]) -> None:
    """R-2.19: a covered camera is told as covered; the hint is about light."""
    assert too_dark(frames) == []


def test_the_state_survives_packing() -> None:
    """Issue 2 §5: resumable after a killed worker."""
    seen = Pipeline({}).observe(PipelineState(), VideoWindow((0.0,), (ROOM,)))
    assert unpacked(packed(seen.state)) == seen.state


def grey() -> Grey:
    return np.clip(RNG.normal(120, 2, (120, 160)), 0, 255).astype(np.uint8)


STRUCTURE = RNG.integers(0, 60, (12, 16)).repeat(10, axis=0).repeat(10, axis=1)


def scene(patch: tuple[int, int] | None = None) -> Grey:
    """A structured room with camera noise, and a bright thing at a place in it."""
    out: Grey = np.asarray(np.clip(grey().astype(np.int16) + STRUCTURE, 0, 255), np.uint8)
    if patch is not None:
        x, y = patch
        out[y : y + 40, x : x + 30] = 255
    return out


def moved(
    state: motion.MotionState, before: Grey | None, now: Grey, face: Box = FACE
) -> tuple[motion.MotionState, motion.Motion | None]:
    colours: Frame = np.asarray(cv2.cvtColor(now, cv2.COLOR_GRAY2BGR), np.uint8)
    return motion.moved(state, before, now, colours, face, 4)


def told(pictures: list[Grey]) -> list[bool]:
    """In which pictures of a clip something behind is told."""
    state, before, out = motion.MotionState(), None, []
    for now in pictures:
        state, seen = moved(state, before, now)
        out.append(seen is not None and seen.suppressed is None and seen.percent >= motion.LEAST_PERCENT)
        before = now
    return out


def test_what_moves_beside_the_candidate_is_measured_in_percent_of_the_background() -> None:
    """product.md §5.6: background_motion by area."""
    state = motion.MotionState(face=FACE)
    for _ in range(10):
        state, _ = moved(state, scene((2, 2)), scene((2, 2)))
    _, seen = moved(state, scene((2, 2)), scene((12, 2)))
    assert seen is not None
    assert 5 < seen.percent < 20
    assert seen.suppressed is None


def test_camera_noise_and_light_are_no_motion() -> None:
    """product.md §5.6: motion outside the person; a change of light is none."""
    brighter = np.clip(scene().astype(np.float32) * 1.15, 0, 255).astype(np.uint8)
    _, seen = moved(motion.MotionState(face=FACE), scene(), brighter)
    assert seen is not None
    assert seen.percent < 1


def test_a_camera_that_is_pushed_is_no_background_motion() -> None:
    """product.md §5.6: global motion is its own hint."""
    state, still = motion.MotionState(), scene((2, 2))
    for _ in range(12):
        state, _ = moved(state, still, still)
    _, seen = moved(state, still, np.roll(still, 4, axis=1))
    assert seen is not None
    assert seen.suppressed is Suppression.CAMERA_MOTION


def test_a_camera_that_sways_hides_no_one_who_crosses_the_room() -> None:
    """Issue 3: the camera's own movement is taken out, what is left is somebody."""
    wall = np.full((150, 200), 150, np.uint8)
    for place in range(14):
        x, y = 20 + 45 * (place % 4), 12 + 38 * (place // 4)
        cv2.rectangle(wall, (x, y), (x + 16, y + 20), 60 + 10 * place, -1)
    pictures = []
    for step in range(48):
        turn = cv2.getRotationMatrix2D((100, 75), 0.8 * np.sin(step * 1.3), 1.0)
        turn[:, 2] += (3 * np.sin(step * 0.9) - 20, 2 * np.sin(step * 1.7) - 15)
        now = np.asarray(cv2.warpAffine(wall, turn, (160, 120), borderMode=cv2.BORDER_REFLECT), np.uint8)
        if step >= 40:
            now[:, 16 * (step - 40) : 16 * (step - 40) + 40] = 10
        pictures.append(now)
    seen = told(pictures)
    assert (any(seen[:40]), sum(seen[41:]) > 3) == (False, True)


def test_a_fan_that_runs_from_the_start_is_told_as_periodic() -> None:
    """R-2.22, product.md §5.6: periodic motion is masked."""
    state, reasons, before = motion.MotionState(face=FACE), [], scene((4, 2))
    for step in range(90):
        now = scene((4 + 8 * (step % 2), 2))
        state, seen = moved(state, before, now)
        before = now
        reasons.append(seen.suppressed if seen else None)
    assert set(reasons[1:]) == {Suppression.PERIODIC_MOTION}


def test_a_close_up_says_it_cannot_be_measured() -> None:
    """detection.md §13: close-ups leave too little background; say "not measurable" there."""
    near = Box(60, 20, 500, 440, 0.9)
    assert moved(motion.MotionState(face=near), scene(), scene((2, 2)), near)[1] is None


def poses(yaws: list[float], *, iris: float = 0.5, openness: float = 0.3) -> list[pose.Turn]:
    state, out = pose.PoseState(), []
    for yaw in yaws:
        state, turn = pose.turned(state, yaw=yaw, pitch=-8.0, iris=iris, openness=openness)
        out.append(turn)
    return out


def test_a_head_that_stays_turned_is_turned_whatever_way_the_camera_stands() -> None:
    """R-2.20, detection.md §13: held against the candidate's own middle."""
    turns = poses([-20.0] * 20 + [-52.0] * 10)
    assert (turns[15].yaw < 5, turns[-1].yaw > 30) == (True, True)


def test_looks_to_one_side_before_do_not_hide_a_turn_to_that_side() -> None:
    """Issue 3: a restless opening is no other middle."""
    turns = poses([0.0, 2.0, -2.0, 1.0, -17.0, -21.0, -26.0] * 4 + [-33.0] * 12)
    assert (max(turn.yaw for turn in turns[:28]) < 30, min(turn.yaw for turn in turns[-9:]) > 30) == (True, True)


def test_a_head_that_stays_down_is_told_before_it_counts_as_the_candidate_s_own_way() -> None:
    """Issue 3: reading and typing excuse small nods, looking away does not excuse itself."""
    state, seen = pose.PoseState(), []
    for pitch in [0.0, 3.0, -2.0, 2.0] * 8 + [28.0] * 12:
        state, turn = pose.turned(state, yaw=0, pitch=pitch, iris=0.5, openness=0.3)
        seen.append(turn.pitch)
    assert (max(seen[:32]) < 10, min(seen[36:42]) > 25) == (True, True)


def test_a_glance_is_no_turn() -> None:
    """R-2.20, detection.md §13: only duration separates a glance from looking away."""
    turns = poses([0.0] * 20 + [38.0, 38.0] + [0.0] * 6)
    assert max(turn.yaw for turn in turns) < 30


def test_eyes_that_stay_to_the_side_are_off() -> None:
    """product.md §5.5: gaze_off, against the candidate's own middle."""
    state, seen = pose.PoseState(), []
    for iris in [0.5] * 20 + [0.32] * 4:
        state, turn = pose.turned(state, yaw=0, pitch=-8, iris=iris, openness=0.3)
        seen.append(turn.eyes)
    assert (max(seen[:20]) < 5, min(seen[20:]) > 10) == (True, True)


def test_a_blink_is_no_gaze() -> None:
    """detection.md §13: blinks drop the iris."""
    state, turn = pose.PoseState(), None
    for iris, openness in [(0.5, 0.3)] * 20 + [(0.3, 0.05)]:
        state, turn = pose.turned(state, yaw=0, pitch=-8, iris=iris, openness=openness)
    assert turn is not None
    assert turn.eyes == 0


def follow(pictures: list[Grey], box: Box) -> list[people.Beside]:
    known: list[people.Beside] = []
    for place, picture in enumerate(pictures):
        known = people.followed(known, [box], picture, place / 2)
    return known


def test_a_poster_that_hangs_there_from_the_start_is_a_picture() -> None:
    """product.md §5.6: static face."""
    wall: Grey = RNG.integers(0, 255, (480, 640), dtype=np.uint8)
    (poster,) = follow([wall] * 10, Box(20, 20, 60, 60, 0.9))
    assert people.is_picture(poster, 5.0, 0.0)


def test_a_face_that_changes_is_alive() -> None:
    """product.md §5.6: background until it moves."""
    pictures: list[Grey] = [RNG.integers(0, 255, (480, 640), dtype=np.uint8) for _ in range(6)]
    (person,) = follow(pictures, Box(20, 20, 24, 24, 0.9))
    assert not people.is_picture(person, 3.0, 0.0)


def test_a_face_that_comes_later_is_a_person_at_first() -> None:
    """product.md §5.6: only what is there during calibration is background at once."""
    wall: Grey = RNG.integers(0, 255, (480, 640), dtype=np.uint8)
    (guest,) = people.followed([], [Box(20, 20, 60, 60, 0.9)], wall, 100.0)
    assert not people.is_picture(guest, 100.0, 0.0)


def small(picture: Grey) -> Grey:
    return np.asarray(cv2.resize(picture, camera.SMALL, interpolation=cv2.INTER_AREA), np.uint8)


def wall_with(box: Box | None, *, shift: int = 0) -> Grey:
    """A wall with or without a face on it, seen by a camera that moved `shift` pixels to the side."""
    picture = np.full((480, 640), 150, np.uint8)
    if box is not None:
        face = np.random.default_rng(5).integers(30, 220, (8, 8), dtype=np.uint8)
        left, top, width = round(box.left) + shift, round(box.top), round(box.width)
        picture[top : top + width, left : left + width] = cv2.resize(face, (width, width))
    return picture


PORTRAIT = Box(500, 60, 60, 60, 0.9)
OWN = Box(240, 160, 140, 180, 0.9)


@pytest.mark.parametrize(("then", "shift", "hung"), [(PORTRAIT, 0, True), (PORTRAIT, 12, True), (None, 0, False)])
def test_a_face_the_opening_showed_hangs_there_however_late_it_is_found(
    then: Box | None, shift: int, hung: bool
) -> None:
    """product.md §5.6: static face; whoever comes in changes the picture where they appear."""
    opening = people.Opening(small(wall_with(then)).tobytes(), OWN)
    seen = Box(PORTRAIT.left + shift, PORTRAIT.top, PORTRAIT.width, PORTRAIT.height, 0.7)
    assert opening.shows(seen, small(wall_with(PORTRAIT, shift=shift)), 4) is hung


def test_a_candidate_who_comes_back_to_the_place_of_the_opening_is_no_picture() -> None:
    """product.md §5.6: the static face is somebody else's."""
    opening = people.Opening(small(wall_with(OWN)).tobytes(), OWN)
    assert not opening.shows(OWN, small(wall_with(OWN)), 4)


def test_a_portrait_whose_box_jitters_stays_a_picture_and_one_that_walks_off_does_not() -> None:
    """product.md §5.6: background until it moves."""
    wall, known = wall_with(PORTRAIT), list[people.Beside]()
    for step in range(8):
        jittered = Box(PORTRAIT.left + 9 * (step % 2), PORTRAIT.top, PORTRAIT.width, PORTRAIT.height, 0.9)
        known = people.followed(known, [jittered], wall, 50 + step, hung=[jittered] if not step else [])
    assert people.is_picture(known[0], 58.0, 0.0)
    gone = Box(PORTRAIT.left - 24, PORTRAIT.top, PORTRAIT.width, PORTRAIT.height, 0.9)
    (walked,) = people.followed(known, [gone], wall_with(PORTRAIT, shift=-24), 59.0)
    assert not people.is_picture(walked, 59.0, 0.0)


def test_a_face_that_is_the_candidate_s_own_mirrored_is_a_reflection() -> None:
    """product.md §5.6: suppressions keep their reason; a mirror is nobody else."""
    picture: Grey = np.asarray(cv2.GaussianBlur(RNG.integers(0, 255, (480, 640), dtype=np.uint8), (0, 0), 9), np.uint8)
    own, mirrored, other = (Box(left, 100, 120, 120, 0.9) for left in (20.0, 220.0, 420.0))
    picture[100:220, 220:340] = picture[100:220, 20:140][:, ::-1]
    seen = people.followed([], [mirrored, other], picture, 5.0, candidate=own)
    assert [people.is_reflection(face, 0.0) for face in seen] == [True, False]


@pytest.mark.parametrize(
    ("first_s", "alike", "reflection"), [(2.0, 0.75, True), (2.0, 0.65, False), (9.0, 0.75, False)]
)
def test_a_reflection_that_was_there_from_the_start_may_be_less_alike(
    first_s: float, alike: float, reflection: bool
) -> None:
    """Issue 3, false alarms: a lean before a pane, by somebody half turned to it, is no second person."""
    face = people.Beside(PORTRAIT, first_s, 60.0, 60.0, b"", alive=True, alike=(0.9, alike, alike, alike))
    assert people.is_reflection(face, 0.0) is reflection


def cells_of_the_candidate() -> npt.NDArray[np.bool_]:
    return outline(camera.CELLS[::-1], FACE, 40)


def test_a_finger_over_most_of_the_lens_is_known_by_the_room_that_is_gone() -> None:
    """detection.md §13: 70 to 85 % of the lens covered passes a contrast test."""
    state, _ = camera.look(camera.CameraState(), ROOM, None)
    covered = noisy(ROOM)
    covered[:, 160:] = (52, 66, 132)
    assert camera.look(state, covered, cells_of_the_candidate())[1].blocked


def test_a_finger_over_three_quarters_of_the_lens_is_covered() -> None:
    """Issue 3: a finger or sticker over 70 to 85 % of the lens."""
    state, _ = camera.look(camera.CameraState(), ROOM, None)
    covered = noisy(ROOM)
    covered[:, :420] = (52, 66, 132)
    covered[300:] = (52, 66, 132)
    assert camera.look(state, covered, cells_of_the_candidate())[1].blocked


@pytest.mark.parametrize(("hand", "blocked"), [((101, 108, 119), True), ((135, 135, 135), False)])
def test_a_palm_of_the_wall_s_colour_covers_by_the_detail_that_is_gone(
    hand: tuple[int, int, int], blocked: bool
) -> None:
    """R-2.19, issue 3: its colour differs by too little to be strange; what is as bright as the wall covers nothing.

    The wall has folds, as a curtain has; the palm leaves a strip free at the right, where a bookshelf stands.
    """
    wall = flat(150)
    wall[:, np.arange(640) // 20 % 2 == 0] -= 30
    wall[:, 540:] = ROOM[:, 540:]
    seated = wall.copy()
    seated[160:, 140:500] = ROOM[160:, 140:500]
    state, _ = camera.look(camera.CameraState(), noisy(seated))
    covered = noisy(seated)
    covered[:, :540] = hand
    assert camera.look(state, noisy(covered), cells_of_the_candidate())[1].blocked is blocked


@pytest.mark.parametrize("readable", [True, False])
def test_a_dark_picture_in_which_the_face_can_be_read_is_not_covered(readable: bool) -> None:
    """Issue 3: dim light is no incident; a dark camera is one that shows nobody."""
    dim = np.asarray(ROOM * 0.08, np.uint8)
    dim[:12] = 200
    _, look = camera.look(camera.CameraState(), dim, None, lambda: readable)
    assert (look.luma < camera.DARK_LEVELS, look.blocked) == (True, not readable)


@pytest.mark.parametrize(("light", "blocked"), [(0.09, False), (0.04, True)])
def test_a_room_in_which_the_face_was_read_once_is_dark_only_with_less_light(light: float, blocked: bool) -> None:
    """Issue 3: dim light is no incident, also while the face cannot be read for a moment."""
    dim, now = ROOM * 0.1, np.asarray(ROOM * light, np.uint8)
    for picture in (dim, now):
        picture[:12] = 200
    state, read = camera.look(camera.CameraState(), np.asarray(dim, np.uint8), None, lambda: True)
    assert (read.blocked, camera.look(state, now, None)[1].blocked) == (False, blocked)


def test_a_dim_blue_room_is_not_dark() -> None:
    """Issue 3: brightness weighs blue by a tenth, a camera does not."""
    blue = np.asarray(noisy(ROOM) * np.array([0.6, 0.06, 0.03]), np.uint8)
    _, look = camera.look(camera.CameraState(), blue)
    assert (look.luma < camera.DARK_LEVELS, look.blocked) == (True, False)


def test_an_empty_chair_before_a_plain_wall_is_not_covered() -> None:
    """product.md §2.7: leaving is not covering; the room behind stays as it was."""
    wall = flat(170)
    wall[:120] = ROOM[:120]
    seated = wall.copy()
    seated[160:, 140:500] = ROOM[160:, 140:500]
    state, _ = camera.look(camera.CameraState(), seated, None)
    assert not camera.look(state, wall, cells_of_the_candidate())[1].blocked


@pytest.mark.parametrize(("light", "shows"), [(1.0, 0), (0.08, 60)])
def test_who_leaves_a_wall_without_detail_has_not_covered_the_camera(light: float, shows: int) -> None:
    """Issue 3: the rim of the picture is as it was; in a dark room too, as long as something is to be seen."""
    wall = np.full((480, 640, 3), 186, np.float32)
    wall[:, :, 0] += np.linspace(-20, 20, 640, dtype=np.float32)
    wall = wall * light
    wall[40:160, 440:600] += 2 * shows
    seated = wall.copy()
    seated[140:, 120:520] = ROOM[140:, 120:520]
    state, _ = camera.look(camera.CameraState(), noisy(np.asarray(seated, np.uint8)))
    left = camera.look(state, noisy(np.asarray(wall, np.uint8)), cells_of_the_candidate())[1]
    assert not left.blocked
    assert camera.look(state, noisy(flat(120)), cells_of_the_candidate())[1].blocked


@pytest.mark.parametrize(("now", "blocked"), [(11, False), (1, True)])
def test_who_leaves_a_black_wall_has_not_darkened_the_camera(now: int, blocked: bool) -> None:
    """Issue 3: the wall is as black as it was; what a covered or dark lens shows of it is blacker."""
    seated = flat(11)
    seated[140:, 120:520] = ROOM[140:, 120:520]
    state, _ = camera.look(camera.CameraState(), noisy(seated))
    assert camera.look(state, flat(now), cells_of_the_candidate())[1].blocked is blocked


def test_a_picture_that_stands_still_says_so() -> None:
    """product.md §5.5: frozen is told apart from covered."""
    state, frozen = camera.CameraState(), False
    for _ in range(14):
        state, look = camera.look(state, ROOM)
        frozen = look.frozen
    assert frozen


def test_somebody_behind_a_fan_is_told_although_the_fan_is_not() -> None:
    """R-2.22, product.md §5.6: periodic motion is masked, what moves besides is not."""
    pictures = [scene((4 + 8 * (step % 2), 2)) for step in range(60)]
    for step in range(10):
        pictures[50 + step][10:80, 120 - 4 * step : 150 - 4 * step] = 255
    seen = told(pictures)
    assert (any(seen[:50]), any(seen[50:])) == (False, True)


def crossing(pictures: list[Grey], *, wide: int, high: int, level: int = 20) -> list[Grey]:
    """Something that crosses behind the candidate, who hides it for a while, in the last pictures."""
    rows = slice(60 - high, 60) if high > 30 else slice(118 - high, 118)
    out = [picture.copy() for picture in pictures]
    for step, picture in enumerate(out[-12:]):
        at = 14 * step
        picture[rows, max(0, at - wide) : at] = level
    for picture, whole in zip(out, pictures, strict=True):
        hidden = (
            cv2.resize(
                outline(room.SIZE[::-1], FACE, room.CELL_PX, CLOSE).astype(np.uint8),
                (160, 120),
                interpolation=cv2.INTER_NEAREST,
            )
            > 0
        )
        picture[hidden] = whole[hidden]
    return out


def test_somebody_who_crosses_is_told_while_the_candidate_hides_them() -> None:
    """Issue 3: most of the way behind the candidate is no reason to miss somebody."""
    seen = told(crossing([scene() for _ in range(40)], wide=30, high=50))
    assert (any(seen[:28]), sum(seen[28:]) >= 8) == (False, True)


@pytest.mark.parametrize(("wide", "high"), [(14, 12), (30, 6)])
def test_a_cat_that_crosses_is_not_told(wide: int, high: int) -> None:
    """Issue 3: somebody is larger than a pet."""
    assert not any(told(crossing([scene() for _ in range(40)], wide=wide, high=high)))


def test_what_waves_in_its_place_is_told_as_nobody() -> None:
    """Issue 3: a curtain that moves slowly, more at times, goes nowhere."""
    pictures = []
    for step in range(120):
        picture, reach = scene(), 6 + 4 * np.sin(step * 0.17)
        edge = 30 + reach * np.sin(step * 0.8)
        picture[:, : round(edge)] = (np.arange(round(edge)) // 4 % 2 * 60 + 150).astype(np.uint8)
        pictures.append(picture)
    assert not any(told(pictures)[40:])


def test_a_room_whose_light_is_switched_is_the_same_room() -> None:
    """product.md §5.6: a change of light is no motion behind."""
    across = np.linspace(1.2, 0.7, 160, dtype=np.float32)[None, :]
    pictures = [scene() if step < 20 else np.asarray(np.clip(scene() * across, 0, 255), np.uint8) for step in range(40)]
    assert not any(told(pictures))


def test_noise_alone_is_no_reason_to_look_again() -> None:
    """Issue 3, cost: the face finder rests while nothing changes around the candidate."""
    before = camera.look(camera.CameraState(), noisy(ROOM))[1].grey
    now = camera.look(camera.CameraState(), noisy(ROOM))[1].grey
    assert not changed(kept(before), now)


@pytest.mark.parametrize(("left", "seen"), [(500, True), (280, False)])
def test_what_comes_beside_the_candidate_is_a_reason_and_the_candidate_is_none(left: int, seen: bool) -> None:
    """Issue 3, cost: a visitor has to be noticed at once, the candidate's own movement costs nothing."""
    frame = ROOM.copy()
    frame[180:320, left : left + 90] = 20
    before = camera.look(camera.CameraState(), ROOM)[1].grey
    now = camera.look(camera.CameraState(), frame)[1].grey
    assert changed(kept(before), now, candidate(FACE)) is seen
