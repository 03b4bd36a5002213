"""Connecting a player to an attempt; session and CSRF guard it, the token it gives opens the live door."""

from dataclasses import replace
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from examhall.base import clock
from examhall.base.answer import decode, encode, iso_ms
from examhall.base.words import Track
from examhall.exam.access.attempt import AttemptRef, attempt_for, attempt_ref
from examhall.exam.access.form import form_of
from examhall.exam.access.hold import holds
from examhall.exam.access.policy import policy_for
from examhall.exam.access.token import sign
from examhall.exam.actions.lease import take
from examhall.exam.reads.attempt import counting_answers, last_seq
from examhall.exam.rules.policy import Policy, required_tracks
from examhall.exam.rules.rights import Act
from examhall.exam.wire.attempt import (
    AnswerShape,
    BreachShape,
    ConnectReply,
    ConnectRequest,
    HoldShape,
    QuestionShape,
)
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor


@require_POST
def connect(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """`POST /exam/attempts/{attempt_id}/connect`; 409 `held_elsewhere` while another client is live."""
    asked = decode(request.body, ConnectRequest)
    by = _candidate(request, attempt_id)
    connected = take(
        attempt_id,
        by=by,
        client_id=asked.client_id,
        takeover=asked.takeover,
        user_agent=request.headers.get("User-Agent", ""),
    )
    reply = _reply(attempt_ref(attempt_id), by=by, client=asked.client_id, epoch=connected.epoch)
    return HttpResponse(encode(reply), content_type="application/json")


def _candidate(request: HttpRequest, attempt_id: UUID) -> Actor:
    actor = actor_of(request)
    attempt_for(actor, attempt_id, Act.SIT)
    return replace(actor, role="candidate")  # whatever else they are, here they sit the exam


def _reply(ref: AttemptRef, *, by: Actor, client: str, epoch: int) -> ConnectReply:
    policy = policy_for(ref.activation, ref.accommodations)
    return ConnectReply(
        token=sign(
            attempt=ref.id,
            registration=ref.registration,
            user=ref.candidate,
            stream=ref.stream,
            name=by.name,
            client=client,
            epoch=epoch,
        ),
        epoch=epoch,
        server_now=iso_ms(clock.now()),
        entered_at=iso_ms(ref.entered_at),
        state=ref.state.value,
        started_at=iso_ms(ref.started_at) if ref.started_at else None,
        deadline_at=iso_ms(ref.deadline_at) if ref.deadline_at else None,
        policy=_client_part(policy),
        questions=_questions(ref),
        answers=[
            AnswerShape(a.item_id, a.client_seq, msgspec.json.decode(a.response_json), iso_ms(a.saved_at))
            for a in counting_answers(ref.id)
        ],
        next_media_epoch={track.value: ref.media_epochs.get(track.value, 0) + 1 for track in Track},
        last_client_seq=last_seq(ref),
        required_tracks=[track.value for track in required_tracks(policy)],
        hold=_hold(ref.id),
    )


def _hold(attempt: UUID) -> HoldShape:
    found = holds(attempt, now=clock.now())
    return HoldShape(
        full_screen_spent_s=found.full_screen_spent.total_seconds(),
        credit_left_s=found.credit_left.total_seconds(),
        breaches=[
            BreachShape(
                b.cause.value, b.what, iso_ms(b.broken_at), iso_ms(b.held_at) if b.held_at else None, b.restored
            )
            for b in found.unended
        ],
    )


def _client_part(policy: Policy) -> dict[str, object]:
    """What the client enforces or shows; how readily incidents are opened is not its business."""
    whole: dict[str, object] = msgspec.to_builtins(policy)
    return {part: whole[part] for part in ("record", "lock", "conn", "reentry", "ui")}


def _questions(ref: AttemptRef) -> list[QuestionShape]:
    form = form_of(ref.version, ref.form_seed)
    return [QuestionShape(q.number, str(q.item_id), q.title, q.kind.value, q.max_score) for q in form.questions]
