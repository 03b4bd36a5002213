"""The states of a schedule, its windows and its check-list."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from examhall.base.errors import BadInput, IllegalMove
from examhall.base.words import ScheduleMode, ScheduleState
from examhall.exam.rules import schedule as rules
from examhall.exam.rules.schedule import TRANSITIONS, Facts, Phase, ScheduleAct

OPENS = datetime(2026, 11, 21, 10, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=2)
READY = Facts(
    proctoring_active=True,
    mode=ScheduleMode.LIVE,
    use_proctoring=True,
    version_is_live=True,
    version_number=4,
    questions=20,
    unready_questions=(),
    candidates=40,
    invigilators=2,
    invigilator_target=20,
    opens_at=OPENS,
    deadline=CLOSES,
    duration_min=90,
    now=OPENS - timedelta(days=1),
)


@pytest.mark.parametrize("state", list(ScheduleState))
@pytest.mark.parametrize("act", list(ScheduleAct))
def test_every_pair_of_state_and_act_leads_somewhere_or_is_illegal(state: ScheduleState, act: ScheduleAct) -> None:
    """product.md §2.3: the state table, walked pair by pair."""
    expected = TRANSITIONS.get((state, act))
    try:
        reached: ScheduleState | None = rules.after(state, act)
    except IllegalMove:
        reached = None
    assert reached is expected


def test_a_cancelled_schedule_can_not_be_activated() -> None:
    """product.md §2.3: cancelled is an end."""
    with pytest.raises(IllegalMove):
        rules.after(ScheduleState.CANCELLED, ScheduleAct.ACTIVATE)


@pytest.mark.parametrize(
    ("seconds_after_opening", "seen"),
    [(-1, Phase.SCHEDULED), (0, Phase.OPEN), (7199, Phase.OPEN), (7200, Phase.CLOSED)],
)
def test_open_and_closed_follow_the_clock(seconds_after_opening: int, seen: Phase) -> None:
    """product.md §2.3: computed from time, not from the state."""
    now = OPENS + timedelta(seconds=seconds_after_opening)
    assert rules.phase(ScheduleState.SCHEDULED, opens_at=OPENS, closes_at=CLOSES, now=now) is seen
    assert rules.phase(ScheduleState.DRAFT, opens_at=OPENS, closes_at=CLOSES, now=now) is Phase.DRAFT


@pytest.mark.parametrize(("minutes", "proctored"), [(480, True), (481, False), (1, True)])
def test_a_duration_within_the_limit_is_accepted(minutes: int, proctored: bool) -> None:
    """R-0.26: 480 saves with proctoring, 481 without."""
    rules.check_duration(minutes, use_proctoring=proctored)


@pytest.mark.parametrize(("minutes", "proctored"), [(481, True), (0, False)])
def test_a_duration_beyond_the_limit_is_refused_at_the_field(minutes: int, proctored: bool) -> None:
    """R-0.26: 481 with proctoring is an error at the field."""
    with pytest.raises(BadInput) as refused:
        rules.check_duration(minutes, use_proctoring=proctored)
    assert list(refused.value.fields) == ["duration_min"]


@pytest.mark.parametrize("deadline", [OPENS, OPENS - timedelta(1), OPENS + timedelta(days=732)])
def test_an_impossible_window_is_refused_at_the_field(deadline: datetime) -> None:
    """product.md §2.2: opens_at < deadline ≤ opens_at + 2 years."""
    with pytest.raises(BadInput) as refused:
        rules.check_window(OPENS, deadline)
    assert list(refused.value.fields) == ["deadline"]
    rules.check_window(OPENS, CLOSES)


def test_a_scheduled_exam_may_be_extended_but_not_shortened() -> None:
    """product.md §2.3: extend (never shorten) the deadline."""
    assert rules.extended(CLOSES, CLOSES + timedelta(minutes=5)) > CLOSES
    with pytest.raises(BadInput):
        rules.extended(CLOSES, CLOSES - timedelta(minutes=5))


def test_a_complete_schedule_has_nothing_open() -> None:
    """product.md §2.3: check-list complete."""
    assert [item.code for item in rules.check_list(READY) if not item.done] == []


@pytest.mark.parametrize(
    ("facts", "code", "title"),
    [
        (replace(READY, invigilators=0), "invigilator", "Assign at least one invigilator"),
        (replace(READY, version_is_live=False), "version_final", "Make the assessment version final"),
        (replace(READY, questions=0), "questions", "Add questions to the assessment"),
        (replace(READY, unready_questions=["Order the steps"]), "questions_ready", "Some questions need review"),
        (replace(READY, now=CLOSES), "window", "The window has already passed"),
        (replace(READY, proctoring_active=False), "proctoring_active", "Activate proctoring for this site"),
    ],
)
def test_each_unmet_item_blocks_and_is_named(facts: Facts, code: str, title: str) -> None:
    """R-1.8: Live without an invigilator is blocked with "assign at least one invigilator"; so is each other item."""
    items = rules.check_list(facts)
    assert [(item.code, item.title) for item in rules.unmet(items)] == [(code, title)]
    assert items[0].code == code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(READY, candidates=0), "candidates"),
        (replace(READY, candidates=41), "invigilator_ratio"),
        (replace(READY, duration_min=121), "window_short"),
        (
            replace(READY, mode=ScheduleMode.AUTOMATED, invigilators=0, pausing_rules=("Full screen",)),
            "pause_needs_person",
        ),
    ],
)
def test_advice_is_open_but_does_not_block(facts: Facts, code: str) -> None:
    """product.md §2.3: mode automated needs no invigilator; advice stands in the list without blocking."""
    items = rules.check_list(facts)
    assert rules.unmet(items) == []
    assert code in [item.code for item in items if not item.done]
