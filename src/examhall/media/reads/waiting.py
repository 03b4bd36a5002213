"""Which recordings still wait for something."""

from uuid import UUID

from examhall.base.words import SessionState
from examhall.media.models import Session


def waiting_for_upload() -> list[UUID]:
    return list(Session.objects.filter(state=SessionState.AWAITING_UPLOAD).values_list("attempt_id", flat=True))
