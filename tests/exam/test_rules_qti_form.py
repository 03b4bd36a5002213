"""Questions written in a form become items like any other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.errors import BadInput
from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.item import split
from examhall.exam.rules.qti_form import Choice, ItemForm, build
from examhall.exam.rules.scoring import score

CHOICES = (Choice("Lisbon", True), Choice("Porto", False), Choice("Braga", False))
SINGLE = ItemForm(InteractionKind.SINGLE_CHOICE, "Capital", "Which is the capital?", points="2", choices=CHOICES)
MULTIPLE = replace(SINGLE, kind=InteractionKind.MULTIPLE_CHOICE, choices=(*CHOICES, Choice("Faro", True)))
SHORT = ItemForm(InteractionKind.SHORT_TEXT, "Salt", "Formula?", answers=("NaCl", "sodium chloride"), points="1,5")
NUMBER = ItemForm(InteractionKind.NUMBER, "Pi", "Pi to one decimal?", number="3,1", tolerance="0.05")
ESSAY = ItemForm(InteractionKind.ESSAY, "Why", "Why?\n\nSay it\nin two parts.", points="10")


@pytest.mark.parametrize("form", [SINGLE, MULTIPLE, SHORT, NUMBER, ESSAY])
def test_a_question_from_the_form_needs_no_review(form: ItemForm) -> None:
    """issue 2 §6: a form for the five kinds."""
    made = split(build(form), salt=b"x")
    assert (made.kind, made.title, made.review_reason) == (form.kind, form.title, "")
    assert made.key.max_score == float(form.points.replace(",", "."))


def test_the_form_s_key_scores_as_the_author_meant() -> None:
    """issue 2 §3: five kinds work end to end."""
    keys = {form.kind: split(build(form), salt=b"x").key for form in (SINGLE, MULTIPLE, SHORT, NUMBER)}
    assert score(keys[InteractionKind.SINGLE_CHOICE], keys[InteractionKind.SINGLE_CHOICE].correct[0]).points == 2.0
    assert score(keys[InteractionKind.MULTIPLE_CHOICE], keys[InteractionKind.MULTIPLE_CHOICE].correct).points == 2.0
    assert score(keys[InteractionKind.SHORT_TEXT], "Sodium  Chloride").points == 1.5
    assert score(keys[InteractionKind.NUMBER], "3,14").points == 1.0


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (replace(SINGLE, title=" "), "title"),
        (replace(SINGLE, prompt=""), "prompt"),
        (replace(SINGLE, points="0"), "points"),
        (replace(SINGLE, points="many"), "points"),
        (replace(SINGLE, choices=CHOICES[:1]), "choices"),
        (replace(SINGLE, choices=(Choice("a", True), Choice("b", True))), "choices"),
        (replace(MULTIPLE, choices=(Choice("a", False), Choice("b", False))), "choices"),
        (replace(SHORT, answers=(" ",)), "answers"),
        (replace(NUMBER, number="pi"), "number"),
        (replace(NUMBER, tolerance="-1"), "tolerance"),
        (replace(ESSAY, prompt="a\x00b"), "prompt"),
        (replace(ESSAY, kind=InteractionKind.NEEDS_REVIEW), "kind"),
    ],
)
def test_an_incomplete_question_is_refused_at_its_field(form: ItemForm, field: str) -> None:
    """product.md §4: an error names the field and the remedy."""
    with pytest.raises(BadInput) as refused:
        build(form)
    assert list(refused.value.fields) == [field]


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=40))
def test_any_text_is_either_kept_or_refused(prompt: str, answer: str) -> None:
    """issue 2 §3: what an author types never breaks the item."""
    try:
        xml = build(replace(SHORT, prompt=prompt, answers=(answer,)))
    except BadInput as refused:
        assert refused.fields
    else:
        made = split(xml, salt=b"x")
        assert score(made.key, answer).points == 1.5
