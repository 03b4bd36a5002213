"""By what the sessions of one schedule differ from each other, of the metrics this site compares."""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from examhall.base.settings import settings
from examhall.base.words import CohortMetric, IncidentKind
from examhall.review.reads.session import SessionRow
from examhall.review.rules.cohort import differs

_M, _K = CohortMetric, IncidentKind


def differing(rows: Sequence[SessionRow]) -> dict[UUID, tuple[CohortMetric, ...]]:
    """By attempt; rows: every session of one schedule. Those that have not ended are not compared."""
    ended = [row for row in rows if row.ref.ended_at is not None]
    metrics = settings().cohort_metrics
    found = differs([{metric: _VALUES[metric](row) for metric in metrics} for row in ended])
    return {row.ref.attempt: different for row, different in zip(ended, found, strict=True)}


def _times(*kinds: IncidentKind) -> Callable[[SessionRow], float]:
    return lambda row: _number(row, kinds)


def _number(row: SessionRow, kinds: Collection[IncidentKind]) -> float:
    return float(sum(one.kind in kinds for one in row.counts.counted))


_VALUES: Mapping[CohortMetric, Callable[[SessionRow], float]] = {
    _M.DURATION: lambda row: row.length.total_seconds(),
    _M.START_TIME: lambda row: row.ref.entered_at.timestamp(),
    _M.END_TIME: lambda row: row.ref.ended_at.timestamp() if row.ref.ended_at else 0.0,
    _M.NAVIGATING_AWAY: _times(_K.NAVIGATING_AWAY, _K.LEFT_FULL_SCREEN),
    _M.KEYSTROKES: _times(_K.KEY_COMBO),
    _M.COPY_PASTE: _times(_K.COPY_PASTE),
    _M.RESIZING: _times(_K.BROWSER_RESIZE),
    _M.AUDIO: _times(_K.BACKGROUND_AUDIO, _K.SPEECH),
    _M.HEAD_MOVEMENT: _times(_K.HEAD_TURN),
    _M.FACES: _times(_K.MULTI_FACE),
    _M.CLICKS: _times(_K.RIGHT_CLICK),
}
