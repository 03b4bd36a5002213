"""The schedules a person invigilates or may view (product.md I1)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from examhall.base import clock
from examhall.base.words import AttemptState
from examhall.exam.reads.desk import DeskListed, desk_schedules
from examhall.exam.rules.schedule import Phase
from examhall.people.http.actor import actor_of

_FILTERS = {"all": "All", "running": "Running now", "today": "Today"}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    found = desk_schedules(actor_of(request))
    chosen = request.GET.get("show", "all")
    shown = {
        "all": found,
        "running": [row for row in found if row.phase is Phase.OPEN],
        "today": [row for row in found if _is_today(row)],
    }
    context = {
        "rows": [{"schedule": row, "counts": _counts(row)} for row in shown.get(chosen, found)],
        "filters": [
            {"key": key, "word": word, "count": len(shown[key]), "chosen": key == chosen}
            for key, word in _FILTERS.items()
        ],
        "some": bool(found),
    }
    return render(request, "invigilation/overview.html", context)


def _is_today(row: DeskListed) -> bool:
    """Whether some of its window lies in today, by the schedule's own calendar."""
    zone = ZoneInfo(row.zone)
    midnight = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return row.opens_at < midnight + timedelta(days=1) and row.deadline >= midnight


def _counts(row: DeskListed) -> list[tuple[AttemptState | None, int]]:
    """Counts per state, those that are not zero; None is for candidates who have not come."""
    counted: list[tuple[AttemptState | None, int]] = [
        (state, row.states[state]) for state in AttemptState if row.states[state]
    ]
    absent = row.candidates - sum(row.states.values())
    return [*counted, (None, absent)] if absent > 0 else counted
