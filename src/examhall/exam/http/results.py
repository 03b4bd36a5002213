"""Results: schedules, the candidates of one, the questions of one attempt; nothing here knows of proctoring (P2)."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from examhall.base.answer import iso_ms
from examhall.base.errors import NotFound
from examhall.base.sheet import sheet
from examhall.exam.actions.results import note_answers_viewed, note_results_exported
from examhall.exam.reads.results import (
    Column,
    ResultRow,
    ResultsSchedule,
    answers_in_words,
    columns,
    result_list,
    results_schedule,
    results_schedules,
)
from examhall.exam.rules.networks import SHARED_NETWORK
from examhall.exam.rules.rights import Act
from examhall.people.http.actor import actor_of

ROWS_PER_PAGE = 100
_HEAD = (
    "candidate",
    "number",
    "code",
    "attempt",
    "state",
    "started_at",
    "ended_at",
    "answered",
    "questions",
    "points",
    "max_points",
    "to_mark",
)
_SHARED_HEAD = ("shared_network", "shared_network_with", "shared_network_note")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """GET /results/."""
    return render(request, "exam/results.html", {"schedules": results_schedules(actor_of(request))})


@require_safe
def page(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """GET /results/{schedule}/?q=&page=."""
    schedule = results_schedule(actor_of(request), schedule_id)
    text = request.GET.get("q", "").strip()
    with timezone.override(schedule.zone):
        context = {
            "schedule": schedule,
            "page": Paginator(result_list(schedule, text=text), ROWS_PER_PAGE).get_page(request.GET.get("page")),
            "q": text,
            "shows_networks": Act.SEE_SHARED_NETWORKS in schedule.acts,
            "note": SHARED_NETWORK,
            "crumbs": _crumbs(schedule),
            "unit_name": schedule.unit,
        }
        return render(request, "exam/results_of.html", context)


@require_safe
def candidate(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """GET /results/{schedule}/{attempt}/: question by question; the answers for those who mark."""
    actor = actor_of(request)
    schedule = results_schedule(actor, schedule_id)
    found = result_list(schedule, attempt=attempt_id)[:]
    if not found:
        raise NotFound("There is no such attempt in this exam.")
    row = found[0]
    answers = Act.SEE_ANSWERS in schedule.acts
    note_answers_viewed(schedule.stream, attempt=attempt_id, answers=answers, by=actor)
    words = answers_in_words(row.result) if row.result and answers else {}
    questions = [(one, words.get(one.question.item_id, "")) for one in (row.result.questions if row.result else ())]
    with timezone.override(schedule.zone):
        context = {
            "schedule": schedule,
            "row": row,
            "questions": questions,
            "answers": answers,
            "crumbs": _crumbs(schedule, row.name),
            "unit_name": schedule.unit,
        }
        return render(request, "exam/result.html", context)


@require_safe
def export(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """GET /results/{schedule}/results.csv: every row with the points of each question; audited (R-4.30)."""
    actor = actor_of(request)
    schedule = results_schedule(actor, schedule_id)
    rows, questions = result_list(schedule)[:], columns(schedule)
    networks = Act.SEE_SHARED_NETWORKS in schedule.acts
    note_results_exported(schedule.stream, rows=len(rows), by=actor)
    head = [*_HEAD, *(one.identifier for one in questions), *(_SHARED_HEAD if networks else ())]
    text = sheet(head, (list(_cells(row, questions, networks=networks)) for row in rows))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="results-{schedule.code}.csv"'
    return response


def _cells(row: ResultRow, questions: Iterable[Column], *, networks: bool) -> Iterator[object]:
    result = row.result
    yield from (row.name, row.number, row.code, row.attempt_number or None, row.state.value if row.state else None)
    yield from (iso_ms(at) if at else None for at in (row.started_at, row.ended_at))
    yield from (result.answered if result else None, row.total)
    yield from (result.points, result.max_score, result.to_mark) if result else (None, None, None)
    points = {one.question.item_id: one.points for one in result.questions} if result else {}
    yield from (points.get(one.item) for one in questions)
    if networks:
        yield from (len(row.shared_with), " ".join(row.shared_with), SHARED_NETWORK if row.shared_with else "")


def _crumbs(schedule: ResultsSchedule, last: str = "") -> list[dict[str, str]]:
    crumbs = [{"label": "Results", "url": "/results/"}, {"label": schedule.title, "url": f"/results/{schedule.id}/"}]
    return [*crumbs, {"label": last}] if last else crumbs
