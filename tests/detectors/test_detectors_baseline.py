"""What the pictures of the system check teach: own middle, own reach and own face; and what they never excuse."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detectors.test_detectors_identity import SEAT, Levels, Sitting, face_at, person

from examhall.base.words import IncidentKind
from examhall.incidents.detectors import identity, pose
from examhall.incidents.detectors.mesh import Look
from examhall.incidents.detectors.pipeline import Pipeline, PipelineState, packed, unpacked
from examhall.incidents.rules.levels import Level, rule

SINCE = "10:02 UTC"
degrees = st.floats(-60, 60)


def look(yaw: float = 0.0, pitch: float = 0.0, iris: float = 0.5) -> Look:
    return replace(face_at(250), yaw=yaw, pitch=pitch, iris=iris)


def told(
    state: pose.PoseState, *, yaw: float = 0.0, pitch: float = 0.0, iris: float = 0.5, samples: int = 5
) -> pose.Turn:
    """What is said of a head that is held like this for some samples."""
    for _ in range(samples):
        state, turn = pose.turned(state, yaw=yaw, pitch=pitch, iris=iris, openness=0.3)
    return turn


def checked(*edges: Look) -> pose.PoseState:
    return pose.begun(look(), edges, since=SINCE)


def test_whoever_looks_away_from_the_first_moment_on_is_told() -> None:
    """Issue 3: the middle is known before the exam; learnt in it, the first seconds are taken for the middle."""
    assert told(checked(), yaw=36).yaw == 36
    assert told(pose.PoseState(), yaw=36).yaw < 5


def test_the_edges_of_one_s_own_screen_are_no_turning_away() -> None:
    """Issue 3, detection.md §13: outside the candidate's own distribution; to one side it is as wide as was shown."""
    wide = checked(look(yaw=-14), look(yaw=6), look(pitch=15))
    assert (told(wide, yaw=-15).yaw, told(wide, pitch=16).pitch) == (0, 0)
    assert told(wide, yaw=15).yaw == 15
    assert told(checked(), yaw=-15).yaw == 15


def test_eyes_on_the_edge_of_one_s_own_screen_are_not_off() -> None:
    """detection.md §5: gaze is weak, so it is measured against the candidate's own."""
    wide = checked(look(iris=0.39), look(iris=0.6))
    assert told(wide, iris=0.38).eyes == 0
    assert told(checked(), iris=0.38).eyes > 10
    assert told(wide, iris=0.35).eyes > 10


def test_what_a_check_excuses_ends_below_what_standard_asks_for() -> None:
    """R-0.34, decision 0015: Standard and Lenient see the same with a check as without."""
    for level in (Level.MEDIUM, Level.LOW):
        asked = rule(IncidentKind.HEAD_TURN, level)
        assert asked is not None
        assert min(asked.at_least, asked.second_at_least or 0) > pose.REACH_MOST


@given(degrees, degrees, st.floats(-1, 1), degrees, degrees, st.floats(-1, 1))
def test_a_check_only_ever_excuses_and_never_what_no_screen_is_wide_enough_for(
    edge_yaw: float, edge_pitch: float, edge_iris: float, yaw: float, pitch: float, iris: float
) -> None:
    """R-0.34, P5: the agreed thresholds stay the strictest there are; whoever overdoes the check gains little."""
    with_check = told(checked(look(edge_yaw, edge_pitch, 0.5 + edge_iris)), yaw=yaw, pitch=pitch, iris=0.5 + iris)
    without = told(checked(), yaw=yaw, pitch=pitch, iris=0.5 + iris)
    pairs = zip(
        (with_check.yaw, with_check.pitch, with_check.eyes), (without.yaw, without.pitch, without.eyes), strict=True
    )
    assert all(seen in (0.0, plain) for seen, plain in pairs)
    assert with_check.yaw == without.yaw or without.yaw <= pose.REACH_MOST
    assert with_check.pitch == without.pitch or without.pitch <= pose.REACH_MOST
    assert with_check.eyes == without.eyes or without.eyes <= 14 + 1e-9


def test_a_camera_that_was_moved_since_the_check_is_not_held_against_anybody_for_long() -> None:
    """product.md §8.7: a minute in which the middle was never met, and it is learnt afresh, as without a check."""
    state = checked(look(yaw=-14))
    for _ in range(pose.AWAITED):
        state, _ = pose.turned(state, yaw=25, pitch=0, iris=0.5, openness=0.3)
    assert (state.since, state.reach.yaw[0]) == ("", -14 * pose.REACH_MARGIN)
    assert told(state, yaw=25).yaw < 5


def test_a_middle_that_was_met_once_is_not_given_up_for_looking_away() -> None:
    """Issue 3: looking away for minutes does not make it normal."""
    state, _ = pose.turned(checked(), yaw=1, pitch=0, iris=0.5, openness=0.3)
    assert told(state, yaw=25, samples=3 * pose.AWAITED).yaw == 25


@pytest.mark.parametrize("since", ["", SINCE])
def test_after_an_absence_the_middle_is_learnt_in_the_exam_and_the_screen_is_as_wide(since: str) -> None:
    """Issue 3: an incident says against what it was measured."""
    wide = replace(checked(look(yaw=-14)), since=since)
    assert pose.afresh(wide) == pose.PoseState(reach=wide.reach)


def enrolled(*apart: float) -> identity.IdentityState | None:
    views = [(face_at(250), person(one)) for one in apart]
    return identity.begun(views, Levels(), since=SINCE)


def test_somebody_else_than_at_the_check_is_told_from_the_first_looks_on() -> None:
    """Issue 3: a swap between the check and the start; product.md §5.6: a band in which a person has to look."""
    known = enrolled(0.0, 0.01, 0.02, 0.0)
    assert known is not None
    other = Sitting(known).sees(0.62, for_s=1.5)
    assert (other.told, other.state.stranger, other.state.since) == (0.61, True, SINCE)
    own = Sitting(known).sees(0.05, for_s=30)
    assert (own.state.stranger, own.state.since) == (False, SINCE)


@pytest.mark.parametrize("apart", [(0.0,), (0.0, 0.6), (0.0, 0.1, 0.0, 0.7)])
def test_one_picture_or_two_people_teach_no_face(apart: tuple[float, ...]) -> None:
    """detection.md §9: never a verdict from one picture; whose face it is has to be plain."""
    assert enrolled(*apart) is None


def test_a_face_turned_aside_is_no_view_to_compare_with() -> None:
    """detection.md §9: only frontal faces."""
    aside = replace(face_at(250), yaw=20.0)
    assert identity.begun([(face_at(250), person()), (aside, person())], Levels(), since=SINCE) is None


def test_what_the_check_taught_survives_being_packed() -> None:
    """design.md §6: the state between jobs; a worker elsewhere goes on with it."""
    known = enrolled(0.0, 0.0)
    assert known is not None
    watch = replace(PipelineState().watch, pose=checked(look(yaw=-5, pitch=3)), identity=known)
    state = PipelineState(watch=watch)
    assert unpacked(packed(state)) == state


def test_without_models_the_pictures_teach_nothing_and_lack_nothing() -> None:
    """design.md §6: absent models turn detectors off, and that is told elsewhere."""
    assert Pipeline({}).begun({}, since=SINCE) == (PipelineState(), ())


def test_the_seat_of_these_tests_can_be_compared() -> None:
    """What is refused above is refused for the reason named there."""
    assert Sitting().sees(0.0, for_s=8, seat=SEAT).state.learnt
