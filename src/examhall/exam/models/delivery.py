"""Schedules, their activations (frozen policy), who watches and who sits."""

from django.db import models

from examhall.base.ids import new_id
from examhall.base.words import RegistrationState, ScheduleMode, ScheduleState


class Schedule(models.Model):
    """One planned sitting of one assessment version. Open and closed are computed from the clock, never stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, unique=True)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("exam.AssessmentVersion", on_delete=models.PROTECT, related_name="schedules")
    title = models.CharField(max_length=300)
    opens_at = models.DateTimeField()
    deadline = models.DateTimeField()
    zone = models.CharField(max_length=64, default="UTC")
    mode = models.CharField(max_length=16, choices=[(m.value, m.value) for m in ScheduleMode])
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ScheduleState], default=ScheduleState.DRAFT
    )
    overrides = models.JSONField(default=dict)
    """Policy values this schedule sets (key → value)."""
    stream_id = models.UUIDField(unique=True)
    """Journal of staff acts on this schedule; parent of every attempt's journal."""
    row_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(opens_at__lt=models.F("deadline")), name="exam_window_runs_on")
        ]


class Activation(models.Model):
    """The freezing of a schedule's policy; immutable. At most one is current."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="activations")
    number = models.PositiveIntegerField()
    policy = models.JSONField()
    """Each key's value and origin, resolved: what runs (P5)."""
    policy_hash = models.CharField(max_length=64)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="exam_activation_once"),
            models.UniqueConstraint(
                fields=["schedule"], condition=models.Q(ended_at__isnull=True), name="exam_one_current_activation"
            ),
        ]


class InvigilatorAssignment(models.Model):
    """Gives a person the invigilator's rights on this schedule alone (S3)."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="invigilators")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "user"], name="exam_invigilator_once")]


class ReviewerAssignment(models.Model):
    """Gives a person the reviewer's rights on this schedule alone (S3)."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="reviewers")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "user"], name="exam_reviewer_once")]


class Registration(models.Model):
    """One candidate on one schedule."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="registrations")
    candidate = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    attempts_allowed = models.PositiveIntegerField(default=1)
    extra_time_s = models.PositiveIntegerField(default=0)
    """Accommodation: added to the duration."""
    accommodations = models.JSONField(default=list)
    """Words of `Accommodation`; each attempt takes them over when it starts."""
    deadline_override = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in RegistrationState], default=RegistrationState.INVITED
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "candidate"], name="exam_registration_once")]
