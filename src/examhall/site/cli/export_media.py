"""`examhall export-media ATTEMPT`."""

import argparse
from pathlib import Path
from uuid import UUID

from examhall.base.errors import BadInput
from examhall.media.actions.export import export_media


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("attempt", help="id of the attempt")
    parser.add_argument("--out", type=Path, help="file to write, .mkv or .mp4; without it ATTEMPT.mkv here")


def run(options: argparse.Namespace) -> int:
    """Write webcam, sound and screen into one file by stream copy; holes stay as time."""
    try:
        attempt = UUID(options.attempt)
    except ValueError as wrong:
        raise BadInput(f"{options.attempt} is not an id.", fields={"attempt": "give the attempt's id"}) from wrong
    path = options.out or Path(f"{attempt}.mkv")
    exported = export_media(attempt, path)
    print(f"{path}: {exported.length_s:.1f} s, {exported.size_bytes / 1e6:.1f} MB")
    return 0
