"""`examhall quality`."""

import argparse
import sys
from pathlib import Path

from examhall.base.errors import BadInput
from examhall.base.settings import settings
from examhall.base.words import Leniency
from examhall.incidents.jobs import quality


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clips", type=Path, required=True, help="folder of the clips")
    parser.add_argument("--truth", type=Path, required=True, help="their labels: truth.json")
    parser.add_argument("--policy", choices=[level.value for level in Leniency], default=Leniency.STRICT.value)
    parser.add_argument("--page", type=Path, help="write the figures as Markdown")
    parser.add_argument("--floor", type=Path, help="TOML of what is promised; exit status 1 when a figure is below")


def run(options: argparse.Namespace) -> int:
    """Print the figures; 1 when one of them misses its floor."""
    promised = quality.floors(options.floor) if options.floor else {}
    if options.floor and options.policy not in promised:
        raise BadInput(f"{options.floor.name} has no section [{options.policy}].", fields={"floor": "add it"})
    measured = quality.run(
        options.clips, options.truth, policy=Leniency(options.policy), models_folder=settings().models_root
    )
    text = quality.page(measured, source=options.truth.parent.name)
    print(text)
    if options.page:
        options.page.write_text(text, encoding="utf-8")
    missed = quality.below(measured, promised[options.policy]) if options.floor else []
    for sentence in missed:
        print(f"below the floor: {sentence}", file=sys.stderr)
    return 1 if missed else 0
