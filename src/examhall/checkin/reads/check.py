"""What system checks said of many attempts."""

from collections.abc import Collection
from uuid import UUID

from examhall.checkin.models import SystemCheck
from examhall.checkin.rules.check import picture_was_dark


def dark_at_check(attempt_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Whether the camera's picture was very dark at the last check; only where that is known. One query."""
    checks = SystemCheck.objects.filter(attempt_id__in=attempt_ids).order_by("at", "id")
    last = {attempt_id: lines for attempt_id, lines in checks.values_list("attempt_id", "lines") if attempt_id}
    dark = {attempt_id: picture_was_dark(lines) for attempt_id, lines in last.items()}
    return {attempt_id: said for attempt_id, said in dark.items() if said is not None}
