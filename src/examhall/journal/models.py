"""Streams and their entries. Higher wings point down to a stream; a stream does not know what it is about."""

from django.db import models

from examhall.base.ids import new_id
from examhall.base.words import EntryKind, StreamKind


class Stream(models.Model):
    """One gap-free numbered, hash-chained sequence. Its row is the lock under which numbers are given."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in StreamKind])
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    """An attempt's stream has its schedule's as parent: the desk listens to all children of one."""
    last_number = models.PositiveIntegerField(default=0)
    last_hash = models.BinaryField(max_length=32, default=bytes(32))


class Entry(models.Model):
    """One line. Never updated, never deleted but by retention. Its unique constraint finds by stream."""

    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="entries", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=32, choices=[(k.value, k.value) for k in EntryKind])
    at = models.DateTimeField()
    """Server time: when it was received, or when it took effect for what the clock decided."""
    client_at = models.DateTimeField(null=True)
    """The client's clock, corrected by nothing: evidence only."""
    client_seq = models.BigIntegerField(null=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200, default="system")
    actor_role = models.CharField(max_length=16, default="system")
    ip = models.CharField(max_length=45, blank=True, default="")
    question_number = models.PositiveIntegerField(null=True)
    item_id = models.CharField(max_length=64, blank=True, default="")
    error = models.CharField(max_length=500, blank=True, default="")
    epoch = models.PositiveIntegerField(null=True)
    extra_json = models.TextField(default="{}")
    """Canonical JSON as text: hashed as it stands, so no database may re-write it."""
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="journal_entry_number_once"),
            models.UniqueConstraint(
                fields=["stream", "client_seq"],
                condition=models.Q(client_seq__isnull=False),
                name="journal_entry_client_seq_once",
            ),
        ]
