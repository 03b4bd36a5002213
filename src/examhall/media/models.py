"""Recordings, their reels (append-only files), the index of segments, gaps and what the client says it made."""

from django.db import models

from examhall.base.words import GapCause, SessionState, Track


class Session(models.Model):
    """The recorded side of one attempt; `state` moves as product.md §2.8."""

    attempt_id = models.UUIDField(primary_key=True)
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in SessionState], default=SessionState.PREPARING
    )
    closed_at = models.DateTimeField(null=True)


class Reel(models.Model):
    """One append-only file: all fragments of one track from one start of the recorder to its end."""

    attempt_id = models.UUIDField()
    track = models.CharField(max_length=16, choices=[(t.value, t.value) for t in Track])
    media_epoch = models.PositiveIntegerField()
    codecs = models.CharField(max_length=100, blank=True, default="")
    size_bytes = models.BigIntegerField(default=0)
    claimed_seq = models.PositiveIntegerField(null=True)
    """Highest number the client says it made (manifest)."""
    ended = models.BooleanField(default=False)
    last_hash = models.BinaryField(max_length=32, default=bytes(32))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt_id", "track", "media_epoch"], name="media_reel_once")]


class Segment(models.Model):
    """Where one piece lies; seq 0 is the init segment."""

    reel = models.ForeignKey(Reel, on_delete=models.PROTECT, related_name="segments")
    seq = models.PositiveIntegerField()
    t_ms = models.BigIntegerField()
    d_ms = models.PositiveIntegerField()
    offset_bytes = models.BigIntegerField()
    length_bytes = models.PositiveIntegerField()
    key = models.BooleanField()
    sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reel", "seq"], name="media_segment_once")]
        indexes = [models.Index(fields=["reel", "t_ms"], name="media_segment_time")]


class Gap(models.Model):
    """A stretch without media, and why."""

    attempt_id = models.UUIDField(db_index=True)
    track = models.CharField(max_length=16, choices=[(t.value, t.value) for t in Track])
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    cause = models.CharField(max_length=24, choices=[(c.value, c.value) for c in GapCause])
    claimed = models.BooleanField(default=False)
    """Told by the client in its manifest; otherwise computed when the session was closed."""
