"""Closing recordings when attempts end, and when what was missing has come or will not come any more."""

from uuid import UUID

from examhall.base.each import each
from examhall.base.queue import job
from examhall.exam.access.attempt import attempt_of_stream
from examhall.media.actions.recording import close_recording
from examhall.media.reads.waiting import waiting_for_upload


@job("media.close_recording")
def close_recording_of(stream: str) -> None:
    """Called for by EXAM_COMPLETED; `stream` is the attempt's journal."""
    ref = attempt_of_stream(UUID(stream))
    if ref is not None:
        close_recording(ref.id)


def sweep() -> None:
    """Look again at every recording that waits for uploads; for the serving process's loop."""
    each(close_recording, waiting_for_upload())
