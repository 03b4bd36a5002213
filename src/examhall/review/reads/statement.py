"""What candidates said about their sessions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from examhall.review.models import CandidateStatement


@dataclass(frozen=True, slots=True)
class StatementRow:
    text: str
    by_name: str
    at: datetime


def statements_of(attempts: Collection[UUID]) -> Mapping[UUID, list[StatementRow]]:
    """By attempt, the latest first; attempts without one get an empty list."""
    found: dict[UUID, list[StatementRow]] = defaultdict(list)
    for row in CandidateStatement.objects.filter(attempt_id__in=attempts).order_by("-id"):
        found[row.attempt_id].append(StatementRow(row.text, row.by_name, row.at))
    return found
