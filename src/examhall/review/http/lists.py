"""V1, the schedules with their counts, and V2, the sessions of one schedule."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from examhall.base import clock
from examhall.exam.reads.results import may_see_results
from examhall.exam.reads.reviewed import reviewed_schedule
from examhall.people.http.actor import actor_of
from examhall.review.reads.cohort import differing
from examhall.review.reads.session import SessionRow, Standing, schedule_counts, session_rows
from examhall.review.reads.statement import explained
from examhall.review.rules.cohort import in_words

SESSIONS_PER_PAGE = 100
STANDING_WORDS: dict[Standing, tuple[str, str]] = {
    Standing.TO_REVIEW: ("flag", "To review"),
    Standing.REVIEWED: ("circle-check", "Reviewed"),
    Standing.CALM: ("circle", "Review not asked for"),
    Standing.ANALYSING: ("scan", "Being analysed"),
    Standing.RUNNING: ("circle-play", "Not ended"),
}
"""Icon and words, in the order of attention."""


@require_safe
def schedules(request: HttpRequest) -> HttpResponse:
    """GET /review/ (R-2.8)."""
    actor = actor_of(request)
    return render(request, "review/schedules.html", {"rows": schedule_counts(actor)})


@require_safe
def sessions(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """GET /review/schedules/{id}/?q=&standing=&sort=&page= (V2)."""
    actor = actor_of(request)
    schedule = reviewed_schedule(actor, schedule_id)
    every = session_rows(schedule.id)
    asked, wanted = request.GET.get("q", "").strip(), request.GET.get("standing", "")
    shown = sorted_by(filtered(every, asked, wanted), request.GET.get("sort", ""))
    with timezone.override(ZoneInfo(schedule.zone)):
        differ = differing(every)
        page = Paginator(shown, SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
        spoken = explained([row.ref.attempt for row in page.object_list])
        context = {
            "schedule": schedule,
            "may_results": may_see_results(actor, schedule.id),
            "total": len(every),
            "page": page,
            "lines": [
                (row, in_words(differ.get(row.ref.attempt, ())), row.ref.attempt in spoken) for row in page.object_list
            ],
            "q": asked,
            "standing": wanted,
            "chips": [(s.value, *words, sum(r.standing is s for r in every)) for s, words in STANDING_WORDS.items()],
            "expected_at": schedule.opens_at if clock.now() < schedule.opens_at else None,
            "crumbs": [{"label": "Review", "url": "/review/"}, {"label": schedule.title}],
        }
        return render(request, "review/sessions.html", context)


def filtered(rows: Sequence[SessionRow], text: str, standing: str) -> list[SessionRow]:
    """Those whose name, number or code contains `text`, and whose standing is `standing` if one is given."""
    words = text.casefold()
    return [
        row
        for row in rows
        if words in f"{row.ref.candidate} {row.ref.student_id} {row.ref.code}".casefold()
        and (not standing or row.standing.value == standing)
    ]


def sorted_by(rows: Sequence[SessionRow], key: str) -> list[SessionRow]:
    """By a column's key, `-` before it for the other way round; by attention when there is none."""
    keys = {
        "name": lambda row: row.ref.candidate.casefold(),
        "submitted": lambda row: (row.ref.ended_at is None, row.ref.ended_at or row.ref.entered_at),
        "length": lambda row: row.length,
        "incidents": lambda row: row.counts.total,
        "score": lambda row: row.score.points,
    }
    chosen = keys.get(key.removeprefix("-"))
    return list(rows) if chosen is None else sorted(rows, key=chosen, reverse=key.startswith("-"))
