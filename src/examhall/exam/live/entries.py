"""Taking what the client says of itself."""

from starlette.requests import Request
from starlette.responses import Response

from examhall.base import clock
from examhall.base.answer import iso_ms
from examhall.base.words import EntryKind
from examhall.base.writer import committed
from examhall.exam.actions.entries import AFTER_END, NOT_A_CLIENTS, SAVE_ENTRIES, ClientEntry, Kept, SaveEntries
from examhall.exam.live.door import candidate_of, claims_of, ensure_own_epoch, ip_of, reply, sent
from examhall.exam.rules.answers import Refusal
from examhall.exam.wire.entries import EntriesReply, EntriesRequest, EntryRefused, EntrySent

_KINDS = {kind.value: kind for kind in EntryKind}


async def post_entries(request: Request) -> Response:
    claims = claims_of(request)
    asked = await sent(request, EntriesRequest)
    ensure_own_epoch(claims, asked.epoch)
    known = [_entry(entry, _KINDS[entry.kind]) for entry in asked.entries if entry.kind in _KINDS]
    command = SaveEntries(
        attempt=claims.attempt,
        epoch=asked.epoch,
        by=candidate_of(claims, ip=ip_of(request)),
        entries=tuple(known),
    )
    kept = await committed(SAVE_ENTRIES, command)
    strange = [entry.client_seq for entry in asked.entries if entry.kind not in _KINDS]
    return reply(_reply(kept, strange))


def _entry(entry: EntrySent, kind: EntryKind) -> ClientEntry:
    return ClientEntry(
        client_seq=entry.client_seq,
        kind=kind,
        client_at=entry.client_at,
        mono_ms=entry.mono_ms,
        question_number=entry.question_number,
        item_id=entry.item_id.lower(),
        error=entry.error,
        extra=entry.extra,
    )


def _reply(kept: Kept, strange: list[int]) -> EntriesReply:
    sentence = "This kind of entry is not taken from a client. Leave it out."
    refused = [EntryRefused(seq, NOT_A_CLIENTS, sentence) for seq in sorted({*kept.refused, *strange})]
    refused += [EntryRefused(seq, AFTER_END, "The exam had ended. Leave it out.") for seq in sorted(kept.over)]
    taken = Refusal.ALTERED_REPEAT.value
    refused += [EntryRefused(seq, taken, "Something else has this number. Give it another.") for seq in kept.taken]
    return EntriesReply(iso_ms(clock.now()), sorted(kept.accepted), refused)
