"""What the analysis reads of an attempt: the recording behind one small interface, and the journal as reports."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Protocol

from examhall.base.words import EntryKind, GapCause, IncidentKind, Suppression, Track
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.rules.client import READ_ENTRIES, Reported
from examhall.incidents.rules.hints import DARK_HINT
from examhall.incidents.rules.off import FOREVER_S
from examhall.incidents.rules.signal import Quiet
from examhall.journal.reads import EntryRow, entries_after

ENTRIES_PER_STEP = 2000
_HALTS = frozenset({EntryKind.EXAM_PAUSED, EntryKind.ATTEMPT_STOPPED})
_GOES_ON = frozenset({EntryKind.EXAM_RESUMED, EntryKind.ATTEMPT_REOPENED})
_COVERS, _SHOWS = frozenset({EntryKind.HOLD_STARTED}), frozenset({EntryKind.HOLD_ENDED})


@dataclass(frozen=True, slots=True)
class Piece:
    """One stored fragment. Times are milliseconds since the attempt was entered."""

    epoch: int
    seq: int
    t_ms: int
    d_ms: int
    key: bool
    received_at: datetime
    offset: int = 0
    """Where its bytes lie, and how many; a recording's own affair."""
    length: int = 0

    @property
    def end_ms(self) -> int:
        return self.t_ms + self.d_ms


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch without media, and why."""

    track: Track
    from_ms: int
    to_ms: int
    cause: GapCause


class Recording(Protocol):
    """One attempt's stored media; what the analysis needs of the wing `media`."""

    def pieces(self, track: Track, *, epoch: int, seq: int, limit: int) -> Sequence[Piece]:
        """Fragments behind (`epoch`, `seq`), in that order."""

    def around(self, track: Track, at_ms: int) -> Sequence[Piece]:
        """From the last key fragment at or before `at_ms` to the one that covers it; empty if none does."""

    def media(self, track: Track, pieces: Sequence[Piece]) -> bytes:
        """Init segment and fragments of one epoch, one after the other: a playable file."""

    def count(self, track: Track, *, epoch: int = 0, seq: int = 0) -> int:
        """How many fragments are stored behind (`epoch`, `seq`); all of them by default."""

    def holes(self) -> Sequence[Hole]: ...

    def complete(self) -> bool:
        """Nothing more is expected: all has arrived, or is not waited for any more."""

    def end_ms(self) -> int:
        """The end of the last stored fragment of any track."""


@dataclass(frozen=True, slots=True)
class Reports:
    """New lines of the journal, as the rules read them."""

    reported: tuple[Reported, ...]
    last_entry: int
    more: bool
    lag_s: float | None
    """The smallest difference seen between the server's and the client's clock: the way of the fastest line."""
    received_s: float
    """When the latest line came, in seconds since the attempt was entered."""


def reports(attempt: AttemptRef, *, after: int, lag_s: float | None, received_s: float = 0.0) -> Reports:
    """Lines behind number `after`.

    A line written while the client was offline is dated by its own clock, put right by `lag_s`: otherwise everything
    that happened in an outage would seem to have happened when it ended. received_s: of the lines before; one that
    came later by its number came later, also when the server's clock has been put back.
    """
    rows = entries_after(attempt.stream, after, limit=ENTRIES_PER_STEP, kinds=READ_ENTRIES)
    came_s = list(accumulate((since(attempt, row.at) for row in rows), max, initial=received_s))[1:]
    for row, at_s in zip(rows, came_s, strict=True):
        if row.client_at is not None:
            lag = at_s - since(attempt, row.client_at)
            lag_s = lag if lag_s is None else min(lag_s, lag)
    dated = [_at_s(row, attempt, at_s, lag_s) for row, at_s in zip(rows, came_s, strict=True)]
    return Reports(
        reported=tuple(Reported(row.kind, at_s, row.extra) for row, at_s in zip(rows, dated, strict=True)),
        last_entry=rows[-1].number if rows else after,
        more=len(rows) == ENTRIES_PER_STEP,
        lag_s=lag_s,
        received_s=came_s[-1] if came_s else received_s,
    )


def quiet_stretches(attempt: AttemptRef) -> list[Quiet]:
    """When nothing counts: before Start (checks and permission prompts), and while the exam was paused or stopped.

    While a page of ours covers the exam, that is no other content.
    """
    began_s = FOREVER_S if attempt.started_at is None else since(attempt, attempt.started_at)
    rows = entries_after(attempt.stream, 0, limit=ENTRIES_PER_STEP, kinds=_HALTS | _GOES_ON | _COVERS | _SHOWS)
    halted = [Quiet(from_s, to_s, Suppression.STAFF_ACTION) for from_s, to_s in _spans(attempt, rows, _HALTS, _GOES_ON)]
    covered = [
        Quiet(from_s, to_s, Suppression.SYSTEM_DIALOG, frozenset({IncidentKind.OTHER_CONTENT}))
        for from_s, to_s in _spans(attempt, rows, _COVERS, _SHOWS)
    ]
    return [Quiet(0.0, began_s, Suppression.SYSTEM_DIALOG), *halted, *covered]


def _spans(
    attempt: AttemptRef, rows: Sequence[EntryRow], opens: Collection[EntryKind], closes: Collection[EntryKind]
) -> Iterator[tuple[float, float]]:
    """From each line that opens to the next that closes; one still open has no end."""
    open_s: float | None = None
    for row in rows:
        if row.kind in opens and open_s is None:
            open_s = since(attempt, row.at)
        elif row.kind in closes and open_s is not None:
            yield open_s, since(attempt, row.at)
            open_s = None
    if open_s is not None:
        yield open_s, FOREVER_S


def promised_s(attempt: AttemptRef) -> list[float]:
    """When a page told the candidate of the dark and promised a minute, by the server's clock."""
    rows = entries_after(attempt.stream, 0, limit=ENTRIES_PER_STEP, kinds={EntryKind.HINT_SHOWN})
    told = [row for row in rows if row.extra.get("hint") == DARK_HINT and row.extra.get("grace") is True]
    return [since(attempt, row.at) for row in told]


def completed_at_s(attempt: AttemptRef) -> float | None:
    """When the attempt ended, in seconds since it was entered; None while it has not."""
    ends = entries_after(attempt.stream, 0, kinds={EntryKind.EXAM_COMPLETED})
    return since(attempt, ends[-1].at) if ends else None


def since(attempt: AttemptRef, at: datetime) -> float:
    return (at - attempt.entered_at).total_seconds()


def _at_s(row: EntryRow, attempt: AttemptRef, received_s: float, lag_s: float | None) -> float:
    if row.client_at is None or lag_s is None:
        return received_s
    return max(0.0, min(received_s, since(attempt, row.client_at) + lag_s))
