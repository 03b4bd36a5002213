"""A person's judgement of an incident, and a flag a person sets. The only writers of `state` besides the analysis."""

from datetime import timedelta
from uuid import UUID

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import BadInput, NotFound, StaleVersion
from examhall.base.ids import new_id
from examhall.base.words import DismissReason, EntryKind, IncidentKind, IncidentState, Verdict
from examhall.exam.access.attempt import AttemptRef
from examhall.incidents.access.incident import IncidentRef
from examhall.incidents.access.incident_set import of_current_sets
from examhall.incidents.models import Incident, IncidentVerdict
from examhall.incidents.rules.family import SHOWN
from examhall.incidents.rules.verdict import NOTE_MAX, after, checked
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor

MANUAL_DETECTOR = "person"


@action
def decide(
    incident: IncidentRef,
    *,
    by: Actor,
    verdict: Verdict,
    reason: DismissReason | None = None,
    note: str = "",
    verdicts_seen: int | None = None,
) -> IncidentState:
    """Judge an incident; the verdict before it stays in the history. Returns the state it has now.

    verdicts_seen: how many verdicts the person had in front of them; None to judge whatever stands there.
    Raises IllegalMove (also when another set is current), StaleVersion when somebody judged it meanwhile, BadInput for
    a dismissal without a reason.
    Source: R-1.7, R-2.5, R-2.26; product.md §2.7.
    """
    said = checked(verdict, reason, note)
    row = Incident.objects.select_for_update().filter(id=incident.id).first()
    if row is None or by.user_id is None:
        raise NotFound("There is no such incident, or it is not yours to see.")
    _check_seen(row, verdicts_seen)
    before = IncidentState(row.state) if _counts(row) else IncidentState.SUPERSEDED
    row.state, row.row_version = after(before, verdict), row.row_version + 1
    row.save(update_fields=["state", "row_version"])
    IncidentVerdict.objects.create(
        incident=row,
        by_id=by.user_id,
        by_name=by.name,
        verdict=verdict,
        reason=reason or "",
        note=said,
        at=clock.now(),
    )
    told = {"verdict": verdict.value, "reason": reason.value if reason else "", "before": before.value}
    about = {"incident": str(row.id), "kind": str(row.kind), "start_ms": row.start_ms, "note": bool(said)}
    append(incident.attempt.stream, EntryKind.INCIDENT_DECIDED, by=by, extra={**about, **told})
    return IncidentState(row.state)


@action
def flag_by_person(attempt: AttemptRef, *, by: Actor, start_ms: int, end_ms: int, note: str) -> UUID:
    """Flag a stretch by hand; returns the incident.

    Raises BadInput without a note, for a stretch that runs back, and for one that has not been yet.
    Source: product.md §2.7 (manual flags need a note).
    """
    said = note.strip()
    if not said or len(said) > NOTE_MAX:
        raise BadInput("A flag needs a note that says what was seen.", fields={"note": "write one or two sentences"})
    if not 0 <= start_ms <= end_ms:
        raise BadInput("A flag ends where it begins or later.", fields={"end_ms": "not before start_ms"})
    _ensure_has_been(attempt, end_ms)
    row = Incident.objects.create(
        attempt_id=attempt.id,
        kind=IncidentKind.MANUAL,
        start_ms=start_ms,
        end_ms=end_ms,
        severity=2,
        confidence=1.0,
        rule_version=f"person-{new_id().hex[-12:]}",
        detector=MANUAL_DETECTOR,
        level="",
        needed_s=0.0,
        explanation=f"{by.name}: {said}"[:500],
        opened_at=clock.now(),
    )
    extra = {
        "incident": str(row.id),
        "kind": IncidentKind.MANUAL.value,
        "severity": row.severity,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "title": SHOWN[IncidentKind.MANUAL].label,
    }
    append(attempt.stream, EntryKind.INCIDENT_OPENED, by=by, extra=extra)
    return row.id


def _ensure_has_been(attempt: AttemptRef, end_ms: int) -> None:
    latest_ms = (clock.now() - attempt.entered_at) // timedelta(milliseconds=1)
    if end_ms > latest_ms:
        raise BadInput("A flag marks what has been.", fields={"end_ms": f"{latest_ms} at the latest"})


def _counts(row: Incident) -> bool:
    """Whether its set is the current one; what another set took the place of is not judged any more."""
    return of_current_sets(Incident.objects.filter(id=row.id)).exists()


def _check_seen(row: Incident, verdicts_seen: int | None) -> None:
    """An incident may grow while it is looked at; only another person's judgement makes a verdict stale."""
    if verdicts_seen is None or row.verdicts.count() <= verdicts_seen:
        return
    latest = row.verdicts.order_by("-at", "-id").first()
    raise StaleVersion(
        f"{latest.by_name if latest else 'Somebody'} judged this incident meanwhile. Look again, then decide.",
        fields={"verdicts_seen": str(row.verdicts.count())},
    )
