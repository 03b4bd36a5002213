"""Which switch says what about which session."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from examhall.base.words import Accommodation, IncidentKind, Leniency, Suppression
from examhall.exam.rules.accommodation import ACCOMMODATIONS, detections_off
from examhall.incidents.rules.fold import fold
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.off import SWITCHABLE, Switch, looked_for, off_throughout, stretches
from examhall.incidents.rules.signal import Batch, Signal
from tests.conftest import START

K = IncidentKind
MINUTE = timedelta(minutes=1)


def thrown(*, at_once: bool, on_at: datetime | None = None) -> Switch:
    return Switch(
        id=uuid4(),
        kind=K.OBJECT_PHONE,
        at_once=at_once,
        off_at=START,
        off_by="Nora",
        reason="noise",
        on_at=on_at,
    )


@pytest.mark.parametrize(
    ("entered_min", "on_min", "off"), [(-5, None, False), (5, None, True), (5, 10, True), (15, 10, False)]
)
def test_a_switch_for_coming_sessions_holds_for_those_entered_under_it(
    entered_min: int, on_min: int | None, off: bool
) -> None:
    """design.md §1, rule 3: what was agreed at the entry is what runs, to the end."""
    switch = thrown(at_once=False, on_at=None if on_min is None else START + on_min * MINUTE)
    assert switch.throughout(START + entered_min * MINUTE) is off
    assert stretches([switch], START + entered_min * MINUTE) == []


def test_an_emergency_switch_mutes_running_sessions_from_its_moment_to_its_end() -> None:
    """Issue 3, operation: at once, running exams included."""
    switch = thrown(at_once=True, on_at=START + 10 * MINUTE)
    [quiet] = stretches([switch], START - 5 * MINUTE)
    assert (quiet.start_s, quiet.end_s, quiet.reason) == (300, 900, Suppression.DETECTOR_OFF)
    assert quiet.mutes(K.OBJECT_PHONE) and not quiet.mutes(K.SPEECH)
    [later] = stretches([switch], START + 5 * MINUTE)
    assert (later.start_s, later.end_s) == (0, 300)
    assert stretches([switch], START + 20 * MINUTE) == []


def test_the_detector_of_an_emergency_is_not_run_at_all() -> None:
    """Issue 3, operation: the fault may be the detector's own, and old pictures would hit it again."""
    rules = rule_set(Leniency.STRICT)
    entered_at = START - MINUTE
    assert K.OBJECT_PHONE not in looked_for(rules, [thrown(at_once=True)], entered_at)
    assert K.OBJECT_PHONE in looked_for(rules, [thrown(at_once=True, on_at=START + MINUTE)], entered_at)


def test_permitted_speech_is_heard_and_a_face_that_need_not_be_shown_is_compared_with_nobody() -> None:
    """product.md §5.8: off for this registration; what is recorded is the least that serves."""
    off = off_throughout([], START, accommodated=frozenset({K.SPEECH, K.IDENTITY_CHANGE}), seen_share=None)
    wanted = looked_for(rule_set(Leniency.STRICT, off=off), [], START)
    assert (K.SPEECH in wanted, K.IDENTITY_CHANGE in wanted) == (True, False)


def test_unreliable_faces_turn_face_kinds_off_and_what_was_arranged_keeps_its_own_reason() -> None:
    """product.md §8.7, §5.8."""
    off = off_throughout([], START, accommodated=frozenset({K.HEAD_TURN}), seen_share=0.3)
    assert (off[K.HEAD_TURN], off[K.LEFT_SESSION]) == (Suppression.ACCOMMODATION, Suppression.FACE_ANALYSIS_UNRELIABLE)
    assert K.SPEECH not in off


def test_every_accommodation_says_what_is_different_and_turns_off_only_what_can_be() -> None:
    """product.md §5.8: the effect is told, never the reason."""
    assert set(ACCOMMODATIONS) == set(Accommodation)
    assert detections_off(list(Accommodation)) <= SWITCHABLE


def test_whatever_judges_a_candidate_can_be_spared_one_candidate() -> None:
    """product.md §5.8: any of §5.5 off for this registration; what is left is no judgement of a body, room or aid."""
    spared = detections_off(list(Accommodation)) | {K.OBJECT_BOOK}  # allowed by paper on the desk
    assert SWITCHABLE - spared == {K.SECOND_CLIENT, K.MANY_INTERRUPTIONS, K.SHARE_ENDED, K.TOO_DARK}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        (Accommodation.SOUNDS, K.BACKGROUND_AUDIO),
        (Accommodation.OTHERS_PRESENT, K.MULTI_FACE),
        (Accommodation.HEALTH_DEVICE, K.OBJECT_PHONE),
        (Accommodation.RELAXED_FRAMING, K.LEFT_SESSION),
        (Accommodation.OWN_WINDOWS, K.NAVIGATING_AWAY),
    ],
)
def test_what_is_arranged_leaves_a_record_and_no_incident(word: Accommodation, kind: IncidentKind) -> None:
    """product.md §5.6, §5.8, §8.7: tics, carers, aids; suppressed with its reason, even at the strictest level."""
    off = off_throughout([], START, accommodated=detections_off([word]), seen_share=None)
    rules = rule_set(Leniency.STRICT, off=off)
    seen = Signal(kind, 10.0, 60.0, value=50.0, score=0.99)
    step = fold(Batch(frozenset({kind}), 90.0, [seen], final=True), rules)
    assert (step.incidents, [one.reason for one in step.suppressed]) == ((), [Suppression.ACCOMMODATION])
