"""Saving the site's proctoring profile."""

from collections.abc import Mapping

from django.db.models import Max

from examhall.base import clock
from examhall.base.action import action
from examhall.base.errors import StaleVersion
from examhall.base.words import EntryKind, Permission
from examhall.exam.access.assessment import account_of
from examhall.exam.models import ProfileVersion
from examhall.exam.rules.policy import Value
from examhall.exam.rules.snapshot import check_values
from examhall.journal.actions import append
from examhall.people.access import required
from examhall.people.reads.people import root_unit, site_stream, unit_path
from examhall.people.rules.actor import Actor


@action
def save_site_profile(
    values: Mapping[str, Value], *, by: Actor, comment: str = "", seen_version: int | None = None
) -> int:
    """Save a new version, and return its number. Schedules activated from now on use it; others do not (R-0.9, R-0.10).

    values: only the keys that differ from the built-in defaults. Raises UnknownField or BadInput naming the key.
    seen_version: the number the person had before them; StaleVersion if another one was saved since.
    """
    root = root_unit()
    required(by, Permission.PROCTORING_ACTIVATE, unit_path(root))
    checked = check_values(values)
    last = ProfileVersion.objects.filter(unit_id=root).aggregate(last=Max("number"))["last"] or 0
    if seen_version is not None and seen_version != last:
        raise StaleVersion(f"Version {last} was saved meanwhile. Compare it below, then save once more.")
    ProfileVersion.objects.create(
        unit_id=root, number=last + 1, values=checked, comment=comment[:500], by_id=account_of(by), at=clock.now()
    )
    append(site_stream(), EntryKind.PROFILE_SAVED, by=by, extra={"version": last + 1, "keys": sorted(checked)})
    return last + 1
