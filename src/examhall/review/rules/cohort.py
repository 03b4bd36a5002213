"""Sessions that differ from the others of their exam: said beside the score, never inside it (product.md §5.5).

A statement about a cohort is no evidence about a person; so the score is reckoned elsewhere, and cannot see this.
"""

from collections.abc import Mapping, Sequence
from statistics import median

from examhall.base.words import CohortMetric

LEAST_SESSIONS = 10
FROM_Z = 3.5
_TO_SIGMA = 0.6745
"""The median deviation of a normal distribution, in standard deviations."""

_M = CohortMetric
WORDS: Mapping[CohortMetric, str] = {
    _M.DURATION: "length of the session",
    _M.START_TIME: "time of the start",
    _M.END_TIME: "time of the end",
    _M.NAVIGATING_AWAY: "leaving the page",
    _M.KEYSTROKES: "listed key combinations",
    _M.COPY_PASTE: "copy and paste",
    _M.RESIZING: "changes of the window",
    _M.AUDIO: "sound",
    _M.HEAD_MOVEMENT: "movement of the head",
    _M.FACES: "number of faces",
    _M.CLICKS: "right clicks",
}
"""What each compares, in words."""


def abnormal(values: Sequence[float]) -> tuple[bool, ...]:
    """Which values lie far from the others, by the robust z; none below LEAST_SESSIONS or where most are equal."""
    if len(values) < LEAST_SESSIONS:
        return (False,) * len(values)
    middle = median(values)
    spread = median(abs(value - middle) for value in values)
    if spread == 0:
        return (False,) * len(values)
    return tuple(abs(_TO_SIGMA * (value - middle) / spread) > FROM_Z for value in values)


def differs(cohort: Sequence[Mapping[CohortMetric, float]]) -> tuple[tuple[CohortMetric, ...], ...]:
    """By session, in the order given: the metrics by which it lies far from the others.

    cohort: one mapping per session, all with the same metrics.
    """
    metrics = tuple(cohort[0]) if cohort else ()
    flags = {metric: abnormal([session[metric] for session in cohort]) for metric in metrics}
    return tuple(tuple(metric for metric in metrics if flags[metric][n]) for n in range(len(cohort)))


def in_words(metrics: Sequence[CohortMetric]) -> str:
    """ "Differs from the others in: leaving the page, sound."; empty without any."""
    return f"Differs from the others in: {', '.join(WORDS[one] for one in metrics)}." if metrics else ""
