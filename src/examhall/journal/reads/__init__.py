"""Reading the journal: lines after a number, and whether a chain is whole."""

from examhall.journal.reads.entries import (
    EntryRow,
    all_streams,
    count,
    entries_after,
    known_client_seqs,
    known_client_seqs_of,
    last_client_seq,
    last_numbers,
    last_numbers_of,
    lines_by,
    tail,
)
from examhall.journal.reads.verify import verify

__all__ = [
    "EntryRow",
    "all_streams",
    "count",
    "entries_after",
    "known_client_seqs",
    "known_client_seqs_of",
    "last_client_seq",
    "last_numbers",
    "last_numbers_of",
    "lines_by",
    "tail",
    "verify",
]
