"""`examhall activate-proctoring`."""

import argparse

from examhall.exam.actions.proctoring import activate_proctoring
from examhall.people.rules.actor import SYSTEM


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--legal-basis", required=True, help="on what legal basis candidates are recorded")
    parser.add_argument("--contact", required=True, help="whom candidates can ask about their data")


def run(options: argparse.Namespace) -> int:
    """Let assessments of this installation use proctoring."""
    activate_proctoring(legal_basis=options.legal_basis, contact=options.contact, by=SYSTEM)
    print("Proctoring is active.")
    return 0
