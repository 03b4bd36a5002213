"""Tables of the wing `exam`."""

from examhall.exam.models.attempt import AnswerRevision, Attempt, Lease, Message, Receipt, TimerAdjustment
from examhall.exam.models.content import (
    Assessment,
    AssessmentVersion,
    Item,
    ItemKey,
    ItemVersion,
    ProctoringActivation,
    ProfileVersion,
    VersionItem,
)
from examhall.exam.models.delivery import Activation, InvigilatorAssignment, Registration, ReviewerAssignment, Schedule
from examhall.exam.models.hold import Hold
from examhall.exam.models.outage import Liveness, Outage

__all__ = [
    "Activation",
    "AnswerRevision",
    "Assessment",
    "AssessmentVersion",
    "Attempt",
    "Hold",
    "InvigilatorAssignment",
    "Item",
    "ItemKey",
    "ItemVersion",
    "Lease",
    "Liveness",
    "Message",
    "Outage",
    "ProctoringActivation",
    "ProfileVersion",
    "Receipt",
    "Registration",
    "ReviewerAssignment",
    "Schedule",
    "TimerAdjustment",
    "VersionItem",
]
