"""Incidents, their stills and verdicts, what was suppressed, where an attempt's analysis stands, and the switches."""

from django.db import models

from examhall.base.ids import new_id
from examhall.base.words import (
    DismissReason,
    IncidentKind,
    IncidentState,
    Leniency,
    LookAt,
    ReanalysisState,
    Verdict,
)


class Analysis(models.Model):
    """One analysis of an attempt, and so one set of incidents: how far it has come, and all a worker needs to go on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attempt_id = models.UUIDField()
    number = models.PositiveIntegerField(default=0)
    """0: the one that runs during the exam and after it. Every analysis again is the next."""
    current = models.BooleanField(default=True)
    """Whether its incidents are the ones that pages show and the score counts: one analysis of each attempt."""
    leniency = models.CharField(
        max_length=16, blank=True, default="", choices=[(one.value, one.value) for one in Leniency]
    )
    """Another preset than the agreed levels; empty: as agreed."""
    versions = models.JSONField(default=dict)
    """What has judged, by part: {"rules": […], "detectors": […], "models": […]}; each version that made a step."""
    queued_at = models.DateTimeField(null=True)
    """Since when a job is outstanding: at most one per attempt. None: no job."""
    due_at = models.DateTimeField(null=True)
    """Not looked at again before this by itself; a wake-up for something new is not held back. None: at once."""
    again = models.BooleanField(default=False)
    """Something new arrived while the job was outstanding."""
    progress = models.PositiveIntegerField(default=0)
    """Counts the committed steps; a worker stores its step only if nobody stored one since it read."""
    round = models.PositiveIntegerField(default=1)
    """Late evidence in the middle means analysing afresh; each start from zero is a round."""
    state = models.BinaryField(default=bytes)
    """Serialised state of pipeline, rules engine and client signals (jobs/analyse.py); empty at a round's start."""
    webcam_epoch = models.PositiveIntegerField(default=0)
    webcam_seq = models.PositiveIntegerField(default=0)
    """The last webcam fragment analysed; fragments count from 1."""
    fragments = models.PositiveIntegerField(default=0)
    """How many webcam fragments this round has analysed."""
    screen_epoch = models.PositiveIntegerField(default=0)
    screen_seq = models.PositiveIntegerField(default=0)
    screen_fragments = models.PositiveIntegerField(default=0)
    """The same of the screen's recording."""
    last_entry = models.PositiveIntegerField(default=0)
    """The last journal entry read."""
    analysed_to_ms = models.BigIntegerField(default=0)
    off = models.JSONField(default=list)
    """Detectors that are off and why, as [{"kinds": […], "reason": "…"}]: absence of marks there says nothing."""
    compared = models.CharField(max_length=500, blank=True, default="")
    """With what the candidate's head, eyes and face were compared; empty: with what was learnt during the exam."""
    seen_share = models.FloatField(null=True)
    """The share of the calibration's frames in which the face was found (product.md §8.7); None: not known yet."""
    halved_ms = models.BigIntegerField(default=0)
    """How much of the webcam was looked at in every second picture only, because the analysis had fallen behind."""
    watched_until = models.DateTimeField(null=True)
    """Until then its job goes before others: somebody looks at this candidate now."""
    fault = models.CharField(max_length=300, blank=True, default="")
    """What stopped the last step; empty when it went well."""
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt_id", "number"], name="incidents_analysis_once"),
            models.UniqueConstraint(
                fields=["attempt_id"], condition=models.Q(current=True), name="incidents_analysis_one_current"
            ),
        ]


class Reanalysis(models.Model):
    """Who asked for an analysis again and why, and what a person decided about the set it made."""

    analysis = models.OneToOneField(Analysis, primary_key=True, on_delete=models.PROTECT, related_name="asked")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ReanalysisState], default=ReanalysisState.COMPUTING
    )
    """Moved by actions.reanalysis and actions.analysis, by the table of rules.reanalysis."""
    decided_by_name = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in ReanalysisState]), name="incidents_reanalysis_known"
            ),
        ]


class Incident(models.Model):
    """A thing a person can judge. Which set it belongs to is (attempt, set_number)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attempt_id = models.UUIDField(db_index=True)
    set_number = models.PositiveIntegerField(default=0)
    """`Analysis.number` of what made it. What a person flagged belongs to every set."""
    kind = models.CharField(max_length=32, choices=[(k.value, k.value) for k in IncidentKind])
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    open_ended = models.BooleanField(default=False)
    """Still going on at the end of what was analysed."""
    repeated = models.BooleanField(default=False)
    """Stands for all that came after the hourly cap."""
    severity = models.PositiveSmallIntegerField()
    confidence = models.FloatField()
    count = models.PositiveIntegerField(default=1)
    rule_version = models.CharField(max_length=32)
    detector = models.CharField(max_length=64)
    level = models.CharField(max_length=8)
    measured = models.FloatField(null=True)
    """The highest value in `unit`; None where the kind has no measure but its presence."""
    threshold = models.FloatField(null=True)
    needed_s = models.FloatField()
    longest_s = models.FloatField(default=0.0)
    """The longest stretch in it: a rule that asks for more would not have made it. 0 for a flag by a person."""
    unit = models.CharField(max_length=32, blank=True, default="")
    explanation = models.CharField(max_length=500)
    plot = models.JSONField(default=list)
    """[[offset_ms, value], …] of what was measured."""
    plot_threshold = models.FloatField(null=True)
    """The line the plotted value had to cross."""
    standing = models.JSONField(null=True)
    """What would be left of it under higher limits, as `rules.standing.Standing`; None where that is not known."""
    papers = models.JSONField(default=list)
    """What had a part in it, as [{"what": …, "version": …, "sha256": …}]; empty when a person marked it."""
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in IncidentState], default=IncidentState.OPEN
    )
    """Moved by actions.verdict and actions.analysis alone."""
    opened_at = models.DateTimeField()
    round = models.PositiveIntegerField(default=1)
    """The last round of the analysis that found it."""
    row_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_id", "set_number", "rule_version", "kind", "start_ms"], name="incidents_incident_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in IncidentState]), name="incidents_state_known"
            ),
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "track", "label"], name="incidents_still_once"),
        ]


class BaselinePicture(models.Model):
    """One picture of the system check: what turning away and a change of person are measured against."""

    attempt_id = models.UUIDField()
    look = models.CharField(max_length=8, choices=[(look.value, look.value) for look in LookAt])
    offset_ms = models.BigIntegerField()
    """When the check was, since the attempt was entered; the same for all pictures of an attempt."""
    key = models.CharField(max_length=200)
    """Where the JPEG lies in the store."""
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt_id", "look"], name="incidents_baseline_look_once"),
        ]


class Suppressed(models.Model):
    """A stretch that became no incident, and why; visible in the raw view."""

    attempt_id = models.UUIDField(db_index=True)
    set_number = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=32)
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    reason = models.CharField(max_length=32)
    rule_version = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_id", "set_number", "rule_version", "kind", "start_ms", "reason"],
                name="incidents_suppressed_once",
            )
        ]


class IncidentVerdict(models.Model):
    """A person's judgement. Never changed: the history is kept, the latest one is the incident's state."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="verdicts")
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=200)
    verdict = models.CharField(max_length=16, choices=[(v.value, v.value) for v in Verdict])
    reason = models.CharField(
        max_length=32, blank=True, default="", choices=[(r.value, r.value) for r in DismissReason]
    )
    note = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()


class DetectorSwitch(models.Model):
    """One kind of incident switched off for the site, by whom and why; taken back by filling in the `on` fields."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32, choices=[(k.value, k.value) for k in IncidentKind])
    at_once = models.BooleanField()
    """In running exams too. False: for sessions entered while it is off."""
    off_at = models.DateTimeField()
    off_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    on_at = models.DateTimeField(null=True)
    on_by = models.CharField(max_length=200, blank=True, default="")
    on_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(on_at__isnull=True), name="incidents_one_switch_off"
            ),
        ]
