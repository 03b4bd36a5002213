"""Analysing sessions again: asking for a set, trying once more, making a set current, discarding one.

Each is a person's act with a reason. The set that was there before is not touched: its incidents, verdicts, pictures
and score stay, and it can be made current again. No verdict is carried over to another set.
"""

from collections.abc import Sequence

from django.db.models import Max

from examhall.base import clock
from examhall.base.action import action, step
from examhall.base.errors import Conflict, NotFound
from examhall.base.reason import given_reason
from examhall.base.words import EntryKind, Leniency, ReanalysisAct, ReanalysisState
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.access.policy import policy_of_activation
from examhall.exam.rules.attempt import TERMINAL
from examhall.incidents.actions.analysis import wake_step
from examhall.incidents.models import Analysis, Reanalysis
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.reanalysis import OUTSTANDING, after, stricter
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def analyse_again(attempt: AttemptRef, *, by: Actor, reason: str, leniency: Leniency | None = None) -> int:
    """Ask for another set with the detectors and rules of today; returns its number.

    leniency: the levels of this preset instead of the agreed ones. Raises BadInput without a reason, Conflict while
    the session goes on, is being analysed, or has a set that waits for its worker or for a person.
    """
    return _ask(attempt, by=by, reason=given_reason(reason), leniency=leniency)


@action
def analyse_all_again(
    attempts: Sequence[AttemptRef], *, by: Actor, reason: str, leniency: Leniency | None = None
) -> tuple[int, list[str]]:
    """Ask for each of them; returns how many were asked for, and why the others were not."""
    said = given_reason(reason)
    refused = []
    for attempt in attempts:
        try:
            _ask(attempt, by=by, reason=said, leniency=leniency)
        except Conflict as refusal:
            refused.append(f"{attempt.code}: {refusal.message}")
    return len(attempts) - len(refused), refused


@action
def try_again(attempt: AttemptRef, number: int, *, by: Actor) -> None:
    """Go on with an analysis again that failed, from its last step."""
    asked = _locked(attempt, number)
    _move(asked, ReanalysisAct.TRY_AGAIN)
    wake_step(attempt.id, number=number)
    append(attempt.stream, EntryKind.REANALYSIS_STARTED, by=by, extra={"set": number, "again": True})


@action
def adopt(attempt: AttemptRef, number: int, *, by: Actor, reason: str) -> None:
    """Make a set the current one: the one that pages show and the score counts. 0 is that of the exam itself.

    Raises BadInput without a reason, IllegalMove when it is not ready, Conflict when it is current already or was
    made by levels stricter than agreed.
    """
    said = given_reason(reason)
    rows = {row.number: row for row in Analysis.objects.select_for_update().filter(attempt_id=attempt.id)}
    wanted, before = rows.get(number), next((row for row in rows.values() if row.current), None)
    if wanted is None or before is None:
        raise NotFound("There is no such set of incidents.")
    if wanted.current:
        raise Conflict("This set is the current one already.")
    _ensure_agreed(attempt, wanted)
    if number:
        _decide(_locked(attempt, number), ReanalysisAct.ADOPT, by=by, reason=said)
    for row, is_current in ((before, False), (wanted, True)):
        row.current = is_current
        row.save(update_fields=["current"])
    extra = {"set": number, "before": before.number, "reason": said}
    append(attempt.stream, EntryKind.REANALYSIS_ADOPTED, by=by, extra=extra)


@action
def discard(attempt: AttemptRef, number: int, *, by: Actor, reason: str) -> None:
    """Decide against a set, or stop one that is being made. What it holds is kept and never becomes current."""
    said = given_reason(reason)
    _decide(_locked(attempt, number), ReanalysisAct.DISCARD, by=by, reason=said)
    append(attempt.stream, EntryKind.REANALYSIS_DISCARDED, by=by, extra={"set": number, "reason": said})


@step
def _ask(attempt: AttemptRef, *, by: Actor, reason: str, leniency: Leniency | None) -> int:
    rows = Analysis.objects.select_for_update().filter(attempt_id=attempt.id)
    first = rows.filter(number=0).first()
    if attempt.state not in TERMINAL or first is None or first.finished_at is None:
        raise Conflict("A session can be analysed again when it has ended and has been analysed once.")
    waiting = Reanalysis.objects.filter(analysis__attempt_id=attempt.id, state__in=OUTSTANDING)
    if (one := waiting.select_related("analysis").first()) is not None:
        raise Conflict(f"Set {one.analysis.number} waits already. Make it current or discard it first.")
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    row = Analysis.objects.create(
        attempt_id=attempt.id, number=number, current=False, leniency=leniency.value if leniency else ""
    )
    Reanalysis.objects.create(analysis=row, asked_by_name=by.name, asked_at=clock.now(), reason=reason)
    wake_step(attempt.id, number=number)
    extra = {"set": number, "levels": row.leniency or "as agreed", "reason": reason}
    append(attempt.stream, EntryKind.REANALYSIS_STARTED, by=by, extra=extra)
    return number


def _ensure_agreed(attempt: AttemptRef, row: Analysis) -> None:
    """What was agreed is what runs (P5)."""
    agreed = policy_of_activation(attempt.activation).detect
    kinds = stricter(agreed, Leniency(row.leniency) if row.leniency else None)
    if kinds:
        names = ", ".join(SHOWN[kind].title for kind in kinds)
        raise Conflict(
            f"This set was made by stricter levels than were agreed for this exam ({names}). It is for comparison; "
            "discard it when you have looked."
        )


def _locked(attempt: AttemptRef, number: int) -> Reanalysis:
    rows = Reanalysis.objects.select_for_update(of=("self",)).select_related("analysis")
    found = rows.filter(analysis__attempt_id=attempt.id, analysis__number=number).first()
    if found is None:
        raise NotFound("There is no such set of incidents.")
    return found


def _decide(asked: Reanalysis, act: ReanalysisAct, *, by: Actor, reason: str) -> None:
    _move(asked, act)
    asked.decided_by_name, asked.decided_at, asked.decision_reason = by.name, clock.now(), reason
    asked.save(update_fields=["decided_by_name", "decided_at", "decision_reason"])


def _move(asked: Reanalysis, act: ReanalysisAct) -> None:
    asked.state = after(ReanalysisState(asked.state), act)
    asked.save(update_fields=["state"])
