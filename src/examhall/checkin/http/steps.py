"""What the entry page posts: the report of the check, the answer to the agreement, bytes to measure the way here."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from examhall.base import clock
from examhall.base.answer import decode, encode, iso_ms
from examhall.base.errors import Conflict, TooLarge
from examhall.base.words import LookAt
from examhall.checkin.access.progress import checkin_for
from examhall.checkin.actions.agreement import accept_agreement, decline_agreement
from examhall.checkin.actions.check import record_check
from examhall.checkin.actions.looks import keep_looks
from examhall.checkin.reads.agreement import agreement_for
from examhall.checkin.rules.check import CheckedLine
from examhall.checkin.rules.flow import Step
from examhall.checkin.wire.checkin import AgreementIn, CheckIn, LooksIn, ProgressOut
from examhall.exam.actions.attempt import reopen
from examhall.exam.reads.sitting import sitting
from examhall.incidents.rules.baseline import MAX_BYTES
from examhall.people.http.actor import actor_of
from examhall.people.rules.actor import Actor

MAX_PROBE_BYTES = 2 * 1024 * 1024
MAX_LOOKS_BYTES = 2 * len(LookAt) * MAX_BYTES
"""Base64 adds a third."""


@require_POST
def check(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    actor = _candidate(request)
    checkin = checkin_for(actor, attempt_id)
    sent = decode(request.body, CheckIn)
    report = [CheckedLine(line.line, line.result, line.measured, line.needed) for line in sent.lines]
    to_do = record_check(checkin, report=report, by=actor, user_agent=request.headers.get("User-Agent", ""))
    return _progress(to_do, passed=Step.CHECK not in to_do)


@require_POST
def agreement(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    actor = _candidate(request)
    checkin = checkin_for(actor, attempt_id)
    sent = decode(request.body, AgreementIn)
    text = agreement_for(checkin, exam=sitting(actor, checkin.attempt.registration).title)
    if sent.accepted:
        to_do = accept_agreement(checkin, text=text, sha256=sent.sha256, typed_name=sent.typed_name, by=actor)
    else:
        to_do = decline_agreement(checkin, text=text, sha256=sent.sha256, by=actor)
    return _progress(to_do, passed=Step.AGREEMENT not in to_do)


@require_POST
def looks(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The pictures of the system check; sent when the agreement is accepted, never before."""
    actor = _candidate(request)
    checkin = checkin_for(actor, attempt_id)
    if len(request.body) > MAX_LOOKS_BYTES:
        raise TooLarge("The pictures are too large. Take them again.")
    sent = decode(request.body, LooksIn)
    keep_looks(checkin, pictures=[(one.look, one.jpeg) for one in sent.looks], by=actor)
    return _progress((), passed=True)


@require_GET
def agreement_text(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The agreement as a text file, byte for byte what the hash is of."""
    actor = actor_of(request)
    checkin = checkin_for(actor, attempt_id)
    text = agreement_for(checkin, exam=sitting(actor, checkin.attempt.registration).title)
    answer = HttpResponse(text.plain().encode(), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="agreement.txt"'
    return answer


@require_POST
def probe(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Take bytes and forget them: how long they took is what the candidate's computer measures."""
    checkin_for(actor_of(request), attempt_id)
    if len(request.body) > MAX_PROBE_BYTES:
        raise TooLarge("The test sends too much. Reload the page.")
    body = {"bytes": len(request.body), "server_now": iso_ms(clock.now())}
    return HttpResponse(encode(body), content_type="application/json")


@require_POST
def again(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Check in again after a stop (A9): needs the steps of the check-in to be done anew, then the exam goes on."""
    actor = _candidate(request)
    checkin = checkin_for(actor, attempt_id)
    if checkin.to_do:
        raise Conflict(
            "Something is still to do before you can go on. Run the system check again.",
            fields=dict.fromkeys((step.value for step in checkin.to_do), "do this step first"),
        )
    reopen(attempt_id, by=actor, reason="checked in again")
    return _progress((), passed=True)


def _candidate(request: HttpRequest) -> Actor:
    """Whoever asks sits the exam here, whatever else they are."""
    return replace(actor_of(request), role="candidate")


def _progress(to_do: tuple[Step, ...], *, passed: bool) -> HttpResponse:
    body = ProgressOut(to_do=[step.value for step in to_do], passed=passed)
    return HttpResponse(encode(body), content_type="application/json")
