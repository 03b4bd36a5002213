"""The words at the head of a session's page: status, facts, tabs, keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.urls import reverse

from examhall.base.words import EntryKind, IncidentFamily
from examhall.exam.reads.reviewed import SessionRef
from examhall.incidents.reads.incident import IncidentRow
from examhall.incidents.rules.score import SystemStatus
from examhall.review.reads.session import SessionRow

CONNECTION_KINDS = frozenset(
    {
        EntryKind.CLIENT_CONNECTED,
        EntryKind.CLIENT_TAKEN_OVER,
        EntryKind.HEARTBEAT_LOST,
        EntryKind.HEARTBEAT_RESTORED,
        EntryKind.IP_CHANGED,
        EntryKind.CLOCK_SKEW,
        EntryKind.TRACK_STARTED,
        EntryKind.TRACK_ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class Status:
    """The system's suggestion in words, with its sign (R-2.4, R-2.27)."""

    word: str
    icon: str
    tone: str


STATUS: dict[SystemStatus, Status] = {
    SystemStatus.PASS: Status("Passed", "circle-check", "ok"),
    SystemStatus.FAIL: Status("Failed", "flag", "incident"),
    SystemStatus.INCOMPLETE: Status("Incomplete", "circle-dashed", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    status: Status
    points: int
    band: str
    coverage: str
    score_text: str
    analysed_percent: int
    """How much of what is stored has been analysed; 100 when finished."""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int | None = None


def facts(row: SessionRow) -> Facts:
    length_ms = max(1.0, row.length.total_seconds() * 1000)
    done = 100 if row.analysis.finished_at else min(99, int(row.analysis.analysed_to_ms / length_ms * 100))
    return Facts(
        status=STATUS[row.status],
        points=round(row.score.points),
        band=row.score.band.value,
        coverage=f"{row.coverage * 100:.1f}",
        score_text=row.score.text,
        analysed_percent=done,
    )


def tabs(
    ref: SessionRef,
    current: str,
    incidents: Sequence[IncidentRow],
    online: Collection[IncidentFamily],
    *,
    statements: int,
) -> list[Tab]:
    """Only tabs that hold something; the candidate log is a page of its own."""
    attempt_id = ref.attempt
    seen_online = sum(i.family in online for i in incidents)
    found = [Tab("Video monitoring", reverse("review-session", args=[attempt_id]), current == "video")]
    if seen_online or current == "online":
        url = reverse("review-online", args=[attempt_id])
        found.append(Tab("Online violations", url, current == "online", seen_online))
    url = reverse("review-incidents", args=[attempt_id])
    found.append(Tab("Incident log", url, current == "incidents", len(incidents)))
    found.append(Tab("Analyses", reverse("review-sets", args=[attempt_id]), current == "sets"))
    found.append(Tab("Candidate log", reverse("invigilation-log", args=[ref.schedule, attempt_id]), current=False))
    found.append(Tab("Case", reverse("review-case", args=[attempt_id]), current == "case", statements or None))
    found.append(Tab("Session details", reverse("review-details", args=[attempt_id]), current == "details"))
    return found


def key_list() -> list[dict[str, object]]:
    """For the list that `?` opens."""
    return [
        {"keys": ["Space", "K"], "does": "Play or pause"},
        {"keys": ["J", "L"], "does": "Back or forward 5 seconds"},
        {"keys": [",", "."], "does": "Back or forward one frame"},
        {"keys": ["N", "P"], "does": "Next or previous incident, from 5 seconds before it"},
        {"keys": ["C", "D", "U"], "does": "Confirm, dismiss, unsure"},
    ]
