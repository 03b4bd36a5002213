"""Keeping the pictures of the system check. The files are durable before their rows are written."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from examhall.base.action import step
from examhall.base.errors import Conflict
from examhall.base.words import LookAt
from examhall.incidents.models import BaselinePicture
from examhall.incidents.picture_store import baseline_key, put_still


@step
def keep_baseline_step(attempt_id: UUID, *, pictures: Mapping[LookAt, bytes], offset_ms: int) -> dict[str, str]:
    """Keep one attempt's pictures, once. Returns their hashes by look for the log; none when they are kept already.

    offset_ms: when the check was, since the attempt was entered. Raises Conflict when others are kept: what somebody
    is compared with is never exchanged.
    """
    sums = {look: hashlib.sha256(content).digest() for look, content in pictures.items()}
    rows = BaselinePicture.objects.filter(attempt_id=attempt_id).values_list("look", "sha256")
    if kept := {LookAt(look): bytes(sha256) for look, sha256 in rows}:
        if kept != sums:
            raise Conflict("Other pictures of the system check are kept already. They stay.")
        return {}
    keys = {look: baseline_key(attempt_id, look) for look in pictures}
    for look, content in pictures.items():
        put_still(keys[look], content)
    BaselinePicture.objects.bulk_create(
        BaselinePicture(attempt_id=attempt_id, look=look, offset_ms=offset_ms, key=keys[look], sha256=sums[look])
        for look in pictures
    )
    return {look.value: digest.hex() for look, digest in sums.items()}
