"""`examhall migrate`."""

import argparse

from examhall.people.actions.people import set_up
from examhall.people.reads.password import staff_can_sign_in
from examhall.site.schema import bring_up_to_date


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="print only problems")


def run(options: argparse.Namespace) -> int:
    """Bring the database up to date and make the installation's own rows; may be run at any time."""
    bring_up_to_date(verbosity=0 if options.quiet else 1)
    set_up()
    if not options.quiet and not staff_can_sign_in():
        print("Nobody can sign in yet. Next: examhall account add LOGIN --name NAME --role 'Site administrator'")
    return 0
