"""The pictures of the system check, where the candidate took some."""

from dataclasses import dataclass
from uuid import UUID

from examhall.base.words import LookAt
from examhall.incidents.models import BaselinePicture


@dataclass(frozen=True, slots=True)
class BaselineRow:
    offset_ms: int
    """When the check was, since the attempt was entered."""
    key: str
    sha256: bytes


def baseline_of(attempt_id: UUID) -> dict[LookAt, BaselineRow]:
    """In the order in which they were taken; empty without pictures. One query."""
    rows = BaselinePicture.objects.filter(attempt_id=attempt_id).order_by("id")
    return {LookAt(row.look): BaselineRow(row.offset_ms, row.key, bytes(row.sha256)) for row in rows}
