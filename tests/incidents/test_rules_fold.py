"""The rules engine, through its three verbs: start, advance, fold."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examhall.base.errors import BadInput
from examhall.base.words import IncidentKind, Leniency, Suppression
from examhall.incidents.rules.fold import advance, fold, packed, start, unpacked
from examhall.incidents.rules.hints import excused, graces
from examhall.incidents.rules.levels import FOLDED_KINDS, Level, RuleSet, Shape, rule, rule_set
from examhall.incidents.rules.signal import DARK, Batch, FoldedIncident, OutOfOrder, Quiet, Signal, Suppressed

STRICT = rule_set(Leniency.STRICT)
STANDARD = rule_set(Leniency.STANDARD)
LENIENT = rule_set(Leniency.LENIENT)
K = IncidentKind


def batch(
    *signals: Signal, until_s: float = 3600.0, inputs_s: Sequence[float] = (), quiet: Sequence[Quiet] = ()
) -> Batch:
    return Batch(frozenset({s.kind for s in signals}), until_s, signals, inputs_s, quiet)


def absent(start_s: float, end_s: float) -> Signal:
    return Signal(K.LEFT_SESSION, start_s, end_s, value=1.0, score=0.9, detector="faces 1")


def paste(at_s: float, *, chars: float = 1) -> Signal:
    return Signal(K.COPY_PASTE, at_s, at_s, value=chars, note="paste")


def spans(incidents: Sequence[FoldedIncident]) -> list[tuple[float, float]]:
    return [(i.start_s, i.end_s) for i in incidents]


@pytest.mark.parametrize(
    ("rules", "length_s", "found"),
    [
        (STRICT, 7.0, 0),
        (STRICT, 9.0, 1),
        (STANDARD, 14.0, 0),
        (STANDARD, 16.0, 1),
        (LENIENT, 29.0, 0),
        (LENIENT, 31.0, 1),
    ],
)
def test_a_stretch_becomes_an_incident_from_its_level_s_length_on(rules: RuleSet, length_s: float, found: int) -> None:
    """product.md §5.6: left_session at high 8 s, medium 15 s, low 30 s."""
    assert len(fold(batch(absent(100, 100 + length_s)), rules).incidents) == found


def test_an_incident_names_its_times_measurement_level_and_rules() -> None:
    """Issue 2 §5: each incident has its times, type, detector and rule version, measured value against threshold."""
    (incident,) = fold(batch(absent(100, 120)), STRICT).incidents
    assert (incident.key, incident.start_s, incident.end_s) == ("left_session:100000", 100, 120)
    assert (incident.value, incident.score, incident.detector) == (1.0, 0.9, "faces 1")
    assert (incident.level, incident.rules_version, incident.severity) == (Level.HIGH, STRICT.version, 2)
    assert incident.detected_s == 108


def test_flicker_below_the_opening_share_is_no_stretch() -> None:
    """product.md §5.6: opens only at 60 % positive samples in the window."""
    halves = [absent(at / 2, at / 2 + 0.25) for at in range(200, 300)]
    assert fold(batch(*halves), STRICT).incidents == ()


def test_flicker_above_the_closing_share_does_not_end_a_stretch() -> None:
    """product.md §5.6: closes only at 30 % positive samples in the window."""
    (incident,) = fold(batch(absent(100, 105), absent(106, 107), absent(108, 112)), STRICT).incidents
    assert spans([incident]) == [(100, 112)]


def test_incidents_closer_than_the_merge_gap_become_one() -> None:
    """product.md §5.6: left_session merges within 10 s."""
    (incident,) = fold(batch(absent(100, 110), absent(119, 130)), STRICT).incidents
    assert (*spans([incident]), incident.count, incident.length_s, incident.longest_s) == ((100, 130), 2, 21, 11)


def test_incidents_farther_apart_than_the_merge_gap_stay_two() -> None:
    """product.md §5.6: left_session merges within 10 s, no cool-down."""
    assert spans(fold(batch(absent(100, 110), absent(121, 131)), STRICT).incidents) == [(100, 110), (121, 131)]


def test_what_comes_in_the_cool_down_extends_the_closed_incident_and_leaves_a_record() -> None:
    """product.md §5.6: the cool-down extends count and range, so a stricter level never covers less."""
    turned = [Signal(K.HEAD_TURN, at, at + 5, value=40, second=0) for at in (100, 130)]
    step = fold(batch(*turned), STRICT)
    assert [(i.start_s, i.end_s, i.count) for i in step.incidents] == [(100, 135, 2)]
    assert [(s.reason, s.start_s) for s in step.suppressed] == [(Suppression.COOL_DOWN, 130)]


def test_either_of_two_measurements_suffices() -> None:
    """product.md §5.6: head_turn by yaw or by pitch."""
    bowed = Signal(K.HEAD_TURN, 100, 105, value=5, second=22)
    assert [i.second for i in fold(batch(bowed), STRICT).incidents] == [22]


def test_a_measurement_below_the_threshold_is_no_incident() -> None:
    """product.md §5.6: head_turn at high asks for more than 12° or 16°, as measured."""
    assert fold(batch(Signal(K.HEAD_TURN, 100, 105, value=11, second=15)), STRICT).incidents == ()


def test_a_signal_below_the_confidence_floor_is_no_incident() -> None:
    """product.md §5.6: multi_face at medium asks for 0.7."""
    pair = Signal(K.MULTI_FACE, 100, 110, value=2, score=0.69)
    assert fold(batch(pair), STANDARD).incidents == ()
    assert len(fold(batch(replace(pair, score=0.7)), STANDARD).incidents) == 1


@pytest.mark.parametrize(("length_s", "expected"), [(8, 1), (16, 1), (17, 2), (48, 2), (49, 3)])
def test_severity_follows_the_duration_bands(length_s: float, expected: int) -> None:
    """product.md §5.6: 1 up to 2t, 2 up to 6t, 3 beyond."""
    assert [i.severity for i in fold(batch(absent(100, 100 + length_s)), STRICT).incidents] == [expected]


@pytest.mark.parametrize(("times", "expected"), [(1, 2), (2, 2), (3, 3)])
def test_an_instant_kind_is_severe_from_the_third_time_on(times: int, expected: int) -> None:
    """product.md §5.6: types with instant threshold: 2, repeated ≥ 3 times: 3."""
    pasted = [paste(100 + n) for n in range(times)]
    assert [i.severity for i in fold(batch(*pasted), STRICT).incidents] == [expected]


@pytest.mark.parametrize(("gap_s", "found"), [(59, 1), (61, 0)])
def test_two_key_combinations_within_a_minute_make_a_medium_incident(gap_s: float, found: int) -> None:
    """product.md §5.6: key_combo at medium: 2 in 60 s."""
    keys = [Signal(K.KEY_COMBO, at, at, value=1) for at in (100, 100 + gap_s)]
    assert len(fold(batch(*keys), STANDARD).incidents) == found


def test_beyond_the_hourly_cap_the_rest_collapses_into_one_repeated_incident() -> None:
    """product.md §5.6: cap per hour, then one "repeated" incident with a count."""
    away = [Signal(K.NAVIGATING_AWAY, at, at + 2, value=1) for at in range(100, 2100, 50)]
    incidents = fold(batch(*away), STRICT).incidents
    assert [i.repeated for i in incidents] == [False] * 30 + [True]
    assert (incidents[-1].count, incidents[-1].start_s, incidents[-1].end_s) == (10, 1600, 2052)


def test_the_cap_counts_a_running_hour() -> None:
    """product.md §5.6: cap per hour; an hour later incidents stand singly again."""
    away = [Signal(K.NAVIGATING_AWAY, at, at + 2, value=1) for at in (*range(100, 1600, 50), 1700, 3800)]
    step = fold(batch(*away, until_s=9000), STRICT)
    assert [i.start_s for i in step.incidents if i.repeated] == [1700]
    assert step.incidents[-1].start_s == 3800


def test_a_staff_pause_mutes_camera_kinds_and_leaves_a_record() -> None:
    """product.md §5.6: staff actions mute the camera; each suppression leaves a record."""
    pause = Quiet(90, 200, Suppression.STAFF_ACTION, frozenset({K.LEFT_SESSION}))
    step = fold(batch(absent(100, 150), quiet=[pause]), STRICT)
    assert step.incidents == ()
    assert [(s.reason, s.start_s, s.end_s) for s in step.suppressed] == [(Suppression.STAFF_ACTION, 100, 150)]


def test_what_reaches_out_of_a_pause_counts_from_its_end() -> None:
    """product.md §5.6: only the pause itself is muted."""
    pause = Quiet(90, 110, Suppression.STAFF_ACTION)
    assert spans(fold(batch(absent(100, 150), quiet=[pause]), STRICT).incidents) == [(110, 150)]


def test_a_detector_s_own_suppression_is_recorded_and_not_folded() -> None:
    """product.md §5.6: a poster is background until it moves; the record stays visible in the raw view."""
    poster = Signal(K.MULTI_FACE, 100, 150, value=2, suppressed=Suppression.STATIC_FACE)
    step = fold(batch(poster), STRICT)
    assert (step.incidents, [s.reason for s in step.suppressed]) == ((), [Suppression.STATIC_FACE])


def test_typing_holds_back_left_session_and_leaves_a_record() -> None:
    """product.md §5.6: left_session at medium asks for 10 s without input as well."""
    step = fold(batch(absent(100, 120), inputs_s=[108, 114, 119]), STANDARD)
    assert (step.incidents, [s.reason for s in step.suppressed]) == ((), [Suppression.INPUT_ACTIVITY])


def test_half_a_minute_without_a_face_counts_even_while_typing() -> None:
    """product.md §5.6: left_session at medium: or no face 30 s."""
    (incident,) = fold(batch(absent(100, 140), inputs_s=list(range(100, 140, 3))), STANDARD).incidents
    assert incident.detected_s == 130


def test_a_kind_off_by_accommodation_leaves_records_and_no_incident() -> None:
    """product.md §5.8: reviewers see "off by accommodation", so that absence is not read as good behaviour."""
    rules = rule_set(Leniency.STRICT, off={K.LEFT_SESSION: Suppression.ACCOMMODATION})
    step = fold(batch(absent(100, 150)), rules)
    assert (step.incidents, [s.reason for s in step.suppressed]) == ((), [Suppression.ACCOMMODATION])


def test_a_kind_off_leaves_no_record_of_what_would_have_been_nothing() -> None:
    """product.md §5.6: a record stands for what the rule would have taken up."""
    rules = rule_set(Leniency.STANDARD, off={K.BACKGROUND_MOTION: Suppression.DETECTOR_OFF})
    step = fold(batch(Signal(K.BACKGROUND_MOTION, 100, 150, value=6)), rules)
    assert (step.incidents, step.suppressed) == ((), ())


@pytest.mark.parametrize(("yaw", "pitch", "found"), [(5.0, 30.0, 0), (40.0, 30.0, 1)])
def test_a_look_down_at_permitted_paper_is_recorded_and_a_look_aside_still_counts(
    yaw: float, pitch: float, found: int
) -> None:
    """product.md §5.6: allowed materials: head pitch down ignored."""
    rules = rule_set(Leniency.STANDARD, notes_allowed=True)
    step = fold(batch(Signal(K.HEAD_TURN, 100, 120, value=yaw, second=pitch)), rules)
    assert len(step.incidents) == found
    assert [s.reason for s in step.suppressed] == [Suppression.ALLOWED_MATERIALS] * (1 - found)


def test_a_dialog_that_takes_the_focus_for_less_than_a_second_is_recorded_as_one() -> None:
    """product.md §5.6: focus loss < 1 s, permission prompts and our own pop-ups do not count."""
    away = [Signal(K.NAVIGATING_AWAY, at, until, value=1) for at, until in ((100, 100.6), (200, 202))]
    step = fold(batch(*away), STRICT)
    assert spans(step.incidents) == [(200, 202)]
    assert [(s.reason, s.start_s) for s in step.suppressed] == [(Suppression.SYSTEM_DIALOG, 100)]


def test_an_allowed_companion_raises_the_expected_number_of_faces() -> None:
    """product.md §5.8: companion allowed: multi_face expects n."""
    rules = rule_set(Leniency.STRICT, expected_people=2)
    two, three = (Signal(K.MULTI_FACE, at, at + 10, value=n, score=0.9) for at, n in ((100, 2), (200, 3)))
    assert spans(fold(batch(two, three), rules).incidents) == [(200, 210)]


def test_an_incident_is_told_while_it_runs_and_once_more_when_it_ends() -> None:
    """Issue 2 §5: analysis runs while the exam runs."""
    first = advance(start(STRICT), batch(absent(100, 110), until_s=110), STRICT)
    second = advance(first.state, batch(absent(110, 125), until_s=130), STRICT)
    last = advance(second.state, Batch(frozenset({K.LEFT_SESSION}), 150), STRICT)
    told = [*first.incidents, *second.incidents, *last.incidents]
    assert [(i.key, i.end_s, i.ongoing) for i in told] == [
        ("left_session:100000", 110, True),
        ("left_session:100000", 125, True),
        ("left_session:100000", 125, False),
    ]


def test_nothing_new_tells_nothing() -> None:
    """Issue 2 §5: a job that runs twice doubles no incident."""
    first = advance(start(STRICT), batch(absent(100, 110), until_s=110), STRICT)
    assert advance(first.state, Batch(frozenset({K.LEFT_SESSION}), 110), STRICT).incidents == ()


def test_a_signal_from_the_judged_past_is_refused() -> None:
    """Issue 2 §5: late evidence is folded afresh, never lost in a running state."""
    first = advance(start(STRICT), batch(absent(100, 110), until_s=110), STRICT)
    with pytest.raises(OutOfOrder, match="fold all signals"):
        advance(first.state, batch(absent(50, 60), until_s=120), STRICT)


def test_a_state_made_under_other_rules_is_refused() -> None:
    """product.md §5.6: one rule set judges one analysis."""
    with pytest.raises(BadInput, match="other rules"):
        advance(start(STRICT), batch(absent(100, 110)), LENIENT)


def test_a_state_that_is_no_state_is_refused() -> None:
    """Issue 2 §5: resumable after a killed worker; a torn state is said to be one."""
    with pytest.raises(BadInput, match="cannot be read"):
        unpacked(b"\x81\xa1x")


KINDS = sorted(FOLDED_KINDS)


@st.composite
def sessions(draw: st.DrawFn, kind: IncidentKind | None = None) -> list[Signal]:
    """Signals of one kind over a few minutes, with thresholds of all levels straddled; sorted by start."""
    chosen = kind or draw(st.sampled_from(KINDS))
    instant = STRICT.rules[chosen].shape is Shape.COUNT
    out, at_ms = [], 0
    for _ in range(draw(st.integers(1, 25))):
        at_ms += draw(st.integers(0, 40)) * 500
        length_ms = 0 if instant else draw(st.integers(1, 60)) * 250
        value = draw(st.sampled_from([0, 1, 2, 12, 25, 31, 40, 50, 300]))
        score = draw(st.sampled_from([0.5, 0.65, 0.75, 0.95]))
        second = draw(st.sampled_from([None, 0.0, 22.0, 28.0, 35.0]))
        out.append(Signal(chosen, at_ms / 1000, (at_ms + length_ms) / 1000, value, score, second))
        at_ms += length_ms
    return out


def uncapped(rules: RuleSet) -> RuleSet:
    return replace(rules, rules={kind: replace(one, cap_per_hour=1000) for kind, one in rules.rules.items()})


def inside(span: tuple[float, float], spans_: Sequence[tuple[float, float]]) -> bool:
    return any(start_s <= span[0] and span[1] <= end_s for start_s, end_s in spans_)


@settings(max_examples=400, deadline=None)
@given(sessions(), st.lists(st.integers(0, 800), max_size=20))
def test_a_stricter_level_covers_each_incident_of_a_more_lenient_one(
    signals: list[Signal], inputs_s: list[int]
) -> None:
    """R-0.34: every lenient incident's time range is covered by a strict incident of the same type."""
    known = batch(*signals, inputs_s=inputs_s)
    single = [fold(known, uncapped(rules)).incidents for rules in (LENIENT, STANDARD)]
    found = [fold(known, rules).incidents for rules in (STANDARD, STRICT)]
    for lenient, strict in ((single[0], found[0]), (single[1], found[1]), (single[0], found[1])):
        assert all(inside(span, spans(strict)) for span in spans(lenient))


@settings(max_examples=200, deadline=None)
@given(sessions(K.LEFT_SESSION), st.lists(st.booleans(), min_size=25, max_size=25), st.lists(st.integers(0, 800)))
def test_a_stricter_level_covers_no_less_when_the_dark_is_excused(
    signals: list[Signal], dark: list[bool], told_s: list[float]
) -> None:
    """R-2.19, R-0.34: the minute after a hint takes the same from every level."""
    noted = [replace(signal, note=DARK) if dim else signal for signal, dim in zip(signals, dark, strict=False)]
    seen = batch(*excused(noted, graces(told_s)))
    single = [fold(seen, uncapped(rules)).incidents for rules in (LENIENT, STANDARD)]
    found = [fold(seen, rules).incidents for rules in (STANDARD, STRICT)]
    for lenient, strict in zip(single, found, strict=True):
        assert all(inside(span, spans(strict)) for span in spans(lenient))


@settings(max_examples=400, deadline=None)
@given(
    sessions(),
    st.lists(st.integers(1, 1600), max_size=12),
    st.lists(st.integers(0, 800), max_size=8),
    st.sampled_from([STRICT, STANDARD, LENIENT]),
)
def test_however_the_signals_are_cut_into_steps_the_outcome_is_the_same(
    signals: list[Signal], cuts: list[int], inputs_s: list[int], rules: RuleSet
) -> None:
    """Issue 2 §5: a job goes on with only what is new and never loses or doubles an incident."""
    kind = signals[0].kind
    whole = fold(batch(*signals, until_s=4000, inputs_s=inputs_s), rules)
    told: dict[str, FoldedIncident] = {}
    muted: list[Suppressed] = []
    state, since_s = start(rules), 0.0
    for until_s in (*sorted({cut / 2 for cut in cuts}), 4000.0):
        fresh = [piece for signal in signals if (piece := between(signal, since_s, until_s)) is not None]
        typed = [at for at in inputs_s if since_s <= at < until_s]
        step = advance(
            unpacked(packed(state)), Batch(frozenset({kind}), until_s, fresh, typed, final=until_s == 4000), rules
        )
        state, since_s = step.state, until_s
        told.update({incident.key: incident for incident in step.incidents})
        muted += step.suppressed
    assert list(told.values()) == list(whole.incidents)
    assert sorted(muted, key=repr) == sorted(whole.suppressed, key=repr)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([K.HEAD_TURN, K.LEFT_SESSION, K.KEY_COMBO, K.BACKGROUND_MOTION, K.EXTRA_DISPLAY, K.COPY_PASTE]),
    st.lists(st.tuples(st.integers(1, 24), st.sampled_from([0, 1, 2, 4, 8, 30, 100])), min_size=40, max_size=120),
    st.integers(2, 40),
)
def test_a_kind_that_never_calms_is_told_the_same_in_any_steps(
    kind: IncidentKind, flicker: list[tuple[int, int]], step_s: int
) -> None:
    """Issue 3, bad input: what is left out of a long stretch's state changes nothing that is said of it."""
    signals, at_s = [], 0.0
    for on, off in flicker:
        length_s = 0.0 if STRICT.rules[kind].shape is Shape.COUNT else on / 4
        signals.append(Signal(kind, at_s, at_s + length_s, value=30.0 + on, score=0.9, second=float(on)))
        at_s += on / 4 + off / 4
    whole = fold(batch(*signals, until_s=2000), STRICT)
    told: dict[str, FoldedIncident] = {}
    muted: list[Suppressed] = []
    state, since_s = start(STRICT), 0.0
    while since_s < 2000:
        until_s = since_s + step_s if since_s < at_s else 2000.0
        fresh = [piece for signal in signals if (piece := between(signal, since_s, until_s)) is not None]
        step = advance(unpacked(packed(state)), Batch(frozenset({kind}), until_s, fresh, final=until_s >= 2000), STRICT)
        state, since_s = step.state, until_s
        told.update({incident.key: incident for incident in step.incidents})
        muted += step.suppressed
    assert list(told.values()) == list(whole.incidents)
    assert sorted(muted, key=repr) == sorted(whole.suppressed, key=repr)


def between(signal: Signal, from_s: float, to_s: float) -> Signal | None:
    """The piece of a signal that becomes known in a step."""
    start_s, end_s = max(signal.start_s, from_s), min(signal.end_s, to_s)
    known = from_s <= signal.start_s < to_s if signal.start_s == signal.end_s else start_s < end_s
    return replace(signal, start_s=start_s, end_s=end_s) if known else None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("softer", "harder"), [(Level.LOW, Level.MEDIUM), (Level.MEDIUM, Level.HIGH)])
def test_each_number_of_the_table_gets_no_softer_with_a_stricter_level(
    kind: IncidentKind, softer: Level, harder: Level
) -> None:
    """R-0.34: monotone by construction: what a stricter level asks for is never more."""
    soft, hard = rule(kind, softer), rule(kind, harder)
    assert hard is not None
    bounds = [(r.min_s, r.at_least, r.min_score, r.times) for r in (soft or hard, hard)]
    assert all(more >= less for more, less in zip(*bounds, strict=True))
