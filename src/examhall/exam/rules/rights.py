"""Who may do what in this wing, as data (product.md §3.3); who holds which permission where is asked of people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from examhall.base.words import Permission

__all__ = ["RIGHTS", "Act", "Grounds", "Right", "may", "may_invigilate"]


class Act(StrEnum):
    """What a person wants to do with an assessment, a schedule or an attempt of it."""

    SEE_ASSESSMENT = "see_assessment"
    AUTHOR = "author"
    USE_PROCTORING = "use_proctoring"
    SEE_SCHEDULE = "see_schedule"
    CREATE_SCHEDULE = "create_schedule"
    EDIT_SCHEDULE = "edit_schedule"
    ACTIVATE = "activate"
    UNSCHEDULE = "unschedule"
    CANCEL = "cancel"
    REGISTER_CANDIDATES = "register_candidates"
    ARRANGE = "arrange"
    ASSIGN_INVIGILATOR = "assign_invigilator"
    ASSIGN_REVIEWER = "assign_reviewer"
    SEE_DASHBOARD = "see_dashboard"
    SEE_LIVE_MEDIA = "see_live_media"
    INTERVENE = "intervene"
    SEE_LOG = "see_log"
    SEE_RECORDING = "see_recording"
    REVIEW_INCIDENTS = "review_incidents"
    ANALYSE_AGAIN = "analyse_again"
    SEE_RESULTS = "see_results"
    SEE_SHARED_NETWORKS = "see_shared_networks"
    SEE_ANSWERS = "see_answers"
    VOID = "void"
    VOID_LATE = "void_late"
    SIT = "sit"


@dataclass(frozen=True, slots=True)
class Right:
    """The ways to one act; any one of them is enough."""

    permissions: frozenset[Permission] = frozenset()
    """Any of these, held on the unit of the thing or above it."""
    assignment: bool = False
    """Being an invigilator of the schedule (S3: for that schedule only, and only while assigned)."""
    review: bool = False
    """Being a reviewer of the schedule, likewise."""
    own: bool = False
    """Being the candidate of the attempt (S4)."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What speaks for a person, in regard to one thing."""

    permissions: Collection[Permission] = ()
    """Those held on the unit of the thing."""
    assigned: bool = False
    """As an invigilator."""
    reviews: bool = False
    """Assigned as a reviewer."""
    own: bool = False


def _by(*permissions: Permission, assignment: bool = False, review: bool = False) -> Right:
    return Right(frozenset(permissions), assignment=assignment, review=review)


_SCHEDULERS = (Permission.SCHEDULE_CREATE, Permission.SCHEDULE_ACTIVATE, Permission.REGISTRATION_MANAGE)

RIGHTS: Mapping[Act, Right] = {
    Act.SEE_ASSESSMENT: _by(Permission.ASSESSMENT_AUTHOR, Permission.SCHEDULE_CREATE),
    Act.AUTHOR: _by(Permission.ASSESSMENT_AUTHOR),
    Act.USE_PROCTORING: _by(Permission.ASSESSMENT_USE_PROCTORING),
    Act.SEE_SCHEDULE: _by(*_SCHEDULERS, Permission.INVIGILATE_VIEW, assignment=True),
    Act.CREATE_SCHEDULE: _by(Permission.SCHEDULE_CREATE),
    Act.EDIT_SCHEDULE: _by(Permission.SCHEDULE_CREATE),
    Act.ACTIVATE: _by(Permission.SCHEDULE_ACTIVATE),
    Act.UNSCHEDULE: _by(Permission.SCHEDULE_UNSCHEDULE),
    Act.CANCEL: _by(Permission.SCHEDULE_UNSCHEDULE),
    Act.REGISTER_CANDIDATES: _by(Permission.REGISTRATION_MANAGE),
    Act.ARRANGE: _by(Permission.ACCOMMODATION_MANAGE),
    Act.ASSIGN_INVIGILATOR: _by(Permission.SCHEDULE_CREATE),
    Act.ASSIGN_REVIEWER: _by(Permission.SCHEDULE_CREATE),
    # a log viewer finds the logs on the dashboard (product.md §3.3: view); a reviewer comes after the exam
    Act.SEE_DASHBOARD: _by(Permission.INVIGILATE_VIEW, Permission.LOGS_VIEW, assignment=True),
    Act.SEE_LIVE_MEDIA: _by(Permission.INVIGILATE_LIVE_MEDIA, assignment=True),
    Act.INTERVENE: _by(Permission.INVIGILATE_ACT, assignment=True),
    # View user logs shows the log and gives no invigilator powers
    Act.SEE_LOG: _by(Permission.LOGS_VIEW, Permission.INCIDENT_REVIEW, assignment=True, review=True),
    Act.SEE_RECORDING: _by(Permission.RECORDING_VIEW, assignment=True, review=True),
    Act.REVIEW_INCIDENTS: _by(Permission.INCIDENT_REVIEW, assignment=True, review=True),
    # another set of incidents is for those who review, not for those who watch
    Act.ANALYSE_AGAIN: _by(Permission.INCIDENT_REVIEW, review=True),
    Act.SEE_RESULTS: _by(Permission.RESULTS_EXPORT, Permission.MARKS_WRITE, review=True),
    # markers judge answers, not networks; who judges the sitting does not read the answers (P2)
    Act.SEE_SHARED_NETWORKS: _by(Permission.RESULTS_EXPORT, review=True),
    Act.SEE_ANSWERS: _by(Permission.MARKS_WRITE),
    Act.VOID: _by(Permission.ATTEMPT_VOID, assignment=True),
    # once the exam has closed, and taking a void back: invigilators may no longer (product.md §3.3)
    Act.VOID_LATE: _by(Permission.ATTEMPT_VOID),
    Act.SIT: Right(own=True),
}


def may(act: Act, grounds: Grounds) -> bool:
    """Whether `act` is theirs. Nobody acts as staff on their own exam, whatever they hold (product.md §3.1, S6)."""
    right = RIGHTS[act]
    if grounds.own:
        return right.own
    assigned = (right.assignment and grounds.assigned) or (right.review and grounds.reviews)
    return assigned or not right.permissions.isdisjoint(grounds.permissions)


def may_invigilate(*, sits_it: bool) -> bool:
    """Whether a person may be assigned to a schedule, to watch or to review it (S6: never to one they sit)."""
    return not sits_it
