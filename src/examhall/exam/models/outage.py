"""The server's own liveness ledger and the outages read from it (product.md §8.1)."""

from django.db import models

from examhall.base.ids import new_id


class Liveness(models.Model):
    """A row every 5 s per serving process: proof that it could take heartbeats then."""

    process = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["process", "at"], name="exam_liveness_process_at")]


class Outage(models.Model):
    """A stretch in which candidates could not reach us, and what was given back for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey("exam.Schedule", null=True, on_delete=models.PROTECT, related_name="outages")
    """None: the whole installation, by its ledger."""
    process = models.CharField(max_length=64, blank=True, default="")
    """Not empty: only this ingest process was down; each of its clients gets its own time back when heard again."""
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField()
    """True: by our own ledger, credit is automatic. False: inferred, credit waits for a person."""
    credited_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    """A person decided not to give an inferred one back; why stands in the log of those it hit."""
    candidates = models.PositiveIntegerField(default=0)
