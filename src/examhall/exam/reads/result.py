"""What an attempt's answers are worth by the key: worked out anew each time, so a mended key counts at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec

from examhall.exam.access.attempt import attempt_ref
from examhall.exam.access.form import form_of
from examhall.exam.models import ItemKey
from examhall.exam.reads.attempt import counting_answers
from examhall.exam.rules.qti.key import ItemKey as Key
from examhall.exam.rules.scoring import Response, Score, score


@dataclass(frozen=True, slots=True)
class Marked:
    """One question. `points` is None where a person marks it."""

    number: int
    title: str
    points: float | None
    max_score: float


@dataclass(frozen=True, slots=True)
class Result:
    """`points` leaves out what waits for a person; those are counted in `to_mark`."""

    questions: tuple[Marked, ...]
    points: float
    max_score: float
    to_mark: int


def result_of(attempt_id: UUID) -> Result:
    """The points of the answers that count now, question by question; staff only, never sent to a candidate."""
    ref = attempt_ref(attempt_id)
    form = form_of(ref.version, ref.form_seed)
    keys = {row.version_id: row.content for row in ItemKey.objects.filter(version_id__in=_items(form.by_item))}
    given: dict[str, Response] = {
        answer.item_id: msgspec.json.decode(answer.response_json) for answer in counting_answers(attempt_id)
    }
    questions = []
    for question in form.questions:
        content = keys.get(question.item_id)
        got = Score(None, question.max_score)  # without a key only a person can mark it
        if content is not None:
            got = score(msgspec.convert(content, Key), given.get(str(question.item_id)))
        questions.append(Marked(question.number, question.title, got.points, got.max_score))
    return Result(
        questions=tuple(questions),
        points=sum(one.points for one in questions if one.points is not None),
        max_score=sum(one.max_score for one in questions),
        to_mark=sum(one.points is None for one in questions),
    )


def _items(by_item: Mapping[str, object]) -> list[UUID]:
    return [UUID(item_id) for item_id in by_item]
