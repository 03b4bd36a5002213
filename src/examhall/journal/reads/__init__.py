"""Reading the journal: lines after a number, and whether a chain is whole."""

from examhall.journal.reads.entries import (
    EntryRow,
    Said,
    all_streams,
    count,
    entries_after,
    last_client_seq,
    last_numbers,
    last_numbers_of,
    lines_by,
    said_under,
    tail,
)
from examhall.journal.reads.verify import verify

__all__ = [
    "EntryRow",
    "Said",
    "all_streams",
    "count",
    "entries_after",
    "last_client_seq",
    "last_numbers",
    "last_numbers_of",
    "lines_by",
    "said_under",
    "tail",
    "verify",
]
