"""How much of recordings is missing, for lists of sessions."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from examhall.base.words import GapCause
from examhall.media.models import Gap

_NOT_MISSED = frozenset({GapCause.PAUSED})
"""Nothing was to be recorded then."""


def missing_ms(attempt_ids: Collection[UUID]) -> dict[UUID, int]:
    """Milliseconds without media of the track that lacks most, by attempt; pauses do not count. One query."""
    lacking: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    found = Gap.objects.filter(attempt_id__in=attempt_ids).exclude(cause__in=_NOT_MISSED)
    for attempt_id, track, from_ms, to_ms in found.values_list("attempt_id", "track", "from_ms", "to_ms"):
        lacking[attempt_id][track] += to_ms - from_ms
    return {attempt_id: max(lacking[attempt_id].values(), default=0) for attempt_id in attempt_ids}
