"""`examhall analyse`."""

import argparse
import sys
from pathlib import Path

from examhall.base.settings import settings
from examhall.base.words import Leniency
from examhall.incidents.jobs.analyse_files import analyse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP")
    parser.add_argument("--policy", choices=[level.value for level in Leniency], default=Leniency.STANDARD.value)
    parser.add_argument("--out", type=Path, required=True, help="where the predictions are written (JSON)")


def run(options: argparse.Namespace) -> int:
    """Analyse media files with the same detectors and rules as an exam."""
    result = analyse(
        options.clips, policy=Leniency(options.policy), out=options.out, models_folder=settings().models_root
    )
    for kind, reason in result.off.items():
        print(f"not looked for: {kind.value} ({reason})", file=sys.stderr)
    return 0
