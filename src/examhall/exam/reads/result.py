"""What answers are worth by the key: worked out anew each time, so a mended key counts at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from examhall.exam.access.attempt import attempt_ref
from examhall.exam.access.form import Question, form_of
from examhall.exam.models import AnswerRevision, ItemKey
from examhall.exam.rules.qti.key import ItemKey as Key
from examhall.exam.rules.scoring import Response, Score, is_answered, score


@dataclass(frozen=True, slots=True)
class Marked:
    """One question. `points` is None where a person marks it."""

    question: Question
    response: Response
    saved_at: datetime | None
    points: float | None
    max_score: float


@dataclass(frozen=True, slots=True)
class Result:
    """`points` leaves out what waits for a person; those are counted in `to_mark`."""

    questions: tuple[Marked, ...]
    points: float
    max_score: float
    to_mark: int
    answered: int


@dataclass(frozen=True, slots=True)
class Given:
    """The answer that counts for one question."""

    response: Response
    saved_at: datetime


def result_of(attempt_id: UUID) -> Result:
    """The points of the answers that count now, question by question; staff only, never sent to a candidate."""
    ref = attempt_ref(attempt_id)
    return results_of([(ref.id, ref.version, ref.form_seed)])[attempt_id]


def results_of(attempts: Collection[tuple[UUID, UUID, int]]) -> dict[UUID, Result]:
    """`result_of` many: (attempt, assessment version, seed of the form). Two queries beside the forms'."""
    forms = {attempt: form_of(version, seed).questions for attempt, version, seed in attempts}
    keys = _keys({question.item_id for questions in forms.values() for question in questions})
    given = _given(forms)
    return {attempt: _result(questions, keys, given[attempt]) for attempt, questions in forms.items()}


def _result(questions: Iterable[Question], keys: Mapping[UUID, Key], given: Mapping[UUID, Given]) -> Result:
    marked = [_marked(question, keys.get(question.item_id), given.get(question.item_id)) for question in questions]
    return Result(
        questions=tuple(marked),
        points=sum(one.points for one in marked if one.points is not None),
        max_score=sum(one.max_score for one in marked),
        to_mark=sum(one.points is None for one in marked),
        answered=sum(is_answered(one.response) for one in marked),
    )


def _marked(question: Question, key: Key | None, given: Given | None) -> Marked:
    response = given.response if given else None
    # without a key only a person can mark it
    got = score(key, response) if key else Score(None, question.max_score)
    return Marked(question, response, given.saved_at if given else None, got.points, got.max_score)


def _keys(items: Collection[UUID]) -> dict[UUID, Key]:
    rows = ItemKey.objects.filter(version_id__in=items).values_list("version_id", "content")
    return {item: msgspec.convert(content, Key) for item, content in rows}


def _given(attempt_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Given]]:
    """By attempt and item: the counting revision with the highest client number."""
    newest_first = Window(
        RowNumber(), partition_by=[F("attempt_id"), F("item_version_id")], order_by=F("client_seq").desc()
    )
    found = AnswerRevision.objects.filter(attempt_id__in=attempt_ids, counting=True).annotate(place=newest_first)
    given: dict[UUID, dict[UUID, Given]] = defaultdict(dict)
    for attempt, item, text, at in found.filter(place=1).values_list(
        "attempt_id", "item_version_id", "response_json", "received_at"
    ):
        given[attempt][item] = Given(msgspec.json.decode(text), at)
    return given
