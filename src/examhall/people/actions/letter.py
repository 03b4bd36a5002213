"""Asking for letters; the worker writes them, so that no page waits for a mail server."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from examhall.base.action import action, step
from examhall.base.queue import enqueue

LETTER = "people.letter"


class Letter(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


@step
def invite_step(user_ids: Collection[UUID]) -> None:
    """Write to each with a link for their first password."""
    for user_id in user_ids:
        enqueue(LETTER, user=str(user_id), letter=Letter.INVITATION.value)


@action
def send_reset(user_id: UUID) -> None:
    enqueue(LETTER, user=str(user_id), letter=Letter.RESET.value)
