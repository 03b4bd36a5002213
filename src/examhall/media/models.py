"""Recordings: the recorded side of an attempt, its reels, the index of segments, gaps and what the client told."""

from django.db import models

from examhall.base.words import GapCause, SessionState, Track

_TRACKS = [(t.value, t.value) for t in Track]
_CAUSES = [(c.value, c.value) for c in GapCause]


class Session(models.Model):
    """The recorded side of one attempt; `state` moves as product.md §2.8."""

    attempt_id = models.UUIDField(primary_key=True)
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value) for s in SessionState], default=SessionState.PREPARING
    )
    closed_at = models.DateTimeField(null=True)
    """When the attempt's end was first seen here; segments received later are late."""


class Reel(models.Model):
    """One append-only file: all fragments of one track from one start of the recorder to its end."""

    attempt_id = models.UUIDField()
    track = models.CharField(max_length=16, choices=_TRACKS)
    media_epoch = models.PositiveIntegerField()
    codecs = models.CharField(max_length=100, blank=True, default="")
    size_bytes = models.BigIntegerField(default=0)
    """Where the reel ends: what lies behind in the file does not count."""
    fragments = models.PositiveIntegerField(default=0)
    claimed_seq = models.PositiveIntegerField(null=True)
    """Highest number the client says it made (manifest)."""
    ended = models.BooleanField(default=False)
    chain = models.BinaryField(max_length=32, default=bytes(32))
    """Hash over the hashes of all segments in order of arrival; journalled when the recording is closed."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt_id", "track", "media_epoch"], name="media_reel_once")]


class Segment(models.Model):
    """Where one piece lies; seq 0 is the init segment. Ids grow in order of arrival.

    Its unique constraint finds by reel; an index of its own would cost every piece another write.
    """

    reel = models.ForeignKey(Reel, on_delete=models.PROTECT, related_name="segments", db_index=False)
    seq = models.PositiveIntegerField()
    t_ms = models.BigIntegerField()
    d_ms = models.PositiveIntegerField()
    offset_bytes = models.BigIntegerField()
    length_bytes = models.PositiveIntegerField()
    key = models.BooleanField()
    sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()
    late = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reel", "seq"], name="media_segment_once")]
        indexes = [models.Index(fields=["reel", "t_ms"], name="media_segment_time")]


class Gap(models.Model):
    """A stretch without media, and why. Written anew whenever a closed recording changes."""

    attempt_id = models.UUIDField(db_index=True)
    track = models.CharField(max_length=16, choices=_TRACKS)
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    cause = models.CharField(max_length=24, choices=_CAUSES)


class GapClaim(models.Model):
    """The client's word for a gap, from its manifest; append-only."""

    attempt_id = models.UUIDField(db_index=True)
    track = models.CharField(max_length=16, choices=_TRACKS)
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    cause = models.CharField(max_length=24, choices=_CAUSES)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attempt_id", "track", "from_ms", "to_ms", "cause"], name="media_gap_claim_once"
            )
        ]
