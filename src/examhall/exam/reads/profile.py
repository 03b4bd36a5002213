"""The site's proctoring profile: its values now, and every version with what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from examhall.base.words import Permission, ScheduleState
from examhall.exam.models import ProfileVersion, Schedule
from examhall.exam.rules.policy import Value
from examhall.exam.rules.policy_differences import differences
from examhall.exam.rules.policy_words import name_of, value_in_words
from examhall.exam.rules.snapshot import Layer, Origin, resolve
from examhall.people.access import required
from examhall.people.reads.people import root_unit, unit_path
from examhall.people.rules.actor import Actor

_SHOWN_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class VersionRow:
    """`changes`: "Reconnect window: 120 s, now 180 s", against the version before."""

    number: int
    at: datetime
    by: str
    comment: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfilePage:
    number: int
    """Of the newest version; 0 when none was ever saved."""
    values: Mapping[str, Value]
    """What it sets; the rest is built in."""
    scheduled: int
    """Exams that are scheduled now and keep the settings they were scheduled with."""
    versions: tuple[VersionRow, ...]
    """Newest first."""


def profile_page(actor: Actor) -> ProfilePage:
    """Raises NotAllowed unless this person manages the site's proctoring."""
    root = root_unit()
    required(actor, Permission.PROCTORING_ACTIVATE, unit_path(root))
    newest = _newest(root)
    return ProfilePage(
        number=newest[0].number if newest else 0,
        values=newest[0].values if newest else {},
        scheduled=Schedule.objects.filter(state=ScheduleState.SCHEDULED).count(),
        versions=tuple(
            VersionRow(row.number, row.at, row.by.get_full_name(), row.comment, _changes(before, row))
            for row, before in zip_longest(newest[:_SHOWN_VERSIONS], newest[1:])
            if row
        ),
    )


def _newest(root: UUID) -> list[ProfileVersion]:
    """One more than is shown, because the last one shown is told from the one before it."""
    rows = ProfileVersion.objects.filter(unit_id=root).select_related("by").order_by("-number")
    return list(rows[: _SHOWN_VERSIONS + 1])


def _changes(before: ProfileVersion | None, row: ProfileVersion) -> tuple[str, ...]:
    old, new = (resolve([Layer(Origin.SITE, one.values if one else {})]) for one in (before, row))
    return tuple(
        f"{name_of(one.key)}: {value_in_words(one.key, one.frozen)}, now {value_in_words(one.key, one.newer)}"
        for one in differences(old, new)
    )
