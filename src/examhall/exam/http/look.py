"""Keeping looks at what a page's own script asks for often: the journal is asked once an hour for each."""

from datetime import datetime
from uuid import UUID

from examhall.base import clock
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.exam.actions.look import ONE_LOOK, note_look
from examhall.people.rules.actor import Actor

_MAX_LOOKS = 10_000
_kept: dict[tuple[UUID | None, UUID, EntryKind], datetime] = {}
"""When this process last saw to it that the look of a person at an attempt is kept."""


def looked(ref: AttemptRef, kind: EntryKind, *, by: Actor, **about: str | bool) -> None:
    """See to it that this look is kept; called with what has been allowed, before it is given out."""
    place, now = (by.user_id, ref.id, kind), clock.now()
    if place in _kept and now - _kept[place] < ONE_LOOK:
        return
    note_look(ref, kind, by=by, **about)
    _kept[place] = now
    while len(_kept) > _MAX_LOOKS:
        _kept.pop(next(iter(_kept)))
