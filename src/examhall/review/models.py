"""What people put beside a session's incidents."""

from django.db import models


class CandidateStatement(models.Model):
    """What a candidate said about their session, as a person wrote it down (R-2.28); never changed, only added to."""

    attempt_id = models.UUIDField(db_index=True)
    text = models.TextField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
