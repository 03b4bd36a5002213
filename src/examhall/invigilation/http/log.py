"""The candidate log: page, lines again after a filter, export (product.md I6)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from examhall.base import clock
from examhall.base.answer import encode, iso_ms
from examhall.base.errors import BadInput, NotFound
from examhall.base.sheet import sheet
from examhall.base.words import EntryGroup, EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.http.look import looked
from examhall.exam.reads.acceptance import kept_answers
from examhall.exam.reads.desk import DeskSchedule, desk_facts
from examhall.exam.rules.rights import Act
from examhall.invigilation.actions.viewing import note_log_exported, note_log_viewed
from examhall.invigilation.http.dashboard import offset_min
from examhall.invigilation.http.guard import allowed
from examhall.invigilation.http.void import void_act
from examhall.invigilation.reads.line_shape import line_out
from examhall.invigilation.reads.log import Whose, log_lines, summary, whose
from examhall.invigilation.reads.log import chain as chain_of
from examhall.invigilation.rules.detail import words_of_refusal
from examhall.invigilation.rules.labels import GROUPS
from examhall.invigilation.rules.log import Choice, LogLine, choose, group_counts
from examhall.invigilation.wire.log import LineOut, LogOut
from examhall.people.http.actor import actor_of

_ON = "1"
OPTIONAL = {
    "client": "Client time",
    "left": "Time left",
    "window": "In window",
    "actor": "Actor",
    "gap": "Gap to save",
    "code": "Code",
}
"""Columns that are shown on demand: key → head (R-4.7, R-4.29)."""


@dataclass(frozen=True, slots=True)
class _Log:
    ref: AttemptRef
    schedule: DeskSchedule
    lines: list[LogLine]


@require_GET
def page(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """`?attempt=` is the drop-down: it leads on to the other attempt's own address (R-4.8)."""
    if other := request.GET.get("attempt", ""):
        return redirect("invigilation-log", schedule_id, _uuid(other))
    log = _log(request, schedule_id, attempt_id)
    note_log_viewed(log.ref, by=actor_of(request))
    found = whose(log.ref)
    context = {
        **_context(request, log),
        "whose": found,
        "summary": summary(log.ref, log.lines, log.schedule, found.row),
        "crumbs": _crumbs(log, found),
        "unit_name": log.schedule.unit,
        "optional": OPTIONAL.items(),
        "attempt_id": attempt_id,
        "running": found.row.ended_at is None,
        "kept": [{"answer": one, "why": words_of_refusal(one.refusal).capitalize()} for one in kept_answers(log.ref)],
        "may_accept": Act.INTERVENE in log.schedule.acts,
        "void_act": void_act(log.ref, log.schedule),
        "follow": found.row.ended_at is None and _on_the_desk(log),
        "keys": [{"keys": ["/"], "does": "Search the log"}],
    }
    return render(request, "invigilation/log.html", context)


@require_GET
@gzip_page
def lines(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """`GET …/lines?group=&q=&gaps=1&page=`: the chosen lines as a piece of the page."""
    log = _log(request, schedule_id, attempt_id)
    looked(log.ref, EntryKind.LOG_VIEWED, by=actor_of(request))
    return render(request, "invigilation/log_lines.html", _context(request, log))


@require_GET
def chain(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> HttpResponse:
    """`GET …/chain`: whether the journal is what was written, as the words beside "Chain".

    Asked for after the page, because every entry of a long log is hashed for it.
    """
    ref = allowed(request, attempt_id, Act.SEE_LOG)
    if ref.schedule != schedule_id:
        raise NotFound("There is no such attempt in this exam.")
    looked(ref, EntryKind.LOG_VIEWED, by=actor_of(request))
    return render(request, "invigilation/log_chain.html", {"said": chain_of(ref)})


@require_GET
def export(request: HttpRequest, schedule_id: UUID, attempt_id: UUID, suffix: str) -> HttpResponse:
    """`GET …/log.csv`, `…/log.json`: every line with every column; audited (R-4.31)."""
    if suffix not in {"csv", "json"}:
        raise NotFound("The log can be had as csv or json.")
    log, actor = _log(request, schedule_id, attempt_id), actor_of(request)
    found = whose(log.ref)
    out = [line_out(line) for line in log.lines]
    note_log_exported(log.ref, by=actor, suffix=suffix, lines=len(out))
    if suffix == "csv":
        response = HttpResponse(_csv(out), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(encode(_whole(log, found, out, actor.name)), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="log-{log.ref.code}.{suffix}"'
    return response


def _log(request: HttpRequest, schedule_id: UUID, attempt_id: UUID) -> _Log:
    ref = allowed(request, attempt_id, Act.SEE_LOG)
    schedule = desk_facts(actor_of(request), ref.schedule)
    if schedule is None or schedule.id != schedule_id:
        raise NotFound("There is no such attempt in this exam.")
    return _Log(ref, schedule, log_lines(ref, opens_at=schedule.opens_at))


def _context(request: HttpRequest, log: _Log) -> dict[str, Any]:
    choice = _choice(request)
    chosen = choose(log.lines, choice)
    return {
        "schedule": log.schedule,
        "ref": log.ref,
        "choice": choice,
        "chosen": chosen,
        "total": len(log.lines),
        "groups": [
            {"key": group.value, "word": GROUPS[group].word, "icon": GROUPS[group].icon, "count": count}
            for group, count in group_counts(log.lines).items()
        ],
        "last_number": log.lines[-1].number if log.lines else 0,
        "older": _query(request, page=chosen.page + 1) if chosen.page < chosen.pages else "",
        "newer": _query(request, page=chosen.page - 1) if chosen.page > 1 else "",
        "offset_min": offset_min(log.schedule, clock.now()),
    }


def _choice(request: HttpRequest) -> Choice:
    asked = request.GET
    group = asked.get("group", "")
    if group and group not in set(EntryGroup):
        raise BadInput("There is no such group of entries.", fields={"group": "one of the chips"})
    try:
        number = int(asked.get("page", "1"))
    except ValueError as wrong:
        raise BadInput("A page is a number.", fields={"page": "1 or more"}) from wrong
    return Choice(
        group=EntryGroup(group) if group else None,
        text=asked.get("q", "")[:200],
        only_gaps=asked.get("gaps") == _ON,
        page=number,
        by_client_time=asked.get("order") == "client",
    )


def _query(request: HttpRequest, *, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return query.urlencode()


def _on_the_desk(log: _Log) -> bool:
    """Whether this reader may follow the exam while it runs; a reviewer of it may not."""
    return Act.SEE_DASHBOARD in log.schedule.acts


def _crumbs(log: _Log, found: Whose) -> list[dict[str, str]]:
    ways = [
        {"label": "Invigilation", "url": "/invigilation/"},
        {"label": log.schedule.title, "url": f"/invigilation/{log.schedule.id}/"},
    ]
    if not _on_the_desk(log):  # a reviewer comes from the session
        ways = [
            {"label": "Review", "url": "/review/"},
            {"label": log.schedule.title, "url": f"/review/schedules/{log.schedule.id}/"},
        ]
    return [
        *ways,
        {"label": f"{found.person.name}, attempt {log.ref.number}", "url": ""},
    ]


def _whole(log: _Log, found: Whose, out: list[LineOut], by: str) -> LogOut:
    return LogOut(
        schedule=log.schedule.code,
        title=log.schedule.title,
        candidate=found.person.name,
        candidate_number=found.person.number,
        attempt=log.ref.number,
        exported_at=iso_ms(clock.now()),
        exported_by=by,
        chain=chain_of(log.ref),
        lines=out,
    )


def _csv(out: list[LineOut]) -> str:
    names = [name for name in LineOut.__struct_fields__ if name != "schedule"]
    return sheet(names, ([getattr(line, name) for name in names] for line in out))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise BadInput("This is not an attempt.", fields={"attempt": "an id"}) from wrong
