"""Results of a schedule: who sat it, and what each attempt's answers are worth by the key."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from examhall.base import clock
from examhall.base.errors import NotFound
from examhall.base.settings import settings
from examhall.base.words import AttemptState, InteractionKind, RegistrationState, ScheduleState
from examhall.exam.access.schedule import acts_on
from examhall.exam.access.unit import units_where
from examhall.exam.models import Attempt, ItemVersion, Registration, ReviewerAssignment, Schedule, VersionItem
from examhall.exam.reads.result import Result, results_of
from examhall.exam.rules.networks import Stay, shared_networks
from examhall.exam.rules.qti.arrange import choice_texts
from examhall.exam.rules.rights import RIGHTS, Act
from examhall.exam.rules.scoring import Response
from examhall.people.rules.actor import Actor

SCORED = frozenset({AttemptState.HANDED_IN, AttemptState.TIMED_OUT})
"""Before these an answer may still change; a voided attempt counts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsSchedule:
    """One schedule whose results this person may see."""

    id: UUID
    code: str
    title: str
    unit: str
    zone: str
    opens_at: datetime
    candidates: int
    ended: int
    """Attempts that have ended."""
    version: UUID
    stream: UUID
    acts: frozenset[Act]
    """What this person may do; empty in a list of schedules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One attempt, or a candidate who has not come. `result` is None until the attempt has ended."""

    name: str
    number: str
    attempt: UUID | None
    code: str
    attempt_number: int
    state: AttemptState | None
    started_at: datetime | None
    ended_at: datetime | None
    total: int
    result: Result | None
    shared_with: tuple[str, ...]
    """Codes of other candidates' attempts at the same address at the same time."""


@dataclass(frozen=True, slots=True)
class Column:
    """One question of the schedule's version, in the author's order."""

    item: UUID
    identifier: str


def results_schedules(actor: Actor) -> list[ResultsSchedule]:
    """Newest first; by permission on the unit or as its reviewer, never those the person sits (S6)."""
    rows = list(_seen(actor).order_by("-opens_at", "title"))
    counted = _counts([row.id for row in rows])
    return [_schedule(row, counted[row.id], frozenset()) for row in rows]


def results_schedule(actor: Actor, schedule_id: UUID) -> ResultsSchedule:
    """Raises NotFound when it is absent or its results are not this person's to see: the two look the same."""
    row = _seen(actor).filter(id=schedule_id).first()
    if row is None:
        raise NotFound("There are no such results, or they are not yours to see.")
    return _schedule(row, _counts([row.id])[row.id], acts_on(actor, row))


def may_see_results(actor: Actor, schedule_id: UUID) -> bool:
    """For showing or leaving out a link, never instead of the check; at most one query."""
    if any(actor.may_anywhere(permission) for permission in RIGHTS[Act.SEE_RESULTS].permissions):
        return True
    if actor.user_id is None:
        return False
    return ReviewerAssignment.objects.filter(schedule_id=schedule_id, user_id=actor.user_id).exists()


@dataclass(frozen=True, slots=True)
class ResultList(Sequence[ResultRow]):
    """The rows of a schedule, for showing a part: only what is asked for is scored."""

    schedule: ResultsSchedule
    places: Sequence[tuple[Registration, Attempt | None]]
    shared: Mapping[UUID, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, part: int) -> ResultRow: ...
    @overload
    def __getitem__(self, part: slice) -> list[ResultRow]: ...
    def __getitem__(self, part: int | slice) -> ResultRow | list[ResultRow]:
        if isinstance(part, int):
            return self._scored([self.places[part]])[0]
        return self._scored(self.places[part])

    def _scored(self, shown: Sequence[tuple[Registration, Attempt | None]]) -> list[ResultRow]:
        ended = [one for _, one in shown if one and AttemptState(one.state) in SCORED]
        results = results_of([(one.id, self.schedule.version, one.form_seed) for one in ended])
        total = len(columns(self.schedule))
        return [
            _row(
                row,
                one,
                results.get(one.id) if one else None,
                total=total,
                shared_with=self.shared.get(one.id, ()) if one else (),
            )
            for row, one in shown
        ]


def result_list(schedule: ResultsSchedule, *, text: str = "", attempt: UUID | None = None) -> ResultList:
    """By name and attempt, withdrawn candidates left out; only those whose name or number contains `text`."""
    rows = _registrations(schedule.id)
    attempts = [one for row in rows for one in row.attempts.all()]
    words = text.casefold()
    places: list[tuple[Registration, Attempt | None]] = []
    for row in rows:
        if words in f"{row.candidate.get_full_name()} {_number(row)}".casefold():
            mine = [one for one in row.attempts.all() if attempt in {None, one.id}]
            places += [(row, one) for one in mine] or ([(row, None)] if attempt is None else [])
    return ResultList(schedule, places, _shared(attempts) if Act.SEE_SHARED_NETWORKS in schedule.acts else {})


def columns(schedule: ResultsSchedule) -> list[Column]:
    rows = VersionItem.objects.filter(version_id=schedule.version).select_related("item_version__item")
    return [Column(row.item_version_id, row.item_version.item.identifier) for row in rows.order_by("position")]


def answers_in_words(result: Result) -> dict[UUID, str]:
    """By item: the answer as a person reads it, choices by their text."""
    chosen = [one.question.item_id for one in result.questions if one.question.kind in _CHOICES]
    xml = dict(ItemVersion.objects.filter(id__in=chosen).values_list("id", "public_xml"))
    texts = {item: choice_texts(public) for item, public in xml.items()}
    return {
        one.question.item_id: _in_words(one.response, texts.get(one.question.item_id, {})) for one in result.questions
    }


_CHOICES = frozenset({InteractionKind.SINGLE_CHOICE, InteractionKind.MULTIPLE_CHOICE})


def _in_words(response: Response, texts: dict[str, str]) -> str:
    parts: Sequence[str] = [response] if isinstance(response, str) else response or []
    return "; ".join(texts.get(part, part) for part in parts)


def _seen(actor: Actor) -> "QuerySet[Schedule]":
    units = [unit.id for unit in units_where(actor, RIGHTS[Act.SEE_RESULTS].permissions)]
    mine = Q(unit_id__in=units) | Q(reviewers__user_id=actor.user_id)
    ids = Schedule.objects.filter(mine).exclude(registrations__candidate_id=actor.user_id)
    return Schedule.objects.filter(id__in=ids.exclude(state=ScheduleState.DRAFT).values("id")).select_related("unit")


def _counts(schedule_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Candidates who were not withdrawn, and attempts that have ended."""
    sitting = ~Q(registrations__state=RegistrationState.WITHDRAWN)
    ended = Q(registrations__attempts__state__in=[state.value for state in SCORED])
    rows = Schedule.objects.filter(id__in=schedule_ids).annotate(
        candidates=Count("registrations", filter=sitting, distinct=True),
        ended=Count("registrations__attempts", filter=ended, distinct=True),
    )
    return {
        schedule: (candidates, done) for schedule, candidates, done in rows.values_list("id", "candidates", "ended")
    }


def _schedule(row: Schedule, counted: tuple[int, int], acts: frozenset[Act]) -> ResultsSchedule:
    candidates, ended = counted
    return ResultsSchedule(
        id=row.id,
        code=row.code,
        title=row.title,
        unit=str(row.unit.name),
        zone=row.zone,
        opens_at=row.opens_at,
        candidates=candidates,
        ended=ended,
        version=row.version_id,
        stream=row.stream_id,
        acts=acts,
    )


def _registrations(schedule_id: UUID) -> list[Registration]:
    found = Registration.objects.filter(schedule_id=schedule_id).exclude(state=RegistrationState.WITHDRAWN)
    in_order = Prefetch("attempts", queryset=Attempt.objects.order_by("number"))
    return list(found.select_related("candidate").prefetch_related(in_order).order_by("candidate__name", "id"))


def _shared(attempts: Sequence[Attempt]) -> dict[UUID, tuple[str, ...]]:
    now = clock.now()
    stays = [
        Stay(
            attempt=one.id,
            candidate=one.registration_id,
            code=one.code,
            ip=one.ip,
            from_at=one.entered_at,
            to_at=one.ended_at or now,
        )
        for one in attempts
    ]
    return dict(shared_networks(stays, known=settings().known_networks))


def _row(
    row: Registration, one: Attempt | None, result: Result | None, *, total: int, shared_with: tuple[str, ...]
) -> ResultRow:
    return ResultRow(
        name=row.candidate.get_full_name(),
        number=_number(row),
        attempt=one.id if one else None,
        code=one.code if one else "",
        attempt_number=one.number if one else 0,
        state=AttemptState(one.state) if one else None,
        started_at=one.started_at if one else None,
        ended_at=one.ended_at if one else None,
        total=total,
        result=result,
        shared_with=shared_with,
    )


def _number(row: Registration) -> str:
    return row.candidate.student_id or row.candidate.username
