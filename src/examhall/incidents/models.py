"""Signals, incidents, verdicts and where the analysis of an attempt stands."""

from django.db import models

from examhall.base.ids import new_id
from examhall.base.words import IncidentKind, IncidentState, Verdict


class Analysis(models.Model):
    """How far the analysis of an attempt has come; the state is what any worker needs to go on."""

    attempt_id = models.UUIDField(primary_key=True)
    queued = models.BooleanField(default=False)
    """A job is outstanding: at most one per attempt."""
    media_state = models.BinaryField(default=bytes)
    """Serialised pipeline state (incidents.detectors.pipeline)."""
    rules_state = models.BinaryField(default=bytes)
    """Serialised state of the rules engine (incidents.rules.fold)."""
    webcam_epoch = models.PositiveIntegerField(null=True)
    webcam_seq = models.PositiveIntegerField(null=True)
    """Last webcam segment analysed."""
    last_entry = models.PositiveIntegerField(default=0)
    """Last journal entry turned into client signals."""
    analysed_to_ms = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)


class Incident(models.Model):
    """A thing a person can judge. Which set it belongs to is (attempt, rule_version)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attempt_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=32, choices=[(k.value, k.value) for k in IncidentKind])
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    open_ended = models.BooleanField(default=False)
    """Still going on at the end of what was analysed."""
    severity = models.PositiveSmallIntegerField()
    confidence = models.FloatField()
    count = models.PositiveIntegerField(default=1)
    rule_version = models.CharField(max_length=32)
    detector = models.CharField(max_length=64)
    detector_version = models.CharField(max_length=64)
    level = models.CharField(max_length=8)
    measured = models.FloatField()
    threshold = models.FloatField()
    needed_s = models.FloatField()
    unit = models.CharField(max_length=32, blank=True, default="")
    explanation = models.CharField(max_length=500)
    plot = models.JSONField(default=list)
    """[[offset_ms, value], …] of what was measured."""
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in IncidentState], default=IncidentState.OPEN
    )
    opened_at = models.DateTimeField()
    row_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_id", "rule_version", "kind", "start_ms"], name="incidents_incident_once"
            )
        ]


class Still(models.Model):
    """One picture kept with an incident (start, middle, end)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="stills")
    track = models.CharField(max_length=16)
    offset_ms = models.BigIntegerField()
    label = models.CharField(max_length=16)
    key = models.CharField(max_length=200)
    """Where the JPEG lies in the store."""
    sha256 = models.BinaryField(max_length=32)


class Suppressed(models.Model):
    """A stretch that became no incident, and why; visible in the raw view."""

    attempt_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=32)
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    reason = models.CharField(max_length=32)
    rule_version = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_id", "rule_version", "kind", "start_ms", "reason"], name="incidents_suppressed_once"
            )
        ]


class IncidentVerdict(models.Model):
    """A person's judgement; history is kept, the latest of each person counts."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="verdicts")
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=200)
    verdict = models.CharField(max_length=16, choices=[(v.value, v.value) for v in Verdict])
    reason = models.CharField(max_length=32, blank=True, default="")
    note = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()
