"""Arranging accommodations for one candidate: until they start, by whoever may, with a reason and a journal line."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from examhall.base.action import action
from examhall.base.errors import Conflict, NotFound
from examhall.base.reason import given_reason
from examhall.base.words import EntryKind
from examhall.exam.access.schedule import schedule_for
from examhall.exam.models import Attempt, Registration
from examhall.exam.rules.accommodation import known
from examhall.exam.rules.attempt import TERMINAL
from examhall.exam.rules.rights import Act
from examhall.exam.rules.timing import accommodated
from examhall.journal.actions import append
from examhall.people.rules.actor import Actor


@action
def set_accommodations(
    registration_id: UUID,
    *,
    words: Collection[str],
    reason: str,
    by: Actor,
    extra_percent: int = 0,
    extra_min: int = 0,
) -> None:
    """Replace what is arranged for this candidate. An attempt takes it over when it starts, and keeps it.

    reason: who decided it, under which number; never a diagnosis. extra_percent and extra_min add up (§5.8).
    Raises NotFound, NotAllowed, BadInput naming the field, Conflict while an attempt runs.
    """
    registration = Registration.objects.select_related("candidate").filter(id=registration_id).first()
    if registration is None:
        raise NotFound("There is no such candidate.")
    schedule = schedule_for(by, registration.schedule_id, Act.ARRANGE, lock=True)
    said = given_reason(reason, remedy="Say who decided it, or its number; no diagnosis.")
    running = Attempt.objects.filter(registration=registration, started_at__isnull=False)
    if running.exclude(state__in=TERMINAL).exists():
        raise Conflict(
            f"{registration.candidate.get_full_name()} has begun: what was arranged at the start runs on. "
            "Extra time can be granted on the invigilation page."
        )
    base = timedelta(minutes=schedule.version.duration_min)
    length = accommodated(base, percent=extra_percent, minutes=extra_min)
    registration.accommodations = [word.value for word in known(words)]
    registration.extra_time_s = round((length - base).total_seconds())
    registration.save(update_fields=["accommodations", "extra_time_s"])
    told = {
        "registration": str(registration.id),
        "accommodations": registration.accommodations,
        "extra_time_s": registration.extra_time_s,
        "reason": said,
    }
    append(schedule.stream_id, EntryKind.ACCOMMODATIONS_SET, by=by, extra=told)
