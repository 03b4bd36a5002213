"""The life of a schedule: its state table, what must be done before it is activated, and what the clock makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from examhall.base.errors import BadInput, IllegalMove
from examhall.base.words import ScheduleMode, ScheduleState

__all__ = [
    "LONGEST_WINDOW",
    "MAX_PROCTORED_MIN",
    "TRANSITIONS",
    "CheckItem",
    "Facts",
    "Phase",
    "ScheduleAct",
    "after",
    "check_duration",
    "check_list",
    "check_window",
    "extended",
    "phase",
    "unmet",
]

MAX_PROCTORED_MIN = 480
"""R-0.26: with proctoring, at most 8 hours per attempt."""

LONGEST_WINDOW = timedelta(days=731)
"""product.md §2.2: the deadline is at most two years after the opening."""


class ScheduleAct(StrEnum):
    ACTIVATE = "activate"
    UNSCHEDULE = "unschedule"
    CANCEL = "cancel"
    ARCHIVE = "archive"


TRANSITIONS: Mapping[tuple[ScheduleState, ScheduleAct], ScheduleState] = {
    (ScheduleState.DRAFT, ScheduleAct.ACTIVATE): ScheduleState.SCHEDULED,
    (ScheduleState.SCHEDULED, ScheduleAct.UNSCHEDULE): ScheduleState.DRAFT,
    (ScheduleState.SCHEDULED, ScheduleAct.CANCEL): ScheduleState.CANCELLED,
    (ScheduleState.SCHEDULED, ScheduleAct.ARCHIVE): ScheduleState.ARCHIVED,
}


def after(state: ScheduleState, act: ScheduleAct) -> ScheduleState:
    """The state `act` leads to. Raises IllegalMove when the table has no such pair."""
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise IllegalMove(state, act) from None


class Phase(StrEnum):
    """What people see: the stored state, with the clock's share computed and never stored (product.md §2.3)."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


def phase(state: ScheduleState, *, opens_at: datetime, closes_at: datetime, now: datetime) -> Phase:
    """closes_at: the latest hard end of its registrations; at that moment it is closed."""
    if state is not ScheduleState.SCHEDULED:
        return Phase(state.value)
    if now < opens_at:
        return Phase.SCHEDULED
    return Phase.OPEN if now < closes_at else Phase.CLOSED


def check_window(opens_at: datetime, deadline: datetime) -> None:
    """Raises BadInput at the field that is to be mended."""
    if deadline <= opens_at:
        raise BadInput(
            "The exam closes before it opens.",
            fields={"deadline": "Choose a time after the opening."},
        )
    if deadline > opens_at + LONGEST_WINDOW:
        raise BadInput(
            "The exam stays open for more than two years.",
            fields={"deadline": "Choose a time within two years of the opening."},
        )


def extended(before: datetime, deadline: datetime) -> datetime:
    """The new deadline of a scheduled exam, which may only move later. Raises BadInput at the field."""
    if deadline < before:
        raise BadInput(
            "A scheduled exam may be extended, but not shortened.",
            fields={"deadline": "Choose a later time, or unschedule the exam first."},
        )
    return deadline


def check_duration(duration_min: int, *, use_proctoring: bool) -> None:
    """R-0.26. Raises BadInput at the field."""
    if duration_min < 1:
        raise BadInput("The exam has no time.", fields={"duration_min": "Enter 1 minute or more."})
    if use_proctoring and duration_min > MAX_PROCTORED_MIN:
        raise BadInput(
            f"A proctored exam lasts at most {MAX_PROCTORED_MIN} minutes.",
            fields={"duration_min": f"Enter {MAX_PROCTORED_MIN} minutes or fewer, or untick Use proctoring."},
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What the check-list looks at, gathered by whoever can read it."""

    mode: ScheduleMode
    use_proctoring: bool
    version_is_live: bool
    version_number: int
    questions: int
    unready_questions: Sequence[str]
    """Titles of the questions in it that need review."""
    candidates: int
    invigilators: int
    invigilator_target: int
    """How many candidates one invigilator is to watch (`live.ratio_target`)."""
    opens_at: datetime
    deadline: datetime
    duration_min: int
    now: datetime
    proctoring_active: bool
    pausing_rules: Sequence[str] = ()
    """Names of settings with the answer `pause`, which need a person (product.md §5.3)."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the to-do list of a schedule."""

    code: str
    title: str
    detail: str
    done: bool
    blocking: bool = True
    """Open and not blocking = advice; the schedule can be activated without it."""


def check_list(facts: Facts) -> list[CheckItem]:
    """Everything to be done before activation, open items first, blocking ones before advice."""
    items = [*_content_items(facts), *_people_items(facts), *_time_items(facts)]
    return sorted(items, key=lambda item: (item.done, not item.blocking))


def unmet(items: Sequence[CheckItem]) -> list[CheckItem]:
    """Those that keep the schedule from being activated."""
    return [item for item in items if item.blocking and not item.done]


def _content_items(facts: Facts) -> list[CheckItem]:
    live = facts.version_is_live
    items = [
        CheckItem(
            "version_final",
            "Assessment version is final" if live else "Make the assessment version final",
            f"Version {facts.version_number}" if live else f"Version {facts.version_number} is still a draft.",
            live,
        ),
        CheckItem(
            "questions",
            "Questions are in the assessment" if facts.questions else "Add questions to the assessment",
            _counted(facts.questions, "question") if facts.questions else "It has none yet.",
            facts.questions > 0,
        ),
    ]
    if facts.unready_questions:
        named = ", ".join(facts.unready_questions)
        items.append(
            CheckItem("questions_ready", "Some questions need review", f"They cannot be shown yet: {named}.", False)
        )
    if facts.use_proctoring and not facts.proctoring_active:
        items.append(
            CheckItem(
                "proctoring_active", "Activate proctoring for this site", "A site administrator can do it.", False
            )
        )
    return items


def _people_items(facts: Facts) -> list[CheckItem]:
    items = [
        CheckItem(
            "candidates",
            "Candidates registered" if facts.candidates else "No candidate is registered yet",
            _counted(facts.candidates, "candidate") if facts.candidates else "They can also be added after scheduling.",
            facts.candidates > 0,
            blocking=False,
        )
    ]
    if facts.mode is ScheduleMode.LIVE:
        items.append(_invigilator_item(facts))
    if facts.pausing_rules and not facts.invigilators:
        named = ", ".join(facts.pausing_rules)
        items.append(
            CheckItem(
                "pause_needs_person",
                "A setting pauses the exam, and nobody is assigned to resume it",
                f"Until somebody is, it hides the exam instead: {named}.",
                False,
                blocking=False,
            )
        )
    return items


def _invigilator_item(facts: Facts) -> CheckItem:
    if not facts.invigilators:
        return CheckItem(
            "invigilator", "Assign at least one invigilator", "Live proctoring needs a person who watches.", False
        )
    needed = -(-facts.candidates // facts.invigilator_target)
    detail = (
        f"{facts.invigilators} assigned for {_counted(facts.candidates, 'candidate')}; "
        f"the target is 1 for {facts.invigilator_target}."
    )
    if facts.invigilators < needed:
        return CheckItem("invigilator_ratio", "More invigilators are advised", detail, False, blocking=False)
    return CheckItem("invigilator", "Invigilators assigned", detail, True)


def _time_items(facts: Facts) -> list[CheckItem]:
    past = facts.deadline <= facts.now
    window_min = (facts.deadline - facts.opens_at) / timedelta(minutes=1)
    short = window_min < facts.duration_min
    items = [
        CheckItem(
            "window",
            "The window has already passed" if past else "The window is set",
            "Choose a later closing time." if past else _counted(round(window_min), "minute"),
            not past,
        )
    ]
    if short:
        items.append(
            CheckItem(
                "window_short",
                "The window is shorter than the exam",
                f"{_counted(facts.duration_min, 'minute')} of exam do not fit: every candidate ends at the deadline.",
                False,
                blocking=False,
            )
        )
    return items


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
