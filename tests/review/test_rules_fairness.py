"""Fairness: what a ratio says, how far chance goes, and that no small group can be made out."""

import math
from collections.abc import Mapping
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.errors import BadInput, TooLarge
from examhall.exam.rules.candidates_csv import MAX_BYTES
from examhall.review.rules.device import device_class
from examhall.review.rules.fairness import LEAST_PEOPLE, Hidden, Line, Measure, Observation, Sitting, fairness
from examhall.review.rules.fairness import shown_groups as shown
from examhall.review.rules.groups_csv import GroupRow, read_groups
from examhall.review.rules.rate_ratio import Finding, Part, Ratio, finding, rate, rate_ratio

parts = st.lists(st.builds(Part, st.integers(0, 40), st.floats(0.1, 8)), min_size=1, max_size=30)
GROUPS = st.sampled_from(["a", "b", "c", "d", None])


def spread(events: int, exposure: float) -> list[Part]:
    """Each event of its own person, all watched equally long: nothing but chance differs."""
    return [Part(1, exposure / events)] * events


def shares(events: int, people: int) -> list[Part]:
    return [Part(1, 1)] * events + [Part(0, 1)] * (people - events)


def inverse(ratio: Ratio) -> tuple[float, ...]:
    return tuple(1 / one if one else math.inf for one in (ratio.value, ratio.high, ratio.low))


def rounded(ratio: Ratio | None) -> tuple[float, ...]:
    assert ratio is not None
    return round(ratio.value, 2), round(ratio.low, 2), round(ratio.high, 2)


def test_a_rate_ratio_is_that_of_the_textbook() -> None:
    """product.md §11.4: Rothman's fluoroscopy example, 41 in 28,010 and 15 in 19,017 person-years."""
    assert rounded(rate_ratio(spread(41, 28_010), spread(15, 19_017), shares=False)) == (1.86, 1.03, 3.35)


def test_a_ratio_of_shares_is_that_of_the_textbook() -> None:
    """product.md §11.4: Agresti's aspirin example, 189 of 11,034 and 104 of 11,037."""
    assert rounded(rate_ratio(shares(189, 11_034), shares(104, 11_037), shares=True)) == (1.82, 1.43, 2.31)


@given(parts)
def test_equal_rates_have_the_ratio_one(mine: list[Part]) -> None:
    """product.md §11.4: nobody is worse off than people just like them."""
    ratio = rate_ratio(mine, mine, shares=False)
    assert (ratio is None) == (sum(part.events for part in mine) == 0)
    assert ratio is None or (ratio.value == 1.0 and ratio.low <= 1 <= ratio.high)
    assert finding(ratio) in {Finding.CALM, Finding.TOO_FEW}


@given(parts, parts)
def test_the_comparison_is_the_same_from_both_sides(mine: list[Part], others: list[Part]) -> None:
    """product.md §11.4: twice as often for some is half as often for the others, with the same certainty."""
    here, there = rate_ratio(mine, others, shares=False), rate_ratio(others, mine, shares=False)
    assert (here is None) == (there is None)
    for one, other in zip([here] if here else [], [there] if there else [], strict=True):
        assert (one.value, one.low, one.high) == pytest.approx(inverse(other))
        assert one.low <= one.value <= one.high


@pytest.mark.parametrize("measure_shares", [False, True])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(measure_shares: bool) -> None:
    """product.md §11.4: 95 %, though each person brings many marks and is marked at a rate of their own."""
    chance = np.random.default_rng(114)
    held = 0
    for _ in range(400):
        sides = [_drawn(chance, 60, shares=measure_shares) for _ in range(2)]
        ratio = rate_ratio(*sides, shares=measure_shares)
        held += ratio is not None and ratio.low <= 1 <= ratio.high
    assert 0.91 <= held / 400 <= 0.99


def _drawn(chance: np.random.Generator, people: int, *, shares: bool) -> list[Part]:
    """People whose own rates differ, around the same mean."""
    own = chance.beta(2, 3, people) if shares else chance.gamma(1.0, 2.0, people)
    out_of = chance.integers(1, 12, people)
    events = chance.binomial(out_of, own) if shares else chance.poisson(own * out_of)
    return [Part(int(n), float(of)) for n, of in zip(events, out_of, strict=True)]


def test_ten_marks_of_one_person_are_not_ten_people() -> None:
    """product.md §8.7: one storm does not make a detector unfair to a group."""
    storm = [Part(60, 1.0), *[Part(1, 1.0)] * 29]
    ratio = rate_ratio(storm, [Part(1, 1.0)] * 30, shares=False)
    assert ratio is not None
    assert (round(ratio.value, 1), finding(ratio)) == (3.0, Finding.NOT_CERTAIN)


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Ratio(1.5, 1.4, 1.6), Finding.CALM),
        (Ratio(1.51, 1.01, 2.2), Finding.WARNING),
        (Ratio(1.9, 1.0, 3.6), Finding.NOT_CERTAIN),
        (Ratio(0.4, 0.3, 0.5), Finding.CALM),
        (None, Finding.TOO_FEW),
    ],
)
def test_a_warning_needs_the_limit_and_an_interval_above_one(ratio: Ratio | None, said: Finding) -> None:
    """product.md §11.4: warning above 1.5; what chance could explain is told as not certain."""
    assert finding(ratio) is said


def test_without_any_event_on_one_side_nobody_can_say() -> None:
    """product.md §11.4: zero counts have no ratio; without exposure there is no rate."""
    assert rate_ratio([Part(0, 5.0)], [Part(3, 5.0)], shares=False) is None
    assert rate_ratio([], [Part(3, 5.0)], shares=False) is None
    assert rate([Part(0, 0.0)]) is None


def test_what_befell_one_group_alone_is_told_once_enough_of_them_were_met() -> None:
    """product.md §11.4: the gravest difference is not "too few to say"; the bound is that of 0.025^(1/20)."""
    ratio = rate_ratio(shares(20, 20), shares(0, 63), shares=True)
    assert ratio is not None
    assert (ratio.figure, ratio.interval, finding(ratio)) == ("only here", "15.55 or more", Finding.WARNING)
    other = rate_ratio(shares(0, 63), shares(20, 20), shares=True)
    assert (rounded(other), finding(other)) == ((0.0, 0.0, 0.06), Finding.CALM)
    assert rate_ratio([Part(400, 20.0)], [Part(0, 20.0)], shares=False) is None


@given(st.dictionaries(GROUPS, st.sets(st.integers(0, 200), min_size=1), max_size=5))
def test_those_without_figures_are_nobody_or_many(people: Mapping[str | None, set[int]]) -> None:
    """product.md §11.4: groups of 20 or more; what is left of the total is no small group either."""
    groups = {group: {UUID(int=one) for one in who} for group, who in people.items()}
    hidden = shown(groups)
    unseen = {one for group, who in groups.items() if group is None or hidden[group] for one in who}
    some_shown = any(why is None for why in hidden.values())
    assert all(len(groups[group]) >= LEAST_PEOPLE for group, why in hidden.items() if why is None)
    assert not some_shown or len(unseen) >= LEAST_PEOPLE or not unseen


def watched(groups: Mapping[str, tuple[int, int]]) -> Line:
    """By group: how many people, and how many of their hours had a mark."""
    found, person = [], 0
    for group, (people, marked) in groups.items():
        for place in range(people):
            person += 1
            sitting = Sitting(UUID(int=person), {"Device": group} if group else {})
            found.append(
                Observation(
                    detector="speech 1, rules 4",
                    subject="Speech",
                    measure=Measure.PER_HOUR,
                    sitting=sitting,
                    events=int(place < marked),
                    exposure=1.0,
                )
            )
    [line] = fairness(found)
    return line


def test_groups_stand_beside_everybody_else_whose_group_is_known() -> None:
    """product.md §11.4: by device class, with ratio, interval and warning."""
    line = watched({"a": (40, 30), "b": (40, 10), "": (30, 30)})
    one, other = line.groups["Device"]
    assert (line.people, line.events, line.exposure) == (110, 70, 110.0)
    assert (one.group, one.people, one.figure, one.finding) == ("a", 40, 0.75, Finding.WARNING)
    assert (other.figure, rounded(other.ratio)[0], other.finding) == (0.25, 0.33, Finding.CALM)


def test_small_groups_have_no_figures_and_take_the_next_one_with_them() -> None:
    """product.md §11.4: the figures of three people are not what is left of the total."""
    line = watched({"a": (40, 30), "b": (25, 10), "c": (3, 3)})
    whys = {one.group: (one.hidden, one.figure, one.people) for one in line.groups["Device"]}
    assert whys["c"] == (Hidden.TOO_FEW_PEOPLE, None, 0)
    assert whys["b"] == (Hidden.HELD_BACK, None, 0)
    assert whys["a"] == (None, 0.75, 40)


def test_a_group_alone_has_nobody_to_be_compared_with() -> None:
    """product.md §11.4: no ratio to a handful of people."""
    [one] = watched({"a": (40, 30)}).groups["Device"]
    assert (one.figure, one.ratio, one.said) == (0.75, None, "Fewer than 20 others to compare with")
    one = watched({"a": (40, 30), "b": (3, 3), "": (30, 1)}).groups["Device"][0]
    assert (one.hidden, one.ratio, one.alone) == (None, None, True)


@pytest.mark.parametrize(("hours", "figure"), [(0.99, None), (1.0, 2.0)])
def test_how_often_in_an_hour_is_said_from_an_hour_on(hours: float, figure: float | None) -> None:
    """product.md §11.4: two marks in a few seconds are no rate."""
    sitting = Sitting(UUID(int=1), {})
    seen = Observation(
        detector="faces 5", subject="Left session", measure=Measure.PER_HOUR, sitting=sitting, events=2, exposure=hours
    )
    [line] = fairness([seen])
    assert line.figure == figure


def test_where_nothing_happened_nothing_is_compared() -> None:
    """product.md §11.4: rows without a mark would only hide those that matter."""
    line = watched({"a": (40, 0), "b": (40, 0)})
    assert (line.exposure, line.figure, line.groups) == (80.0, 0.0, {})


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Windows, Chromium",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Windows, Chromium"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1 Version/18.0 Safari/605.1", "macOS, Safari"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Linux, Firefox"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "ChromeOS, Chromium"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0 Mobile", "Phone or tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Mobile Safari", "Phone or tablet"),
        ("simulated", None),
        ("", None),
    ],
)
def test_a_device_is_told_by_its_class(agent: str, kind: str | None) -> None:
    """product.md §11.4: by device class, as far as the browser said."""
    assert device_class(agent) == kind


def test_groups_come_with_login_or_student_id() -> None:
    """product.md §11.4: voluntary labels, any separator and heading a spreadsheet writes."""
    text = "\ufeffUser;Student ID;Kind;Label\namara;;Skin tone;dark\n;4410-z;Skin tone;light\n\n"
    assert read_groups(text.encode()) == [
        GroupRow(2, "amara", "", "Skin tone", "dark"),
        GroupRow(3, "", "4410-z", "Skin tone", "light"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no labels"),
        (b"login,kind,label\n", "has no labels"),
        (b"name,kind,label\na,b,c\n", "row 1: the heading has no column login (or student_id)"),
        (b"login,label\na,c\n", "row 1: the heading has no column kind"),
        (b"login,kind,label\na,b\n", "row 2, label: This is empty"),
        (b"login,kind,label\n,b,c\n", "row 2, login: The person is missing"),
        (b"login,kind,label\na,b,c\na,b,d\n", "row 3, login: “a” has a b in row 2"),
        (b"login,kind,label\na,device,c\n", "row 2, kind: “device” is in the report"),
        (b"login,kind,label\na,b," + b"x" * 61 + b"\n", "row 2, label: Use at most 60"),
        (b"login,kind,label\na,b,c\nb,b,\xe9\n", "row 3: this is not UTF-8"),
        (b'login,kind,label\na,b,"c\n', "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(content: bytes, said: str) -> None:
    """product.md §11.4: bad input beside the accepted one, with the remedy."""
    with pytest.raises(BadInput) as refused:
        read_groups(content, taken=["Device"])
    assert said in refused.value.message


def test_a_file_too_large_is_refused() -> None:
    """design.md §10: uploads are bounded, and so are files."""
    with pytest.raises(TooLarge):
        read_groups(b"x" * (MAX_BYTES + 1))
