"""An incident as pages receive it, and what a person sends about one. Times: milliseconds since entered_at."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from examhall.base.words import (
    DismissReason,
    IncidentFamily,
    IncidentKind,
    IncidentState,
    Track,
    Verdict,
)


class StillOut(msgspec.Struct, frozen=True):
    track: Track
    label: str
    """start, middle or end"""
    offset_ms: int
    url: str
    """Works for this viewer alone, and for a few hours."""


class VerdictOut(msgspec.Struct, frozen=True):
    by: str
    verdict: Verdict
    reason: str
    """In words; empty but for a dismissal."""
    note: str
    at: datetime


class PlotRowOut(msgspec.Struct, frozen=True):
    """A stretch of the plot in which the threshold was reached throughout, or not at all."""

    from_ms: int
    to_ms: int
    highest: float
    reached: bool


class PaperOut(msgspec.Struct, frozen=True):
    """A program or model that had a part in an incident."""

    what: str
    version: str
    sha256: str


class IncidentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: IncidentKind
    family: IncidentFamily
    label: str
    title: str
    start_ms: int
    end_ms: int
    open_ended: bool
    repeated: bool
    severity: int
    confidence: float
    count: int
    detector: str
    rules: str
    level: str
    measured: float | None
    threshold: float | None
    unit: str
    needed_s: float
    explanation: str
    plot: tuple[tuple[int, float], ...]
    plot_threshold: float | None
    plot_unit: str
    """What the plotted number counts; empty where it is 1 while it lasts."""
    plot_words: str
    """The plot in a sentence, for whoever does not see it."""
    plot_rows: list[PlotRowOut]
    """The plot as a table."""
    state: IncidentState
    stills: list[StillOut]
    verdicts: list[VerdictOut]
    fails_when: str
    """Known causes of error of its detector; empty for what the client or a person reported."""
    not_shown: str
    """What it does not show, in plain words."""
    client_note: str
    """How far the word of the client carries."""
    papers: list[PaperOut]
    """Empty when a person marked it."""


class VerdictIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verdict: Verdict
    reason: DismissReason | None = None
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    verdicts_seen: Annotated[int, msgspec.Meta(ge=0)] | None = None


class FlagIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    start_ms: Annotated[int, msgspec.Meta(ge=0)]
    end_ms: Annotated[int, msgspec.Meta(ge=0)]
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
