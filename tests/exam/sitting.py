"""A scheduled exam with candidates, and what they do through the real actions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import ExamhallError
from examhall.base.ids import short_code
from examhall.base.words import AttemptState, EntryKind, InteractionKind, ScheduleMode, ScheduleState, StreamKind, Track
from examhall.base.writer import perform
from examhall.exam.access.form import form_of
from examhall.exam.actions.answers import SAVE_ANSWERS, Answer, Result, SaveAnswers
from examhall.exam.actions.attempt import enter, note_track_step, start
from examhall.exam.actions.entries import SAVE_ENTRIES, ClientEntry, Plain, SaveEntries
from examhall.exam.actions.heartbeat import HEAR, Heard, Heartbeat
from examhall.exam.actions.lease import take
from examhall.exam.models import (
    Activation,
    Assessment,
    AssessmentVersion,
    Attempt,
    InvigilatorAssignment,
    Item,
    ItemVersion,
    Registration,
    Schedule,
    VersionItem,
)
from examhall.exam.rules.policy import Value
from examhall.exam.rules.snapshot import Layer, Origin, freeze, resolve, settle
from examhall.journal.actions import open_stream
from examhall.journal.reads import EntryRow, tail
from examhall.people.actions.people import add_person
from examhall.people.rules.actor import Actor

opened_stream = action(open_stream)
noted_track = action(note_track_step)
CLIENT = "tab-1"
T = TypeVar("T")


@dataclass(slots=True)
class Exam:
    """One activated schedule, open now for three hours, 60 minutes per attempt unless told otherwise."""

    schedule: Schedule
    items: list[ItemVersion]
    invigilator: Actor
    candidates: list[Actor] = field(default_factory=list)
    registrations: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Sitting:
    """One candidate's client at one attempt; numbers what it sends as a client does."""

    attempt: UUID
    by: Actor
    epoch: int
    items: list[str]
    seq: int = 0
    mono_base: datetime = field(default_factory=clock.now)

    @property
    def row(self) -> Attempt:
        return Attempt.objects.select_related("registration__schedule").get(id=self.attempt)

    @property
    def state(self) -> AttemptState:
        return AttemptState(self.row.state)

    @property
    def ends_at(self) -> datetime:
        ends_at = self.row.deadline_at
        assert ends_at is not None
        return ends_at

    def is_in(self, state: AttemptState) -> bool:
        return self.state is state

    @property
    def mono_ms(self) -> int:
        return int((clock.now() - self.mono_base).total_seconds() * 1000)

    def beat(self, **changes: Any) -> Heard:  # noqa: ANN401 - fields of Heartbeat
        [heard] = perform(HEAR, [self.heartbeat(**changes)])
        return _or_raise(heard)

    def heartbeat(self, **changes: Any) -> Heartbeat:  # noqa: ANN401 - fields of Heartbeat
        fields: dict[str, Any] = {
            "attempt": self.attempt,
            "epoch": self.epoch,
            "by": self.by,
            "mono_ms": self.mono_ms,
            "client_at": clock.now(),
        }
        return Heartbeat(**{**fields, **changes})

    def answer(self, text: str, *, question: int = 1, seq: int | None = None, mono_ms: int | None = None) -> Answer:
        """An answer as the client would make it now; not sent yet."""
        self.seq = seq if seq is not None else self.seq + 1
        return Answer(
            item_id=self.items[question - 1],
            question_number=question,
            client_seq=self.seq,
            client_at=clock.now(),
            mono_ms=self.mono_ms if mono_ms is None else mono_ms,
            response_json=f'"{text}"',
        )

    def saving(self, *answers: Answer, epoch: int | None = None) -> SaveAnswers:
        return SaveAnswers(
            attempt=self.attempt, epoch=self.epoch if epoch is None else epoch, by=self.by, answers=answers
        )

    def save(self, *answers: Answer, epoch: int | None = None) -> Sequence[Result]:
        [results] = perform(SAVE_ANSWERS, [self.saving(*answers, epoch=epoch)])
        return _or_raise(results)

    def tell(self, kind: EntryKind, *, ago_ms: int = 0, **extra: Plain) -> None:
        """One entry of the client, made `ago_ms` before now and sent now."""
        self.seq += 1
        mono_ms = self.mono_ms - ago_ms
        entry = ClientEntry(client_seq=self.seq, kind=kind, client_at=clock.now(), mono_ms=mono_ms, extra=extra)
        command = SaveEntries(attempt=self.attempt, epoch=self.epoch, by=self.by, entries=(entry,))
        [kept] = perform(SAVE_ENTRIES, [command])
        assert _or_raise(kept).accepted == [self.seq]

    def lines(self) -> list[EntryRow]:
        return tail(self.row.stream_id, limit=500)

    def kinds(self) -> list[EntryKind]:
        return [line.kind for line in self.lines()]

    def line(self, kind: EntryKind) -> EntryRow:
        """The last line of this kind."""
        return [line for line in self.lines() if line.kind is kind][-1]


def exam(
    root: UUID,
    *,
    candidates: int = 1,
    minutes: int = 60,
    open_for: timedelta = timedelta(hours=3),
    invigilated: bool = False,
    shuffle: bool = False,
    attempts: int = 1,
    policy: dict[str, Value] | None = None,
) -> Exam:
    """An activated schedule with `candidates` and three questions."""
    now = clock.now()
    author = _person("author")
    version = _version(root, known(author), minutes=minutes, shuffle=shuffle)
    schedule = Schedule.objects.create(
        code=short_code("S", symbols=8),
        unit_id=root,
        version=version,
        title="Statics",
        opens_at=now - timedelta(minutes=10),
        deadline=now + open_for,
        mode=ScheduleMode.LIVE,
        state=ScheduleState.SCHEDULED,
        stream_id=opened_stream(StreamKind.SCHEDULE),
    )
    _activate(schedule, policy or {}, invigilated=invigilated, by=known(author))
    invigilator = _person("invigilator")
    InvigilatorAssignment.objects.create(schedule=schedule, user_id=known(invigilator), assigned_at=now)
    found = Exam(schedule, [row.item_version for row in version.items.order_by("position")], invigilator)
    for _ in range(candidates):
        candidate = _person("candidate", role="candidate")
        registration = Registration.objects.create(
            schedule=schedule, candidate_id=known(candidate), attempts_allowed=attempts
        )
        found.candidates.append(candidate)
        found.registrations.append(registration.id)
    return found


def _activate(schedule: Schedule, policy: dict[str, Value], *, invigilated: bool, by: UUID) -> None:
    snapshot = settle(resolve([Layer(Origin.SCHEDULE, policy)]), invigilated=invigilated)
    Activation.objects.create(
        schedule=schedule,
        number=1,
        policy=freeze(snapshot),
        policy_hash=snapshot.sha256,
        by_id=by,
        at=clock.now(),
    )


def entered(of: Exam, *, who: int = 0, client: str = CLIENT) -> Sitting:
    """A candidate who has entered and connected; the recording has arrived."""
    by = of.candidates[who]
    attempt = enter(of.registrations[who], by=by)
    epoch = take(attempt, by=by, client_id=client).epoch
    for track in Track:
        noted_track(attempt, track=track, media_epoch=1, confirmed=True)
    row = Attempt.objects.get(id=attempt)
    questions = form_of(of.schedule.version_id, row.form_seed).questions
    return Sitting(attempt, by, epoch, [str(question.item_id) for question in questions])


def started(of: Exam, *, who: int = 0) -> Sitting:
    """A candidate who has pressed Start and been heard once."""
    sitting = entered(of, who=who)
    start(sitting.attempt, by=sitting.by, epoch=sitting.epoch)
    sitting.beat()
    return sitting


def _version(root: UUID, author: UUID, *, minutes: int, shuffle: bool) -> AssessmentVersion:
    assessment = Assessment.objects.create(unit_id=root, code=uuid4().hex[:12], title="Statics", owner_id=author)
    version = AssessmentVersion.objects.create(
        assessment=assessment, number=1, live=True, duration_min=minutes, use_proctoring=True, shuffle_items=shuffle
    )
    for position in range(1, 4):
        item = Item.objects.create(
            unit_id=root, identifier=f"{uuid4().hex[:8]}-Q{position}", title=f"Question {position}"
        )
        content = ItemVersion.objects.create(
            item=item,
            number=1,
            kind=InteractionKind.SHORT_TEXT,
            public_xml="<qti-assessment-item/>",
            created_at=clock.now(),
        )
        VersionItem.objects.create(version=version, position=position, item_version=content)
    return version


def known(person: Actor) -> UUID:
    """The account of a person who has one."""
    assert person.user_id is not None
    return person.user_id


def _person(kind: str, *, role: str = "staff") -> Actor:
    login = f"{kind}-{uuid4().hex[:8]}"
    user = add_person(login, name=f"{kind.title()} {login[-4:]}")
    return Actor(user_id=user, name=f"{kind.title()} {login[-4:]}", role=role, ip="192.0.2.7")


def _or_raise(outcome: T | ExamhallError) -> T:
    if isinstance(outcome, ExamhallError):
        raise outcome
    return outcome
