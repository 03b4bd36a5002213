"""How much of recordings is missing, for lists of sessions."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from examhall.base.words import GapCause, Track
from examhall.media.models import Gap

_NOT_MISSED = frozenset({GapCause.PAUSED})
"""Nothing was to be recorded then."""


def missing_ms(attempt_ids: Collection[UUID]) -> dict[UUID, int]:
    """Milliseconds without media of the track that lacks most, by attempt; pauses do not count. One query."""
    lacking = _lacking(Gap.objects.filter(attempt_id__in=attempt_ids).exclude(cause__in=_NOT_MISSED))
    return {attempt_id: max(lacking[attempt_id].values(), default=0) for attempt_id in attempt_ids}


def unrecorded_ms(attempt_ids: Collection[UUID]) -> dict[UUID, dict[Track, int]]:
    """Milliseconds without media by attempt and track, pauses among them. One query."""
    lacking = _lacking(Gap.objects.filter(attempt_id__in=attempt_ids))
    return {attempt_id: lacking[attempt_id] for attempt_id in attempt_ids}


def _lacking(gaps: "QuerySet[Gap]") -> defaultdict[UUID, dict[Track, int]]:
    lacking: defaultdict[UUID, dict[Track, int]] = defaultdict(lambda: defaultdict(int))
    for attempt_id, track, from_ms, to_ms in gaps.values_list("attempt_id", "track", "from_ms", "to_ms"):
        lacking[attempt_id][Track(track)] += to_ms - from_ms
    return lacking
