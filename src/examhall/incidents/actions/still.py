"""Keeping the pictures of an incident. The file is durable before its row is written."""

import hashlib
from uuid import UUID

from examhall.base.action import action
from examhall.base.words import Track
from examhall.incidents.models import Still
from examhall.incidents.picture_store import put_still, still_key


@action
def keep_still(
    incident_id: UUID, *, attempt_id: UUID, track: Track, label: str, offset_ms: int, content: bytes
) -> None:
    """Keep one JPEG; repeating it changes nothing."""
    key = still_key(attempt_id, incident_id, track, label)
    if Still.objects.filter(incident_id=incident_id, track=track, label=label).exists():
        return
    put_still(key, content)
    Still.objects.create(
        incident_id=incident_id,
        track=track,
        label=label,
        offset_ms=offset_ms,
        key=key,
        sha256=hashlib.sha256(content).digest(),
    )
