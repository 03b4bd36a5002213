"""V3, one session: video monitoring, online violations, incident log, details."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from examhall.base import clock
from examhall.base.answer import encode
from examhall.base.errors import NotFound
from examhall.base.settings import settings
from examhall.base.words import EntryKind, IncidentFamily, IncidentKind, Track
from examhall.exam.access.attempt import AttemptRef, attempt_for
from examhall.exam.http.look import looked
from examhall.exam.reads.reviewed import ReviewedSchedule, reviewed_schedule, settings_of
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.rights import Act
from examhall.incidents.http.shape import incident_out
from examhall.incidents.http.token import still_url
from examhall.incidents.reads.incident import IncidentRow, incidents_of, suppressed_of
from examhall.incidents.reads.off import notices, unseen
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.notes import arranged_note
from examhall.incidents.rules.score import WEIGHTS, by_incident
from examhall.incidents.rules.verdict import REASON_WORDS
from examhall.invigilation.rules.detail import detail
from examhall.journal.reads import EntryRow, entries_after
from examhall.media.reads.recording import Coverage, coverage
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor
from examhall.review.actions.viewing import note_session_opened
from examhall.review.http.facts import CONNECTION_KINDS, STATUS, facts, key_list, tabs
from examhall.review.reads.cohort import differing
from examhall.review.reads.lanes import lanes
from examhall.review.reads.session import SessionRow, session_row, session_rows
from examhall.review.reads.statement import StatementRow, statements_of
from examhall.review.rules.cohort import LEAST_SESSIONS, WORDS, in_words
from examhall.review.rules.device import device_class
from examhall.review.rules.storm import BAR_PX, MOST_PER_HOUR, bars, is_storm
from examhall.review.rules.tier import BEYOND_TIER
from examhall.review.wire.session import GapOut, LaneOut, ReasonOut, ScoreOut, SessionOut, TrackOut

ONLINE = frozenset({IncidentFamily.AID, IncidentFamily.APPS, IncidentFamily.KEYS})
"""What the candidate's own client reports (R-2.14)."""


@require_safe
def video(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/: pictures, timeline and incidents (R-2.10)."""
    page = SessionPage(request, attempt_id, "video")
    note_session_opened(page.attempt, by=page.actor, page="video monitoring")
    return page.render("review/video.html", {"keys": key_list(), "recorded": bool(page.recording.tracks)})


@require_safe
def online(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/online/: what the client reported, with the screen's stills (R-2.14)."""
    page = SessionPage(request, attempt_id, "online")
    note_session_opened(page.attempt, by=page.actor, page="online violations")
    found = [i for i in page.incidents if i.family in ONLINE]
    return page.render("review/online.html", {"shown": [page.shown(i) for i in found]})


@require_safe
def incident_log(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/incidents/: every incident and its verdicts; what was suppressed, and why."""
    page = SessionPage(request, attempt_id, "incidents")
    note_session_opened(page.attempt, by=page.actor, page="incident log")
    suppressed = [(page.at(s.start_ms), (s.end_ms - s.start_ms) / 1000, s) for s in suppressed_of(attempt_id)]
    shown = [page.shown(i) for i in page.incidents]
    context = {
        "shown": shown,
        "storm": page.by_kind(shown) if is_storm([i.start_ms for i in page.incidents]) else [],
        "most_per_hour": MOST_PER_HOUR,
        "suppressed": suppressed,
    }
    return page.render("review/incidents.html", context)


@require_safe
def details(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/details/: connections, gaps, what was not looked for, frozen settings."""
    page = SessionPage(request, attempt_id, "details")
    lines: Sequence[EntryRow] = entries_after(page.attempt.stream, 0, limit=2000, kinds=CONNECTION_KINDS)
    gaps = [(track, page.at(g.from_ms), g) for track, found in page.recording.gaps.items() for g in found]
    context = {
        "connections": sum(line.kind is EntryKind.CLIENT_CONNECTED for line in lines),
        "lines": [(line, _connection(line)) for line in lines],
        "gaps": [(track, at, (g.to_ms - g.from_ms) / 1000, g.cause.value.replace("_", " ")) for track, at, g in gaps],
        "tracks": [(t.track, t.segments, t.size_bytes / 1e6) for t in page.recording.tracks],
        "unseen": page.unseen,
        "beyond_tier": BEYOND_TIER.values(),
        "settings": settings_of(page.attempt.activation),
        "score": page.row.score,
        "shares": page.shares(),
        "compared": [WORDS[metric] for metric in settings().cohort_metrics],
        "differs": in_words(differing(session_rows(page.schedule.id)).get(attempt_id, ())),
        "least": LEAST_SESSIONS,
    }
    return page.render("review/details.html", context)


def _connection(line: EntryRow) -> str:
    """A line of the connections in words; what a machine counts is left out."""
    device = device_class(str(line.extra.get("agent", "")))
    return " · ".join(part for part in (detail(line.kind, line.extra), device) if part)


@require_safe
def shown(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """GET /review/sessions/{id}/session.json: what the page's script shows."""
    page = SessionPage(request, attempt_id, "")
    whose = str(page.attempt.candidate)
    looked(page.attempt, EntryKind.RECORDING_VIEWED, by=page.actor, candidate=whose, page="timeline")
    return HttpResponse(encode(page.out()), content_type="application/json")


class SessionPage:
    """What every page of a session needs; fetching it asks whether this person may see the recording."""

    def __init__(self, request: HttpRequest, attempt_id: UUID, tab: str) -> None:
        self.request, self.tab = request, tab
        self.actor: Actor = actor_of(request)
        self.attempt: AttemptRef = attempt_for(self.actor, attempt_id, Act.SEE_RECORDING)
        self.schedule: ReviewedSchedule = reviewed_schedule(self.actor, self.attempt.schedule)
        self.row: SessionRow = session_row(attempt_id)
        self.incidents: list[IncidentRow] = incidents_of(attempt_id)
        self.recording: Coverage = coverage(attempt_id)
        self.statements: list[StatementRow] = statements_of(attempt_id)
        self.arranged = arranged_note(self.attempt.accommodations, extra_time=self.row.ref.extra_time)
        self.unseen = unseen(self.attempt, self.row.analysis, until=self.row.ref.ended_at or clock.now())
        if self.actor.user_id is None:
            raise NotFound("There is no such session, or it is not yours to see.")
        self.viewer: UUID = self.actor.user_id

    def may(self, act: Act) -> bool:
        """For showing and leaving out what leads to `act`, never instead of the check."""
        try:
            attempt_for(self.actor, self.attempt.id, act)
        except NotFound:
            return False
        return True

    def at(self, offset_ms: int) -> datetime:
        return self.attempt.entered_at + timedelta(milliseconds=offset_ms)

    def shown(self, incident: IncidentRow) -> dict[str, Any]:
        """One incident for a table: times of day, addresses of its stills, the last verdict in words."""
        last = incident.decided
        return {
            "row": incident,
            "out": incident_out(incident, viewer=self.viewer),
            "at": self.at(incident.start_ms),
            "length_s": incident.length_s,
            "plot_rows": [(self.at(r.from_ms), self.at(r.to_ms), r) for r in incident.plot_rows],
            "stills": [(s, still_url(s.id, viewer=self.viewer), self.at(s.offset_ms)) for s in incident.stills],
            "reason": REASON_WORDS[last.reason] if last and last.reason else "",
        }

    def by_kind(self, shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Incidents behind one line for each kind, those of most first; where in the session they began, as bars.

        shown: what `shown` makes of each incident.
        """
        length_ms = max(incident.end_ms for incident in self.incidents)
        kinds: defaultdict[IncidentKind, list[dict[str, Any]]] = defaultdict(list)
        for item in shown:
            kinds[item["row"].kind].append(item)
        return [self._kind(mine, length_ms) for mine in sorted(kinds.values(), key=len, reverse=True)]

    def _kind(self, shown: Sequence[dict[str, Any]], length_ms: int) -> dict[str, Any]:
        found: list[IncidentRow] = [item["row"] for item in shown]
        heights = bars([i.start_ms for i in found], to_ms=length_ms)
        return {
            "title": found[0].title,
            "times": sum(i.count if i.repeated else 1 for i in found),
            "from": self.at(found[0].start_ms),
            "to": self.at(max(i.end_ms for i in found)),
            "bars": [(x, n, BAR_PX - n) for x, n in enumerate(heights)],
            "shown": shown,
        }

    def shares(self) -> list[dict[str, Any]]:
        """What the score is made of: by kind, and by incident within it."""
        each = by_incident(self.row.score, [incident.counted for incident in self.incidents])
        found = [(i, self.at(i.start_ms), points) for i, points in zip(self.incidents, each, strict=True) if points]
        return [
            {
                "title": SHOWN[share.kind].title,
                "weight": WEIGHTS[share.kind],
                "points": share.points,
                "parts": [(i, at, points) for i, at, points in found if i.kind is share.kind],
            }
            for share in self.row.score.shares
        ]

    def render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        with timezone.override(ZoneInfo(self.schedule.zone)):
            frame = {
                "session": self.row,
                "schedule": self.schedule,
                "facts": facts(self.row),
                "notices": notices(self.unseen),
                "halved_s": self.row.analysis.halved_ms / 1000,
                "arranged": self.arranged,
                "statements": self.statements,
                "tabs": tabs(self.row.ref, self.tab, self.incidents, ONLINE, statements=len(self.statements)),
                "crumbs": [
                    {"label": "Review", "url": "/review/"},
                    {"label": self.schedule.title, "url": f"/review/schedules/{self.schedule.id}/"},
                    {"label": self.row.ref.candidate},
                ],
            }
            return render(self.request, template, {**frame, **context}, status=status)

    def out(self) -> SessionOut:
        row = self.row
        local = self.attempt.entered_at.astimezone(ZoneInfo(self.schedule.zone))
        offset = local.utcoffset() or timedelta(0)
        ends = [t.to_ms for t in self.recording.tracks] + [i.end_ms for i in self.incidents]
        length_ms = round(row.length.total_seconds() * 1000)
        return SessionOut(
            attempt=self.attempt.id,
            candidate=row.ref.candidate,
            entered_at=self.attempt.entered_at,
            offset_min=round(offset.total_seconds() / 60),
            duration_ms=max([length_ms, *ends]) if row.ref.ended_at else max([1000, length_ms, *ends]),
            running=self.attempt.state not in TERMINAL,
            tracks=[TrackOut(t.track, f"/media/{self.attempt.id}/{t.track.value}.m3u8") for t in self._tracks()],
            gaps=[
                GapOut(track, gap.from_ms, gap.to_ms, gap.cause)
                for track, found in self.recording.gaps.items()
                for gap in found
            ],
            lanes=[
                LaneOut(lane.family, lane.count, lane.off, lane.beyond) for lane in lanes(self.unseen, self.incidents)
            ],
            incidents=[incident_out(i, viewer=self.viewer) for i in self.incidents],
            analysed_to_ms=row.analysis.analysed_to_ms,
            finished=row.analysis.finished_at is not None,
            arranged=self.arranged,
            score=_score_out(row),
            reasons=[ReasonOut(code, words) for code, words in REASON_WORDS.items()],
            may_decide=self.may(Act.REVIEW_INCIDENTS),
        )

    def _tracks(self) -> list[Any]:
        return sorted(self.recording.tracks, key=lambda t: t.track is not Track.WEBCAM)


def _score_out(row: SessionRow) -> ScoreOut:
    shown = STATUS[row.status]
    return ScoreOut(
        points=round(row.score.points),
        band=row.score.band.value,
        text=row.score.text,
        status=row.status.value,
        status_word=shown.word,
        status_icon=shown.icon,
        status_tone=shown.tone,
        coverage_percent=round(row.coverage * 100, 1),
    )
