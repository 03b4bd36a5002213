"""Every look at a person is an audit entry (product.md P8): one for each viewing."""

from datetime import timedelta

from examhall.base import clock
from examhall.base.action import action
from examhall.base.words import EntryKind
from examhall.exam.access.attempt import AttemptRef
from examhall.journal.actions import append
from examhall.journal.reads import lines_by
from examhall.people.rules.actor import Actor

ONE_LOOK = timedelta(hours=1)
"""Opening a page is a look and is kept by the page; its script and its players then ask for their parts, some of them
again and again. Those belong to the look of the last hour."""


@action
def note_look(ref: AttemptRef, kind: EntryKind, *, by: Actor, **about: str | bool) -> None:
    """Keep in the schedule's journal who looked at whom, unless it keeps a look of theirs of this kind already."""
    looks = lines_by(by.user_id, ref.schedule_stream, kind=kind, since=clock.now() - ONE_LOOK)
    if not any(look.extra.get("attempt") == str(ref.id) for look in looks):
        append(ref.schedule_stream, kind, by=by, extra={"attempt": str(ref.id), **about})
