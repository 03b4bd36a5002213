"""`examhall verify`."""

import argparse
from uuid import UUID

from examhall.base.errors import BadInput
from examhall.journal.reads import all_streams, verify


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stream", nargs="?", help="id of one journal; without it, all")


def run(options: argparse.Namespace) -> int:
    """Check chains and name the first broken entry of each; exit status 1 when one is broken."""
    streams = [_uuid(options.stream)] if options.stream else all_streams()
    bad = 0
    for stream in streams:
        if broken := verify(stream):
            bad += 1
            print(f"journal {stream}: entry {broken.number} {broken.reason}")
    print(f"{len(streams)} journals checked, {bad} broken")
    return 1 if bad else 0


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise BadInput(f"{text} is not an id.", fields={"stream": "give the id of a journal"}) from wrong
