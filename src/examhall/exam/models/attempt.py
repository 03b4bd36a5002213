"""Attempts, who holds them, what was answered, and every change of their time."""

from django.db import models

from examhall.base.ids import new_id
from examhall.base.words import AttemptState, EndReason
from examhall.exam.rules.answers import APART


class Attempt(models.Model):
    """One numbered try. `state` is written by `actions.attempt._move` alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, unique=True)
    registration = models.ForeignKey("exam.Registration", on_delete=models.PROTECT, related_name="attempts")
    activation = models.ForeignKey("exam.Activation", on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    form_seed = models.BigIntegerField()
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in AttemptState])
    stream_id = models.UUIDField(unique=True)
    entered_at = models.DateTimeField()
    """Zero of every offset of media, signals and incidents."""
    started_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    """Kept equal to rules.timing.deadline_at; written with every TimerAdjustment."""
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(
        max_length=24, blank=True, default="", choices=[(r.value, r.value) for r in EndReason]
    )
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=500, blank=True, default="")
    ended_away = models.BooleanField(default=False)
    """It timed out while stopped or interrupted: nobody could have noticed (A11b)."""
    running_since = models.DateTimeField(null=True)
    """Start, last resume or last reopening: a heartbeat cannot be missed before it."""
    paused_at = models.DateTimeField(null=True)
    paused_reason = models.CharField(max_length=500, blank=True, default="")
    state_before_void = models.CharField(max_length=16, blank=True, default="")
    base_duration_s = models.PositiveIntegerField()
    accommodations = models.JSONField(default=list)
    """Those of the registration when it started; what it ran by, whatever is arranged later."""
    current_question = models.PositiveIntegerField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    """Last accepted heartbeat: the instant from which a loss counts (product.md §8.2)."""
    heard_by = models.CharField(max_length=64, blank=True, default="")
    """The ingest process that took it: while the ledger says it is down, the silence is ours (product.md §8.1 c)."""
    seen_mono_ms = models.BigIntegerField(null=True)
    """The client's monotonic clock in that heartbeat."""
    loss_at = models.DateTimeField(null=True)
    """Last accepted heartbeat before the last loss; away as long as `returned_at` is empty."""
    loss_mono_ms = models.BigIntegerField(null=True)
    loss_cause = models.CharField(max_length=16, blank=True, default="")
    returned_at = models.DateTimeField(null=True)
    """First contact after that loss."""
    window_flagged_at = models.DateTimeField(null=True)
    """When the window ran out under `continue_flagged`; empty again after a return."""
    clock_skew_s = models.FloatField(null=True)
    """How far the client's wall clock was off when that was noted; noted once."""
    ip = models.CharField(max_length=45, blank=True, default="")
    tracks_confirmed = models.JSONField(default=list)
    """Required tracks whose first fragment is stored; told by media through a step, read by Start (A2)."""
    media_epochs = models.JSONField(default=dict)
    """The highest media epoch stored for each track; a recorder that starts takes the next."""
    steps_left = models.JSONField(default=list)
    """Names of the check-in steps still to do; told by checkin through a step, read by Start (A2)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="exam_attempt_number_once"),
            models.UniqueConstraint(
                fields=["registration"],
                condition=~models.Q(state__in=["handed_in", "timed_out", "voided"]),
                name="exam_one_open_attempt",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in AttemptState]), name="exam_attempt_state_known"
            ),
        ]


class Lease(models.Model):
    """Which client holds the attempt; every write carries `epoch`."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="lease", primary_key=True)
    epoch = models.PositiveIntegerField(default=0)
    client_id = models.CharField(max_length=64)
    acquired_at = models.DateTimeField()
    ip = models.CharField(max_length=45, blank=True, default="")
    user_agent = models.CharField(max_length=300, blank=True, default="")


class AnswerRevision(models.Model):
    """One accepted state of one answer; append-only. The highest client_seq of an item that counts is the answer."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    item_version = models.ForeignKey("exam.ItemVersion", on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    response_json = models.TextField()
    """Canonical JSON text: string, list of strings or null; hashed as it stands."""
    client_seq = models.BigIntegerField()
    client_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    mono_ms = models.BigIntegerField(null=True)
    epoch = models.PositiveIntegerField()
    refusal = models.CharField(max_length=24, blank=True, default="")
    """Why it does not count (rules.answers.Refusal); empty for one that was in time."""
    hash = models.CharField(max_length=64)
    counting = models.BooleanField(default=True)
    """False for an orphan (stale lease, or made after the stop): kept, shown to staff, not scored."""
    accepted_at = models.DateTimeField(null=True)
    """When staff let it count in spite of `refusal`; written by actions.acceptance alone."""
    accepted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "item_version", "revision"], name="exam_revision_once"),
            models.UniqueConstraint(
                fields=["attempt", "client_seq"],
                condition=~models.Q(refusal__in=APART),
                name="exam_revision_client_seq_once",
            ),
        ]


class TimerAdjustment(models.Model):
    """A change of the attempt's time; their sum reproduces deadline_at (T2)."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=16)
    """extra, pause, outage"""
    seconds = models.FloatField()
    effective_seconds = models.FloatField()
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")


class Message(models.Model):
    """A message from staff to one candidate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="messages")
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=200)
    body = models.CharField(max_length=1000)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)


class Receipt(models.Model):
    """What the candidate holds in hand after handing in."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="receipt", primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    idempotency_key = models.CharField(max_length=64, blank=True, default="")
    handed_in_at = models.DateTimeField()
    answered = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
