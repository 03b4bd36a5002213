"""What was checked and agreed before an attempt started."""

from django.db import models


class SystemCheck(models.Model):
    """One run of the system check by one person on one device."""

    registration_id = models.UUIDField(db_index=True)
    attempt_id = models.UUIDField(null=True, db_index=True)
    at = models.DateTimeField()
    passed = models.BooleanField()
    lines = models.JSONField()
    """[{line, result, measured, needed}] as the client reported them."""
    user_agent = models.CharField(max_length=300, blank=True, default="")


class Agreement(models.Model):
    """Acceptance or refusal of the frozen agreement text (R-0.21)."""

    attempt_id = models.UUIDField(db_index=True)
    accepted = models.BooleanField()
    text_hash = models.CharField(max_length=64)
    typed_name = models.CharField(max_length=200, blank=True, default="")
    ip = models.CharField(max_length=45, blank=True, default="")
    at = models.DateTimeField()
