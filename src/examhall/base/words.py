"""The words of the product as enums: one word per thing, shared by every wing, the wire and the client.

The values are stored and sent, so a value never changes its meaning; product.md §2 and §9 name them.
"""

from enum import StrEnum

__all__ = [
    "Accommodation",
    "AttemptAct",
    "AttemptState",
    "DismissReason",
    "EndReason",
    "EntryGroup",
    "EntryKind",
    "GapCause",
    "HoldCause",
    "IncidentFamily",
    "IncidentKind",
    "IncidentState",
    "InteractionKind",
    "Leniency",
    "LookAt",
    "Permission",
    "ReanalysisAct",
    "ReanalysisState",
    "RegistrationState",
    "ScheduleMode",
    "ScheduleState",
    "SessionState",
    "StreamKind",
    "Suppression",
    "Track",
    "Verdict",
]


class AttemptState(StrEnum):
    """product.md §2.5."""

    ENTERING = "entering"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    HANDED_IN = "handed_in"
    TIMED_OUT = "timed_out"
    VOIDED = "voided"


class AttemptAct(StrEnum):
    """What moves an attempt: A2 to A13 of product.md §2.5 (A1 creates it)."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    LOSE_HEARTBEAT = "lose_heartbeat"
    RETURN = "return"
    EXPIRE_WINDOW = "expire_window"
    STOP = "stop"
    REOPEN = "reopen"
    HAND_IN = "hand_in"
    TIME_OUT = "time_out"
    REOPEN_ENDED = "reopen_ended"
    VOID = "void"
    REVERSE_VOID = "reverse_void"


class EndReason(StrEnum):
    """Why an attempt stopped or ended."""

    CONNECTION_LOST = "connection_lost"
    INVIGILATOR = "invigilator"
    RULE = "rule"
    CANDIDATE = "candidate"
    TIME = "time"
    VOIDED = "voided"


class HoldCause(StrEnum):
    """The condition of the policy that is not met (product.md §2.5 A3b, §5.3, §8.6)."""

    FULL_SCREEN = "full_screen"
    DEVICE = "device"
    DISPLAY = "display"


class ScheduleState(StrEnum):
    """product.md §2.3; `open` and `closed` follow the clock and are computed, never stored."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class ScheduleMode(StrEnum):
    NONE = "none"
    AUTOMATED = "automated"
    LIVE = "live"


class RegistrationState(StrEnum):
    """product.md §2.4."""

    INVITED = "invited"
    CHECKED = "checked"
    PRESENT = "present"
    SITTING = "sitting"
    FINISHED = "finished"
    ABSENT = "absent"
    WITHDRAWN = "withdrawn"
    BARRED = "barred"


class InteractionKind(StrEnum):
    """The five kinds of question that are scored end to end, and what cannot be rendered yet."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    SHORT_TEXT = "short_text"
    NUMBER = "number"
    ESSAY = "essay"
    NEEDS_REVIEW = "needs_review"


class StreamKind(StrEnum):
    """Whose journal a stream is."""

    ATTEMPT = "attempt"
    SCHEDULE = "schedule"
    SITE = "site"


class EntryGroup(StrEnum):
    """Filter groups of the candidate log (product.md §9)."""

    NAVIGATION = "navigation"
    LIFECYCLE = "lifecycle"
    ANSWERS = "answers"
    STAFF = "staff"
    CONNECTION = "connection"
    INTEGRITY = "integrity"
    RECORDING = "recording"
    ERROR = "error"
    AUDIT = "audit"


class EntryKind(StrEnum):
    """Every thing that can stand in a journal (product.md §9, and staff audit entries)."""

    PAGE_VISITED = "page_visited"
    EXAM_STARTED = "exam_started"
    QUESTION_VISITED = "question_visited"
    QUESTION_LEFT = "question_left"
    QUESTION_ANSWERED = "question_answered"
    ANSWER_SAVED = "answer_saved"
    ANSWER_REJECTED = "answer_rejected"
    ANSWER_FLAGGED = "answer_flagged"
    ANSWER_ACCEPTED = "answer_accepted"
    EXAM_PAUSED = "exam_paused"
    EXAM_RESUMED = "exam_resumed"
    EXTRA_TIME_GRANTED = "extra_time_granted"
    CREDIT_DECLINED = "credit_declined"
    MESSAGE_SENT = "message_sent"
    MESSAGE_READ = "message_read"
    WARNING_ACK = "warning_ack"
    HINT_SHOWN = "hint_shown"
    HEARTBEAT_LOST = "heartbeat_lost"
    HEARTBEAT_RESTORED = "heartbeat_restored"
    OUTAGE_STARTED = "outage_started"
    OUTAGE_ENDED = "outage_ended"
    CLIENT_CONNECTED = "client_connected"
    CLIENT_TAKEN_OVER = "client_taken_over"
    STALE_WRITE = "stale_write"
    IP_CHANGED = "ip_changed"
    CLOCK_SKEW = "clock_skew"
    LEFT_FULL_SCREEN = "left_full_screen"
    RETURNED_FULL_SCREEN = "returned_full_screen"
    INSPECTOR_DETECTED = "inspector_detected"
    FOCUS_LOST = "focus_lost"
    FOCUS_REGAINED = "focus_regained"
    KEY_COMBO = "key_combo"
    CLIPBOARD_USED = "clipboard_used"
    RIGHT_CLICK = "right_click"
    PRINT_ATTEMPT = "print_attempt"
    RESIZE = "resize"
    DISPLAY_ADDED = "display_added"
    DISPLAY_REMOVED = "display_removed"
    TRACK_STARTED = "track_started"
    TRACK_ENDED = "track_ended"
    TRACK_GAP = "track_gap"
    EVIDENCE_ALTERED = "evidence_altered"
    AGREEMENT_ACCEPTED = "agreement_accepted"
    AGREEMENT_DECLINED = "agreement_declined"
    DEVICE_CHECK = "device_check"
    BASELINE_KEPT = "baseline_kept"
    ATTEMPT_STOPPED = "attempt_stopped"
    ATTEMPT_REOPENED = "attempt_reopened"
    HOLD_STARTED = "hold_started"
    HOLD_ENDED = "hold_ended"
    HAND_IN_OPENED = "hand_in_opened"
    EXAM_COMPLETED = "exam_completed"
    VOIDED = "voided"
    VOID_REVERSED = "void_reversed"
    FRONT_END_ERROR = "front_end_error"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_CHANGED = "incident_changed"
    INCIDENT_DECIDED = "incident_decided"
    STATEMENT_RECORDED = "statement_recorded"
    ANALYSIS_FINISHED = "analysis_finished"
    REANALYSIS_STARTED = "reanalysis_started"
    REANALYSIS_FINISHED = "reanalysis_finished"
    REANALYSIS_ADOPTED = "reanalysis_adopted"
    REANALYSIS_DISCARDED = "reanalysis_discarded"
    # staff audit (schedule and site streams; "every look at a person is an audit entry")
    RECORDING_VIEWED = "recording_viewed"
    LOG_VIEWED = "log_viewed"
    ANSWERS_VIEWED = "answers_viewed"
    ACCESS_REFUSED = "access_refused"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    ACCOUNT_CHANGED = "account_changed"
    UNIT_ADDED = "unit_added"
    SCHEDULE_ACTIVATED = "schedule_activated"
    SCHEDULE_UNSCHEDULED = "schedule_unscheduled"
    SCHEDULE_CHANGED = "schedule_changed"
    PROFILE_SAVED = "profile_saved"
    DETECTOR_SWITCHED = "detector_switched"
    ACCOMMODATIONS_SET = "accommodations_set"
    PROCTORING_ACTIVATED = "proctoring_activated"
    CANDIDATES_ADDED = "candidates_added"
    INVIGILATOR_ASSIGNED = "invigilator_assigned"
    REVIEWER_ASSIGNED = "reviewer_assigned"
    ASSESSMENT_CHANGED = "assessment_changed"
    EVIDENCE_EXPORTED = "evidence_exported"


class LookAt(StrEnum):
    """Where a candidate looks in one picture of the system check, in the order in which they are taken."""

    MIDDLE = "middle"
    LEFT = "left"
    RIGHT = "right"
    DOWN = "down"


class Track(StrEnum):
    """One recorded stream of one attempt. The microphone travels inside the webcam's fragments (capture.md §1)."""

    WEBCAM = "webcam"
    SCREEN = "screen"


class GapCause(StrEnum):
    """Why a stretch of a session has no media (product.md §2.2)."""

    OFFLINE = "offline"
    DEVICE_LOST = "device_lost"
    PERMISSION_REVOKED = "permission_revoked"
    PAUSED = "paused"
    CLIENT_CRASH = "client_crash"
    SERVER_OUTAGE = "server_outage"
    STORAGE_FULL = "storage_full"
    PENDING_UPLOAD = "pending_upload"
    UNKNOWN = "unknown"


class SessionState(StrEnum):
    """product.md §2.8, as far as recording and analysis move it."""

    PREPARING = "preparing"
    RECORDING = "recording"
    CLOSING = "closing"
    AWAITING_UPLOAD = "awaiting_upload"
    ANALYSING = "analysing"
    REVIEW_READY = "review_ready"
    NOT_RECORDED = "not_recorded"


class Leniency(StrEnum):
    """The preset of detection levels (product.md §5.5)."""

    LENIENT = "lenient"
    STANDARD = "standard"
    STRICT = "strict"


class IncidentKind(StrEnum):
    """product.md §5.5."""

    NAVIGATING_AWAY = "navigating_away"
    KEY_COMBO = "key_combo"
    COPY_PASTE = "copy_paste"
    RIGHT_CLICK = "right_click"
    BROWSER_RESIZE = "browser_resize"
    LEFT_FULL_SCREEN = "left_full_screen"
    INSPECTOR = "inspector"
    EXTRA_DISPLAY = "extra_display"
    LEFT_SESSION = "left_session"
    HEAD_TURN = "head_turn"
    GAZE_OFF = "gaze_off"
    MULTI_FACE = "multi_face"
    IDENTITY_CHANGE = "identity_change"
    BACKGROUND_MOTION = "background_motion"
    BACKGROUND_AUDIO = "background_audio"
    SPEECH = "speech"
    OBJECT_PHONE = "object_phone"
    OBJECT_BOOK = "object_book"
    CAMERA_BLOCKED = "camera_blocked"
    TOO_DARK = "too_dark"
    MIC_MUTED = "mic_muted"
    SECOND_CLIENT = "second_client"
    MANY_INTERRUPTIONS = "many_interruptions"
    SHARE_ENDED = "share_ended"
    SCREEN_BLOCKED = "screen_blocked"
    OTHER_CONTENT = "other_content"
    EVIDENCE_GAP = "evidence_gap"
    EVIDENCE_ALTERED = "evidence_altered"
    MANUAL = "manual"


class Accommodation(StrEnum):
    """What is arranged for one candidate, in effects and never in reasons (product.md §5.8)."""

    COMPANION = "companion"
    READING_ALOUD = "reading_aloud"
    COVERED_FACE = "covered_face"
    FREE_HEAD = "free_head"
    ASSISTIVE_TECHNOLOGY = "assistive_technology"
    SECOND_DISPLAY = "second_display"
    PAPER_NOTES = "paper_notes"
    SOUNDS = "sounds"
    OTHERS_PRESENT = "others_present"
    HEALTH_DEVICE = "health_device"
    RELAXED_FRAMING = "relaxed_framing"
    OWN_WINDOWS = "own_windows"


class IncidentFamily(StrEnum):
    """The lanes of the timeline (look/README.md §3)."""

    AID = "aid"
    APPS = "apps"
    KEYS = "keys"
    LEFT = "left"
    FACIAL = "facial"
    PEOPLE = "people"
    MOTION = "motion"
    AUDIO = "audio"
    RECORDING = "recording"
    PERSON = "person"


class IncidentState(StrEnum):
    """product.md §2.7."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNSURE = "unsure"
    MERGED = "merged"
    SUPERSEDED = "superseded"


class ReanalysisState(StrEnum):
    """Where an analysis again stands; whether its set is the current one is another question."""

    COMPUTING = "computing"
    FAILED = "failed"
    READY = "ready"
    ADOPTED = "adopted"
    DISCARDED = "discarded"


class ReanalysisAct(StrEnum):
    """What moves an analysis again."""

    FINISH = "finish"
    FAIL = "fail"
    TRY_AGAIN = "try_again"
    ADOPT = "adopt"
    DISCARD = "discard"


class Verdict(StrEnum):
    """A person's judgement of one incident."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNSURE = "unsure"


class CohortMetric(StrEnum):
    """What sessions of one schedule may be compared by (product.md §5.5); each is a site's choice."""

    DURATION = "duration"
    START_TIME = "start_time"
    END_TIME = "end_time"
    NAVIGATING_AWAY = "navigating_away"
    KEYSTROKES = "keystrokes"
    COPY_PASTE = "copy_paste"
    RESIZING = "resizing"
    AUDIO = "audio"
    HEAD_MOVEMENT = "head_movement"
    FACES = "faces"
    CLICKS = "clicks"


class DismissReason(StrEnum):
    """Why a person set an incident aside (product.md §2.7)."""

    EXPLAINED = "explained"
    ACCOMMODATION = "accommodation"
    TECHNICAL = "technical"
    DETECTOR_ERROR = "detector_error"
    DUPLICATE = "duplicate"
    ALLOWED = "allowed"
    OTHER = "other"


class Suppression(StrEnum):
    """Why a signal became no incident (product.md §5.6); each suppression is kept."""

    STATIC_FACE = "static_face"
    STATIC_OBJECT = "static_object"
    REFLECTION = "reflection"
    NOISE_FLOOR = "noise_floor"
    PERIODIC_MOTION = "periodic_motion"
    CAMERA_MOTION = "camera_motion"
    ALLOWED_MATERIALS = "allowed_materials"
    ACCOMMODATION = "accommodation"
    SYSTEM_DIALOG = "system_dialog"
    STAFF_ACTION = "staff_action"
    INPUT_ACTIVITY = "input_activity"
    CAP = "cap"
    COOL_DOWN = "cool_down"
    CAMERA_BLOCKED = "camera_blocked"
    FACE_ANALYSIS_UNRELIABLE = "face_analysis_unreliable"
    DETECTOR_OFF = "detector_off"
    HINT_ONLY = "hint_only"
    HINT_GRACE = "hint_grace"


class Permission(StrEnum):
    """product.md §3.2, as far as something asks for them yet."""

    PROCTORING_ACTIVATE = "proctoring.activate"
    ASSESSMENT_AUTHOR = "assessment.author"
    ASSESSMENT_USE_PROCTORING = "assessment.use_proctoring"
    SCHEDULE_CREATE = "schedule.create"
    SCHEDULE_ACTIVATE = "schedule.activate"
    SCHEDULE_UNSCHEDULE = "schedule.unschedule"
    REGISTRATION_MANAGE = "registration.manage"
    ACCOMMODATION_MANAGE = "accommodation.manage"
    INVIGILATE_VIEW = "invigilate.view"
    INVIGILATE_ACT = "invigilate.act"
    INVIGILATE_LIVE_MEDIA = "invigilate.live_media"
    ATTEMPT_VOID = "attempt.void"
    LOGS_VIEW = "logs.view"
    RECORDING_VIEW = "recording.view"
    INCIDENT_REVIEW = "incident.review"
    RESULTS_EXPORT = "results.export"
    MARKS_WRITE = "marks.write"
    USERS_MANAGE = "users.manage"
    AUDIT_VIEW = "audit.view"
    SYSTEM_OPERATE = "system.operate"
