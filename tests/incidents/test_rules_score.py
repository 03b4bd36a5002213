"""The score of a session, and the status it suggests."""

from collections.abc import Sequence
from dataclasses import fields, replace
from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import IncidentKind, IncidentState
from examhall.incidents.rules import score as scoring
from examhall.incidents.rules.score import (
    WEIGHTS,
    Band,
    Bands,
    Counted,
    SystemStatus,
    band,
    by_incident,
    needs_a_look,
    score,
    suggested,
)

K, S = IncidentKind, IncidentState

LONG_ABSENCE = Counted(K.LEFT_SESSION, 3, 0.95)
WORKED_EXAMPLE = (
    Counted(K.LEFT_SESSION, 1, 0.90),
    LONG_ABSENCE,
    *(Counted(K.NAVIGATING_AWAY, 1, 1.0) for _ in range(5)),
    *(Counted(K.SPEECH, 2, 0.7) for _ in range(3)),
    Counted(K.MULTI_FACE, 2, 0.82),
)

counted = st.builds(
    Counted,
    kind=st.sampled_from(IncidentKind),
    severity=st.integers(1, 3),
    confidence=st.floats(0, 1),
    state=st.sampled_from(IncidentState),
)


def test_the_worked_example_gives_its_numbers() -> None:
    """product.md §7.1: the worked example over one hour, 23.33 points."""
    scored = score(WORKED_EXAMPLE, length_h=1.0)
    points = {share.kind: round(share.points, 2) for share in scored.shares}
    assert points == {K.LEFT_SESSION: 8.69, K.NAVIGATING_AWAY: 6.78, K.SPEECH: 4.03, K.MULTI_FACE: 3.83}
    assert round(scored.points, 2) == 23.33
    assert scored.band is Band.MEDIUM


def test_the_score_is_told_in_words() -> None:
    """product.md §7.1: the text form, word for word."""
    assert score(WORKED_EXAMPLE, length_h=1.0).text == (
        "23 of 100, medium. Mainly: Left session 8.7 (2 incidents), Navigating away 6.8 (5), "
        "Speech 4.0 (3), Multiple people 3.8 (1)."
    )


def test_nothing_detected_is_told_in_words() -> None:
    """product.md §7.1: text form."""
    assert score((), length_h=1.0).text == "0 of 100, low."


def test_setting_the_long_absence_aside_makes_the_score_low() -> None:
    """R-2.5: an excused incident counts nothing when the session is scored again."""
    aside = [replace(i, state=S.DISMISSED) if i is LONG_ABSENCE else i for i in WORKED_EXAMPLE]
    scored = score(aside, length_h=1.0)
    assert (round(scored.points, 2), scored.band) == (16.87, Band.LOW)


@given(st.lists(counted, max_size=40), st.floats(0.1, 8))
def test_the_score_stays_between_0_and_100(incidents: Sequence[Counted], length_h: float) -> None:
    """product.md §7.1: bounded."""
    assert 0 <= score(incidents, length_h=length_h).points <= 100


@given(st.lists(counted, max_size=20).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_incidents_does_not_matter(pair: tuple[list[Counted], list[Counted]]) -> None:
    """product.md §7.1: independent of order."""
    given_order, other_order = pair
    assert score(given_order, length_h=1).points == pytest.approx(score(other_order, length_h=1).points)


@given(st.lists(counted, max_size=20), counted)
def test_one_more_incident_never_lowers_the_score(incidents: list[Counted], more: Counted) -> None:
    """product.md §7.1: adding an incident never lowers."""
    assert score([*incidents, more], length_h=2).points >= score(incidents, length_h=2).points - 1e-9


@given(st.lists(counted, min_size=1, max_size=20), st.integers(0, 19))
def test_setting_an_incident_aside_never_raises_the_score(incidents: list[Counted], which: int) -> None:
    """product.md §7.1, R-2.5: dismissing never raises."""
    at = which % len(incidents)
    aside = [replace(i, state=S.DISMISSED) if n == at else i for n, i in enumerate(incidents)]
    assert score(aside, length_h=1).points <= score(incidents, length_h=1).points + 1e-9


@given(st.lists(counted, max_size=20), st.sampled_from(IncidentKind))
def test_weight_0_takes_a_kind_out(incidents: list[Counted], kind: IncidentKind) -> None:
    """product.md §7.1: weight 0 removes the type."""
    without = [i for i in incidents if i.kind is not kind]
    weights = {**WEIGHTS, kind: 0}
    scored = score(incidents, length_h=1, weights=weights)
    assert scored.points == pytest.approx(score(without, length_h=1, weights=weights).points)


@given(st.lists(counted, max_size=20))
def test_what_each_incident_adds_makes_up_the_points_of_its_kind(incidents: list[Counted]) -> None:
    """product.md §7.1: share per incident; what was set aside adds nothing."""
    scored = score(incidents, length_h=1)
    each = by_incident(scored, incidents)
    for share in scored.shares:
        mine = [points for one, points in zip(incidents, each, strict=True) if one.kind is share.kind]
        assert sum(mine) == pytest.approx(share.points)
    assert all(points == 0 for one, points in zip(incidents, each, strict=True) if one.state is S.DISMISSED)


@pytest.mark.parametrize(
    ("points", "word"),
    [(0, "low"), (19.99, "low"), (20, "medium"), (49.99, "medium"), (50, "high"), (100, "high")],
)
def test_the_bands_begin_at_20_and_50(points: float, word: str) -> None:
    """product.md §7.1: low below 20, medium from 20, high from 50."""
    assert band(points) == word


@pytest.mark.parametrize(("medium_from", "high_from", "word"), [(5, 10, "high"), (5, 60, "medium"), (40, 60, "low")])
def test_a_site_may_draw_the_bands_elsewhere_and_what_is_suggested_follows(
    medium_from: float, high_from: float, word: str
) -> None:
    """product.md §7.1: the site can change them; 23 points."""
    scored = score(WORKED_EXAMPLE, length_h=1.0, bands=Bands(medium_from, high_from))
    assert scored.text.startswith(f"23 of 100, {word}.")
    status = suggested(scored, (), coverage=1.0, analysed=True)
    assert (status is SystemStatus.FAIL, needs_a_look(scored, (), status)) == (word == "high", word != "low")


def test_the_score_can_see_neither_cohort_nor_answers_nor_people() -> None:
    """product.md §5.5, §7.1: never inputs; whatever the others of the exam did, there is no way in for it."""
    assert [field.name for field in fields(Counted)] == ["kind", "severity", "confidence", "state"]
    assert list(signature(score).parameters) == ["incidents", "length_h", "weights", "bands"]
    told = {name for name, value in vars(scoring).items() if getattr(value, "__module__", "").startswith("examhall.")}
    foreign = {name for name in told if getattr(scoring, name).__module__ != scoring.__name__}
    assert foreign == {"IncidentKind", "IncidentState"}


@pytest.mark.parametrize("kind", IncidentKind)
def test_one_kind_alone_gives_at_most_20_points(kind: IncidentKind) -> None:
    """product.md §7.1: no single noisy detector makes a session "high"."""
    assert score([Counted(kind, 3, 1.0)] * 500, length_h=1).points <= 20


def test_a_longer_recording_weighs_the_same_incidents_less() -> None:
    """product.md §7.1: above one hour the load is divided by the square root of the hours."""
    assert score(WORKED_EXAMPLE, length_h=4).points < score(WORKED_EXAMPLE, length_h=1).points
    assert score(WORKED_EXAMPLE, length_h=0.2).points == score(WORKED_EXAMPLE, length_h=1).points


@pytest.mark.parametrize(
    ("incidents", "coverage", "analysed", "status"),
    [
        ((), 1.0, True, SystemStatus.PASS),
        (WORKED_EXAMPLE, 1.0, True, SystemStatus.PASS),
        ([Counted(kind, 3, 1.0) for kind in IncidentKind] * 9, 1.0, True, SystemStatus.FAIL),
        ([Counted(K.IDENTITY_CHANGE, 1, 0.2, S.CONFIRMED)], 1.0, True, SystemStatus.FAIL),
        ([Counted(K.IDENTITY_CHANGE, 1, 0.2)], 1.0, True, SystemStatus.PASS),
        ((), 0.94, True, SystemStatus.INCOMPLETE),
        ((), 1.0, False, SystemStatus.INCOMPLETE),
    ],
)
def test_the_suggested_status_follows_from_incidents_alone(
    incidents: Sequence[Counted], coverage: float, analysed: bool, status: SystemStatus
) -> None:
    """R-2.27, product.md §7.1: pass, fail or incomplete, suggested."""
    scored = score(incidents, length_h=1)
    assert suggested(scored, incidents, coverage=coverage, analysed=analysed) is status


@pytest.mark.parametrize(
    ("incidents", "needed"),
    [
        ((), False),
        ([Counted(K.KEY_COMBO, 1, 0.5)], False),
        ([Counted(K.KEY_COMBO, 3, 0.5)], True),
        ([Counted(K.KEY_COMBO, 3, 0.5, S.DISMISSED)], False),
        ([Counted(K.MANUAL, 2, 1.0)], True),
        (WORKED_EXAMPLE, True),
    ],
)
def test_a_person_looks_where_something_tells(incidents: Sequence[Counted], needed: bool) -> None:
    """product.md §7.2: score from 20, severity 3, flags by people."""
    scored = score(incidents, length_h=1)
    assert needs_a_look(scored, incidents, SystemStatus.PASS) is needed
