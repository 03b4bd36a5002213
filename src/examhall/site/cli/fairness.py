"""`examhall fairness`: the report of Administration → Fairness, also by labels that people gave of their own accord."""

import argparse
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from django.utils import timezone

from examhall.base import clock
from examhall.base.errors import BadInput
from examhall.base.sheet import sheet
from examhall.people.reads.people import site_stream
from examhall.review.reads.fairness import DIMENSIONS, PERIOD, FairnessReport, Labels, fairness_report, labels_of
from examhall.review.rules.fairness import GroupLine, Line, Measure, figure_words
from examhall.review.rules.groups_csv import read_groups

_ALL = "everybody"
_COLUMNS = (
    "detector",
    "detection",
    "counted",
    "grouped_by",
    "group",
    "people",
    "events",
    "out_of",
    "figure",
    "ratio",
    "low",
    "high",
    "says",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--groups",
        type=Path,
        metavar="FILE",
        help="CSV in UTF-8: login or student_id, kind, label; none is kept",
    )
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DATE", help="such as 2026-09-01; default: a year ago"
    )
    parser.add_argument("--csv", action="store_true", help="as a table for other programs")


def run(options: argparse.Namespace) -> int:
    """Print the report; the file is judged whole before anything is reckoned."""
    site_stream()  # an installation that is not set up yet says so
    labels = _labels(options.groups) if options.groups else None
    since = timezone.make_aware(datetime.combine(options.since, time.min)) if options.since else clock.now() - PERIOD
    report = fairness_report(since, labels)
    if options.csv:
        sys.stdout.write(sheet(_COLUMNS, _rows(report)))
    else:
        print("\n".join(_lines(report)))
    return 0


def _labels(path: Path) -> Labels:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", fields={"groups": "name a CSV file"}) from error
    return labels_of(read_groups(content, taken=DIMENSIONS))


def _rows(report: FairnessReport) -> Iterator[tuple[object, ...]]:
    for line in (line for one in report.detectors for line in one.lines):
        head = (line.detector, line.subject, line.measure.value)
        yield (
            *head,
            "",
            _ALL,
            line.people,
            line.events,
            round(line.exposure, 3),
            "" if line.figure is None else round(line.figure, 4),
            "",
            "",
            "",
            "",
        )
        for dimension, groups in line.groups.items():
            for one in groups:
                yield (*head, dimension, one.group, *_figures(one), one.said)


def _figures(one: GroupLine) -> tuple[object, ...]:
    """Without the counts behind the figure: those of the others could be reckoned from them."""
    if one.hidden is not None or one.figure is None:
        return ("",) * 7
    ratio = (round(one.ratio.value, 4), round(one.ratio.low, 4), round(one.ratio.high, 4)) if one.ratio else ("",) * 3
    return (one.people, "", "", round(one.figure, 4), *ratio)


def _lines(report: FairnessReport) -> Iterator[str]:
    yield f"{report.sessions} analysed sessions entered since {report.since:%Y-%m-%d}"
    if not report.detectors:
        yield "No exam was analysed yet."
    for one in report.detectors:
        yield f"\n{one.detector}"
        for line in one.lines:
            yield _told(line)
            for dimension, groups in line.groups.items():
                yield from (f"    {dimension}: {group.group}: {_said(group, line.measure)}" for group in groups)


def _told(line: Line) -> str:
    unit = " h" if line.measure is Measure.PER_HOUR else ""
    out_of = f"{line.events} in {line.exposure:.1f}{unit}" if unit else f"{line.events} of {line.exposure:.0f}"
    return f"  {line.subject}, {line.counted.lower()}: {figure_words(line.figure, line.measure)} ({out_of})"


def _said(one: GroupLine, measure: Measure) -> str:
    if one.hidden is not None:
        return one.said
    figure = f"{figure_words(one.figure, measure)} ({one.people} people)"
    if one.ratio is None:
        return f"{figure}; {one.said}"
    return f"{figure}; {one.ratio.times} ({one.ratio.interval}); {one.said}"
