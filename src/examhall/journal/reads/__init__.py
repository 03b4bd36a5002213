"""Reading the journal: lines after a number, and whether a chain is whole."""

from examhall.journal.reads.entries import (
    EntryRow,
    all_streams,
    count,
    entries_after,
    known_client_seqs,
    last_numbers,
    tail,
)
from examhall.journal.reads.verify import verify

__all__ = ["EntryRow", "all_streams", "count", "entries_after", "known_client_seqs", "last_numbers", "tail", "verify"]
