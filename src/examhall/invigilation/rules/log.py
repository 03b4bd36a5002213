"""One line of the candidate log and the choices of its reader (product.md §1.5)."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from examhall.base.words import EntryGroup, EntryKind
from examhall.invigilation.rules.gap import LATE_S
from examhall.invigilation.rules.labels import GROUPS

PAGE_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """Times are UTC; the server's unless called the client's."""

    number: int
    attempt: int
    kind: EntryKind
    group: EntryGroup
    label: str
    at: datetime
    client_at: datetime | None
    question_number: int | None
    item_id: str
    error: str
    ip: str
    detail: str
    actor: str
    actor_role: str
    saved_after_s: float | None
    """Of a save: how long the answer was on its way."""
    received_after_s: float | None
    time_left_s: float | None
    in_window: bool

    @property
    def late(self) -> bool:
        """A save that is highlighted (R-4.27)."""
        return self.saved_after_s is not None and self.saved_after_s > LATE_S

    @property
    def received_later(self) -> bool:
        """R-4.17: made by the candidate well before it reached the server."""
        return self.received_after_s is not None and self.received_after_s > LATE_S

    @property
    def icon(self) -> str:
        return GROUPS[self.group].icon

    @property
    def group_word(self) -> str:
        return GROUPS[self.group].word


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the reader wants to see."""

    group: EntryGroup | None = None
    text: str = ""
    only_gaps: bool = False
    page: int = 1
    by_client_time: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Newest first."""

    lines: Sequence[LogLine]
    found: int
    page: int
    pages: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_LINES + 1 if self.found else 0

    @property
    def last(self) -> int:
        return min(self.page * PAGE_LINES, self.found)


def choose(lines: Iterable[LogLine], choice: Choice) -> Chosen:
    found = [line for line in lines if _fits(line, choice)]
    if choice.by_client_time:
        found.sort(key=lambda line: (line.client_at or line.at, line.number))
    found.reverse()
    pages = max(1, -(-len(found) // PAGE_LINES))
    page = min(max(1, choice.page), pages)
    return Chosen(found[(page - 1) * PAGE_LINES : page * PAGE_LINES], len(found), page, pages)


def group_counts(lines: Collection[LogLine]) -> dict[EntryGroup, int]:
    """How many lines each group has, those with none left out, in the order of the chips."""
    counted = Counter(line.group for line in lines)
    return {group: counted[group] for group in GROUPS if counted[group]}


def _fits(line: LogLine, choice: Choice) -> bool:
    if choice.group is not None and line.group is not choice.group:
        return False
    if choice.only_gaps and not (line.late or line.received_later):
        return False
    text = choice.text.strip().casefold()
    return not text or text in _searched(line)


def _searched(line: LogLine) -> str:
    fields = (line.label, line.kind.value, line.item_id, line.error, line.ip, line.detail, line.actor)
    return " ".join(fields).casefold()
