"""Switching detectors off and on again for the site: by whom, why, and at once or for exams to come."""

from collections.abc import Collection

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import BadInput, Conflict
from examhall.base.reason import given_reason
from examhall.base.words import EntryKind, IncidentKind, Permission
from examhall.exam.reads.attempt import open_streams
from examhall.incidents.models import DetectorSwitch
from examhall.incidents.rules.off import SWITCHABLE
from examhall.journal.actions import NewEntry, append_many
from examhall.people.access import required
from examhall.people.reads.people import root_unit, site_stream, unit_path
from examhall.people.rules.actor import Actor


@action
def switch_off(kinds: Collection[str], *, at_once: bool, reason: str, by: Actor) -> None:
    """Look for `kinds` no more: at once, in running exams too, or in sessions entered from now on.

    A switch for exams to come gives way to an emergency switch; the other way round it must be taken back first.
    Raises BadInput naming the field, Conflict when one is off already, NotAllowed.
    """
    wanted, said = _checked(kinds, by), _said(reason)
    now = clock.now()
    before = {row.kind: row for row in DetectorSwitch.objects.select_for_update().filter(on_at=None, kind__in=wanted)}
    already = [kind for kind in wanted if kind in before and (before[kind].at_once or not at_once)]
    if already:
        raise Conflict(f"{', '.join(already)}: off already.", fields={"kinds": "Leave out what is off already."})
    for row in before.values():
        _on(row, by=by, reason="Replaced by the emergency switch")
    DetectorSwitch.objects.bulk_create(
        DetectorSwitch(kind=kind, at_once=at_once, off_at=now, off_by=by.name, reason=said) for kind in wanted
    )
    _tell(wanted, running=at_once, by=by, off=True, at_once=at_once, reason=said)


@action
def switch_on(kinds: Collection[str], *, reason: str, by: Actor) -> None:
    """Look for `kinds` again. Raises BadInput naming the field, Conflict when one is not off, NotAllowed."""
    wanted, said = _checked(kinds, by), _said(reason)
    rows = list(DetectorSwitch.objects.select_for_update().filter(on_at=None, kind__in=wanted))
    if missing := set(wanted) - {row.kind for row in rows}:
        raise Conflict(f"{', '.join(sorted(missing))}: not switched off.", fields={"kinds": "Leave out what is on."})
    for row in rows:
        _on(row, by=by, reason=said)
    _tell(wanted, running=any(row.at_once for row in rows), by=by, off=False, reason=said)


def _checked(kinds: Collection[str], by: Actor) -> list[IncidentKind]:
    if by.role != "system":  # whoever works on the server itself may, as with `activate-proctoring`
        required(by, Permission.PROCTORING_ACTIVATE, unit_path(root_unit()))
    unknown = sorted(set(kinds) - SWITCHABLE)
    if unknown or not kinds:
        what = f"{unknown[0]} cannot be switched." if unknown else "Nothing is chosen."
        raise BadInput(what, fields={"kinds": f"Choose of {', '.join(sorted(SWITCHABLE))}."})
    return sorted(map(IncidentKind, set(kinds)))


def _said(reason: str) -> str:
    return given_reason(reason, remedy="Say why; it is shown to whoever watches or reviews.")


def _on(row: DetectorSwitch, *, by: Actor, reason: str) -> None:
    row.on_at, row.on_by, row.on_reason = clock.now(), by.name, reason
    row.save(update_fields=["on_at", "on_by", "on_reason"])


def _tell(kinds: Collection[IncidentKind], *, running: bool, by: Actor, **extra: bool | str) -> None:
    """In the site's journal, and in that of every sitting it reaches: its log then explains its silence."""
    told = {"kinds": list(kinds), **extra}
    streams = [site_stream(), *(open_streams() if running else ())]
    append_many([NewEntry(stream=one, kind=EntryKind.DETECTOR_SWITCHED, by=by, extra=told) for one in streams])
