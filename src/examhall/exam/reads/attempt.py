"""What a candidate's client and a desk need to know of attempts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef

from examhall.base.words import AttemptState, EndReason
from examhall.exam.access.attempt import AttemptRef, clockwork, hard_end
from examhall.exam.models import AnswerRevision, Attempt, Message, Outage, Receipt, TimerAdjustment
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.timing import effective
from examhall.journal.reads import last_client_seq


@dataclass(frozen=True, slots=True)
class Standing:
    """How an attempt stands: what is pushed to its candidate."""

    state: AttemptState
    deadline_at: datetime | None
    epoch: int
    client: str
    """Who holds it; empty when nobody has connected yet."""
    reason: str
    """The reason of a pause or a stop, in the words of whoever gave it."""
    end_reason: EndReason | None
    has_unread: bool
    """There is a message the candidate has not read."""


@dataclass(frozen=True, slots=True)
class CountingAnswer:
    """The answer that counts for one item now."""

    item_id: str
    client_seq: int
    revision: int
    response_json: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRevision:
    """One stored state of an answer, for staff: why it does not count, if so."""

    item_id: str
    revision: int
    client_seq: int
    epoch: int
    counting: bool
    refusal: str
    received_at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class CandidateMessage:
    id: UUID
    author: str
    body: str
    sent_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One change of the attempt's time."""

    kind: str
    seconds: float
    effective_seconds: float
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    number: str
    handed_in_at: datetime
    answered: int
    total: int


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One attempt on the invigilator's dashboard."""

    id: UUID
    code: str
    number: int
    candidate: UUID
    stream: UUID
    state: AttemptState
    entered_at: datetime
    started_at: datetime | None
    deadline_at: datetime | None
    ended_at: datetime | None
    last_seen_at: datetime | None
    away_since: datetime | None
    current_question: int | None
    ip: str
    reason: str
    registration: UUID
    paused_at: datetime | None
    """Since when the clock stands still; the time left is the deadline minus this."""
    hard_end: datetime
    version: UUID
    form_seed: int


@dataclass(frozen=True, slots=True)
class OutageRow:
    id: UUID
    from_at: datetime
    to_at: datetime | None
    confirmed: bool
    credited_at: datetime | None
    candidates: int


_STANDING = (
    "state",
    "deadline_at",
    "paused_reason",
    "stop_reason",
    "end_reason",
    "lease__epoch",
    "lease__client_id",
    "has_unread",
)


def standing(attempt_id: UUID) -> Standing:
    """One query of plain values: it is asked after every wake-up of every candidate's socket."""
    unread = Message.objects.filter(attempt_id=OuterRef("pk"), read_at__isnull=True)
    state, deadline_at, paused, stopped, end_reason, epoch, client, has_unread = (
        Attempt.objects.filter(id=attempt_id).annotate(has_unread=Exists(unread)).values_list(*_STANDING).get()
    )
    return Standing(
        state=AttemptState(state),
        deadline_at=deadline_at,
        epoch=epoch or 0,
        client=client or "",
        reason=paused or stopped,
        end_reason=EndReason(end_reason) if end_reason else None,
        has_unread=has_unread,
    )


def counting_answers(attempt_id: UUID) -> list[CountingAnswer]:
    """The answer that counts of each answered item: the counting revision with the highest client number."""
    counting = AnswerRevision.objects.filter(attempt_id=attempt_id, counting=True)
    last = {
        row["item_version_id"]: row["last"]
        for row in counting.values("item_version_id").annotate(last=Max("client_seq"))
    }
    found = counting.filter(client_seq__in=last.values()).order_by("client_seq")
    return [
        CountingAnswer(str(row.item_version_id), row.client_seq, row.revision, row.response_json, row.received_at)
        for row in found
        if last[row.item_version_id] == row.client_seq
    ]


def revisions(attempt_id: UUID) -> list[KeptRevision]:
    """Every stored revision, counting or not, in the order of arrival."""
    found = AnswerRevision.objects.filter(attempt_id=attempt_id).order_by("id")
    return [
        KeptRevision(
            item_id=str(row.item_version_id),
            revision=row.revision,
            client_seq=row.client_seq,
            epoch=row.epoch,
            counting=row.counting,
            refusal=row.refusal,
            received_at=row.received_at,
            hash=row.hash,
        )
        for row in found
    ]


def last_seq(ref: AttemptRef) -> int:
    """The highest client number seen in this attempt: a new client goes on above it."""
    answers = AnswerRevision.objects.filter(attempt_id=ref.id).aggregate(last=Max("client_seq"))["last"]
    return max(int(answers or 0), last_client_seq(ref.stream))


def messages(attempt_id: UUID, *, after: datetime | None = None) -> list[CandidateMessage]:
    """Messages to the candidate, in the order they were sent."""
    found = Message.objects.filter(attempt_id=attempt_id)
    if after is not None:
        found = found.filter(sent_at__gt=after)
    return [
        CandidateMessage(row.id, row.author_name, row.body, row.sent_at, row.read_at)
        for row in found.order_by("sent_at", "id")
    ]


def adjustments(attempt_id: UUID) -> list[Adjustment]:
    found = TimerAdjustment.objects.filter(attempt_id=attempt_id).order_by("id")
    return [Adjustment(row.kind, row.seconds, row.effective_seconds, row.at, row.reason) for row in found]


def effective_minutes(attempt_id: UUID, *, minutes: int) -> float:
    """What a grant of `minutes` would really give (T3): shown before it is confirmed."""
    row = Attempt.objects.select_related("registration__schedule").get(id=attempt_id)
    return effective(clockwork(row), timedelta(minutes=minutes)).total_seconds() / 60


def receipt(attempt_id: UUID) -> ReceiptRow | None:
    row = Receipt.objects.filter(attempt_id=attempt_id).first()
    return None if row is None else ReceiptRow(row.number, row.handed_in_at, row.answered, row.total)


def open_streams() -> list[UUID]:
    """The journals of all attempts that have not ended."""
    return list(Attempt.objects.exclude(state__in=TERMINAL).values_list("stream_id", flat=True))


def desk_rows(
    schedule_id: UUID, *, attempts: Collection[UUID] | None = None, registration: UUID | None = None
) -> list[DeskRow]:
    """The attempts of a schedule, newest last; only `attempts` or those of `registration` when given. One query."""
    found = Attempt.objects.filter(registration__schedule_id=schedule_id).select_related("registration__schedule")
    if attempts is not None:
        found = found.filter(id__in=attempts)
    if registration is not None:
        found = found.filter(registration_id=registration)
    rows = found.annotate(candidate_id=F("registration__candidate_id")).order_by("entered_at", "id")
    return [
        DeskRow(
            id=row.id,
            code=row.code,
            number=row.number,
            candidate=row.candidate_id,
            stream=row.stream_id,
            state=AttemptState(row.state),
            entered_at=row.entered_at,
            started_at=row.started_at,
            deadline_at=row.deadline_at,
            ended_at=row.ended_at,
            last_seen_at=row.last_seen_at,
            away_since=row.loss_at if row.returned_at is None else None,
            current_question=row.current_question,
            ip=row.ip,
            reason=row.paused_reason or row.stop_reason,
            registration=row.registration_id,
            paused_at=row.paused_at,
            hard_end=hard_end(row),
            version=row.registration.schedule.version_id,
            form_seed=row.form_seed,
        )
        for row in rows
    ]


def outages(schedule_id: UUID) -> list[OutageRow]:
    """The presumed outages of a schedule, newest first; those with an end and no credit wait for a person."""
    found = Outage.objects.filter(schedule_id=schedule_id).order_by("-from_at")
    return [OutageRow(o.id, o.from_at, o.to_at, o.confirmed, o.credited_at, o.candidates) for o in found]
