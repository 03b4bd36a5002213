"""Points by the key, on the server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.item import split
from examhall.exam.rules.qti.key import ItemKey, Mapped, Method, Tolerance, ToleranceMode
from examhall.exam.rules.scoring import Response, is_answered, score
from tests.exam import qti_samples as samples

SINGLE = ItemKey(kind=InteractionKind.SINGLE_CHOICE, method=Method.MATCH, max_score=2.0, correct=("a",))
SEVERAL = ItemKey(kind=InteractionKind.MULTIPLE_CHOICE, method=Method.MATCH, max_score=2.0, correct=("a", "c"))
MAPPED = ItemKey(
    kind=InteractionKind.MULTIPLE_CHOICE,
    method=Method.MAP,
    max_score=3.0,
    mapped=(Mapped(value="a", points=2), Mapped(value="c", points=1), Mapped(value="b", points=-2)),
    lower_bound=0.0,
)
TEXT = ItemKey(
    kind=InteractionKind.SHORT_TEXT,
    method=Method.MAP,
    max_score=1.0,
    mapped=(Mapped(value="São Tomé", points=1), Mapped(value="NaCl", points=0.5, case_sensitive=True)),
)
NUMBER = ItemKey(
    kind=InteractionKind.NUMBER,
    method=Method.MATCH,
    max_score=1.0,
    correct=("3.5",),
    tolerance=Tolerance(mode=ToleranceMode.ABSOLUTE, below="0.1", above="0.1"),
)
THOUSANDS = ItemKey(kind=InteractionKind.NUMBER, method=Method.MATCH, max_score=1.0, correct=("1234.5", "1234"))


@pytest.mark.parametrize(
    ("key", "response", "points"),
    [
        (SINGLE, "a", 2.0),
        (SINGLE, ["a"], 2.0),
        (SINGLE, "b", 0.0),
        (SINGLE, ["a", "b"], 0.0),
        (SEVERAL, ["c", "a"], 2.0),
        (SEVERAL, ["a"], 0.0),
        (SEVERAL, ["a", "b", "c"], 0.0),
        (MAPPED, ["a", "c"], 3.0),
        (MAPPED, ["a", "b"], 0.0),
        (MAPPED, ["b"], 0.0),
        (MAPPED, ["a", "a"], 2.0),
        (TEXT, "  são   tomé ", 1.0),
        (TEXT, "sa\u0303o tome\u0301", 1.0),
        (TEXT, "NaCl", 0.5),
        (TEXT, "nacl", 0.0),
        (NUMBER, "3,5", 1.0),
        (NUMBER, "3.60", 1.0),
        (NUMBER, "3.61", 0.0),
        (NUMBER, "0,35e1", 1.0),
        (NUMBER, "three", 0.0),
        (NUMBER, "nan", 0.0),
        (NUMBER, "9" * 500, 0.0),
        (THOUSANDS, "1.234,5", 1.0),
        (THOUSANDS, "1,234.5", 1.0),
        (THOUSANDS, "1 234,5", 1.0),
        (THOUSANDS, "1'234", 1.0),
        (THOUSANDS, "1.234", 1.0),
        (THOUSANDS, "1,2,3", 0.0),
        (SINGLE, None, 0.0),
        (NUMBER, " ", 0.0),
        (MAPPED, [], 0.0),
    ],
)
def test_points_follow_the_key(key: ItemKey, response: Response, points: float) -> None:
    """issue 2 §3: server-side scoring of single, multiple, short text and number (tolerance, decimal comma)."""
    assert score(key, response).points == points


def test_an_essay_waits_for_a_person() -> None:
    """issue 2 §3: an essay is marked by a person."""
    key = ItemKey(kind=InteractionKind.ESSAY, method=Method.MANUAL, max_score=5.0)
    assert (score(key, "Long text").points, score(key, None).points) == (None, None)


def test_an_imported_item_scores_the_identifier_the_candidate_saw() -> None:
    """issue 2 §3: renamed choices and key belong together."""
    key = split(samples.choice(["right"], ["wrong"]), salt=b"x").key
    assert (score(key, key.correct[0]).points, score(key, "right").points) == (1.0, 0.0)


@given(st.one_of(st.none(), st.text(max_size=80), st.lists(st.text(max_size=10), max_size=5)))
def test_any_response_gets_points_between_zero_and_the_most(response: Response) -> None:
    """issue 2 §3: whatever a client sends, scoring answers with points in bounds."""
    for key in (SINGLE, SEVERAL, MAPPED, TEXT, NUMBER, THOUSANDS):
        points = score(key, response).points
        assert points is not None
        assert 0 <= points <= key.max_score


@pytest.mark.parametrize(
    ("response", "answered"), [(None, False), (" ", False), ([], False), (["", " "], False), ("0", True)]
)
def test_blank_is_not_answered(response: Response, answered: bool) -> None:
    """product.md §4.1, C9: answered n of m counts what has content."""
    assert is_answered(response) is answered
