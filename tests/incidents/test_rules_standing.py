"""What would be left of an incident under a higher limit: the same as the rules make with that limit."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examhall.base.words import IncidentKind, Leniency, Suppression
from examhall.exam.rules.lengths import LENGTH_KINDS
from examhall.exam.rules.limits import LIMITED, LIMITED_KINDS, Limit, most_of
from examhall.incidents.rules.fold import advance, fold, start
from examhall.incidents.rules.levels import Level, RuleSet, asked_of, rule, rule_set
from examhall.incidents.rules.signal import Batch, FoldedIncident, Quiet, Signal
from examhall.incidents.rules.standing import MOST_SAMPLES, Memory, Standing, remembered, standing_of

K = IncidentKind
RANGES = {
    K.HEAD_TURN: (25.0, 65.0),
    K.MULTI_FACE: (2.0, 3.0),
    K.BACKGROUND_MOTION: (3.0, 30.0),
    K.BACKGROUND_AUDIO: (8.0, 40.0),
    K.OBJECT_PHONE: (1.0, 1.0),
    K.OBJECT_BOOK: (1.0, 1.0),
    K.COPY_PASTE: (0.0, 300.0),
    K.BROWSER_RESIZE: (-20.0, 90.0),
}
SCORES = st.integers(35, 100).map(lambda percent: percent / 100)
LEVELS = ("low", "medium", "high")
MEDIUM = {kind.value: "medium" for kind in LIMITED_KINDS}


def rules_with(limits: dict[Limit, int] | None = None, level: str = "medium", length_s: int = 0) -> RuleSet:
    lengths = {"head_turn": length_s}
    return rule_set(Leniency.STANDARD, detect=dict.fromkeys(MEDIUM, level), limits=limits, shortest_s=lengths)


@st.composite
def measured(draw: st.DrawFn, kind: IncidentKind) -> list[Signal]:
    """Half seconds of one kind that come and go, in bouts that lie near together or far apart."""
    signals, now_s = [], 1.0
    low, high = RANGES[kind]
    for pause_s, ticks in draw(st.lists(st.tuples(st.sampled_from([1, 4, 40, 200]), st.integers(4, 30)), max_size=5)):
        now_s += pause_s
        level = draw(st.floats(low, high))
        for _ in range(ticks):
            value = round(min(high, max(low, level + draw(st.floats(-6, 6)))), 1)
            second = draw(st.none() | st.floats(10, 40).map(lambda degrees: round(degrees, 1)))
            length_s = 0.0 if kind in (K.COPY_PASTE, K.BROWSER_RESIZE) else 0.5
            second = second if kind is K.HEAD_TURN else None
            signals.append(Signal(kind, now_s, now_s + length_s, value, draw(SCORES), second))
            now_s += 0.5 + draw(st.sampled_from([0.0, 0.0, 0.0, 0.5]))
    return signals


def whole(kind: IncidentKind, signals: Sequence[Signal], quiet: Sequence[Quiet] = ()) -> Batch:
    until_s = max((signal.end_s for signal in signals), default=0.0) + 500
    return Batch(frozenset({kind}), until_s, signals, quiet=quiet, final=True)


def stood(batch: Batch, rules: RuleSet) -> list[tuple[FoldedIncident, Standing]]:
    """The incidents of a session that was told at once, but for those that stand for many."""
    memory = remembered({}, batch, rules)
    told = [(one, standing_of(memory, one, rules.rules[one.kind])) for one in fold(batch, rules).incidents]
    return [(one, standing) for one, standing in told if standing is not None]


@pytest.mark.parametrize("limit", list(Limit))
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_preview_is_what_the_rules_make_with_the_higher_limit(limit: Limit, data: st.DataObject) -> None:
    """Issue 3, learning leniency: each incident stands exactly where the rules with that limit still mark something."""
    kind = LIMITED[limit].kind
    batch = whole(kind, data.draw(measured(kind)))
    rules = rules_with()
    at = data.draw(st.integers(asked_of(rules.rules[kind], limit), most_of(limit)))
    again = fold(batch, rules_with({limit: at})).incidents
    for one, standing in stood(batch, rules):
        reach = standing.reach(limit, needed_s=rules.rules[kind].min_s, most=most_of(limit))
        assert reach is not None
        assert (reach >= at) is any(one.start_s <= new.start_s and new.end_s <= one.end_s for new in again)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), longer_s=st.integers(5, 12))
def test_the_preview_holds_for_a_longer_length_as_well(data: st.DataObject, longer_s: int) -> None:
    """Issue 3, learning leniency: a limit proposed after a length has been applied."""
    batch = whole(K.HEAD_TURN, data.draw(measured(K.HEAD_TURN)))
    at = data.draw(st.integers(35, 60))
    both = rule_set(Leniency.STANDARD, detect=MEDIUM, shortest_s={"head_turn": longer_s}, limits={Limit.HEAD_TURN: at})
    again = fold(batch, both).incidents
    for one, standing in stood(batch, rules_with()):
        reach = standing.reach(Limit.HEAD_TURN, needed_s=longer_s, most=60)
        assert reach is not None
        assert (reach >= at) is any(one.start_s <= new.start_s and new.end_s <= one.end_s for new in again)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), step_s=st.sampled_from([7, 60, 333]))
def test_it_is_the_same_however_the_session_was_cut_into_steps(data: st.DataObject, step_s: int) -> None:
    """Issue 3, learning leniency: an exam is analysed minute by minute."""
    signals, rules = data.draw(measured(K.HEAD_TURN)), rules_with()
    at_once = whole(K.HEAD_TURN, signals)
    state, last, told = start(rules), 0.0, {}
    memory: Memory = {}
    for until_s in [*range(step_s, int(at_once.until_s), step_s), at_once.until_s]:
        new = [signal for signal in signals if last <= signal.start_s < until_s]
        batch = Batch(at_once.kinds, until_s, new, final=until_s == at_once.until_s)
        memory, step = remembered(memory, batch, rules), advance(state, batch, rules)
        state, last = step.state, until_s
        told.update({one.key: standing_of(memory, one, rules.rules[K.HEAD_TURN]) for one in step.incidents})
    assert told == {one.key: standing for one, standing in stood(at_once, rules)}


@settings(max_examples=50, deadline=None)
@given(data=st.data(), own=st.integers(0, 60), pitch=st.integers(0, 45), length_s=st.integers(0, 20))
def test_a_stricter_level_never_covers_less_whatever_the_site_set(
    data: st.DataObject, own: int, pitch: int, length_s: int
) -> None:
    """R-0.34: monotone with lengths and limits of the site as well, and what it sets never marks more than before."""
    batch = whole(K.HEAD_TURN, data.draw(measured(K.HEAD_TURN)))
    limits = {Limit.HEAD_TURN: own, Limit.HEAD_TURN_PITCH: pitch}
    before = [fold(batch, rules_with(None, level)).incidents for level in LEVELS]
    after = [fold(batch, rules_with(limits, level, length_s)).incidents for level in LEVELS]
    for lax, strict in (*pairwise(before), *pairwise(after), *zip(after, before, strict=True)):
        for one in lax:
            assert any(new.start_s <= one.start_s and one.end_s <= new.end_s for new in strict)


@given(kind=st.sampled_from(LENGTH_KINDS), length_s=st.integers(0, 600))
def test_a_length_only_ever_asks_for_more_than_the_level(kind: IncidentKind, length_s: int) -> None:
    """R-0.34: a length learnt at Medium leaves a milder level at least as mild as its own table."""
    low, medium, high = (
        rule_set(Leniency.STANDARD, detect={kind.value: level}, shortest_s={kind.value: length_s}).rules[kind]
        for level in LEVELS
    )
    assert low.min_s >= medium.min_s >= high.min_s >= length_s
    for one in (low, medium, high):
        own = rule(kind, one.level)
        assert own is not None
        assert one.min_s in (own.min_s, length_s)
        assert one.min_s >= own.min_s


def test_a_limit_only_ever_asks_for_more_than_the_level() -> None:
    """R-0.34: 36° of the site make Medium milder and leave Lenient as mild as it is."""
    asked = {level: rules_with({Limit.HEAD_TURN: 36}, level).rules[K.HEAD_TURN].at_least for level in ("low", "high")}
    assert asked == {"low": 45, "high": 36}


@pytest.mark.parametrize("limit", list(Limit))
def test_every_limit_has_room_above_the_mildest_level(limit: Limit) -> None:
    """Issue 3, learning leniency: a limit that could not be raised would be none."""
    mildest = rule(LIMITED[limit].kind, Level.LOW)
    assert mildest is not None
    assert 0 < asked_of(mildest, limit) < most_of(limit)


def turning(seconds: int, *, from_s: int = 10, value: float = 40.0) -> list[Signal]:
    """Never the same twice in a row; too seldom higher than `value` to stand there."""
    return [Signal(K.HEAD_TURN, from_s + n / 2, from_s + n / 2 + 0.5, value + n % 2) for n in range(seconds * 2)]


def test_what_a_pause_cut_out_does_not_hold_an_incident_up() -> None:
    """product.md §5.6: a pause mutes the camera; the preview knows it too."""
    quiet = [Quiet(16.0, 30.0, Suppression.STAFF_ACTION)]
    batch = whole(K.HEAD_TURN, [*turning(6), *turning(10, from_s=16, value=50)], quiet)
    [(one, standing)] = stood(batch, rules_with())
    assert (one.start_s, standing.reach(Limit.HEAD_TURN, needed_s=5.0, most=60)) == (10.0, 40)


def test_of_what_went_on_too_long_only_that_it_stands_is_known() -> None:
    """Issue 3, learning leniency: not known is said, not guessed; what is remembered stays small."""
    batch = whole(K.HEAD_TURN, turning(MOST_SAMPLES))
    assert len(remembered({}, batch, rules_with())["head_turn"].samples) == MOST_SAMPLES
    [(_, standing)] = stood(batch, rules_with())
    assert (standing.whole, standing.reach(Limit.HEAD_TURN, needed_s=5.0, most=40)) == (False, 40)
    assert standing.reach(Limit.HEAD_TURN, needed_s=5.0, most=45) is None


def test_a_kind_without_limits_has_nothing_to_raise() -> None:
    """Issue 3, learning leniency: voice is there or is not."""
    batch = whole(K.SPEECH, [Signal(K.SPEECH, 10, 30, 1.0)])
    assert stood(batch, rule_set(Leniency.STANDARD)) == []


def test_what_the_rules_have_told_for_good_is_forgotten() -> None:
    """design.md §6: the state between jobs is small."""
    rules = rules_with()
    memory = remembered({}, Batch(frozenset({K.HEAD_TURN}), 100, turning(10)), rules)
    later = remembered(memory, Batch(frozenset({K.HEAD_TURN}), 200), rules)
    assert (len(memory["head_turn"].samples), later["head_turn"].samples) == (20, ())
