"""What stands beside an incident, over every kind: sentence, plot, what it does not show; in words people can read."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examhall.base.words import Accommodation, IncidentKind
from examhall.exam.rules.policy import Allow, Policy
from examhall.incidents.detectors import identity
from examhall.incidents.rules.agreed import agreed_rules
from examhall.incidents.rules.baseline import BASELINE_KINDS, POSE_KINDS, compared_with
from examhall.incidents.rules.curve import MOST_PIECES, Memory, curve, in_words, line, plot_unit, remembered, stretches
from examhall.incidents.rules.explain import explain
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.fold import advance, start
from examhall.incidents.rules.found import found
from examhall.incidents.rules.levels import (
    FOLDED_KINDS,
    OTHER_PERSON,
    SAME_PERSON,
    Level,
    Rule,
    RuleSet,
    Shape,
    rule,
)
from examhall.incidents.rules.notes import NOT_SHOWN, arranged_note, client_note
from examhall.incidents.rules.signal import Batch, FoldedIncident, Signal

K = IncidentKind
GRADE = 8.0
BEGAN_S = 60.0


def grade(text: str) -> float:
    """Flesch-Kincaid: years of school needed to read it."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    spoken = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", spoken)))


def strict(kind: IncidentKind) -> Rule:
    asked = rule(kind, Level.HIGH)
    assert asked is not None
    return asked


def signals(asked: Rule) -> list[Signal]:
    """Just enough of a kind for one incident: a stretch, or as many instants as the rule counts."""
    value = max(asked.at_least, 1.0)
    if asked.shape is Shape.COUNT:
        return [Signal(asked.kind, BEGAN_S + n, BEGAN_S + n, value, detector="client 1") for n in range(asked.times)]
    length_s = max(asked.min_s, 2.0) + 2.0
    return [Signal(asked.kind, BEGAN_S, BEGAN_S + length_s, value, score=0.9, detector="faces 2")]


def folded(asked: Rule) -> FoldedIncident:
    rules = RuleSet({asked.kind: asked})
    batch = Batch(frozenset({asked.kind}), BEGAN_S + 4000, signals(asked), final=True)
    (incident,) = advance(start(rules), batch, rules).incidents
    return incident


def plotted(asked: Rule) -> Sequence[tuple[int, float]]:
    incident = folded(asked)
    memory: Memory = remembered({}, signals(asked), until_ms=round(incident.end_s * 1000) + 10_000)
    start_ms, end_ms = round(incident.start_s * 1000), round(incident.end_s * 1000)
    points = curve(memory, asked, start_ms=start_ms, end_ms=end_ms, until_ms=end_ms + 10_000)
    return found(incident, asked, curve=points, line=line(asked)).plot


@pytest.mark.parametrize("kind", IncidentKind)
def test_every_kind_says_what_it_does_not_show_and_how_far_the_client_is_to_be_believed(kind: IncidentKind) -> None:
    """Issue 3: what this does not show, and the note on the client, with every kind of incident."""
    assert re.match(r"It (does not )?shows? ", NOT_SHOWN[kind])
    assert client_note(kind)


@pytest.mark.parametrize(
    "text",
    [
        *NOT_SHOWN.values(),
        *sorted({client_note(kind) for kind in IncidentKind}),
        arranged_note(extra_time=True),
        arranged_note(extra_time=False),
        *(arranged_note([word], extra_time=False) for word in Accommodation),
    ],
)
def test_what_stands_beside_an_incident_can_be_read_after_eight_years_of_school(text: str) -> None:
    """Issue 3, look/README.md: grade-8 English."""
    assert grade(text) <= GRADE


def test_where_pages_are_allowed_a_page_nobody_knows_counts_half_and_says_so() -> None:
    """R-2.18, product.md §5.6: a plain browser cannot tell an allowed destination from another."""
    listed, plain = (agreed_rules(Policy(allow=Allow(sites=sites))).rules for sites in ("Desmos", ""))
    half, whole = (found(folded(rules[K.NAVIGATING_AWAY]), rules[K.NAVIGATING_AWAY]) for rules in (listed, plain))
    assert (half.confidence, whole.confidence) == (0.45, 0.9)
    assert half.explanation == whole.explanation + (
        " Destination unknown: some sites and programs are allowed in this exam, so it counts half."
    )
    assert [kind for kind in listed if listed[kind] != plain[kind]] == [K.NAVIGATING_AWAY]


def test_what_is_arranged_is_said_and_the_reason_is_not() -> None:
    """product.md §5.8: the effects in plain words, extra time only where nothing else is arranged."""
    said = arranged_note([Accommodation.COMPANION, Accommodation.FREE_HEAD], extra_time=True)
    assert "second person allowed, head pose not analysed" in said
    assert "Nothing was arranged" in arranged_note(extra_time=False)


def test_a_sentence_only_few_can_read_would_be_noticed() -> None:
    """Issue 3: the measure tells plain words from others."""
    dense = "Algorithmic identification probabilistically characterises physiognomic dissimilarities."
    assert grade(dense) > GRADE


@pytest.mark.parametrize("level", [Level.LOW, Level.MEDIUM, Level.HIGH])
@pytest.mark.parametrize("kind", sorted(FOLDED_KINDS))
def test_every_kind_says_what_was_measured_and_what_was_asked_for(kind: IncidentKind, level: Level) -> None:
    """product.md §7.1, issue 3: measured against which threshold, in a sentence."""
    asked = rule(kind, level) or strict(kind)
    said = explain(folded(asked), asked)
    measured, _, threshold = said.partition(f"; level {asked.level} asks for ")
    assert measured
    assert len(threshold) > len(".")
    assert "inf" not in said


@pytest.mark.parametrize("kind", sorted(FOLDED_KINDS))
def test_every_kind_has_a_plot_that_reaches_its_threshold(kind: IncidentKind) -> None:
    """Issue 3: what was measured against which threshold over time, for signals of the client too."""
    asked = strict(kind)
    points, threshold = plotted(asked), line(asked)
    reached = [one for one in stretches(points, threshold) if one.reached]
    assert reached
    assert [one.highest for one in reached] == pytest.approx([max(value for _, value in points)])
    assert points[0][1] == 0
    words = in_words(points, threshold, kind, start_ms=round(BEGAN_S * 1000))
    assert "seconds shown" in words or plot_unit(kind) in words


def test_the_plot_in_words_says_peak_threshold_and_for_how_long() -> None:
    """Issue 3, WCAG 1.1.1: the plot as a sentence."""
    points = [(0, 0.0), (500, 20.0), (1000, 44.0), (1500, 41.0), (2000, 10.0), (2500, 0.0)]
    assert in_words(points, 35.0, K.HEAD_TURN, start_ms=500) == (
        "The highest value is 44°, 0.5 seconds after the start. "
        "The threshold of 35 was reached for 1.0 of the 2.5 seconds shown."
    )
    sure = in_words([(0, 0.0), (500, 0.9)], 0.7, K.MULTI_FACE, start_ms=500)
    assert sure.startswith("The highest value is a certainty of 0.90, at the start.")
    assert [(one.from_ms, one.to_ms, one.highest, one.reached) for one in stretches(points, 35.0)] == [
        (0, 1000, 20.0, False),
        (1000, 2000, 44.0, True),
        (2000, 2500, 10.0, False),
    ]


def test_where_nothing_was_measured_no_plot_is_described() -> None:
    """Issue 3: a flag by a person has no plot."""
    assert in_words((), None, K.MANUAL, start_ms=0) == ""
    assert stretches((), None) == ()


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 90)), min_size=1, max_size=20), st.integers(0, 90))
def test_the_table_covers_the_plot_without_hole_or_overlap(points: list[tuple[int, int]], threshold: int) -> None:
    """Issue 3: the plot as a table says the same as the plot."""
    ordered = sorted(points)
    rows = stretches(ordered, threshold)
    assert (rows[0].from_ms, rows[-1].to_ms) == (ordered[0][0], ordered[-1][0])
    assert all(one.to_ms == following.from_ms for one, following in pairwise(rows))
    assert max(row.highest for row in rows) == max(value for _, value in ordered)


def test_a_client_that_reports_without_end_does_not_make_the_memory_grow() -> None:
    """Issue 3: the state between two steps stays small."""
    memory: Memory = {}
    for minute in range(60):
        told = [Signal(K.KEY_COMBO, minute * 60 + n / 20, minute * 60 + n / 20, 1.0) for n in range(1200)]
        memory = remembered(memory, told, until_ms=0)
    assert len(memory[K.KEY_COMBO.value]) == MOST_PIECES


def test_the_limits_of_the_same_and_another_person_are_told_as_they_are_used() -> None:
    """Issue 3: one source for the limits of detector, levels and sentence."""
    assert (strict(K.IDENTITY_CHANGE).at_least, SAME_PERSON) == (SAME_PERSON, 0.55)
    said = explain(folded(strict(K.IDENTITY_CHANGE)), strict(K.IDENTITY_CHANGE))
    for text in (said, identity.CARD.measures):
        assert f"{SAME_PERSON:.2f}" in text
        assert f"{OTHER_PERSON:.2f}" in text


@pytest.mark.parametrize("kind", sorted(BASELINE_KINDS))
def test_an_incident_of_head_eyes_or_face_says_against_what_it_was_measured(kind: IncidentKind) -> None:
    """Issue 3: the candidate's own of the system check, or what the exam taught."""
    asked = strict(kind)
    incident = folded(asked)
    assert "system check of 10:02 UTC" in explain(replace(incident, note="10:02 UTC"), asked)
    assert ("learnt during the exam" in explain(incident, asked)) is (kind in POSE_KINDS)
    assert "system check" not in explain(incident, asked)


def test_what_a_session_was_compared_with_is_said_with_what_could_not_be_used() -> None:
    """Issue 3: pictures that teach nothing are named, beside what stands in for them."""
    assert compared_with("10:02 UTC", lacks=[], used=True).endswith("system check of 10:02 UTC")
    part = compared_with("10:02 UTC", lacks=["no face in the picture of the left"], used=True)
    assert "serve only in part: no face in the picture of the left. What they lack is learnt" in part
    assert "could not be used: too little light" in compared_with("10:02 UTC", lacks=["too little light"], used=False)


def test_every_kind_has_words_that_claim_nothing() -> None:
    """R-2.35: a label says what may have been seen."""
    claims = re.compile(r"cheat|fraud|guilt|caught|violat|offen[cs]e|suspicious", re.IGNORECASE)
    texts = [f"{SHOWN[kind].title} {SHOWN[kind].label} {NOT_SHOWN[kind]}" for kind in IncidentKind]
    assert [text for text in texts if claims.search(text)] == []
