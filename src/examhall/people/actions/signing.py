"""Noting who came, who left and who was turned away, in the site's journal."""

from uuid import UUID

from django.db.models import Q

from examhall.base.action import action
from examhall.base.words import EntryKind
from examhall.journal.actions import append
from examhall.people.models import Site, User
from examhall.people.rules.actor import Actor


@action
def note_signed_in(*, by: Actor) -> None:
    append(_stream(), EntryKind.SIGNED_IN, by=by)


@action
def note_signed_out(*, by: Actor) -> None:
    append(_stream(), EntryKind.SIGNED_OUT, by=by)


@action
def note_sign_in_failed(typed: str, *, ip: str) -> None:
    """`typed`: what stood in the login field. Kept only when an account has it: people type passwords there too."""
    known = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first() if typed else None
    told = {"login": known.username, "account": str(known.id)} if known else {"login": ""}
    append(_stream(), EntryKind.SIGN_IN_FAILED, ip=ip, extra=told)


def _stream() -> UUID:
    return Site.objects.values_list("stream_id", flat=True).get(id=1)
