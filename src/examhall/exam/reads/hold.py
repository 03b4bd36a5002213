"""Whose exam is hidden now, for those who watch."""

from collections.abc import Collection
from uuid import UUID

from examhall.exam.models import Hold


def hidden_by(attempt_ids: Collection[UUID]) -> dict[UUID, str]:
    """What hides the exam of these attempts: the lost device, or the cause; only those that are hidden. One query."""
    found = Hold.objects.filter(attempt_id__in=attempt_ids, held_at__isnull=False, ended_at__isnull=True)
    rows = found.order_by("held_at", "id").values_list("attempt_id", "what", "cause")
    return {attempt: what or cause for attempt, what, cause in rows}
