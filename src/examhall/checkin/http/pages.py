"""The candidate's pages: what to expect, the exam itself (one document from check to hand-in), the receipt."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.base.settings import settings
from examhall.checkin.access.progress import CheckIn, checkin_for
from examhall.checkin.reads.agreement import agreement_for
from examhall.checkin.rules.check import FREE_SPACE_MB, UPSTREAM_KBIT_S, lines_of
from examhall.checkin.rules.expect import told
from examhall.checkin.rules.flow import STEP_WORDS, Step, flow_of, steps_before_start
from examhall.exam.actions.attempt import enter, visit_page
from examhall.exam.reads.sitting import Sitting, sitting
from examhall.exam.rules.policy import required_tracks
from examhall.people.http.actor import actor_of


@require_http_methods(["GET", "POST"])
def expect(request: HttpRequest, registration_id: UUID) -> HttpResponse:
    """C2: what will happen, before any device is touched (R-0.18); going on opens the attempt (A1)."""
    actor = actor_of(request)
    exam = sitting(actor, registration_id)
    if request.method == "POST":
        steps = [step.value for step in steps_before_start(exam.policy)] if exam.policy else []
        return redirect("exam", attempt_id=enter(registration_id, by=actor, steps=steps))
    now = clock.now()
    flow = flow_of(exam.policy) if exam.policy else ()
    context = {
        "exam": exam,
        "bar_title": exam.title,
        "open_now": exam.opens_at <= now < exam.ends_at,
        "over": now >= exam.ends_at,
        "told": told(exam.policy, exam.accommodations) if exam.policy else [],
        "steps": [STEP_WORDS[step] for step in flow],
        "support_contact": settings().support_contact,
        "tries_left": exam.attempts_allowed - sum(one.over for one in exam.tries),
    }
    return render(request, "checkin/expect.html", context)


@require_GET
def exam(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The document that records, checks and delivers: it must not be left between check and hand-in."""
    actor = actor_of(request)
    checkin = checkin_for(actor, attempt_id)
    about = sitting(actor, checkin.attempt.registration)
    start = _start(checkin, about, name=actor.name)
    return render(request, "checkin/exam.html", {"exam": about, "start": start, "attempt_id": attempt_id})


@require_GET
def receipt(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """C9, after the devices are released: what was handed in, and what happens next."""
    actor = actor_of(request)
    checkin = checkin_for(actor, attempt_id)
    about = sitting(actor, checkin.attempt.registration)
    one = next(each for each in about.tries if each.attempt == attempt_id)
    if not one.over:
        return redirect("exam", attempt_id=attempt_id)
    visit_page(attempt_id, by=replace(actor, role="candidate"), page="receipt")
    context = {"exam": about, "bar_title": about.title, "one": one, "support_contact": settings().support_contact}
    return render(request, "checkin/receipt.html", context)


def _start(checkin: CheckIn, about: Sitting, *, name: str) -> dict[str, Any]:
    """What the page's script begins with; ids, addresses and the frozen policy's consequences, no secrets."""
    attempt, policy = checkin.attempt, checkin.policy
    text = agreement_for(checkin, exam=about.title)
    ids = {"attempt_id": attempt.id}
    return {
        "attempt": str(attempt.id),
        "code": attempt.code,
        "title": about.title,
        "exam_code": about.code,
        "candidate": name,
        "support_contact": settings().support_contact,
        "state": attempt.state.value,
        "server_now": iso_ms(clock.now()),
        "duration_s": about.duration_s,
        "ends_at": iso_ms(about.ends_at),
        "flow": [{"step": step.value, "word": STEP_WORDS[step]} for step in flow_of(policy)],
        "to_do": [step.value for step in checkin.to_do],
        "lines": [line.value for line in lines_of(policy)],
        "looks": [look.value for look in checkin.looks if Step.AGREEMENT in checkin.to_do],
        "required_tracks": [track.value for track in required_tracks(policy)],
        "sound": policy.record.audio,
        "free_space_mb": FREE_SPACE_MB,
        "upstream_kbit_s": UPSTREAM_KBIT_S,
        "agreement": {
            "title": text.title,
            "paragraphs": list(text.paragraphs),
            "version": text.version,
            "sha256": text.sha256,
            "download": reverse("exam-agreement-text", kwargs=ids),
        },
        "urls": _urls(attempt.id),
    }


def _urls(attempt_id: UUID) -> dict[str, str]:
    """Where the page's script posts to and fetches from."""
    ids = {"attempt_id": attempt_id}
    return {
        "connect": f"/exam/attempts/{attempt_id}/connect",
        "items": f"/exam/attempts/{attempt_id}/items/",
        "check": reverse("exam-check", kwargs=ids),
        "agreement": reverse("exam-agreement", kwargs=ids),
        "looks": reverse("exam-looks", kwargs=ids),
        "probe": reverse("exam-probe", kwargs=ids),
        "again": reverse("exam-again", kwargs=ids),
        "receipt": reverse("exam-receipt", kwargs=ids),
        "exams": reverse("my-exams"),
    }
