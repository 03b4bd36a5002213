"""A session as the review page's script receives it. Times: milliseconds since the attempt was entered."""

from datetime import datetime
from uuid import UUID

import msgspec

from examhall.base.words import DismissReason, GapCause, IncidentFamily, Track
from examhall.incidents.wire.incident import IncidentOut


class TrackOut(msgspec.Struct, frozen=True):
    track: Track
    playlist: str


class GapOut(msgspec.Struct, frozen=True):
    track: Track
    from_ms: int
    to_ms: int
    cause: GapCause


class LaneOut(msgspec.Struct, frozen=True):
    """One lane of the timeline."""

    family: IncidentFamily
    count: int
    off: str
    """Why nothing can stand here, in words; empty when it is looked for."""
    beyond: str = ""
    """What of it the candidate's tier cannot see, in words."""


class ReasonOut(msgspec.Struct, frozen=True):
    code: DismissReason
    words: str


class ScoreOut(msgspec.Struct, frozen=True):
    points: int
    band: str
    text: str
    status: str
    status_word: str
    status_icon: str
    status_tone: str
    coverage_percent: float


class SessionOut(msgspec.Struct, frozen=True, kw_only=True):
    attempt: UUID
    candidate: str
    entered_at: datetime
    offset_min: int
    """Minutes east of UTC in the schedule's zone, when the session began."""
    duration_ms: int
    running: bool
    tracks: list[TrackOut]
    gaps: list[GapOut]
    lanes: list[LaneOut]
    incidents: list[IncidentOut]
    arranged: str
    """What accommodations change, in words; never why there is one."""
    analysed_to_ms: int
    finished: bool
    score: ScoreOut
    reasons: list[ReasonOut]
    may_decide: bool
