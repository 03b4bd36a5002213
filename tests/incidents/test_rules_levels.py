"""The table of product.md §5.6, the presets, and what a frozen policy changes."""

import pytest

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Leniency
from examhall.incidents.rules.explain import explain
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.levels import FOLDED_KINDS, HINT_KINDS, Level, Shape, preset_level, rule, rule_set
from examhall.incidents.rules.signal import Batch, Signal

K = IncidentKind


@pytest.mark.parametrize(
    ("leniency", "kind", "level"),
    [
        (Leniency.STANDARD, K.LEFT_SESSION, Level.MEDIUM),
        (Leniency.STANDARD, K.BACKGROUND_MOTION, Level.LOW),
        (Leniency.STANDARD, K.IDENTITY_CHANGE, Level.OFF),
        (Leniency.LENIENT, K.LEFT_SESSION, Level.LOW),
        (Leniency.LENIENT, K.OBJECT_PHONE, Level.OFF),
        (Leniency.STRICT, K.OBJECT_PHONE, Level.HIGH),
    ],
)
def test_a_preset_sets_each_kind(leniency: Leniency, kind: IncidentKind, level: Level) -> None:
    """product.md §5.5: Lenient = low, Standard = the column, Strict = high."""
    assert preset_level(leniency, kind) is level


def test_a_policy_may_set_single_kinds() -> None:
    """R-0.34: leniency may be custom per type."""
    rules = rule_set(Leniency.STANDARD, detect={"speech": "off", "identity_change": "high"}).rules
    assert K.SPEECH not in rules
    assert rules[K.IDENTITY_CHANGE].level is Level.HIGH


@pytest.mark.parametrize("detect", [{"telepathy": "high"}, {"speech": "extreme"}])
def test_an_unknown_kind_or_level_is_refused_by_name(detect: dict[str, str]) -> None:
    """Issue 2, bad input: an unknown key is an error that names its field."""
    with pytest.raises(BadInput) as refused:
        rule_set(Leniency.STANDARD, detect=detect)
    assert list(refused.value.fields) == [f"detect.{next(iter(detect))}"]


def test_other_numbers_make_another_version() -> None:
    """Issue 2 §5: each incident has its rule version."""
    versions = {rule_set(leniency).version for leniency in Leniency}
    assert len({*versions, rule_set(Leniency.STRICT, expected_people=2).version}) == 4
    assert rule_set(Leniency.STRICT).version == rule_set(Leniency.STRICT).version


@pytest.mark.parametrize("kind", sorted(K))
def test_each_kind_has_its_words_and_family(kind: IncidentKind) -> None:
    """look/README.md §3: each kind stands in a lane."""
    assert SHOWN[kind].title
    assert 0 <= SHOWN[kind].weight <= 5


def test_only_a_flag_by_a_person_has_no_rule() -> None:
    """product.md §5.5: `manual` comes from a person."""
    assert set(K) - FOLDED_KINDS == {K.MANUAL}


@pytest.mark.parametrize("kind", sorted(FOLDED_KINDS - HINT_KINDS))
def test_each_incident_is_explained_by_measurement_and_level(kind: IncidentKind) -> None:
    """Issue 2 §5: measured value against threshold."""
    wanted = rule(kind, Level.HIGH)
    assert wanted is not None
    length_s = 0 if wanted.shape is Shape.COUNT else 400
    signals = [Signal(kind, at, at + length_s, value=60, second=10, note="Ctrl+P") for at in (100, 110, 120)]
    (incident,) = fold(Batch(frozenset({kind}), 1000, signals), rule_set(Leniency.STRICT)).incidents
    sentence = explain(incident, wanted)
    assert "level high asks for" in sentence
    assert sentence.endswith(".")


def test_an_explanation_reads_as_a_sentence() -> None:
    """Issue 2 §5: measured value against threshold, in words for an appeal."""
    rules = rule_set(Leniency.STRICT)
    seen = Signal(K.MULTI_FACE, 100, 111, value=2, score=0.93)
    (incident,) = fold(Batch(frozenset({K.MULTI_FACE}), 1000, [seen]), rules).incidents
    assert explain(incident, rules.rules[K.MULTI_FACE]) == (
        "Up to 2 faces in view for 11 s (certainty 0.93); "
        "level high asks for 2 faces with certainty 0.60 for 1 s or longer."
    )
