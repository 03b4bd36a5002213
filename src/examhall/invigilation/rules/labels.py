"""What each entry of a journal is called, and the filter groups of the candidate log (product.md §9)."""

from collections.abc import Mapping
from dataclasses import dataclass

from examhall.base.words import EntryGroup, EntryKind

_K = EntryKind

LABELS: Mapping[EntryKind, str] = {
    _K.PAGE_VISITED: "Page visited",
    _K.EXAM_STARTED: "Exam started",
    _K.QUESTION_VISITED: "Question visited",
    _K.QUESTION_LEFT: "Question left",
    _K.QUESTION_ANSWERED: "Question answered",
    _K.ANSWER_SAVED: "Candidate save answer",
    _K.ANSWER_REJECTED: "Answer not stored",
    _K.ANSWER_FLAGGED: "Question marked",
    _K.ANSWER_ACCEPTED: "Answer accepted",
    _K.EXAM_PAUSED: "Exam paused",
    _K.EXAM_RESUMED: "Exam resumed",
    _K.EXTRA_TIME_GRANTED: "Extra time granted",
    _K.CREDIT_DECLINED: "Time of an interruption not given back",
    _K.MESSAGE_SENT: "Message sent",
    _K.MESSAGE_READ: "Message read",
    _K.WARNING_ACK: "Warning acknowledged",
    _K.HINT_SHOWN: "Hint shown",
    _K.HEARTBEAT_LOST: "Heartbeat lost",
    _K.HEARTBEAT_RESTORED: "Heartbeat restored",
    _K.OUTAGE_STARTED: "Platform outage began",
    _K.OUTAGE_ENDED: "Platform outage ended",
    _K.CLIENT_CONNECTED: "Client connected",
    _K.CLIENT_TAKEN_OVER: "Continued elsewhere",
    _K.STALE_WRITE: "Late write",
    _K.IP_CHANGED: "Network changed",
    _K.CLOCK_SKEW: "Device clock differs",
    _K.LEFT_FULL_SCREEN: "Left full screen",
    _K.RETURNED_FULL_SCREEN: "Returned to full screen",
    _K.INSPECTOR_DETECTED: "Browser inspector detected",
    _K.FOCUS_LOST: "Left exam page",
    _K.FOCUS_REGAINED: "Returned to exam page",
    _K.KEY_COMBO: "Listed keys pressed",
    _K.CLIPBOARD_USED: "Clipboard used",
    _K.RIGHT_CLICK: "Right click",
    _K.PRINT_ATTEMPT: "Print attempted",
    _K.RESIZE: "Window resized",
    _K.DISPLAY_ADDED: "Display connected",
    _K.DISPLAY_REMOVED: "Display removed",
    _K.TRACK_STARTED: "Recording part started",
    _K.TRACK_ENDED: "Recording part ended",
    _K.TRACK_GAP: "Recording gap",
    _K.EVIDENCE_ALTERED: "Evidence check failed",
    _K.AGREEMENT_ACCEPTED: "Agreement accepted",
    _K.AGREEMENT_DECLINED: "Agreement declined",
    _K.DEVICE_CHECK: "System check result",
    _K.BASELINE_KEPT: "Pictures of the system check kept",
    _K.ATTEMPT_STOPPED: "Stopped",
    _K.ATTEMPT_REOPENED: "Reopened",
    _K.HOLD_STARTED: "Exam hidden",
    _K.HOLD_ENDED: "Exam shown again",
    _K.HAND_IN_OPENED: "Hand-in opened",
    _K.EXAM_COMPLETED: "Exam completed",
    _K.VOIDED: "Voided",
    _K.VOID_REVERSED: "Void reversed",
    _K.FRONT_END_ERROR: "Front-end error",
    _K.INCIDENT_OPENED: "Incident marked",
    _K.INCIDENT_CHANGED: "Incident updated",
    _K.INCIDENT_DECIDED: "Incident judged",
    _K.STATEMENT_RECORDED: "Explanation of the candidate written down",
    _K.ANALYSIS_FINISHED: "Analysis finished",
    _K.REANALYSIS_STARTED: "Analysis again asked for",
    _K.REANALYSIS_FINISHED: "Analysis again finished",
    _K.REANALYSIS_ADOPTED: "Set of incidents made current",
    _K.REANALYSIS_DISCARDED: "Set of incidents discarded",
    _K.RECORDING_VIEWED: "Recording viewed",
    _K.LOG_VIEWED: "Log viewed",
    _K.ANSWERS_VIEWED: "Answers viewed",
    _K.ACCESS_REFUSED: "Access refused",
    _K.SIGNED_IN: "Signed in",
    _K.SIGNED_OUT: "Signed out",
    _K.SIGN_IN_FAILED: "Sign-in refused",
    _K.ACCOUNT_CHANGED: "Account changed",
    _K.UNIT_ADDED: "Unit added",
    _K.SCHEDULE_ACTIVATED: "Scheduled",
    _K.SCHEDULE_UNSCHEDULED: "Unscheduled",
    _K.SCHEDULE_CHANGED: "Schedule changed",
    _K.PROFILE_SAVED: "Settings saved",
    _K.DETECTOR_SWITCHED: "Detector switched",
    _K.ACCOMMODATIONS_SET: "Accommodations set",
    _K.PROCTORING_ACTIVATED: "Proctoring activated",
    _K.CANDIDATES_ADDED: "Candidates added",
    _K.INVIGILATOR_ASSIGNED: "Invigilator assigned",
    _K.REVIEWER_ASSIGNED: "Reviewer assigned",
    _K.ASSESSMENT_CHANGED: "Assessment changed",
    _K.EVIDENCE_EXPORTED: "Evidence exported",
}


@dataclass(frozen=True, slots=True)
class Group:
    """How a filter group is shown."""

    word: str
    icon: str
    """Name in the sprite."""


GROUPS: Mapping[EntryGroup, Group] = {
    EntryGroup.NAVIGATION: Group("Navigation", "compass"),
    EntryGroup.ANSWERS: Group("Answers", "save"),
    EntryGroup.CONNECTION: Group("Connection", "wifi"),
    EntryGroup.INTEGRITY: Group("Integrity", "shield"),
    EntryGroup.STAFF: Group("Staff", "user-cog"),
    EntryGroup.LIFECYCLE: Group("Course", "flag-triangle-right"),
    EntryGroup.RECORDING: Group("Recording", "video"),
    EntryGroup.ERROR: Group("Errors", "bug"),
    EntryGroup.AUDIT: Group("Audit", "eye"),
}
"""In the order of the chips."""
