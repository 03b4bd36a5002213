"""`examhall verify`."""

import argparse
from uuid import UUID

from examhall.base.errors import BadInput
from examhall.exam.access.attempt import attempt_of_stream
from examhall.journal.reads import all_streams, verify
from examhall.media.reads.verify import verify_segments


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stream", nargs="?", help="id of one journal; without it, all")


def run(options: argparse.Namespace) -> int:
    """Check chains and recordings; name the first broken entry of each journal and every altered segment.

    Exit status 1 when anything is not as it was written.
    """
    streams = [_uuid(options.stream)] if options.stream else all_streams()
    bad = 0
    for stream in streams:
        if broken := verify(stream):
            bad += 1
            print(f"journal {stream}: entry {broken.number} {broken.reason}")
    altered = [problem for stream in streams for problem in _altered(stream)]
    print(*altered, sep="\n", end="\n" if altered else "")
    print(f"{len(streams)} journals checked, {bad} broken; {len(altered)} segments altered")
    return 1 if bad or altered else 0


def _altered(stream: UUID) -> list[str]:
    """What is wrong with the recording of the attempt this journal belongs to."""
    ref = attempt_of_stream(stream)
    return [f"recording {ref.id}: {problem}" for problem in verify_segments(ref.id)] if ref else []


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise BadInput(f"{text} is not an id.", fields={"stream": "give the id of a journal"}) from wrong
