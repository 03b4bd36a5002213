"""A candidate in a proctored exam and the staff around it, built by the product's own actions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import ExamhallError
from examhall.base.words import InteractionKind, ScheduleMode, Track
from examhall.base.writer import perform
from examhall.exam.access.attempt import AttemptRef, attempt_ref
from examhall.exam.access.token import sign
from examhall.exam.actions.assessment import Options, create_assessment, make_live
from examhall.exam.actions.attempt import enter, hand_in, note_track_step, start
from examhall.exam.actions.items import create_item
from examhall.exam.actions.lease import take
from examhall.exam.actions.registration import add_candidate
from examhall.exam.actions.schedule import Plan, activate, create_schedule
from examhall.exam.rules.qti_form import ItemForm
from examhall.media.actions.segment import KEEP_SEGMENT, Stored
from examhall.media.container.boxes import Times
from examhall.media.container.encode import Made
from examhall.media.container.segment import Piece
from examhall.people.access import actor_for_user
from examhall.people.actions.people import add_person, grant_roles
from examhall.people.rules.actor import Actor
from tests.media import clips

noted_track = action(note_track_step)


@dataclass(frozen=True, slots=True)
class Sitting:
    """An entered attempt whose recording is wanted on both tracks."""

    attempt: UUID
    stream: UUID
    candidate: Actor
    reviewer: Actor
    author: Actor

    @property
    def ref(self) -> AttemptRef:
        return attempt_ref(self.attempt)

    @property
    def token(self) -> str:
        ref = self.ref
        return sign(
            attempt=ref.id,
            registration=ref.registration,
            user=ref.candidate,
            name="Amara Okonkwo",
            client="tab-1",
            stream=ref.stream,
            epoch=1,
        )

    def begin(self) -> None:
        """Press Start now, whatever has been recorded so far."""
        for track in Track:
            noted_track(self.attempt, track=track, media_epoch=0, confirmed=True)
        self.connect()
        start(self.attempt, by=self.candidate, epoch=1)

    def connect(self) -> None:
        take(self.attempt, by=self.candidate, client_id="tab-1")

    def hand_in(self) -> None:
        hand_in(self.attempt, by=self.candidate)

    def piece(self, made: Made, track: Track = Track.WEBCAM, epoch: int = 1, content: bytes | None = None) -> Piece:
        sent = made.content if content is None else content
        return Piece(
            attempt=self.attempt,
            stream=self.stream,
            track=track,
            epoch=epoch,
            seq=made.number,
            content=sent,
            sha256=hashlib.sha256(sent).digest(),
            times=Times(made.t_ms, made.d_ms, made.key),
            codecs="" if made.number else clips.codecs(),
        )

    def keep(self, *made: Made, track: Track = Track.WEBCAM, epoch: int = 1) -> Sequence[Stored | ExamhallError]:
        """Store pieces in one batch of the writer."""
        return perform(KEEP_SEGMENT, [self.piece(one, track, epoch) for one in made])


def sit(root: UUID, *, login: str = "amara") -> Sitting:
    """A candidate who has just entered an open exam of one question."""
    author_id = add_person(f"author-{login}", name="Ines Carvalho")
    grant_roles(author_id, unit=root, roles=["Author", "Scheduler"])
    author = actor_for_user(author_id)
    options = Options(duration_min=90, use_proctoring=True)
    assessment = create_assessment(root, code=f"PHA-{login}", title="Pharmacology II", options=options, by=author)
    form = ItemForm(kind=InteractionKind.ESSAY, title="Loop diuretics", prompt="How does furosemide work?")
    create_item(assessment, form=form, by=author)
    make_live(assessment, by=author)
    now = clock.now()
    plan = Plan(
        title="Pharmacology II, written exam",
        opens_at=now - timedelta(hours=1),
        deadline=now + timedelta(hours=8),
        mode=ScheduleMode.AUTOMATED,
    )
    schedule = create_schedule(assessment, plan=plan, by=author)
    candidate = actor_for_user(add_person(login, name="Amara Okonkwo", student_id=f"4410-{login}"))
    registration = add_candidate(schedule, login=login, by=author)
    activate(schedule, by=author)
    attempt = enter(registration, by=candidate)
    reviewer_id = add_person(f"reviewer-{login}", name="Henrik Aalto")
    grant_roles(reviewer_id, unit=root, roles=["Senior reviewer"])
    return Sitting(attempt, attempt_ref(attempt).stream, candidate, actor_for_user(reviewer_id), author)
