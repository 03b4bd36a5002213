"""What candidates said about their sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.review.models import CandidateStatement


@dataclass(frozen=True, slots=True)
class StatementRow:
    text: str
    by_name: str
    at: datetime


def statements_of(attempt_id: UUID) -> list[StatementRow]:
    """The latest first."""
    rows = CandidateStatement.objects.filter(attempt_id=attempt_id).order_by("-id")
    return [StatementRow(*row) for row in rows.values_list("text", "by_name", "at")]


def explained(attempt_ids: Collection[UUID]) -> set[UUID]:
    """Those of which a candidate said something. One query."""
    rows = CandidateStatement.objects.filter(attempt_id__in=attempt_ids)
    return set(rows.values_list("attempt_id", flat=True))
