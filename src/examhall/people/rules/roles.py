"""The default roles and what each may do (product.md §3.3), as far as something asks yet."""

from collections.abc import Iterable

from examhall.base.errors import BadInput
from examhall.base.words import Permission

ROLES: dict[str, frozenset[Permission]] = {
    "Site administrator": frozenset(Permission)
    - {
        Permission.INVIGILATE_ACT,
        Permission.INVIGILATE_LIVE_MEDIA,
        Permission.RECORDING_VIEW,
        Permission.INCIDENT_REVIEW,
        Permission.ATTEMPT_VOID,
        Permission.MARKS_WRITE,
    },
    "Author": frozenset({Permission.ASSESSMENT_AUTHOR, Permission.ASSESSMENT_USE_PROCTORING}),
    "Scheduler": frozenset(
        {
            Permission.SCHEDULE_CREATE,
            Permission.SCHEDULE_ACTIVATE,
            Permission.SCHEDULE_UNSCHEDULE,
            Permission.REGISTRATION_MANAGE,
            Permission.ACCOMMODATION_MANAGE,
            Permission.INVIGILATE_VIEW,
        }
    ),
    "Reviewer": frozenset(),
    "Senior reviewer": frozenset({Permission.RECORDING_VIEW, Permission.INCIDENT_REVIEW, Permission.RESULTS_EXPORT}),
    "Marker": frozenset({Permission.MARKS_WRITE}),
    "Log viewer": frozenset({Permission.LOGS_VIEW}),
    "Void attempts": frozenset({Permission.ATTEMPT_VOID, Permission.LOGS_VIEW}),
}
"""A site administrator has no standing access to people's recordings (note 1 of §3.3). Rights of invigilators and
reviewers come from the assignment to a schedule (S3): Reviewer gives none by itself, it makes its holder staff."""


def known_roles(names: Iterable[str]) -> list[str]:
    """`names` as a list. Raises BadInput naming the roles there are."""
    asked = list(names)
    unknown = [name for name in asked if name not in ROLES]
    if unknown:
        raise BadInput(
            f"role: there is no role {', '.join(unknown)}. Choose of: {', '.join(ROLES)}.",
            fields={"role": f"one of {', '.join(ROLES)}"},
        )
    return asked
