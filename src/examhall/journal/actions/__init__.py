"""The only writers of the journal: `open_stream`, `append`, `append_many`. All are steps."""

from examhall.journal.actions.append import Actors, NewEntry, append, append_many, react_to
from examhall.journal.actions.stream import open_stream

__all__ = ["Actors", "NewEntry", "append", "append_many", "open_stream", "react_to"]
