"""Administration → Fairness: whether detectors are wrong more often for some than for others (product.md V7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from examhall.people.http.actor import actor_of
from examhall.review.reads.fairness import MOST_SESSIONS, DetectorReport, fairness_page
from examhall.review.rules.fairness import LEAST_PEOPLE, Line, Measure
from examhall.review.rules.rate_ratio import WARN_ABOVE


@dataclass(frozen=True, slots=True)
class _Table:
    """One detector version by one dimension."""

    dimension: str
    lines: Sequence[Line]
    warnings: int


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """GET /admin/fairness/."""
    report = fairness_page(actor_of(request))
    context = {
        "report": report,
        "sections": [_section(one, report.dimensions) for one in report.detectors],
        "least": LEAST_PEOPLE,
        "limit": WARN_ABOVE,
        "most": MOST_SESSIONS,
        "crumbs": [{"label": "Administration", "url": "/admin/proctoring/"}, {"label": "Fairness"}],
    }
    return render(request, "review/fairness.html", context)


def _section(report: DetectorReport, dimensions: Sequence[str]) -> dict[str, Any]:
    dismissed = report.of(Measure.DISMISSED)
    return {
        "detector": report.detector,
        "totals": [(line, dismissed.get(kind)) for kind, line in report.of(Measure.PER_HOUR).items()],
        "unreliable": list(report.of(Measure.NOT_FOUND).values()),
        "tables": [table for name in dimensions if (table := _table(report, name)).lines],
    }


def _table(report: DetectorReport, dimension: str) -> _Table:
    lines = [line for line in report.lines if dimension in line.groups]
    by_kind = sorted(lines, key=lambda line: line.subject)
    shown = [replace(line, groups={dimension: line.groups[dimension]}) for line in by_kind]
    return _Table(dimension, shown, sum(len(line.warnings(dimension)) for line in shown))
