"""Stretches in which a condition of the policy was not met, and what followed."""

from django.db import models

from examhall.base.words import HoldCause


class Hold(models.Model):
    """One breach (rules.hold). Written by `actions.hold` alone; rows of an attempt are in order of their id."""

    attempt = models.ForeignKey("exam.Attempt", on_delete=models.PROTECT, related_name="holds")
    cause = models.CharField(max_length=16, choices=[(c.value, c.value) for c in HoldCause])
    what = models.CharField(max_length=16, blank=True, default="")
    """Of a lost device: webcam, microphone or screen."""
    broken_at = models.DateTimeField()
    broken_mono_ms = models.BigIntegerField(null=True)
    """The client's monotonic clock then: the stretch is as long as that clock says, whatever the lines took."""
    reaction = models.CharField(max_length=8, default="flag")
    """What it has led to so far (rules.hold.Reaction)."""
    held_at = models.DateTimeField(null=True)
    """Since when the exam is hidden for it."""
    restored_at = models.DateTimeField(null=True)
    """When the condition was met again; empty with `ended_at` set when the exam stood still or ended before that."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["attempt"],
                condition=models.Q(restored_at__isnull=True) | models.Q(ended_at__isnull=True),
                name="exam_hold_unsettled",
            )
        ]
