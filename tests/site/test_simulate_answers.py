"""The simulated candidate's answers are of the form that scoring reads."""

import random

import pytest

from examhall.base.words import InteractionKind as Kind
from examhall.exam.rules.qti.item import split
from examhall.exam.rules.qti_form import ItemForm, build
from examhall.exam.rules.scoring import score
from examhall.site.demo.questions import QUESTIONS
from examhall.site.simulate.answers import CHOICES, choices_of, response

CHOSEN = [question for question in QUESTIONS if question.kind in CHOICES]


@pytest.mark.parametrize("question", CHOSEN, ids=lambda question: question.title)
def test_a_simulated_candidate_chooses_what_the_question_offers_and_is_right_now_and_then(question: ItemForm) -> None:
    """R-0.1: a demonstration without any right answer would show results that no class has."""
    item = split(build(question), salt=b"salt")
    offered = choices_of(item.public_xml)
    given = [response(question.kind, offered, random.Random(seed)) for seed in range(60)]
    chosen = {one for answer in given for one in ([answer] if isinstance(answer, str) else answer)}
    assert chosen == set(offered)
    points = {score(item.key, answer).points for answer in given}
    assert points == {0.0, item.key.max_score}


@pytest.mark.parametrize("kind", [Kind.NUMBER, Kind.SHORT_TEXT, Kind.ESSAY])
def test_where_there_is_nothing_to_choose_it_writes(kind: Kind) -> None:
    """R-0.1: every kind of question of the demonstration gets an answer."""
    written = response(kind, [], random.Random(7))
    assert isinstance(written, str)
    assert written
