"""Acts on attempts: one by its own address, many at once by the schedule's (R-1.6, R-1.11, R-1.12)."""

from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from examhall.base import clock
from examhall.base.answer import decode, encode, iso_ms
from examhall.base.errors import BadInput, ExamhallError, NotFound
from examhall.base.words import AttemptState
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.actions.attempt import hand_in, reopen, reopen_ended
from examhall.exam.actions.intervention import grant_time, pause, resume, send_message, stop
from examhall.exam.reads.attempt import desk_rows, effective_minutes
from examhall.exam.reads.desk import desk_schedule, reached_by
from examhall.exam.rules.rights import Act
from examhall.invigilation.http.acts import ActKey
from examhall.invigilation.http.guard import allowed, ensure_may_act
from examhall.invigilation.rules.desk import Seen, is_away
from examhall.invigilation.wire.intervention import (
    MAX_AT_ONCE,
    ActIn,
    BulkIn,
    BulkOut,
    Done,
    Effective,
    EffectiveOut,
    Refused,
)
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor

MAX_BODY_BYTES = 256 * 1024
GRANTED_MIN = range(1, 481)
_GRANT = f"Give {GRANTED_MIN[0]} to {GRANTED_MIN[-1]} minutes."


@require_POST
def act_on_one(request: HttpRequest, attempt_id: UUID, act: str) -> HttpResponse:
    """`POST /invigilation/attempts/{attempt}/{act}`, JSON or form; answers with what took effect."""
    key = _key(act)
    ref = allowed(request, attempt_id, Act.INTERVENE)
    said = _said(request)
    _ensure_fields(key, said)
    return _json(_do(key, ref, said, by=actor_of(request)))


@require_POST
def act_on_many(request: HttpRequest, schedule_id: UUID, act: str) -> HttpResponse:
    """`POST /invigilation/{schedule}/bulk/{act}`: each attempt by itself; what could not be done says why."""
    key, actor = _key(act), actor_of(request)
    ensure_may_act(actor, schedule_id, key.value)
    said = decode(request.body[: MAX_BODY_BYTES + 1], BulkIn)
    _ensure_fields(key, said)
    names = reached_by(schedule_id, said.attempts)
    done: list[Done] = []
    refused: list[Refused] = []
    for attempt_id in dict.fromkeys(said.attempts):
        try:
            if attempt_id not in names:
                raise NotFound("There is no such attempt in this exam.")
            done.append(_do(key, allowed(request, attempt_id, Act.INTERVENE), said, by=actor))
        except ExamhallError as error:
            name = names.get(attempt_id, "")
            refused.append(Refused(attempt_id, name, error.code, error.message, error.fields))
    return _json(BulkOut(done, refused))


@require_GET
def effective(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """`GET /invigilation/{schedule}/effective?minutes=10&attempt=…`: what a grant would really give."""
    actor = actor_of(request)
    desk_schedule(actor, schedule_id, Act.INTERVENE)
    minutes = _whole(request.GET.get("minutes", ""))
    if minutes not in GRANTED_MIN:
        raise BadInput("So much time cannot be given.", fields={"minutes": _GRANT})
    asked = [_uuid(text) for text in request.GET.getlist("attempt")[:MAX_AT_ONCE]]
    names = reached_by(schedule_id, asked)
    found = [Effective(one, names[one], effective_minutes(one, minutes=minutes)) for one in asked if one in names]
    return _json(EffectiveOut(minutes, found))


def _do(key: ActKey, ref: AttemptRef, said: ActIn, *, by: Actor) -> Done:
    away = _is_away(ref)
    return msgspec.structs.replace(_DOINGS[key](ref, said, by), pending=away)


def _pause(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    pause(ref.id, by=by, reason=said.reason)
    return Done(ref.id)


def _resume(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    given = resume(ref.id, by=by, reason=said.reason)
    return Done(ref.id, effective_s=given.effective_s, deadline_at=iso_ms(given.deadline_at))


def _time(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    given = grant_time(ref.id, by=by, minutes=said.minutes or 0, reason=said.reason)
    return Done(ref.id, effective_s=given.effective_s, deadline_at=iso_ms(given.deadline_at))


def _message(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    send_message(ref.id, by=by, body=said.body)
    return Done(ref.id)


def _stop(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    stop(ref.id, by=by, reason=said.reason)
    return Done(ref.id)


def _reopen(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    if ref.state is AttemptState.TIMED_OUT:
        ends_at = reopen_ended(ref.id, by=by, minutes=said.minutes or 0, reason=said.reason)
        return Done(ref.id, deadline_at=iso_ms(ends_at))
    reopen(ref.id, by=by, reason=said.reason, give_back_s=said.give_back_min * 60)
    return Done(ref.id)


def _hand_in(ref: AttemptRef, said: ActIn, by: Actor) -> Done:
    return Done(ref.id, receipt=hand_in(ref.id, by=by).number)


_DOINGS: Mapping[ActKey, Callable[[AttemptRef, ActIn, Actor], Done]] = {
    ActKey.PAUSE: _pause,
    ActKey.RESUME: _resume,
    ActKey.TIME: _time,
    ActKey.MESSAGE: _message,
    ActKey.STOP: _stop,
    ActKey.REOPEN: _reopen,
    ActKey.HAND_IN: _hand_in,
}


def _ensure_fields(key: ActKey, said: ActIn) -> None:
    """Every field that is missing, at once, so that a dialog can show them together."""
    wrong: dict[str, str] = {}
    if key in {ActKey.PAUSE, ActKey.RESUME, ActKey.TIME, ActKey.STOP, ActKey.REOPEN} and not said.reason.strip():
        wrong["reason"] = "Say why: it stands in the candidate log."
    least = GRANTED_MIN.start if key is ActKey.TIME else 0
    if (said.minutes or 0) not in range(least, GRANTED_MIN.stop):
        wrong["minutes"] = _GRANT
    if key is ActKey.MESSAGE and not said.body.strip():
        wrong["body"] = "Write 1 to 1000 characters."
    if wrong:
        raise BadInput("Something is missing.", fields=wrong)


def _is_away(ref: AttemptRef) -> bool:
    [row] = desk_rows(ref.schedule, attempts=[ref.id])
    seen = Seen(state=row.state, last_seen_at=row.last_seen_at, away_since=row.away_since)
    return is_away(seen, now=clock.now())


def _said(request: HttpRequest) -> ActIn:
    if (request.content_type or "") == "application/json":
        return decode(request.body[: MAX_BODY_BYTES + 1] or b"{}", ActIn)
    sent = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    return decode(encode({name: _whole(v) if name in _NUMBERS else v for name, v in sent.items()}), ActIn)


_NUMBERS = frozenset({"minutes", "give_back_min"})


def _whole(text: object) -> int:
    try:
        return int(str(text))
    except ValueError as wrong:
        raise BadInput("Minutes are a whole number.", fields={"minutes": _GRANT}) from wrong


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise BadInput("This is not an attempt.", fields={"attempt": "an id"}) from wrong


def _key(act: str) -> ActKey:
    if act not in set(ActKey):
        raise NotFound("There is no such act.")
    return ActKey(act)


def _json(shape: msgspec.Struct) -> HttpResponse:
    return HttpResponse(encode(shape), content_type="application/json")
