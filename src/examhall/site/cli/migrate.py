"""`examhall migrate`."""

import argparse

from django.core.management import call_command

from examhall.people.actions.people import set_up


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print only problems")


def run(options: argparse.Namespace) -> int:
    """Bring the database up to date and make the installation's own rows; may be run at any time."""
    call_command("migrate", verbosity=0 if options.quiet else 1, interactive=False)
    set_up()
    return 0
